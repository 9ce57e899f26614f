"""What the reader may know about the portal: names of villages and grids, the scheme, who holds which role.

Frozen data, filled by the caller from the database or from a JSON file; the reader asks no database.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

_ENDINGS = re.compile(r"(村民委员会|居民委员会|村委会|居委会|党总支|党支部|社区|村|居)+$")
_BRACKETS = re.compile(r"[(（][^)）]*[)）]")
_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"十": "10"}


@dataclass(frozen=True)
class VillageName:
    """A village (or community) as the reader knows it. `allowed` is false for one outside the reader's reach."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    total_grid: str = ""
    sub_grids: tuple[str, ...] = ()
    allowed: bool = True


@dataclass(frozen=True)
class ItemFact:
    """An item of a scheme: where it counts and at most how much."""

    code: str
    name: str
    max: Decimal
    aspect: str = ""
    na_allowed: bool = True
    standard: str = ""
    basis: str = ""
    unit: str = ""


@dataclass(frozen=True)
class DeductionFact:
    """A deduction of a scheme; `points` is None where the level decides (`levels`: code, name, points)."""

    code: str
    name: str
    cap: Decimal
    points: Decimal | None = None
    levels: tuple[tuple[str, str, Decimal], ...] = ()
    standard: str = ""
    basis: str = ""
    unit: str = ""


@dataclass(frozen=True)
class AspectFact:
    """An aspect of a scheme, with its maximum."""

    code: str
    name: str
    max: Decimal


@dataclass(frozen=True)
class SchemeFacts:
    """The items and deductions a score sheet must name."""

    items: tuple[ItemFact, ...]
    deductions: tuple[DeductionFact, ...] = ()
    aspects: tuple[AspectFact, ...] = ()
    total_cap: Decimal | None = None
    floor: Decimal | None = Decimal(0)
    name: str = ""

    @classmethod
    def from_json(cls, scheme: Mapping[str, Any]) -> SchemeFacts:
        """The facts out of the JSON form of a scheme."""
        return cls(
            tuple(_item(item) for item in scheme["items"]),
            tuple(_deduction(item) for item in scheme.get("deductions", ())),
            tuple(AspectFact(a["code"], a["name"], _exact(a["max"])) for a in scheme.get("aspects", ())),
            None if scheme.get("total_cap") is None else _exact(scheme["total_cap"]),
            None if scheme.get("floor_total") is None else _exact(scheme["floor_total"]),
            str(scheme.get("name_zh") or scheme.get("name") or ""),
        )

    @property
    def full_score(self) -> Decimal:
        """What the maxima of all items add up to."""
        return sum((item.max for item in self.items), Decimal(0))


def _exact(value: Any) -> Decimal:
    return Decimal(str(value))


def _item(item: Mapping[str, Any]) -> ItemFact:
    printed = {name: str(item.get(name) or "") for name in ("standard", "basis", "unit")}
    may_lack = bool(item.get("na_allowed", True))
    return ItemFact(item["code"], item["name"], _exact(item["max"]), item.get("aspect", ""), may_lack, **printed)


def _deduction(item: Mapping[str, Any]) -> DeductionFact:
    levels = tuple((v["code"], v["name"], _exact(v["points"])) for v in item.get("levels") or ())
    points = None if item.get("points") is None else _exact(item["points"])
    printed = {"standard": str(item.get("standard") or ""), "basis": str(item.get("evidence") or "")}
    return DeductionFact(item["code"], item["name"], _exact(item["cap"]), points, levels, **printed)


