"""What the lists in force let a village count in a month, and the exceptions it has asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain.certificates import CertificateLists, Decision, Outcome, certificate_key, decide, judged_on
from app.domain.periods import Period
from app.domain.rights import Verb
from app.domain.transitions import ExceptionState
from app.features.checklists.queries.certificates import certificate_lists
from app.features.duties.certificates import CertificateType, certificate_types, other_certificate
from app.features.duties.models import CertificateException, VillageRegister
from app.features.duties.queries.registers import RegisterPlace, approved_exceptions
from app.features.org.models import OrgUnit
from app.kit import access, clock
from app.kit.db import db
from app.kit.two_persons import is_other


def field_of(code: str) -> str:
    """The input of a count; a certificate under its name stands apart from the kinds and the cases, without blanks."""
    codes = {kind.code for kind in certificate_types()}
    return code if code in codes else f"named:{certificate_key(code)}"


@dataclass(frozen=True)
class Counted:
    """A certificate a village counts in a month: what the lists say of it, and how many exceptions were approved."""

    kind: CertificateType
    decision: Decision
    approved: int = 0

    @property
    def field(self) -> str:
        """The input it is typed in."""
        return field_of(self.kind.code)

    @property
    def needs_reason(self) -> bool:
        """True where no list in force decides and the ministry's list says that a village should not issue it."""
        return self.kind.is_forbidden and self.decision.outcome is Outcome.OPEN

    @property
    def is_outside(self) -> bool:
        """True where only an approved exception lets it be issued."""
        return self.decision.outcome is Outcome.OUTSIDE


class CountedCertificates:
    """What a village may count in a month, in the order of the page: the kinds of the form, then those under their names."""

    def __init__(self, lists: CertificateLists, approved: Sequence[str] = (), stored: Iterable[str] = ()) -> None:
        self.lists = lists
        many = Counter(map(certificate_key, approved))
        kinds = list(certificate_types())
        self.by_key = {key: kind for kind in kinds for key in kind.keys}
        kept = [item.name for item in (lists.kept or {}).values()]
        codes = {kind.code for kind in kinds}
        for name in (*kept, *approved, *(name for name in stored if name not in codes)):
            if certificate_key(name) not in self.by_key:
                kinds.append(other_certificate(name))
                self.by_key[certificate_key(name)] = kinds[-1]
        self.all = tuple(Counted(kind, decide(kind.keys, lists), sum(many[key] for key in kind.keys)) for kind in kinds)
        self._by_code = {one.kind.code: one for one in self.all}

    def find(self, name: str) -> Counted | None:
        """The certificate of this name, None for one that is counted nowhere."""
        kind = self.by_key.get(certificate_key(name))
        return self._by_code[kind.code] if kind else None

    def listed(self) -> list[str]:
        """The names of the lists in force, those that are kept first."""
        return [item.name for part in (self.lists.kept or {}, self.lists.forbidden) for item in part.values()]

    def codes(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Counts by name as a register keeps them; names counted nowhere are left out."""
        found: dict[str, int] = {}
        for name, count in counts.items():
            if one := self.find(name):
                found[one.kind.code] = found.get(one.kind.code, 0) + int(count)
        return found


def counted_certificates(
    places: Sequence[RegisterPlace], period: str, registers: Iterable[VillageRegister]
) -> dict[int, CountedCertificates]:
    """By village id, what each may count in the month."""
    day = judged_on(Period.parse(period), clock.today())
    lists = certificate_lists([place.unit for place in places], day)
    stored = {row.village_id: row.certificates for row in registers if row.period == period}
    approved = approved_exceptions([place.village.id for place in places], period)
    return {
        place.village.id: CountedCertificates(
            lists[place.unit.id], approved.get(place.village.id, ()), stored.get(place.village.id, ())
        )
        for place in places
    }


def counted_at(place: RegisterPlace, period: str, register: VillageRegister | None = None) -> CountedCertificates:
    """What one village may count in the month."""
    return counted_certificates([place], period, [register] if register else [])[place.village.id]


def place_of(row: CertificateException) -> RegisterPlace:
    """The village of an exception, with the unit its register hangs on."""
    with access.everything("the village whose exception is decided"):
        village = db.session.scalars(select(OrgUnit).where(OrgUnit.id == row.village_id)).one()
    return RegisterPlace(village, row.unit)


@dataclass(frozen=True)
class ExceptionLine:
    """The wish for an exception, and whether the actor may decide it: another person than who asked."""

    row: CertificateException
    may_decide: bool


def exceptions_of(period: str, below: Any = None) -> list[ExceptionLine]:
    """The exceptions of a month that the actor sees at or below a unit, those that wait first."""
    statement = access.visible(select(CertificateException), CertificateException)
    statement = statement.where(CertificateException.period == period)
    if below is not None:
        statement = statement.where(getattr(CertificateException, f"{below.level}_id") == below.id)
    rows = db.session.scalars(statement.order_by(CertificateException.id)).all()
    lines = [ExceptionLine(row, _may_decide(row)) for row in rows]
    return sorted(lines, key=lambda line: line.row.state != ExceptionState.ASKED)


def _may_decide(row: CertificateException) -> bool:
    return row.state == ExceptionState.ASKED and access.can(Verb.PUBLISH, row) and is_other([row.asked_by])


def exceptions_waiting() -> list[CertificateException]:
    """The exceptions somebody else has asked for and the actor may decide, the oldest month first."""
    statement = access.visible(select(CertificateException), CertificateException, Verb.PUBLISH)
    statement = statement.where(CertificateException.state == ExceptionState.ASKED)
    rows = db.session.scalars(statement.order_by(CertificateException.period, CertificateException.id))
    return [row for row in rows if is_other([row.asked_by])]
