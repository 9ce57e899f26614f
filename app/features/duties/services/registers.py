"""Keeping the register of certificates and service cases: the same rules for the page and for the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.certificates import count_problem
from app.domain.errors import Problem, RuleBroken
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Verb
from app.features.duties.certificates import certificate_types, counted_kinds
from app.features.duties.models import VillageRegister
from app.features.duties.queries.certificates import CountedCertificates, counted_at, counted_certificates, field_of
from app.features.duties.queries.periods import closed_row
from app.features.duties.queries.registers import CASES, RegisterPlace, register_places, registers_of
from app.features.duties.services.opening import closed
from app.features.duties.words import REGISTER_FIELDS
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.exchange import Change, Options, RowChange

Row = Mapping[str, Any]
MOST = 999_999


def save_registers(rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What saving the rows of layout (g) changes in the registers of the villages; saved unless `dry_run`.

    Shape:  a row is {village, month, certificates {name: count}, accepted, closed, instant, overdue, reason}; a count that
            is left out is 0, because in this form an empty cell is a zero; a kind of certificate left out is kept.
    Errors: (in the rows) E31, E71, duties.not_a_month, duties.period_closed, register.below_zero, register.too_many,
            register.closed_above, register.instant_above, certificate.forbidden*, certificate.outside,
            certificate.unknown (params: name).
    """
    with transaction(), acting("duties.save_registers"):
        book = _Book(rows, options)
        changes = [book.change(row) for row in rows]
        if not dry_run:
            book.save()
    return changes


def keep_register(place: RegisterPlace, period: str, row: Row) -> RowChange:
    """Save what was typed for one village and month, with a reason where a certificate should not have been issued.

    Errors: those of `save_registers` raised, register.reason_needed; NotAllowed.
    """
    access.require_at(Verb.EDIT, Resource.DUTIES, place.unit)
    with transaction():
        typed = {**row, "village": place.village.name, "month": period}
        change = save_registers([typed], Options(unit=place.village, period=period), False)[0]
        if problems := list(change.problems) or _reason_problems(place, period, row):
            raise RuleBroken(problems)
    return change


def _reason_problems(place: RegisterPlace, period: str, row: Row) -> list[Problem]:
    """A reason is asked for where no list in force decides and a village should not issue the certificate all the same."""
    counted = counted_at(place, period)
    codes = counted.codes(row.get("certificates", {}))
    found = [one.kind for one in counted.all if one.needs_reason and codes.get(one.kind.code)]
    if not found or row.get("reason"):
        return []
    params = {"certificates": "、".join(kind.forbidden_as for kind in found)}
    return [Problem("register.reason_needed", "reason", params)]


@dataclass(frozen=True)
class _Pending:
    place: RegisterPlace
    period: str
    register: VillageRegister | None
    values: Mapping[str, Any]


class _Book:
    """The rows of one file against what is stored: places, registers and locks read once for all rows."""

    def __init__(self, rows: Sequence[Row], options: Options) -> None:
        self.options = options
        self.places = {place.village.name: place for place in register_places(options.unit)}
        named = {str(row.get("village")) for row in rows}
        self.wanted = [place for name, place in self.places.items() if name in named]
        self.counted: dict[str, dict[int, CountedCertificates]] = {}
        months = {str(month) for row in rows if (month := row.get("month") or options.period)}
        self.registers = {(row.village_id, row.period): row for row in registers_of(months, options.unit)}
        self.locks: dict[tuple[int | None, str], Problem | None] = {}
        self.pending: list[_Pending] = []

    def change(self, row: Row) -> RowChange:
        month = str(row.get("month") or self.options.period or "")
        found = self.places.get(str(row.get("village")))
        about = {
            "label": f"{row.get('village', '')} {month}",
            "sheet": row.get("sheet") or "",
            "row": row.get("row", ""),
        }
        problems = _place_problems(found, month) or _count_problems(row)
        if problems or found is None:
            return RowChange(Change.REFUSED, problems=tuple(problems), **about)
        register = self.registers.get((found.village.id, month))
        counted = self._counted(month)[found.village.id]
        if problems := _certificate_problems(row, counted, register):
            return RowChange(Change.REFUSED, problems=tuple(problems), **about)
        values = _wanted(row, register, counted)
        cells = _differing(register, values)
        if register is not None and not cells:
            return RowChange(Change.SAME, **about)
        if lock := self._lock(found.unit, month):
            return RowChange(Change.REFUSED, cells=cells, problems=(lock,), **about)
        self.pending.append(_Pending(found, month, register, values))
        return RowChange(Change.CHANGED if register else Change.NEW, cells=cells, **about)

    def _counted(self, month: str) -> dict[int, CountedCertificates]:
        if month not in self.counted:
            registers = [row for (_village, period), row in self.registers.items() if period == month]
            self.counted[month] = counted_certificates(self.wanted, month, registers)
        return self.counted[month]

    def _lock(self, unit: Any, month: str) -> Problem | None:
        key = (unit.township_id, month)
        if key not in self.locks:
            row = closed_row([key], lock=True)
            self.locks[key] = closed(row).problems[0] if row else None  # type: ignore[attr-defined]
        return self.locks[key]

    def save(self) -> None:
        for one in self.pending:
            register = one.register
            if register is None:
                register = VillageRegister(unit=one.place.unit, period=one.period)
                db.session.add(register)
            for name, value in one.values.items():
                setattr(register, name, value)
        db.session.flush()