def key(text: str) -> str:
    """A name for comparison: compatibility form, no spaces.

    >>> key("漕苑社区（居）") == key("漕苑 社区(居)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


def stem(text: str) -> str:
    """The name of a village without what kind of body it is.

    >>> stem("云汀社区居民委员会"), stem("三株松村"), stem("南汀村（居）")
    ('云汀', '三株松', '南汀')
    """
    bare = _BRACKETS.sub("", key(text))
    return _ENDINGS.sub("", bare) or bare


def grid_key(text: str) -> str:
    """A sub-grid for comparison: 第一子网格, 第1子网格 and 一网格 are one.

    >>> grid_key("第一子网格") == grid_key("第1子网格")
    True
    """
    return _kept_grid_key(text) if len(text) < 40 else _grid_key(text)  # the same few names stand in every village


def _grid_key(text: str) -> str:
    bare = re.sub(r"^第|子?网格$", "", key(text))
    return re.sub("[零一二三四五六七八九十]+", lambda m: _number(m[0]), bare)


_kept_grid_key = lru_cache(maxsize=8192)(_grid_key)


def _number(run: str) -> str:
    if "十" not in run:
        return "".join(_DIGITS[c] for c in run)
    tens, _, ones = run.partition("十")
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))


@dataclass(frozen=True)
class ReadContext:
    """Who reads, from which page, and what names are known.

    Shape: `villages` None means that names are taken as they are; `page_period` is the period of the page, as
    "2026-10" or "2025"; `holders` maps (village name, role code) to the names of those in the post;
    `learned` maps a spelling that was settled before to the village name, `meanings` the same for other fields, by
    field and then by the spelling as `key` gives it; `titles` maps an item code of the
    responsibility list to its title.
    """

    villages: tuple[VillageName, ...] | None = None
    page_period: str | None = None
    scheme: SchemeFacts | None = None
    holders: Mapping[tuple[str, str], Collection[str]] | None = None
    learned: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(
        cls,
        units: Mapping[str, Any] | None = None,
        scheme: Mapping[str, Any] | None = None,
        roster: Collection[Mapping[str, Any]] | None = None,
        page_period: str | None = None,
    ) -> ReadContext:
        """The context out of the JSON forms of units, scheme and roster."""
        holders: dict[tuple[str, str], set[str]] = {}
        for post in roster or ():
            holders.setdefault((post["village"], post["role"]), set()).add(post["person_name"])
        return cls(
            villages=None if units is None else tuple(_village(v) for v in units["villages"]),
            page_period=page_period,
            scheme=None if scheme is None else SchemeFacts.from_json(scheme),
            holders=None if roster is None else holders,
        )

    @cached_property
    def _by_key(self) -> dict[str, VillageName]:
        return {key(village.name): village for village in self.villages or ()}

    @cached_property
    def _by_alias(self) -> dict[str, VillageName]:
        found: dict[str, VillageName] = {}
        stems: dict[str, list[VillageName]] = {}
        for village in self.villages or ():
            stems.setdefault(stem(village.name), []).append(village)
            for alias in village.aliases:
                found[key(alias)] = village
        for spelling, name in self.learned.items():
            if key(name) in self._by_key:
                found[key(spelling)] = self._by_key[key(name)]
        for bare, villages in stems.items():
            if len(villages) == 1:
                found.setdefault(bare, villages[0])
        return found

    def village(self, text: str) -> VillageName | None:
        """The village of that name or alias; a name that fits two is none. Without villages, the name as it is."""
        wanted = key(text)
        if self.villages is None:
            return VillageName(wanted, wanted)
        return self._by_key.get(wanted) or self._by_alias.get(wanted) or self._by_alias.get(stem(text))

    def named_in(self, line: str) -> str | None:
        """The one known village a line without spaces names in full; None when it names none or several."""
        named = {village.name for name, village in self._by_key.items() if len(name) > 2 and name in line}
        longest = {name for name in named if not any(name != other and name in other for other in named)}
        return longest.pop() if len(longest) == 1 else None

    def nearest(self, text: str) -> tuple[str, ...]:
        """The three known villages whose names look most like the text."""
        known = [village.name for village in self.villages or () if village.allowed]
        return tuple(difflib.get_close_matches(key(text), known, 3, 0.3))

    @cached_property
    def _grids(self) -> dict[str, dict[str, str]]:
        """For each village its sub-grids, by the official name and by the name for comparison."""
        return {
            v.name: {grid_key(grid): grid for grid in v.sub_grids} | {grid: grid for grid in v.sub_grids}
            for v in self.villages or ()
        }

    def sub_grid(self, village: str, text: str) -> str | None:
        """The sub-grid of the village, None when it has none of that name; unknown villages take any name."""
        grids = self._grids.get(village)
        return text if not grids else grids.get(text) or grids.get(grid_key(text))

    def grid_meant(self, village: str, text: str) -> str:
        """What an office means by a name of a sub-grid in a village; each village has its own 第一子网格."""
        settled = self.meanings.get("sub_grid")
        return settled.get(key(village + text), text) if settled else text

    @cached_property
    def _total_grids(self) -> dict[str, str]:
        named = [(v.total_grid, v.name) for v in self.villages or () if v.total_grid]
        return {key(grid): name for grid, name in named} | dict(named)

    def of_total_grid(self, text: str) -> str | None:
        """The village a total grid belongs to, when it is known."""
        return self._total_grids.get(text) or self._total_grids.get(key(text))


def _village(village: Mapping[str, Any]) -> VillageName:
    return VillageName(
        village["code"],
        village["name"],
        tuple(village.get("aliases", ())),
        village.get("total_grid", ""),
        tuple(village.get("sub_grids", ())),
    )
