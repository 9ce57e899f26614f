"""Drafts of a version of a list: copied from the version in force, and written to item by item until somebody approves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from app.domain.admission import GUARDS, Guard
from app.domain.checklists import SourceTag
from app.domain.errors import Problem, RuleBroken, broken
from app.domain.list_change import EDITABLE
from app.domain.rights import Verb
from app.features.checklists.models import GovernanceList, ListFile, ListItem
from app.features.checklists.queries.admission import around, problems_of
from app.features.checklists.queries.changes import change_of
from app.features.checklists.queries.directory import name_key, next_code
from app.features.checklists.queries.item_files import ids_of, items_of_versions
from app.features.checklists.queries.kinds import kind_of
from app.features.checklists.queries.lists import items_of_list
from app.features.checklists.rules import writing
from app.features.org.models import OrgUnit
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

_OF_LIST = ("kind", "code", "name", "name_en", "name_ko", "question", "purpose", "title", "document", "edition")
_OF_ITEM = [
    "code",
    "sort_order",
    "role",
    "category",
    "title",
    "title_en",
    "requirement",
    "cycle",
    "evidence",
    "facets",
    "source",
    "source_phrase",
    "derived_fields",
    "is_open_place",
    "steps",
    "thresholds",
    "overrides",
    "files",
]


def next_number(unit: OrgUnit, code: str) -> int:
    """The number of the next version of a list."""
    statement = select(func.max(GovernanceList.number)).where(
        GovernanceList.unit_id == unit.id, GovernanceList.code == code
    )
    with access.everything("the number after the highest, whoever made it"):
        return (db.session.scalar(statement) or 0) + 1


def draft_from(base: GovernanceList, *, with_items: bool = True) -> GovernanceList:
    """The next version of a list as a draft that says the same; the caller holds the right and the transaction."""
    draft = GovernanceList(unit=base.unit, number=next_number(base.unit, base.code), is_published=False, state="draft")
    for name in _OF_LIST:
        setattr(draft, name, getattr(base, name))
    draft.source, draft.extends_id, draft.pack = base.source, base.extends_id, base.pack
    draft.stated = {key: value for key, value in (base.stated or {}).items() if key != "versions"}
    with writing():
        db.session.add(draft)
        db.session.flush()
        draft.made_by = signature(draft)
        for item in items_of_list(base) if with_items else ():
            db.session.add(copy_of(item, draft))
        db.session.flush()
    return draft


def copy_of(item: ListItem, draft: GovernanceList) -> ListItem:
    """An item as it goes over into a draft."""
    copied = {name: _copied(getattr(item, name)) for name in _OF_ITEM}
    return ListItem(governance_list=draft, **copied)


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value


def require_open(draft: GovernanceList) -> None:
    """Refuse to write to what is not a draft, or is laid before those who approve.

    Errors: list.in_force, change.laid_before; NotAllowed.
    """
    access.require(Verb.IMPORT, draft)
    if draft.state != "draft":
        raise broken("list.in_force", "list")
    change = change_of(draft)
    if change is not None and change.stage not in EDITABLE:
        raise broken("change.laid_before", "list")


def save_item(draft: GovernanceList, said: Mapping[str, Any], item: ListItem | None = None) -> ListItem:
    """An item of a draft as somebody has written it, new or changed.

    Shape:  {title, category, role, requirement, cycle, evidence, facets {}, steps [], thresholds [], pass_guard, reason}.
            Writing other words than its source says makes an item the writer's own. `pass_guard` lets it pass one guard
            whose source allows an exception, with a reason, by whoever may approve.
    Errors: list.in_force, change.laid_before, required, list.duplicate_name, admission.*, guard.*; NotAllowed.
    """
    require_open(draft)
    with transaction(), acting("checklists.save_item"), writing():
        row = item or ListItem(governance_list=draft, code=_new_code(draft), sort_order=_last(draft) + 1, facets={})
        before = [getattr(row, name) for name in ("title", "category", "role", "facets", "steps")]
        for name in ("title", "category", "role", "requirement", "cycle", "evidence"):
            setattr(row, name, (str(said.get(name) or "").strip() or None))
        row.title = row.title or ""
        row.facets = _facets(draft, row, said.get("facets") or {})
        row.steps, row.thresholds = list(said.get("steps") or ()), list(said.get("thresholds") or ())
        row.is_open_place = False
        if before != [getattr(row, name) for name in ("title", "category", "role", "facets", "steps")]:
            row.source, row.source_phrase = SourceTag.DERIVED.value, None
        row.overrides = {**(row.overrides or {}), **_passed(draft, said)}
        problems = _problems(draft, row)
        if problems:
            raise RuleBroken(problems)
        db.session.add(row)
        db.session.flush()
    return row


def _facets(draft: GovernanceList, row: ListItem, said: Mapping[str, Any]) -> dict[str, Any]:
    """The facets as they were written; those the kind does not ask for stay as they were."""
    asked = {facet.code for facet in kind_of(draft).facets}
    beside = {key: value for key, value in (row.facets or {}).items() if key not in asked}
    return {key: value for key, value in (beside | dict(said)).items() if value not in (None, "", [])}


def _passed(draft: GovernanceList, said: Mapping[str, Any]) -> dict[str, Any]:
    """The guard that is passed with a reason, as it is kept with the item; nothing where none is."""
    code, reason = str(said.get("pass_guard") or ""), str(said.get("reason") or "").strip()
    if not code:
        return {}
    if code not in set(Guard) or not GUARDS[Guard(code)].may_pass:
        raise broken("admission.no_exception", "pass_guard")
    if not reason:
        raise broken("reason_required", "reason")
    access.require(Verb.APPROVE, draft)
    return {code: {"reason": reason[:400], "by": signature(draft), "at": clock.now().isoformat(timespec="minutes")}}


def _problems(draft: GovernanceList, row: ListItem) -> list[Problem]:
    kind = kind_of(draft)
    found = [] if row.title else [Problem("required", "title")]
    with db.session.no_autoflush:
        others = {name_key(one.title) for one in items_of_list(draft) if one is not row and one.id != row.id}
    if name_key(row.title) in others:
        found.append(Problem("list.duplicate_name", "title", {"name": row.title}))
    for facet in kind.facets:
        if facet.required and facet.code not in ("item_no", "item_name"):
            value = getattr(row, facet.column) if facet.column else row.facets.get(facet.code)
            found += [] if value else [Problem("required", facet.code)]
    return found + problems_of(row, kind.behaviour, around(draft.unit))


def _new_code(draft: GovernanceList) -> str:
    return next_code(item.code for item in items_of_list(draft))


def _last(draft: GovernanceList) -> int:
    return max((item.sort_order for item in items_of_list(draft)), default=0)


def remove_item(item: ListItem) -> None:
    """An item taken out of a draft.

    Errors: list.in_force, change.laid_before; NotAllowed.
    """
    require_open(item.governance_list)
    with transaction(), acting("checklists.remove_item"), writing():
        files = ids_of([item])
        db.session.delete(item)
        remove_unnamed(item.governance_list, files)


def remove_unnamed(row: GovernanceList, file_ids: Collection[int]) -> None:
    """Those of the files that no item of any version of the list names any more, gone; the caller holds the transaction."""
    db.session.flush()
    gone = set(file_ids) - ids_of(items_of_versions(row)) if file_ids else set()
    with access.everything("files no item names any more"):
        for found in db.session.scalars(select(ListFile).where(ListFile.id.in_(gone))).all() if gone else ():
            db.session.refresh(found, ["content"])  # the trail tells of it after it is gone
            db.session.delete(found)
    db.session.flush()
