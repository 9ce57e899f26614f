"""The county's catalogue of lists: a workbook makes a draft of a new version; another person puts it in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.domain.checklists import ListKind, catalogue_kind
from app.domain.errors import Problem, broken
from app.domain.list_versions import Difference, ItemChange, compare_versions
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.directory import (
    FACETS,
    bases_at,
    catalogue_lists,
    changed_fields,
    directory_unit,
    facts_of,
    in_words,
    name_key,
    next_code,
)
from app.features.checklists.queries.lists import items_of_list
from app.features.org.models import OrgUnit
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.exchange import Change, Options, RowChange
from app.kit.signing import signature
from app.kit.two_persons import require_other

Row = Mapping[str, Any]
LONGEST = {"item_name": 400, "category": 120}


def save_directory(rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What the rows of layout (f) change against the lists in force; unless `dry_run` each list that differs gets a draft.

    Shape:  a row is {list, category, item_name, responsible, legal_basis, steps, time_limit_days | time_limit_text …}. A list
            in force is never touched; an older draft of the list is withdrawn. An item that is no longer there is told with
            the last good row of its list; one whose row was refused stays as it stands: `named` in `options.extra` says
            which rows the file has.
    Errors: (in the rows) directory.unit_unclear, directory.duplicate, directory.on_negative_list, directory.too_long;
            NotAllowed at the unit.
    """
    unit = directory_unit(options)
    if unit is None:
        unclear = (Problem("directory.unit_unclear", "unit"),)
        return [
            RowChange(Change.REFUSED, str(row.get("item_name", "")), *_place(row), problems=unclear) for row in rows
        ]
    _require_keeper(unit)
    with transaction(), acting("checklists.save_directory"):
        book = _Book(rows, options, unit)
        changes = book.changes()
        if not dry_run:
            book.save()
    return changes


def _require_keeper(unit: OrgUnit) -> None:
    may_edit = access.can_at(Verb.EDIT, Resource.LISTS, unit)
    access.require_at(Verb.EDIT if may_edit else Verb.IMPORT, Resource.LISTS, unit)


def _place(row: Row) -> tuple[str, int | str]:
    return str(row.get("sheet") or ""), row.get("row", "")


def _bare(name: str) -> str:
    """A name of an item as a refused row may spell it: without the marks of new and changed ones."""
    return "".join(sign for sign in name_key(name) if sign.isalnum())


