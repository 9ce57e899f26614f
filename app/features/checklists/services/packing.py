"""Lists as plain data: what a pack brings is loaded once, and what stands is given back in the same shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.admission import is_gap
from app.domain.checklists import SourceTag
from app.domain.errors import Problem, RuleBroken
from app.domain.list_kinds import open_places
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.admission import around, barred
from app.features.checklists.queries.kinds import kind_of
from app.features.checklists.queries.packing import BESIDE, OF_LIST, list_as_data, list_of_code, named_items
from app.features.checklists.rules import writing
from app.features.checklists.services.drafting import draft_from, next_number
from app.features.checklists.services.proposing import end_running, open_change
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.i18n import _l, kept

Data = Mapping[str, Any]
MOST_PLACES = 2000


def load_list(unit: OrgUnit, data: Data, pack: str | None = None) -> tuple[GovernanceList, bool]:
    """The list as the data say it at a unit, and whether anything was written; the same data again write nothing.

    Shape:  {code, kind, name {zh, en, ko}, stated_count, document, edition, source, categories, versions, open_places,
            items}, as `list_as_data` gives it. A list that is not there yet is in force with what its source states, a
            place for each item that is counted and not named. Where it stands as it was loaded, it is written anew; where it
            has gone through a change of its own, what the data say becomes the draft of another change.
    Errors: list.no_name, list.no_kind, list.duplicate_code, list.duplicate_name, list.too_many_named,
            list.count_differs, list.unknown_source, and why an item may enter no list (admission.*, guard.*);
            NotAllowed at the unit.
    """
    access.require_at(Verb.EDIT, Resource.LISTS, unit)
    problems = _problems(data)
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("checklists.load_list"), writing():
        found = list_of_code(unit, str(data["code"]))
        if found is not None and list_as_data(found) == _normal(data):
            return found, False
        if found is not None and found.number > 1:
            return _propose(found, data, pack), True
        row = found or GovernanceList(unit=unit, code=data["code"], number=next_number(unit, str(data["code"])))
        _fill(row, data, pack)
        db.session.add(row)
        db.session.flush()
        _replace_items(row, data)
        _require_admitted(row)
    return row, True


def _propose(found: GovernanceList, data: Data, pack: str | None) -> GovernanceList:
    """What the data say as the draft of a change, where the list has gone through a change of its own."""
    end_running(found, kept(_l("A pack takes its place.")))
    draft = draft_from(found, with_items=False)
    _fill(draft, data, pack or found.pack)
    draft.is_published, draft.state = False, "draft"
    db.session.flush()
    _replace_items(draft, data)
    _require_admitted(draft)
    open_change(draft, found, reason=kept(_l("A pack says it otherwise.")))
    return draft


def _require_admitted(row: GovernanceList) -> None:
    """Refuse what may enter no list at all; what its source leaves out is told on the page and completed by a change."""
    kind, about = kind_of(row), around(row.unit)
    found = barred(named_items(row), kind.behaviour, about)
    problems = [Problem(one.code, f"items[{item.code}]", one.params) for item, one in found if not is_gap(one)]
    if problems:
        raise RuleBroken(problems)


def _problems(data: Data) -> list[Problem]:
    items: Sequence[Data] = data.get("items") or ()
    found = [] if str((data.get("name") or {}).get("zh") or "").strip() else [Problem("list.no_name", "name")]
    found += [] if str(data.get("kind") or "").strip() else [Problem("list.no_kind", "kind")]
    codes = Counter(str(item.get("code") or number) for number, item in enumerate(items))
    names = Counter(str(item.get("name") or "") for item in items)
    found += [Problem("list.duplicate_code", code, {"code": code}) for code, count in codes.items() if count > 1]
    found += [Problem("list.duplicate_name", "items", {"name": name}) for name, count in names.items() if count > 1]
    found += [
        Problem("list.unknown_source", str(item.get("code") or ""), {"source": str(item["source"])})
        for item in items
        if item.get("source") is not None and item["source"] not in set(SourceTag)
    ]
    return found + _count_problems(data, len(items))


def _count_problems(data: Data, named: int) -> list[Problem]:
    stated, said = data.get("stated_count"), data.get("open_places")
    if (stated or 0) > MOST_PLACES or (said or 0) > MOST_PLACES:
        return [Problem("list.too_many_places", "stated_count", {"most": MOST_PLACES})]
    if stated is None:
        return []
    if named > stated:
        return [Problem("list.too_many_named", "items", {"stated": stated, "named": named})]
    if said is not None and named + said != stated:
        return [Problem("list.count_differs", "open_places", {"stated": stated, "counted": named + said})]
    return []


def _normal(data: Data) -> dict[str, Any]:
    """The data as `list_as_data` will give them back, for comparison."""
    kept = {key: value for key, value in data.items() if value not in (None, "", [], {})}
    kept["name"] = {language: text for language, text in data["name"].items() if text}
    kept.setdefault("source", SourceTag.DERIVED.value)
    items = [_normal_item(order, item) for order, item in enumerate(data.get("items") or (), start=1)]
    places = data.get("open_places")
    if places is None and data.get("stated_count") is not None:
        places = data["stated_count"] - len(items)
    kept.pop("open_places", None)
    return kept | {"items": items} | ({"open_places": places} if places else {})


def _normal_item(order: int, item: Data) -> dict[str, Any]:
    kept = {key: value for key, value in item.items() if value not in (None, "", [], {})}
    return {"code": f"{order:03d}", "source": SourceTag.DERIVED.value} | kept


def _fill(row: GovernanceList, data: Data, pack: str | None) -> None:
    name = data["name"]
    row.kind, row.name = str(data["kind"]), str(name["zh"]).strip()[:120]
    row.name_en, row.name_ko = name.get("en") or None, name.get("ko") or None
    for key in OF_LIST:
        setattr(row, key, data.get(key) or None)
    row.source = data.get("source") or SourceTag.DERIVED.value
    known = {"code", "kind", "name", "source", "items", "open_places", *OF_LIST}
    row.stated = {key: value for key, value in data.items() if key not in known and value not in (None, "", [], {})}
    row.pack = (pack or "")[:64] or None
    row.is_published, row.state = True, "published"


def _replace_items(row: GovernanceList, data: Data) -> None:
    """The items as the data have them; one that stays under its code keeps its row, and whatever rests on it."""
    statement = select(ListItem).where(ListItem.list_id == row.id)
    with access.everything("the items of the list that is loaded"):
        there = {item.code: item for item in db.session.scalars(statement)}
    wanted = [_normal_item(order, item) for order, item in enumerate(data.get("items") or (), start=1)]
    places = _places(data, wanted, {item["code"] for item in wanted})
    kept = {item["code"] for item in wanted} | {code for code, _category in places}
    for code, old in there.items():
        if code not in kept:
            db.session.delete(old)
    db.session.flush()
    for order, item in enumerate(wanted, start=1):
        _fill_item(there.get(item["code"]) or ListItem(governance_list=row, code=item["code"]), item, order)
    for number, (code, category) in enumerate(places, start=1):
        place = there.get(code) or ListItem(governance_list=row, code=code)
        place.title, place.category, place.is_open_place = _place_name(number), category or None, True
        place.sort_order, place.source = len(wanted) + number, SourceTag.TEXT.value
        db.session.add(place)
    db.session.flush()


def _places(data: Data, items: Sequence[Data], taken: set[str]) -> list[tuple[str, str]]:
    """The open places as (code, category)."""
    categories = [(str(one["name"]), one.get("stated_count")) for one in data.get("categories") or ()]
    stated = data.get("stated_count")
    if stated is None:
        stated = len(items) + (data.get("open_places") or 0)
    found = open_places(stated, categories, [str(item.get("category") or "") for item in items])
    free = (f"P{number:03d}" for number in range(1, 2 * MOST_PLACES) if f"P{number:03d}" not in taken)
    return list(zip(free, found, strict=False))


def _place_name(number: int) -> str:
    return f"（待补第{number}项）"


def _fill_item(item: ListItem, data: Data, order: int) -> None:
    item.title, item.title_en = str(data["name"]).strip()[:400], data.get("name_en")
    item.category, item.role, item.sort_order = data.get("category"), data.get("role"), order
    item.requirement, item.cycle, item.evidence = (data.get(key) for key in ("requirement", "cycle", "evidence"))
    item.source, item.source_phrase = data["source"], data.get("phrase")
    item.derived_fields = list(data.get("derived") or ())
    item.steps, item.thresholds = list(data.get("steps") or ()), list(data.get("thresholds") or ())
    item.facets = dict(data.get("facets") or {}) | {key: data[key] for key in BESIDE if key in data}
    item.is_open_place = False
    db.session.add(item)
