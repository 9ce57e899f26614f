"""The register of certificates and service cases: what the villages counted, and the indicators made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain import indicators
from app.domain.certificates import certificate_key
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.domain.transitions import ExceptionState
from app.features.duties.certificates import CertificateType, certificate_types, counted_kinds
from app.features.duties.models import CertificateException, VillageRegister
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.kit import access, clock
from app.kit.db import db
from app.kit.excel.context import ReadContext, VillageName
from app.kit.excel.sheet import ExportMeta
from app.kit.exchange import Options

CASES = ("accepted", "closed", "instant", "overdue")


@dataclass(frozen=True)
class RegisterPlace:
    """A village, and the unit its register hangs on."""

    village: OrgUnit
    unit: OrgUnit


def register_places(below: Any = None, verb: Verb = Verb.VIEW) -> list[RegisterPlace]:
    """The villages at whose register the actor may do `verb`, in tree order; those at or below a unit if one is given."""
    statement = select(OrgUnit).where(OrgUnit.level.in_(("village", "total_grid")))
    if below is not None:
        level, wanted = (below.level, below.id) if below.village_id is None else ("village", below.village_id)
        statement = statement.where(getattr(OrgUnit, f"{level}_id") == wanted)
    with access.everything("the village and its total grid are read to see where the register hangs"):
        order = (OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code)
        units = db.session.scalars(current(statement).order_by(*order)).all()
    grids: dict[int | None, list[OrgUnit]] = {}
    for unit in units:
        if unit.level == "total_grid":
            grids.setdefault(unit.village_id, []).append(unit)
    places = [RegisterPlace(v, _home(v, grids.get(v.id, []))) for v in units if v.level == "village"]
    return [place for place in places if access.can_at(verb, Resource.DUTIES, place.unit)]


def _home(village: OrgUnit, grids: Sequence[OrgUnit]) -> OrgUnit:
    return grids[0] if len(grids) == 1 else village


def register_townships() -> list[OrgUnit]:
    """The townships that have a village whose register the actor may see, in order."""
    ids = dict.fromkeys(place.village.township_id for place in register_places())
    with access.everything("the name of the township above a village one sees"):
        found = {unit.id: unit for unit in db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(list(ids))))}
    return [found[key] for key in ids if key in found]


def village_names(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of villages by id, of rows one sees."""
    with access.everything("the name of the village of a row one sees"):
        found = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_({key for key in ids if key})))
        return {unit.id: unit.name for unit in found}


def registers_of(periods: Iterable[str], below: Any = None) -> list[VillageRegister]:
    """The registers of these months that the actor sees, at or below a unit if one is given."""
    statement = access.visible(select(VillageRegister), VillageRegister)
    statement = statement.where(VillageRegister.period.in_(list(periods)))
    if below is not None:
        level, wanted = (below.level, below.id) if below.village_id is None else ("village", below.village_id)
        statement = statement.where(getattr(VillageRegister, f"{level}_id") == wanted)
    return list(db.session.scalars(statement.order_by(VillageRegister.period, VillageRegister.id)))


def approved_exceptions(village_ids: Collection[int], period: str) -> dict[int, list[str]]:
    """By village id, the certificates approved by exception in a month, each as often as it was approved."""
    statement = select(CertificateException).where(
        CertificateException.village_id.in_(village_ids),
        CertificateException.period == period,
        CertificateException.state == ExceptionState.APPROVED,
    )
    found: dict[int, list[str]] = {}
    with access.everything("what was approved for a village decides what it may count"):
        for row in db.session.scalars(statement.order_by(CertificateException.id)):
            found.setdefault(row.village_id or 0, []).append(row.certificate)
    return found


@dataclass(frozen=True)
class Figures:
    """The sums over registers, and the rates made of them."""

    villages: int = 0
    certificates: int = 0
    accepted: int = 0
    closed: int = 0
    instant: int = 0
    overdue: int = 0

    @property
    def closure_rate(self) -> Decimal | None:
        """Closed of accepted, in percent."""
        return indicators.percentage(self.closed, self.accepted)

    @property
    def instant_rate(self) -> Decimal | None:
        """Closed at once of closed, in percent."""
        return indicators.percentage(self.instant, self.closed)

    @property
    def certificates_per_village(self) -> Decimal | None:
        """Certificates a village issued on average."""
        return indicators.average(self.certificates, self.villages)


def figures_of(registers: Iterable[VillageRegister]) -> Figures:
    """The sums over these registers."""
    listed = list(registers)
    sums = {name: sum(getattr(row, name) for row in listed) for name in CASES}
    return Figures(len(listed), sum(row.certificate_total for row in listed), **sums)


