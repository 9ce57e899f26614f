"""Wages and paid amounts out of a pay workbook: the yearly pay table (e), joined and left dates (e2), month by month (e3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.errors import Problem, broken
from app.domain.rights import Verb
from app.features.bonus.models import Wage
from app.features.bonus.queries.batches import latest_batch, lines_by_person
from app.features.bonus.queries.paybook import Place, place_of, year_of
from app.features.bonus.queries.wages import PARTS, employments_below, parts_of, wages_in, year_months
from app.features.bonus.services.allotting import Wanted, allotted
from app.features.bonus.services.approval import write_back_paid
from app.features.bonus.services.wages import WageRow, save_wages, set_gate
from app.features.org.models import OrgUnit
from app.features.people.models import Employment
from app.features.people.services import employ, employ_many, may_employ
from app.features.ranking.queries import current_settings
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.exchange import Change, Options, RowChange

Row = Mapping[str, Any]
NO_WAGES: Mapping[str, Wage] = {}


@dataclass(eq=False)
class Group:
    """The rows of one person in one village, what is stored of him, and what the rows ask for."""

    village: OrgUnit | None
    name: str
    rows: list[Row] = field(default_factory=list)
    employment: Employment | None = None
    stored: Mapping[str, Wage] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)
    paid: dict[int, tuple[Decimal | None, Decimal]] = field(default_factory=dict)  # row -> (stored, in the file)
    problems: list[Problem] = field(default_factory=list)


def save_pay_rows(rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What each row changes in the wages of the year (and in what was paid); unless dry, saved in one transaction.

    Shape:  one change per row; rows of one person in one village are compared together. Scores, ranks, bands and
            awards are the portal's own and are not taken from a file; 实发 goes to the approved batch of the round.
    Errors: bonus.year_missing; a row is refused with bonus.unknown_village, bonus.unknown_person,
            bonus.ambiguous_person, and the wage problems of `save_wages`; NotAllowed without the import right.
    """
    place, year = place_of(options, Verb.IMPORT), year_of(options)
    if year is None:
        raise broken("bonus.year_missing", "period")
    groups = _groups(rows, place)
    with access.everything("rows of a pay table are matched with the pay roll of their villages"):
        _match(groups, year)
        _allot(groups, year, str(options.extra.get("layout") or "e"))
        batch = _match_paid(groups, options, year)
    changes = _in_order(rows, groups)
    if not dry_run:
        with transaction(), acting("bonus.save_pay_rows"):
            _apply([group for group in groups if not group.problems], batch)
    return changes


def _groups(rows: Sequence[Row], place: Place) -> list[Group]:
    found: dict[tuple[str, str, str], Group] = {}
    for row in rows:
        key = (row["village"], row["person_name"], str(row.get("row_key") or ""))
        group = found.setdefault(key, Group(place.villages.get(row["village"]), row["person_name"]))
        group.rows.append(row)
    return list(found.values())


def _match(groups: Sequence[Group], year: int) -> None:
    """Find the employment of each group by its row key, else by name, and among namesakes by post."""
    villages = {group.village.id: group.village for group in groups if group.village is not None}
    rolls = {village_id: employments_below(village, year) for village_id, village in villages.items()}
    for group in groups:
        if group.village is None:
            group.problems.append(Problem("bonus.unknown_village", "village", {"village": group.rows[0]["village"]}))
            continue
        group.employment = _employment(group, rolls[group.village.id])
        if group.employment is None and not group.problems and not may_employ(group.village):
            params = {"name": group.name, "village": group.village.name}
            group.problems.append(Problem("bonus.unknown_person", "person_name", params))
    wages = wages_in([g.employment for g in groups if g.employment], year_months(year))
    for group in groups:
        group.stored = wages[group.employment.id] if group.employment else NO_WAGES


def _employment(group: Group, roll: Sequence[Employment]) -> Employment | None:
    key = str(group.rows[0].get("row_key") or "")
    by_key = [e for e in roll if key and str(e.id) == key and e.person.name == group.name]
    named = by_key or [e for e in roll if e.person.name == group.name]
    if len(named) > 1:
        named = [e for e in named if e.title and e.title == group.rows[0].get("post")] or named
    if len(named) > 1:
        group.problems.append(Problem("bonus.ambiguous_person", "person_name", {"name": group.name}))
    return named[0] if len(named) == 1 else None


def _allot(groups: Sequence[Group], year: int, layout: str) -> None:
    known = next((group.village for group in groups if group.village is not None), None)
    cutoff_day = current_settings(known)["month_cutoff_day"] if known else 15
    for group in groups:
        stored = {month: parts_of(wage) for month, wage in group.stored.items()}
        group.wanted = allotted(group.rows, layout, year, group.employment, stored, cutoff_day)


