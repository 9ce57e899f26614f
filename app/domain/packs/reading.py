"""Reading a pack from data, every mistake at its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Label, parse_spec
from app.domain.packs.counting import Data, count_of, entries, whole
from app.domain.packs.figures import figure_problems
from app.domain.procedures import parse_procedure

PARTS = ("kinds", "lists", "procedures", "forms", "indicators")
"""What a pack brings, in the order in which it is loaded."""

MOST = {"kinds": 100, "lists": 200, "procedures": 100, "forms": 100, "indicators": 300, "bodies": 100, "items": 2000}
MOST_TEXT, MOST_DEPTH, MOST_OPEN = 5000, 16, 2000
SOURCES = frozenset({"text", "reading", "public", "derived"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_KEYS = frozenset({"pack", "bodies", "facts", *PARTS})


@dataclass(frozen=True)
class Pack:
    """A system of lists as one file.

    Shape: `kinds`, `lists`, `procedures`, `forms` and `indicators` are plain data in the shapes their own loaders take;
           `bodies` names who takes part in procedures without a post; `facts` names, by capability, the figures the
           source prints and where the portal holds each: {"NH-01": {"list NH-L1": "36"}}.
    """

    code: str
    version: int
    name: Label
    source: str
    kinds: tuple[Data, ...] = ()
    lists: tuple[Data, ...] = ()
    procedures: tuple[Data, ...] = ()
    forms: tuple[Data, ...] = ()
    indicators: tuple[Data, ...] = ()
    bodies: tuple[Data, ...] = ()
    facts: Mapping[str, Mapping[str, str]] | None = None

    @property
    def label(self) -> str:
        """Code and version: `NH@1`, as rows that came from the pack say it."""
        return f"{self.code}@{self.version}"

    def part(self, name: str) -> tuple[Data, ...]:
        """One of PARTS."""
        found: tuple[Data, ...] = getattr(self, name)
        return found

    def counts(self) -> dict[str, int]:
        """How much of each part it brings, and how many items its lists name and leave open."""
        counts = {name: len(self.part(name)) for name in PARTS}
        of_lists = [count_of(data) for data in self.lists]
        return counts | {
            "items": sum(count.named for count in of_lists),
            "open_places": sum(count.open_places for count in of_lists),
        }


def parse_pack(data: object) -> Pack:
    """The pack that the data describe.

    Shape:  {pack: {code, version, name {zh, en, ko}, source}, kinds, lists, procedures, forms, indicators, bodies, facts}.
    Errors: pack.* for each mistake, all at once, each with its path (`lists[2].items[0]`); those of forms (form.*,
            expression.*) and procedures (procedure.*) with their path in front.
    """
    if not isinstance(data, Mapping):
        raise RuleBroken(Problem("pack.not_an_object"))
    found = _too_big(data, "", 0)
    if found:  # nothing of it is read further
        raise RuleBroken(found)
    found = [Problem("pack.unknown_key", str(key), {"key": str(key)}) for key in data if key not in _KEYS]
    head = data.get("pack")
    face: Data = head if isinstance(head, Mapping) else {}
    found += _face_problems(face)
    for name in (*PARTS, "bodies"):
        found += _part_problems(name, data.get(name))
    if not found:
        found += [problem for name, check in _CHECKS.items() for problem in _each(name, entries(data, name), check)]
    facts = data.get("facts") or {}
    found += figure_problems(facts)
    if found:
        raise RuleBroken(found)
    parts = {name: tuple(entries(data, name)) for name in (*PARTS, "bodies")}
    said, version = face["name"], whole(face["version"])
    label = Label(*(str(said.get(language) or "") for language in ("zh", "en", "ko")))  # type: ignore[attr-defined]
    return Pack(str(face["code"]), version or 1, label, str(face.get("source") or ""), **parts, facts=facts)  # type: ignore[arg-type]


def _too_big(value: object, where: str, depth: int) -> list[Problem]:
    """What makes data too deep, too long or of a kind that no pack holds; the first such place is enough."""
    if depth > MOST_DEPTH:
        return [Problem("pack.too_deep", where)]
    if isinstance(value, str):
        return [Problem("pack.too_long", where, {"most": MOST_TEXT})] if len(value) > MOST_TEXT else []
    if isinstance(value, Mapping):
        parts = [(f"{where}.{key}" if where else str(key), part) for key, part in value.items()]
        if not all(isinstance(key, str) and len(key) <= 200 for key in value):
            return [Problem("pack.bad_key", where)]
    elif isinstance(value, list | tuple):
        parts = [(f"{where}[{number}]", part) for number, part in enumerate(value)]
    else:
        is_plain = value is None or isinstance(value, bool | int)
        return [] if is_plain else [Problem("pack.bad_value", where, {"value": str(value)[:40]})]
    return next((found for place, part in parts if (found := _too_big(part, place, depth + 1))), [])


def _face_problems(face: Data) -> list[Problem]:
    found = []
    if not _CODE.fullmatch(str(face.get("code") or "")) or len(str(face.get("code"))) > 32:
        found.append(Problem("pack.bad_code", "pack.code", {"value": str(face.get("code"))}))
    if not 1 <= (whole(face.get("version")) or 0) <= 100000:
        found.append(Problem("pack.bad_version", "pack.version"))
    name = face.get("name")
    if not (isinstance(name, Mapping) and str(name.get("zh") or "").strip()):
        found.append(Problem("pack.name_missing", "pack.name"))
    return found


def _part_problems(name: str, listed: object) -> list[Problem]:
    if listed is None:
        return []
    if not isinstance(listed, list | tuple) or not all(isinstance(entry, Mapping) for entry in listed):
        return [Problem("pack.not_a_list", name)]
    found = [Problem("pack.too_many", name, {"most": MOST[name]})] if len(listed) > MOST[name] else []
    return found + _code_problems(name, listed)


def _code_problems(where: str, listed: Sequence[Data], pattern: re.Pattern[str] = _CODE) -> list[Problem]:
    codes = [str(entry.get("code") or "") for entry in listed]
    found = [
        Problem("pack.bad_code", f"{where}[{number}].code", {"value": code})
        for number, code in enumerate(codes)
        if not pattern.fullmatch(code)
    ]
    return found + [
        Problem("pack.duplicate_code", where, {"code": code}) for code, times in Counter(codes).items() if times > 1
    ]


def _each(name: str, listed: Sequence[Data], check: Callable[[Data, str], list[Problem]]) -> list[Problem]:
    return [problem for number, entry in enumerate(listed) for problem in check(entry, f"{name}[{number}]")]


def _kind_problems(kind: Data, where: str) -> list[Problem]:
    return _named(kind, where) + _code_problems(f"{where}.facets", entries(kind, "facets"))


def _named(entry: Data, where: str, key: str = "name") -> list[Problem]:
    name = entry.get(key)
    said = name.get("zh") if isinstance(name, Mapping) else name
    return [] if isinstance(said, str) and said.strip() else [Problem("pack.name_missing", f"{where}.{key}")]


def _list_problems(data: Data, where: str) -> list[Problem]:
    items, count = entries(data, "items"), count_of(data)
    found = _named(data, where) + _code_problems(f"{where}.items", items, _ITEM_CODE)
    if not isinstance(data.get("kind"), str):
        found.append(Problem("pack.kind_missing", f"{where}.kind"))
    if len(items) > MOST["items"] or not 0 <= count.open_places <= MOST_OPEN:
        found.append(Problem("pack.too_many", f"{where}.items", {"most": MOST["items"]}))
    if count.stated is not None and count.stated != count.named + count.open_places:
        counted = {"stated": count.stated, "named": count.named, "open": count.open_places}
        found.append(Problem("pack.count_differs", where, counted))
    found += _category_problems(data, where)
    for number, item in enumerate(items):
        place = f"{where}.items[{number}]"
        found += _named(item, place)
        if item.get("source") is not None and item["source"] not in SOURCES:
            found.append(Problem("pack.unknown_source", place, {"source": str(item["source"])}))
    return found


_ITEM_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def _category_problems(data: Data, where: str) -> list[Problem]:
    """Categories that are not declared, name more items than they state, or state more than the list."""
    declared = {
        str(category.get("name")): whole(category.get("stated_count")) for category in entries(data, "categories")
    }
    named = Counter(str(item["category"]) for item in entries(data, "items") if item.get("category"))
    found = [
        Problem("pack.category_unknown", where, {"category": name})
        for name in named
        if declared and name not in declared
    ]
    found += [
        Problem("pack.category_count", where, {"category": name, "stated": stated, "named": named[name]})
        for name, stated in declared.items()
        if stated is not None and named[name] > stated
    ]
    stated_in_all = sum(stated for stated in declared.values() if stated is not None)
    count = count_of(data).stated
    if count is not None and stated_in_all > count:
        found.append(Problem("pack.category_sum", where, {"stated": count, "sum": stated_in_all}))
    return found


def _procedure_problems(data: Data, where: str) -> list[Problem]:
    return _refused(lambda: parse_procedure(data), where)


def _form_problems(data: Data, where: str) -> list[Problem]:
    spec = data.get("spec")
    if not isinstance(spec, Mapping):
        return [Problem("pack.spec_missing", f"{where}.spec")]
    named = {"code": data["code"], "title": data.get("title"), **spec}
    return _named(data, where, "title") + _refused(lambda: parse_spec(named), where)


def _indicator_problems(data: Data, where: str) -> list[Problem]:
    has_formula = isinstance(data.get("formula"), str)
    return _named(data, where, "title") + ([] if has_formula else [Problem("pack.formula_missing", where)])


def _refused(read: Callable[[], object], where: str) -> list[Problem]:
    try:
        read()
    except RuleBroken as refused:
        return [Problem(p.code, f"{where}.{p.where}" if p.where else where, p.params) for p in refused.problems]
    return []


_CHECKS: Mapping[str, Callable[[Data, str], list[Problem]]] = {
    "kinds": _kind_problems,
    "lists": _list_problems,
    "procedures": _procedure_problems,
    "forms": _form_problems,
    "indicators": _indicator_problems,
}
