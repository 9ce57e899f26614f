"""The four lists of the pack at every top unit. What the source says is written once; what we propose may be changed there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.domain.checklists import ListKind, list_problems, role_count_problems
from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.pack import caojing
from app.features.checklists.queries import top_units
from app.features.checklists.rules import writing
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction

Data = Mapping[str, Any]


def load_lists() -> int:
    """The four lists at every top unit (prefecture, or county without one); the number of rows made, 0 when all are there.

    What exists is left as it is, also where an administrator changed a proposed value.
    Errors: those of the rules of a list (the pack contradicts itself); NotAllowed where lists may not be edited.
    """
    _check_pack()
    with transaction(), acting("checklists.load"), writing():
        return sum(_load_at(unit) for unit in top_units())


def _check_pack() -> None:
    problems = []
    for kind, (section, name, _make) in _SECTIONS.items():
        data = caojing()[section]
        problems += list_problems(kind, data[name], stated_count=data["stated_count"]["value"])
    duties = caojing()["responsibility_list"]
    problems += role_count_problems(duties["items"], duties["stated_count"]["by_role"])
    if problems:
        raise RuleBroken(problems)


def _load_at(unit: Any) -> int:
    access.require_at(Verb.EDIT, Resource.LISTS, unit)
    made = 0
    for entry in caojing()["lists"]:
        kind = ListKind(entry["kind"])
        governance_list, is_new = _the_list(unit, kind, entry)
        made += is_new + _load_items(governance_list, kind)
    return made


def _the_list(unit: Any, kind: ListKind, entry: Data) -> tuple[GovernanceList, bool]:
    number = int(caojing()["meta"]["version"])
    found = db.session.scalar(
        select(GovernanceList).where(
            GovernanceList.unit_id == unit.id, GovernanceList.code == entry["code"], GovernanceList.number == number
        )
    )
    if found:
        return found, False
    made = GovernanceList(
        unit=unit,
        kind=kind.value,
        code=entry["code"],
        number=number,
        name=entry["name_zh"],
        name_en=entry["name_en"],
        name_ko=entry["name_ko"],
        question=entry["question_zh"],
        purpose=_purpose(kind),
        source=entry["source"],
        is_published=True,
    )
    db.session.add(made)
    db.session.flush()
    return made, True


def _purpose(kind: ListKind) -> str | None:
    if kind is ListKind.RESPONSIBILITY:
        return str(caojing()["responsibility_list"]["stated_count"]["phrase_zh"])
    return str(caojing()["system_list"]["purpose"]["zh"]) if kind is ListKind.SYSTEM else None


def _load_items(governance_list: GovernanceList, kind: ListKind) -> int:
    if kind not in _SECTIONS:  # the items of the assessment list are those of its scheme
        return 0
    section, name, make = _SECTIONS[kind]
    known = set(db.session.scalars(select(ListItem.code).where(ListItem.list_id == governance_list.id)))
    made = [
        make(
            data, ListItem(governance_list=governance_list, code=data["code"], source=data["source"], sort_order=order)
        )
        for order, data in enumerate(caojing()[section][name], start=1)
        if data["code"] not in known
    ]
    db.session.add_all(made)
    db.session.flush()
    return len(made)


def _responsibility(data: Data, item: ListItem) -> ListItem:
    proposed = data["derived"]
    item.role, item.category = data["role"], data["aspect_zh"]
    item.title, item.title_en = data["title_zh"], data["title_en"]
    item.source_phrase = data["source_phrase_zh"]
    item.requirement, item.cycle, item.evidence = (proposed[key] for key in ("requirement_zh", "cycle", "evidence_zh"))
    item.facets = {name: proposed[name] for name in ("procedures", "systems", "assessed_by")}
    item.derived_fields = ["category", "requirement", "cycle", "evidence", *item.facets]
    return item


def _procedure(data: Data, item: ListItem) -> ListItem:
    item.title, item.title_en, item.source_phrase = data["name_zh"], data["name_en"], data["source_phrase_zh"]
    applies = data.get("applies_to")
    item.facets = {"applies_to": [*applies["items_zh"], applies["open_end_zh"]]} if applies else {}
    item.derived_fields = ["requirement", "cycle", "evidence"]
    return item


def _system(data: Data, item: ListItem) -> ListItem:
    proposed = dict(data["derived"])
    item.title, item.title_en = data["name_zh"], data["name_en"]
    item.requirement = proposed.pop("what_zh", None) or proposed.pop("double_meeting_zh", None)
    frequency = proposed.pop("frequency")
    item.cycle = frequency if isinstance(frequency, str) else None
    if item.cycle is None:
        proposed["frequency"] = frequency
    stated = {key: value for key, value in data.get("stated_frequency", {}).items() if key != "source"}
    facets = {key.removesuffix("_zh"): value for key, value in proposed.items()}
    item.derived_fields = ["requirement", "cycle", "evidence", *facets]
    item.facets = {"defines": data["defines"]["items_zh"], "stated_frequency": stated, **facets}
    return item


_SECTIONS: Mapping[ListKind, tuple[str, str, Callable[[Data, ListItem], ListItem]]] = {
    ListKind.RESPONSIBILITY: ("responsibility_list", "items", _responsibility),
    ListKind.PROCEDURE: ("procedure_list", "procedures", _procedure),
    ListKind.SYSTEM: ("system_list", "systems", _system),
}