def _match_paid(groups: Sequence[Group], options: Options, year: int) -> Any:
    """Put the paid amounts of the file beside the lines of the batch; the batch, if it has any to take."""
    batch = latest_batch(options.round, year, options.unit)
    if batch is None or not any("award_paid" in row for group in groups for row in group.rows):
        return None
    lines = lines_by_person(batch)
    for group in groups:
        line = lines.get(group.employment.person_id) if group.employment else None
        mine = [s for s in line.segments if s["village_id"] == group.village.id] if line and group.village else []
        for number, (row, segment) in enumerate(zip(group.rows, mine, strict=False)):
            stored = segment.get("paid")
            if "award_paid" in row:
                group.paid[number] = (None if stored is None else Decimal(stored), row["award_paid"])
    return batch


# -- what changes ----------------------------------------------------------------------------------


def _in_order(rows: Sequence[Row], groups: Sequence[Group]) -> list[RowChange]:
    changes = {id(row): _change(group, number, row) for group in groups for number, row in enumerate(group.rows)}
    return [changes[id(row)] for row in rows]


def _change(group: Group, number: int, row: Row) -> RowChange:
    label = f"{row['village']} {row['person_name']}"
    place = {"sheet": str(row.get("sheet") or ""), "row": row.get("row", "")}
    if group.problems:
        return RowChange(Change.REFUSED, label, **place, problems=tuple(group.problems))
    cells = dict(group.wanted.cells) if number == 0 else {}
    if number in group.paid and group.paid[number][0] != group.paid[number][1]:
        before, after = group.paid[number]
        cells["award_paid"] = ("" if before is None else str(before), str(after))
    kind = Change.NEW if group.employment is None else Change.CHANGED if cells else Change.SAME
    return RowChange(kind, label, **place, cells=cells)


def _apply(groups: Sequence[Group], batch: Any) -> None:
    _employ(groups)
    wage_rows: list[WageRow] = []
    for group in groups:
        if group.wanted.cells and group.employment is not None:
            wage_rows += _wage_rows(group.employment.id, group.wanted, group.stored)
            _save_facts(group.employment, group.wanted)
    save_wages(wage_rows)
    paid = {
        (group.employment.person_id, group.village.id, number): after
        for group in groups
        for number, (before, after) in group.paid.items()
        if before != after and group.employment and group.village
    }
    if batch is not None and paid:
        write_back_paid(batch, paid)


def _employ(groups: Sequence[Group]) -> None:
    """Employ who is new; who served in another village of the file in other months is the same person."""
    new = [group for group in groups if group.employment is None and group.village is not None]
    moved = [group for number, group in enumerate(new) if _same_person(group, [*_known(groups), *new[:number]])]
    first = [group for group in new if group not in moved]
    staff = [(group.village, group.name, {"title": group.rows[0].get("post")}) for group in first if group.village]
    for group, employment in zip(first, employ_many(staff) if staff else [], strict=True):
        group.employment = employment
    for group in moved:
        twin = _same_person(group, _known(groups))
        if twin and twin.employment and group.village:
            group.employment = employ(twin.employment.person, group.village, title=group.rows[0].get("post"))


def _known(groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if group.employment is not None]


def _same_person(group: Group, others: Sequence[Group]) -> Group | None:
    return next(
        (o for o in others if o.name == group.name and not set(o.wanted.months) & set(group.wanted.months)), None
    )


def _wage_rows(employment_id: int, wanted: Wanted, stored: Mapping[str, Wage]) -> list[WageRow]:
    by_parts: dict[tuple[Decimal, ...], list[str]] = {}
    for month, parts in wanted.months.items():
        by_parts.setdefault(tuple(parts[part] for part in PARTS), []).append(month)
    rows = [
        WageRow(employment_id, tuple(months), dict(zip(PARTS, values, strict=True)))
        for values, months in by_parts.items()
    ]
    gone = tuple(sorted(set(stored) - set(wanted.months)))
    return [*rows, WageRow(employment_id, gone, None)] if gone else rows


def _save_facts(employment: Employment, wanted: Wanted) -> None:
    """The dates and the hold that a wage table states beside the wage."""
    with access.everything("the dates of an employment whose wages the actor may import"):
        for name, value in wanted.dates.items():
            setattr(employment, name, value)
    if wanted.gate and employment.hold != wanted.gate:
        set_gate(employment, wanted.gate, reason=wanted.gate_reason)