def by_kind(registers: Iterable[VillageRegister]) -> list[tuple[CertificateType, int]]:
    """How many certificates of each kind these registers count, in the order of the form."""
    listed = list(registers)
    kinds = counted_kinds(*(row.certificates for row in listed))
    return [(kind, sum(row.certificates.get(kind.code, 0) for row in listed)) for kind in kinds]


@dataclass(frozen=True)
class RegisterLine:
    """A village in a month: its register, or None where nothing is counted yet, and what still needs a reason.

    `approved` are the certificates an exception was approved for: it says why.
    """

    place: RegisterPlace
    register: VillageRegister | None
    approved: Sequence[str] = ()

    @property
    def figures(self) -> Figures:
        """The figures of this village."""
        return figures_of([self.register] if self.register else [])

    @property
    def unexplained(self) -> list[CertificateType]:
        """The kinds that should not be issued, were issued, and have no reason stated."""
        row = self.register
        if row is None or row.reason:
            return []
        allowed = {certificate_key(name) for name in self.approved}
        return [kind for kind in forbidden_in(row.certificates) if not allowed.intersection(kind.keys)]


def forbidden_in(counts: Mapping[str, int]) -> list[CertificateType]:
    """The kinds counted above zero that a village should not issue."""
    return [kind for kind in certificate_types() if kind.is_forbidden and counts.get(kind.code)]


@dataclass(frozen=True)
class RegisterMonth:
    """A month over the villages the actor sees, with the same month a year before."""

    period: str
    lines: tuple[RegisterLine, ...]
    now: Figures
    both: tuple[Figures, Figures]  # now and a year before, over the villages that counted in both months

    @property
    def certificates_change(self) -> Decimal | None:
        """Certificates against the same month a year before, in percent."""
        return indicators.change(self.both[0].certificates, self.both[1].certificates)

    @property
    def accepted_change(self) -> Decimal | None:
        """Cases accepted against the same month a year before, in percent."""
        return indicators.change(self.both[0].accepted, self.both[1].accepted)

    @property
    def compared(self) -> int:
        """How many villages counted in both months: the change says nothing about the others."""
        return self.both[0].villages


def register_month(period: str, below: Any = None) -> RegisterMonth:
    """The registers of a month with their indicators."""
    found = registers_of([period], below)
    by_village = {row.village_id: row for row in found}
    places = register_places(below)
    approved = approved_exceptions([place.village.id for place in places], period)
    lines = tuple(RegisterLine(p, by_village.get(p.village.id), approved.get(p.village.id, ())) for p in places)
    earlier = {row.village_id: row for row in registers_of([year_before(period)], below)}
    common = by_village.keys() & earlier.keys()
    both = (figures_of(by_village[key] for key in common), figures_of(earlier[key] for key in common))
    return RegisterMonth(period, lines, figures_of(found), both)


def register_line(village_id: int, period: str) -> RegisterLine | None:
    """One village in a month; None for a village whose register the actor may not see."""
    with access.everything("the village of an address; whether it may be seen is asked below"):
        village = db.session.get(OrgUnit, village_id)
    if village is None or village.level != "village":
        return None
    place = next(iter(register_places(village)), None)
    if place is None:
        return None
    approved = approved_exceptions([village.id], period).get(village.id, ())
    return RegisterLine(place, next(iter(registers_of([period], village)), None), approved)


def year_before(period: str) -> str:
    """The same month a year before."""
    month = Period.parse(period)
    return f"{month.year - 1}-{month.number:02d}"


# -- the workbook ----------------------------------------------------------------------------------


def certificate_context(options: Options) -> ReadContext:
    """What the reader of layout (g) must know: the villages in reach, and the month of the page."""
    villages = (place.village for place in register_places(options.unit))
    known = tuple(VillageName(v.code, v.name, tuple(v.aliases)) for v in villages)
    return ReadContext(villages=known, page_period=options.period)


def certificate_rows(options: Options) -> tuple[list[dict[str, Any]], ExportMeta]:
    """The registers of a month at or below the clerk's unit, in tree order, and what the file states about itself."""
    by_village = {row.village_id: row for row in registers_of([options.period or ""], options.unit)}
    places = register_places(options.unit)
    rows = [
        _row(place.village.name, by_village[place.village.id]) for place in places if place.village.id in by_village
    ]
    meta = ExportMeta(
        owner=options.unit.name if options.unit else "",
        period=options.period or "",
        org_code=options.unit.code if options.unit else "",
        exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
    )
    return rows, meta


def _row(village: str, register: VillageRegister) -> dict[str, Any]:
    counts = {kind.name: register.certificates.get(kind.code, 0) for kind in counted_kinds(register.certificates)}
    row: dict[str, Any] = {"village": village, "month": register.period, "certificates": counts}
    row |= {"certificate_total": register.certificate_total, **{name: getattr(register, name) for name in CASES}}
    return row | ({"reason": register.reason} if register.reason else {})
