"""The county's catalogue of lists: a workbook makes a draft of a new version and proposes it as a change of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.admission import Around, Candidate, admission_problems, is_gap, matter_key
from app.domain.checklists import ListKind, SourceTag, catalogue_kind
from app.domain.errors import Problem
from app.domain.list_versions import Difference, ItemChange, compare_versions
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.admission import around
from app.features.checklists.queries.directory import (
    ADMITTED_BY,
    OF_SHEET,
    bases_at,
    changed_fields,
    directory_unit,
    facts_of,
    in_words,
    name_key,
    next_code,
)
from app.features.checklists.queries.kinds import kind_of
from app.features.checklists.queries.lists import items_of_list
from app.features.checklists.rules import writing
from app.features.checklists.services.drafting import copy_of, draft_from
from app.features.checklists.services.proposing import end_running, open_change
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.exchange import Change, Options, RowChange
from app.kit.i18n import _l, kept
from app.kit.signing import signature

Row = Mapping[str, Any]
LONGEST = {"item_name": 400, "category": 120}


def save_directory(rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What the rows of layout (f) change against the lists in force; unless `dry_run` each list that differs gets a draft.

    Shape:  a row is {list, category, item_name, responsible, legal_basis, steps, time_limit_days | time_limit_text …}. A list
            in force is never touched; an older change of the list is withdrawn. An item that is no longer there is told with
            the last good row of its list; one whose row was refused stays as it stands: `named` in `options.extra` says
            which rows the file has. What an item says beyond the columns of the workbook goes over into the draft.
    Errors: (in the rows) directory.unit_unclear, directory.duplicate, directory.too_long, and why it may not enter its list
            (admission.*, guard.*) but for what can still be written into the draft; NotAllowed at the unit.
    """
    unit = directory_unit(options)
    if unit is None:
        unclear = (Problem("directory.unit_unclear", "unit"),)
        return [
            RowChange(Change.REFUSED, str(row.get("item_name", "")), *_place(row), problems=unclear) for row in rows
        ]
    _require_keeper(unit)
    with transaction(), acting("checklists.save_directory"), writing():
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
        self.by_name = {(key, name_key(item.title)): item for key, items in self.items.items() for item in items}
        self.lists: dict[str, list[Row]] = {}
        for row in rows:
            self.lists.setdefault(str(row.get("list") or ""), []).append(row)
        here = {tuple(map(str, _place(row))) for row in rows}
        named = ((str(sheet or ""), str(row), text) for sheet, row, text in options.extra.get("named") or ())
        self.left_out = [(sheet, _bare(text)) for sheet, row, text in named if (sheet, row) not in here]
        self.around = self._around()
        self.differing: list[str] = []

    def _around(self) -> Around:
        """What is forbidden where the lists will hold: the negative lists of this file in place of their stored versions."""
        named = {name_key(name) for name in self.lists}
        stored = [key for key, base in self.bases.items() if _behaves(base) is ListKind.NEGATIVE and key not in named]
        found = [item.title for key in stored for item in self.items[key]]
        negative = (rows for name, rows in self.lists.items() if catalogue_kind(name) is ListKind.NEGATIVE)
        found += [str(row.get("item_name", "")) for rows in negative for row in rows]
        above = around(self.unit.parent).negative if self.unit.parent else ()
        return replace(around(self.unit), negative=frozenset([*above, *(matter_key(name) for name in found)]))

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
        kind = self._kind(name)
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
        facts = {OF_SHEET[key]: row[key] for key in OF_SHEET if row.get(key)}
        wanted = Candidate(kind, name, str(row.get("category") or ""), facts)
        found += [problem for problem in admission_problems(wanted, self.around) if not is_gap(problem)]
        return found

    def _good(self, name: str) -> list[Row]:
        """The rows of a list that are not refused."""
        rows, kind = self.lists[name], self._kind(name)
        times = Counter(name_key(str(one.get("item_name", ""))) for one in rows)
        return [row for row in rows if not self._problems(row, kind, times)]

    def _next(self, name: str, good: Sequence[Row]) -> list[dict[str, Any]]:
        """The items of the next version: the good rows, and what refused rows are about as it stands, in its old place."""
        found = [self._facts(name, row) for row in good]
        named = {_bare(facts["item_name"]) for facts in found}
        sheets = {str(row.get("sheet") or "") for row in self.lists[name]}
        refused = {_bare(str(row.get("item_name", ""))) for row in self.lists[name]}
        staying = (refused | {text for sheet, text in self.left_out if sheet in sheets}) - named
        standing = {_bare(item.title) for item in self.items.get(name_key(name), [])}
        if (
            staying - standing
        ):  # a name that stands nowhere may be any of those the file no longer has: none is taken out
            staying = standing - named
        above = -1  # where the item before it in the version in force stands now
        for item in self.items.get(name_key(name), []):
            if _bare(item.title) in staying:
                above += 1
                found.insert(above, facts_of(item))
            else:
                above = next((at for at, facts in enumerate(found) if facts["item_name"] == item.title), above)
        return found

    def _facts(self, name: str, row: Row) -> dict[str, Any]:
        """What a row says, with what its item says in the columns the file does not have."""
        left_out = set(ADMITTED_BY) - set(row)
        old = self.by_name.get((name_key(name), name_key(str(row.get("item_name", "")))))
        standing = facts_of(old) if old is not None and left_out else {}
        return facts_of({**{field: standing.get(field) for field in left_out}, **row})

    def _kind(self, name: str) -> ListKind:
        base = self.bases.get(name_key(name))
        return _behaves(base) if base else catalogue_kind(name)

    def save(self) -> None:
        """A draft for each list that differs."""
        for name in self.differing:
            self._draft(name, self._next(name, self._good(name)))
        db.session.flush()

    def _draft(self, name: str, items: Sequence[Mapping[str, Any]]) -> None:
        base = self.bases.get(name_key(name))
        if base is not None:
            end_running(base, kept(_l("Another workbook takes its place.")))
        draft = draft_from(base, with_items=False) if base else self._new_list(name)
        stated = self.stated.get(name, {})
        draft.title = (stated.get("title") or (base.title if base else None) or name)[:200]
        draft.edition = (stated.get("edition") or "")[:40] or None
        draft.document = (stated.get("document") or "")[:120] or None
        draft.effective_from = _day(stated.get("effective_from"))
        draft.source = SourceTag.DERIVED.value
        stays = {name_key(item.title): item for item in self.items.get(name_key(name), [])}
        taken = {item.code for item in stays.values()}
        for order, facts in enumerate(items, start=1):
            old = stays.get(name_key(str(facts["item_name"])))
            item = copy_of(old, draft) if old else ListItem(governance_list=draft, code=next_code(taken), facets={})
            taken.add(item.code)
            _say(item, order, facts)
            db.session.add(item)
        in_force = base if base is not None and base.is_published else None
        open_change(draft, in_force, reason=kept(_l("Brought in with a workbook.")))

    def _new_list(self, name: str) -> GovernanceList:
        draft = GovernanceList(
            unit=self.unit,
            kind=catalogue_kind(name).value,
            code=self._new_code(name),
            name=name[:120],
            is_published=False,
            state="draft",
        )
        db.session.add(draft)
        db.session.flush()
        draft.made_by = signature(draft)
        return draft

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


def _behaves(row: GovernanceList) -> ListKind:
    return kind_of(row).behaviour


def _say(item: ListItem, order: int, facts: Mapping[str, Any]) -> None:
    """What a row says, written into its item; what the workbook has no column for stays as it was."""
    beside = {key: value for key, value in (item.facets or {}).items() if key not in set(OF_SHEET.values())}
    item.facets = beside | {facet: facts[name] for name, facet in OF_SHEET.items() if name in facts}
    known = {step["name"]: step for step in item.steps or ()}
    item.steps = [known.get(name, {"name": name}) for name in facts.get("steps", ())]
    item.title, item.category, item.sort_order = facts["item_name"], facts.get("category"), order
    item.source, item.is_open_place = SourceTag.DERIVED.value, False


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
        return RowChange(Change.NEW, label, *_place(row), cells=changed_fields(fields))
    return RowChange(Change.CHANGED if fields else Change.SAME, label, *_place(row), cells=changed_fields(fields))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