def _place_problems(place: RegisterPlace | None, month: str) -> list[Problem]:
    if place is None:
        return [Problem("E31", "village")]
    try:
        if Period.parse(month).kind is not PeriodKind.MONTH:
            return [Problem("duties.not_a_month", "month", {"period": month})]
    except RuleBroken as refused:
        return list(refused.problems)
    may = any(access.can_at(verb, Resource.DUTIES, place.unit) for verb in (Verb.EDIT, Verb.IMPORT))
    return [] if may else [Problem("E71", "village")]


def _count_problems(row: Row) -> list[Problem]:
    kinds = {kind.name: kind.code for kind in certificate_types()}
    named = {field_of(kinds.get(name, name)): count for name, count in row.get("certificates", {}).items()}
    counts = {**{name: row.get(name) or 0 for name in CASES}, **named}
    found = [Problem("register.below_zero", name) for name, count in counts.items() if count < 0]
    found += [Problem("register.too_many", name, {"most": MOST}) for name, count in counts.items() if count > MOST]
    if counts["closed"] > counts["accepted"]:
        found.append(Problem("register.closed_above", "closed", {"limit": counts["accepted"]}))
    if counts["instant"] > counts["closed"]:
        found.append(Problem("register.instant_above", "instant", {"limit": counts["closed"]}))
    return found


def _certificate_problems(row: Row, counted: CountedCertificates, register: VillageRegister | None) -> list[Problem]:
    """What the lists in force say against the counts of a row, each at the field of its certificate."""
    said: Mapping[str, int] = row.get("certificates", {})
    kept = register.certificates if register else {}
    codes = counted.codes(said)
    problems = (
        count_problem(one.decision, codes.get(one.kind.code, 0), kept.get(one.kind.code, 0), one.approved, one.field)
        for one in counted.all
    )
    unknown = [name for name, count in said.items() if count and counted.find(name) is None]
    found = [problem for problem in problems if problem]
    return found + [Problem("certificate.unknown", "certificates", {"name": name[:60]}) for name in unknown]


def _wanted(row: Row, register: VillageRegister | None, counted: CountedCertificates) -> dict[str, Any]:
    kept = register.certificates if register else {}
    counts = {kind.code: 0 for kind in certificate_types()} | dict(kept) | counted.codes(row.get("certificates", {}))
    kinds = {kind.code for kind in certificate_types()}
    reason = row.get("reason", register.reason if register else None)
    return {
        "certificates": {code: count for code, count in counts.items() if count or code in kinds},
        **{name: row.get(name) or 0 for name in CASES},
        "reason": (reason or "")[:400] or None,
    }


def _differing(register: VillageRegister | None, values: Row) -> dict[str, tuple[str, str]]:
    """What differs from the stored register, field by field, in words."""
    cells: dict[str, tuple[str, str]] = {}
    stored = register.certificates if register else {}
    for kind in counted_kinds(stored, values["certificates"]):
        new = values["certificates"].get(kind.code, 0)
        if new != stored.get(kind.code, 0):
            cells[str(kind.label)] = ("" if register is None else str(stored.get(kind.code, 0)), str(new))
    for name in (*CASES, "reason"):
        old, new = getattr(register, name, None), values[name]
        if (old or None) != (new or None):
            cells[str(REGISTER_FIELDS[name])] = ("" if old is None else str(old), "" if new is None else str(new))
    return cells
