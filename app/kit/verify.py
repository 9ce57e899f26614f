"""Recomputing the chain over the trail: which row is the first that is not as it was when it was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.domain.errors import Problem
from app.kit import anchors, audit, chain
from app.kit.audit import AuditEntry, AuditSeal
from app.kit.db import db, side_connection

GUARDS = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_entry', 'audit_seal')",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
    "AND tgrelid IN ('audit_entry'::regclass, 'audit_seal'::regclass)",
}
GUARD_COUNT = {"sqlite": 6, "postgresql": 6}


@dataclass
class Verdict:
    """What verify found: figures, and the problems, the first broken row of the chain first."""

    entries: int = 0
    seals: int = 0
    purged: int = 0
    unsealed: int = 0  # before verify sealed what may still be sealed
    anchors: int = 0
    broken: int = 0  # seals that do not hold, the first among them
    problems: list[Problem] = field(default_factory=list)
    checks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """True when nothing was found."""
        return not self.problems and not any(self.checks.values())


def verify(against: tuple[int, str] | None = None) -> Verdict:
    """Seal what waits, recompute the chain from its beginning, compare it with the anchors, run the registered checks.

    `against` is a number and a digest that were printed and kept elsewhere. Reads the trail once, in its order.
    """
    verdict = Verdict()
    with side_connection(writes=False) as connection:
        verdict.unsealed = _count_unsealed(connection)
    with suppress(SQLAlchemyError, ValueError):  # what cannot be sealed is found below
        chain.seal()
    with side_connection(writes=False) as connection:
        _walk(connection, verdict, _anchors(verdict, against))
        verdict.entries = connection.scalar(select(func.count()).select_from(AuditEntry)) or 0
        if (first := connection.scalar(_unsealed(func.min(AuditEntry.id)))) is not None:
            verdict.problems.append(Problem("audit.inserted", params={"entry": first}))
        if (connection.scalar(text(GUARDS[connection.dialect.name])) or 0) < GUARD_COUNT[connection.dialect.name]:
            verdict.problems.append(Problem("audit.unguarded"))
    verdict.checks = {name: list(check()) for name, check in audit.checks().items()}
    db.session.rollback()  # what the checks have read holds no lock any more
    return verdict


def _unsealed(what: Any) -> Any:
    return select(what).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id).where(AuditSeal.number.is_(None))


def _count_unsealed(connection: Connection) -> int:
    return connection.scalar(_unsealed(func.count(AuditEntry.id))) or 0


# -- the anchors -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Point:
    number: int
    digest: str
    date: str


def _anchors(verdict: Verdict, against: tuple[int, str] | None) -> list[_Point]:
    """Where the chain must pass, the lowest number last."""
    kept = anchors.every()
    verdict.anchors = len(kept)
    for anchor in kept:
        if not anchor.genuine:
            verdict.problems.append(Problem("audit.anchor_edited", params={"line": anchor.line, "date": anchor.date}))
            break
    points = [_Point(a.number, a.digest, a.date) for a in kept if a.genuine]
    if against:
        points.append(_Point(*against, ""))
    return sorted(points, key=lambda point: point.number, reverse=True)


# -- the chain ---------------------------------------------------------------------------------------


def _walk(connection: Connection, verdict: Verdict, points: list[_Point]) -> None:
    purged_to, previous, expected, held = _purged_to(connection), chain.GENESIS, 1, 0
    for number, entry_id, digest_of_entry, digest, entry in _rows(connection):
        found = None
        if number != expected:
            found = Problem("audit.seal_missing", params={"number": expected})
        elif chain.link(previous, number, entry_id, digest_of_entry) != digest:
            found = Problem("audit.seal_edited", params={"number": number, "entry": entry_id})
        elif entry is None and number > purged_to:
            found = Problem("audit.deleted", params={"number": number, "entry": entry_id})
        elif isinstance(entry, dict) and chain.entry_digest(entry) != digest_of_entry or entry is _UNREADABLE:
            found = Problem("audit.edited", params={"number": number, "entry": entry_id})
        while points and points[-1].number <= number:
            point = points.pop()
            if (point.number, point.digest) == (number, digest):
                held = number
            elif not found:
                params = {"number": point.number, "date": point.date, "after": held}
                found = Problem("audit.rewritten", params=params)
        if found:
            verdict.broken += 1
            if verdict.broken == 1:
                verdict.problems.insert(0, found)
        verdict.seals, verdict.purged = verdict.seals + 1, verdict.purged + (entry is None)
        previous, expected = digest, number + 1
    if points:
        params = {"number": points[-1].number, "date": points[-1].date, "last": expected - 1}
        verdict.problems.insert(0 if not verdict.broken else 1, Problem("audit.truncated", params=params))


_UNREADABLE = object()
_Row = tuple[int, int, str, str, Any]


def _rows(connection: Connection) -> Iterator[_Row]:
    """Every seal in order, with its entry: a mapping, None where it is gone, _UNREADABLE where it holds nonsense."""
    statement = select(AuditSeal.__table__).order_by(AuditSeal.number).limit(chain.CHUNK)
    further = statement
    while True:
        seals = connection.execute(further).all()
        if not seals:
            return
        entries = _entries(connection, [seal.entry_id for seal in seals])
        for seal in seals:
            yield seal.number, seal.entry_id, seal.entry_digest, seal.digest, entries.get(seal.entry_id)
        further = statement.where(AuditSeal.number > seals[-1].number)


def _entries(connection: Connection, ids: list[int]) -> dict[int, Any]:
    statement = select(AuditEntry.__table__)
    try:
        rows = connection.execute(statement.where(AuditEntry.id.in_(ids))).mappings().all()
        return {row["id"]: dict(row) for row in rows}
    except (ValueError, TypeError):
        if len(ids) == 1:
            return {ids[0]: _UNREADABLE}
        half = len(ids) // 2
        return _entries(connection, ids[:half]) | _entries(connection, ids[half:])


def _purged_to(connection: Connection) -> int:
    """The number up to which entries were purged by rule: what the last purge entry with our signature says."""
    ids = connection.scalars(select(AuditEntry.id).where(AuditEntry.kind == "purge")).all()
    entries = [entry for entry in _entries(connection, list(ids)).values() if entry is not _UNREADABLE]
    return max((int(e["changes"]["to"]) for e in entries if anchors.is_genuine(e["changes"])), default=0)