class _Book:
    """The rows of one file, list by list, against the versions they are compared with."""

    def __init__(self, rows: Sequence[Row], options: Options, unit: OrgUnit) -> None:
        self.rows, self.unit = rows, unit
        self.stated: Mapping[str, Mapping[str, str]] = options.extra.get("lists") or {}
        self.bases = bases_at(unit)
        self.items = {key: list(items_of_list(base)) for key, base in self.bases.items()}
        self.lists: dict[str, list[Row]] = {}
        for row in rows:
            self.lists.setdefault(str(row.get("list") or ""), []).append(row)
        self.forbidden = self._on_negative_lists()
        here = {tuple(map(str, _place(row))) for row in rows}
        named = ((str(sheet or ""), str(row), text) for sheet, row, text in options.extra.get("named") or ())
        self.left_out = [(sheet, _bare(text)) for sheet, row, text in named if (sheet, row) not in here]
        self.differing: list[str] = []

    def _on_negative_lists(self) -> set[str]:
        """The names of all items of the negative lists, those of this file in place of their stored versions."""
        named = {name_key(name) for name in self.lists}
        stored = [key for key, base in self.bases.items() if base.kind == ListKind.NEGATIVE and key not in named]
        found = {name_key(item.title) for key in stored for item in self.items[key]}
        negative = (rows for name, rows in self.lists.items() if catalogue_kind(name) is ListKind.NEGATIVE)
        return found | {name_key(str(row.get("item_name", ""))) for rows in negative for row in rows}

    def changes(self) -> list[RowChange]:
        """One change a row, in the order of the rows."""
        by_row: dict[int, RowChange] = {}
        for name, rows in self.lists.items():
            found = self._compare(name, rows)
            if any(change.kind in (Change.NEW, Change.CHANGED) for change in found):
                self.differing.append(name)
            by_row |= {id(row): change for row, change in zip(rows, found, strict=True)}
        return [by_row[id(row)] for row in self.rows]

    def _compare(self, name: str, rows: Sequence[Row]) -> list[RowChange]:
        old = [(item.title, in_words(facts_of(item))) for item in self.items.get(name_key(name), [])]
        good = self._good(name)
        new = [(facts["item_name"], in_words(facts)) for facts in self._next(name, good)]
        differences = compare_versions(old, new)
        by_name = {one.name: one for one in differences}
        gone = [one.name for one in differences if one.kind is Difference.REMOVED]
        times = Counter(name_key(str(row.get("item_name", ""))) for row in rows)
        kind = catalogue_kind(name)
        found = []
        for row in rows:
            problems = self._problems(row, kind, times)
            told = gone if good and row is good[-1] else []
            found.append(_row_change(name, row, by_name.get(str(row.get("item_name", ""))), problems, told))
        return found

    def _problems(self, row: Row, kind: ListKind, times: Counter[str]) -> list[Problem]:
        name = str(row.get("item_name", ""))
        found = [
            Problem("directory.too_long", key, {"most": most})
            for key, most in LONGEST.items()
            if len(str(row.get(key) or "")) > most
        ]
        if times[name_key(name)] > 1:
            found.append(Problem("directory.duplicate", "item_name", {"name": name}))
        if kind is ListKind.ASSIST and name_key(name) in self.forbidden:
            found.append(Problem("directory.on_negative_list", "item_name", {"name": name}))
        return found

    def _good(self, name: str) -> list[Row]:
        """The rows of a list that are not refused."""
        rows, kind = self.lists[name], catalogue_kind(name)
        times = Counter(name_key(str(one.get("item_name", ""))) for one in rows)
        return [row for row in rows if not self._problems(row, kind, times)]

    def _next(self, name: str, good: Sequence[Row]) -> list[dict[str, Any]]:
        """The items of the next version: the good rows, and what refused rows are about as it stands, in its old place."""
        found = [facts_of(row) for row in good]
        named = {_bare(facts["item_name"]) for facts in found}
        sheets = {str(row.get("sheet") or "") for row in self.lists[name]}
        refused = {_bare(str(row.get("item_name", ""))) for row in self.lists[name]}
        kept = (refused | {text for sheet, text in self.left_out if sheet in sheets}) - named
        standing = {_bare(item.title) for item in self.items.get(name_key(name), [])}
        if kept - standing:  # a name that stands nowhere may be any of those the file no longer has: none is taken out
            kept = standing - named
        above = -1  # where the item before it in the version in force stands now
        for item in self.items.get(name_key(name), []):
            if _bare(item.title) in kept:
                above += 1
                found.insert(above, facts_of(item))
            else:
                above = next((at for at, facts in enumerate(found) if facts["item_name"] == item.title), above)
        return found

    def save(self) -> None:
        """A draft for each list that differs."""
        for name in self.differing:
            self._draft(name, self._next(name, self._good(name)))
        db.session.flush()

    def _draft(self, name: str, items: Sequence[Mapping[str, Any]]) -> None:
        base = self.bases.get(name_key(name))
        code = base.code if base else self._new_code(name)
        for old in self._versions(code):
            if old.state == "draft":
                old.state, old.decided_at, old.decided_by = "withdrawn", clock.now(), signature(old)
        stated = self.stated.get(name, {})
        draft = GovernanceList(
            unit=self.unit,
            kind=base.kind if base else catalogue_kind(name).value,
            code=code,
            number=self._next_number(code),
            name=base.name if base else name[:120],
            is_published=False,
            state="draft",
            source="derived",
            title=(stated.get("title") or (base.title if base else None) or name)[:200],
            edition=(stated.get("edition") or "")[:40] or None,
            document=(stated.get("document") or "")[:120] or None,
            effective_from=_day(stated.get("effective_from")),
        )
        db.session.add(draft)
        db.session.flush()
        draft.made_by = signature(draft)
        codes = {name_key(item.title): item.code for item in self.items.get(name_key(name), [])}
        taken = set(codes.values())
        for order, facts in enumerate(items, start=1):
            item_code = codes.get(name_key(str(facts["item_name"])))
            if item_code is None:
                item_code = next_code(taken)
                taken.add(item_code)
            db.session.add(_item(draft, item_code, order, facts))

    def _versions(self, code: str) -> Sequence[GovernanceList]:
        return [row for row in catalogue_lists([self.unit.id]) if row.code == code]

    def _next_number(self, code: str) -> int:
        statement = select(func.max(GovernanceList.number)).where(
            GovernanceList.unit_id == self.unit.id, GovernanceList.code == code
        )
        with access.everything("the number after the highest, whoever made it"):
            return (db.session.scalar(statement) or 0) + 1

    def _new_code(self, name: str) -> str:
        """A code for a list that is not there yet: its kind, with a number when the kind has one already."""
        kind = catalogue_kind(name).value
        with access.everything("no two lists of a unit share a code"):
            statement = select(GovernanceList.code).where(GovernanceList.unit_id == self.unit.id)
            taken = set(db.session.scalars(statement))
        number = 1
        while (code := kind if number == 1 else f"{kind}-{number}") in taken:
            number += 1
        return code


