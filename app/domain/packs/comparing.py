"""Comparing packs: two versions of one, and a pack with what stands where it was loaded.

Whether something changed is told by fingerprints of plain data: of the pack's own data, and of what was read back right
after loading. So what a county changed itself is known for certain, and nothing is taken for its own that the pack brought.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.packs.counting import Data
from app.domain.packs.reading import PARTS, Pack

Key = tuple[str, str]
"""(part, code): ("lists", "NH-L1")."""


class Difference(StrEnum):
    """How one thing of a pack stands."""

    SAME = "same"
    ADDED = "added"  # in the pack, not here
    CHANGED = "changed"  # the pack says something else than when it was loaded; nobody changed it here
    LOCAL = "local"  # changed here, the pack is as it was: kept
    BOTH = "both"  # changed here and in the pack: kept unless somebody says otherwise
    GONE = "gone"  # taken away here: stays away unless somebody says otherwise
    REMOVED = "removed"  # no longer in the pack: kept here


@dataclass(frozen=True)
class Change:
    """One value that differs: at a path inside a part, `items[NH-L1-01].name`; None where there is nothing."""

    path: str
    old: object
    new: object


@dataclass(frozen=True)
class Standing:
    """How one thing of a pack stands, with the values that differ where both are there."""

    part: str
    code: str
    difference: Difference
    changes: tuple[Change, ...] = ()

    @property
    def is_safe(self) -> bool:
        """Whether loading it again writes over nothing that was changed here."""
        return self.difference in (Difference.ADDED, Difference.CHANGED)


def fingerprint(data: object) -> str:
    """The same text for the same data, whatever the order of its keys."""
    plain = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def compare_packs(old: Pack, new: Pack) -> list[Standing]:
    """What a later version of a pack adds, changes and no longer has; what is the same is left out."""
    before, after = _by_key(old), _by_key(new)
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        if key not in before:
            found.append(Standing(*key, Difference.ADDED))
        elif key not in after:
            found.append(Standing(*key, Difference.REMOVED))
        elif changes := differences(before[key], after[key]):
            found.append(Standing(*key, Difference.CHANGED, changes))
    return found


def standing(pack: Pack, loaded: Mapping[Key, tuple[str, str]], here: Mapping[Key, Data]) -> list[Standing]:
    """How each thing of a pack stands where it was, or was not, loaded.

    Shape:  `loaded` has for each thing brought the fingerprints of the pack's data and of what was read back after loading;
            `here` is what is read now. A pack that was never loaded finds only things to add, or, where something of its
            code is there already, things that are the county's own (local).
    """
    wanted = _by_key(pack)
    found = [_stands(key, data, loaded.get(key), here.get(key)) for key, data in wanted.items()]
    return found + [Standing(*key, Difference.REMOVED) for key in loaded if key not in wanted and key in here]


def _stands(key: Key, data: Data, loaded: tuple[str, str] | None, here: Data | None) -> Standing:
    if loaded is None:
        return Standing(*key, Difference.ADDED if here is None else Difference.LOCAL)
    if here is None:
        return Standing(*key, Difference.GONE)
    new_here, new_there = fingerprint(here) != loaded[1], fingerprint(data) != loaded[0]
    kind = {
        (False, False): Difference.SAME,
        (False, True): Difference.CHANGED,
        (True, False): Difference.LOCAL,
        (True, True): Difference.BOTH,
    }[new_here, new_there]
    return Standing(*key, kind, () if kind is Difference.SAME else differences(here, data))


def _by_key(pack: Pack) -> dict[Key, Data]:
    return {(name, str(data["code"])): data for name in PARTS for data in pack.part(name)}


def differences(old: object, new: object, path: str = "") -> tuple[Change, ...]:
    """Every value that differs between two pieces of data; rows with a code are met by it, others by their place.

    >>> differences({"a": 1, "b": [{"code": "x", "n": 1}]}, {"a": 1, "b": [{"code": "x", "n": 2}]})
    (Change(path='b[x].n', old=1, new=2),)
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = [*old, *(key for key in new if key not in old)]
        parts = [(f"{path}.{key}" if path else str(key), old.get(key), new.get(key)) for key in keys]
    elif _is_list(old) and _is_list(new):
        before, after = _coded(old), _coded(new)
        keys = [*before, *(key for key in after if key not in before)]
        parts = [(f"{path}[{key}]", before.get(key), after.get(key)) for key in keys]
    elif _empty(old) and _empty(new) or old == new:
        return ()
    else:
        return (Change(path, old, new),)
    return tuple(change for place, first, second in parts for change in differences(first, second, place))


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _empty(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, Sequence | Mapping) and not value)


def _coded(listed: object) -> dict[object, object]:
    rows = list(listed)  # type: ignore[call-overload]
    codes = [row.get("code") if isinstance(row, Mapping) else None for row in rows]
    if len({*codes} - {None}) == len(rows):
        return dict(zip(codes, rows, strict=True))
    return dict(enumerate(rows))
