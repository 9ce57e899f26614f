"""Reading the trail: by day, person, act, kind, record and address."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select

from app.features.accounts.models import PortalUser
from app.features.people.models import Person
from app.kit import access, clock
from app.kit.audit import AuditEntry
from app.kit.db import db

PAGE = 50
COUNTED = 10_000
CHUNK = 1000


@dataclass(frozen=True)
class Filter:
    """What is looked for; an empty part asks nothing. `person` is part of a user name or of a person's name."""

    since: date | None = None
    until: date | None = None
    person: str = ""
    area: str = ""
    kind: str = ""
    record: str = ""
    row_id: str = ""
    address: str = ""

    def facts(self) -> dict[str, str]:
        """What was asked, for the entry that tells of an export."""
        return {name: str(value) for name, value in vars(self).items() if value}


def entries(wanted: Filter, page: int) -> tuple[Sequence[AuditEntry], int]:
    """A page of the trail, the last entry first, and how many there are (counted up to 10,000)."""
    statement = _filtered(select(AuditEntry), wanted)
    capped = _filtered(select(AuditEntry.id), wanted).limit(COUNTED).subquery()
    total = db.session.scalar(select(func.count()).select_from(capped)) or 0
    rows = db.session.scalars(statement.order_by(AuditEntry.id.desc()).offset((page - 1) * PAGE).limit(PAGE))
    return rows.all(), total


def all_entries(wanted: Filter, limit: int) -> Iterator[AuditEntry]:
    """Every entry that fits, the oldest first, read piece by piece."""
    statement, after, left = _filtered(select(AuditEntry), wanted).order_by(AuditEntry.id), -(2**31), limit
    while left > 0:
        rows = db.session.scalars(statement.where(AuditEntry.id > after).limit(min(CHUNK, left))).all()
        if not rows:
            return
        yield from rows
        after, left = rows[-1].id, left - len(rows)


def count(wanted: Filter) -> int:
    """How many entries fit."""
    return db.session.scalar(_filtered(select(func.count(AuditEntry.id)), wanted)) or 0


def entry(entry_id: int) -> AuditEntry | None:
    """One entry."""
    return db.session.get(AuditEntry, entry_id)


def kinds() -> Sequence[str]:
    """Every kind that stands in the trail."""
    return db.session.scalars(select(AuditEntry.kind).distinct().order_by(AuditEntry.kind)).all()


def names_of(usernames: Collection[str]) -> Mapping[str, str]:
    """User name -> name of the person behind it, for those that have one."""
    statement = select(PortalUser.username, Person.name).join(Person, Person.id == PortalUser.person_id)
    with access.everything("the trail names who acted"):
        found = db.session.execute(statement.where(PortalUser.username.in_(set(usernames)))).tuples()
        return dict(found.all())


def _filtered(statement: Select, wanted: Filter) -> Select:
    if wanted.since:
        statement = statement.where(AuditEntry.at >= _midnight(wanted.since))
    if wanted.until:
        statement = statement.where(AuditEntry.at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.person:
        statement = statement.where(_by(wanted.person))
    if wanted.area:
        statement = statement.where(AuditEntry.action.startswith(f"{wanted.area}.", autoescape=True))
    for column, value in (
        (AuditEntry.kind, wanted.kind),
        (AuditEntry.table_name, wanted.record),
        (AuditEntry.row_id, wanted.row_id),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.address:
        statement = statement.where(AuditEntry.address.startswith(wanted.address, autoescape=True))
    return statement


def _by(typed: str) -> object:
    """By an account of that name, by the account of a person of that name, or in that person's stead."""
    accounts = select(PortalUser.username).join(Person, Person.id == PortalUser.person_id)
    with access.everything("the trail names who acted"):
        named = db.session.scalars(accounts.where(Person.name.icontains(typed, autoescape=True)).limit(CHUNK)).all()
    return or_(
        AuditEntry.username.icontains(typed, autoescape=True),
        AuditEntry.username.in_(named),
        AuditEntry.on_behalf_of.icontains(typed, autoescape=True),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)