def _item(draft: GovernanceList, code: str, order: int, facts: Mapping[str, Any]) -> ListItem:
    kept = {name: facts[name] for name in FACETS if name in facts}
    return ListItem(
        governance_list=draft,
        code=code,
        sort_order=order,
        title=facts["item_name"],
        category=facts.get("category"),
        facets=kept,
        source="derived",
    )


def _row_change(
    name: str, row: Row, difference: ItemChange | None, problems: Sequence[Problem], gone: Sequence[str]
) -> RowChange:
    label = f"{name}：{row.get('item_name', '')}"
    if problems or difference is None:
        return RowChange(Change.REFUSED, label, *_place(row), problems=tuple(problems))
    fields = dict(difference.fields)
    if difference.is_moved and "category" not in fields:
        fields["order"] = ("", str(row.get("serial") or ""))
    if gone:
        fields["removed"] = ("、".join(gone), "")
    if difference.kind is Difference.ADDED:
        said = {key: ("", text) for key, text in in_words(facts_of(row)).items() if text}
        return RowChange(Change.NEW, label, *_place(row), cells=changed_fields(said | fields))
    return RowChange(Change.CHANGED if fields else Change.SAME, label, *_place(row), cells=changed_fields(fields))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


# -- deciding ------------------------------------------------------------------------------------------


def publish_version(draft: GovernanceList) -> GovernanceList:
    """The draft in force and the version before it superseded; somebody else than whoever made it decides.

    Errors: list.not_a_draft, list.same_person, list.no_items; NotAllowed without the right to approve.
    """
    access.require(Verb.APPROVE, draft)
    with transaction() as session, acting("checklists.publish_version"):
        session.refresh(draft, with_for_update=True)
        if draft.state != "draft":
            raise broken("list.not_a_draft", "state")
        require_other([draft.made_by], "list.same_person")
        if not items_of_list(draft):
            raise broken("list.no_items", "items")
        for old in catalogue_lists([draft.unit_id]):
            if old.code == draft.code and old.is_published:
                old.is_published, old.state = False, "superseded"
                if old.effective_to is None and _ends_after_it_began(old, draft):
                    old.effective_to = draft.effective_from
        draft.state, draft.is_published = "published", True
        _signed(draft)
    return draft


def _ends_after_it_began(old: GovernanceList, draft: GovernanceList) -> bool:
    starts, ends = old.effective_from, draft.effective_from
    return ends is not None and (starts is None or starts <= ends)


def withdraw_version(draft: GovernanceList, reason: str) -> GovernanceList:
    """The draft withdrawn with a reason, by whoever made it or may decide it; what is in force stays in force.

    Errors: list.not_a_draft, reason_required; NotAllowed.
    """
    access.require(Verb.APPROVE if access.can(Verb.APPROVE, draft) else Verb.IMPORT, draft)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("checklists.withdraw_version"):
        session.refresh(draft, with_for_update=True)
        if draft.state != "draft":
            raise broken("list.not_a_draft", "state")
        draft.state, draft.decision_reason = "withdrawn", reason.strip()[:400]
        _signed(draft)
    return draft


def _signed(draft: GovernanceList) -> None:
    draft.decided_by, draft.decided_at = signature(draft), clock.now()
