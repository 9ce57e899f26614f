"""Verifying the trail and taking from it what is old: both stand in the trail themselves."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.audit import queries
from app.features.audit.queries import Filter
from app.kit import access, audit, retention
from app.kit.audit import AuditEntry, acting
from app.kit.db import transaction
from app.kit.retention import Purge
from app.kit.verify import Verdict, verify

EXPORTED_AT_MOST = 100_000


def verify_trail(against: tuple[int, str] | None = None) -> Verdict:
    """The verdict over the whole trail, and that it was asked for.

    Errors: NotAllowed without the right to see the trail.
    """
    _require(Verb.VIEW)
    verdict = verify(against)
    with transaction(), acting("audit.verify"):
        first = verdict.problems[0] if verdict.problems else None
        audit.record(
            "verify",
            AuditEntry.__tablename__,
            "",
            {"whole": verdict.whole, "entries": verdict.entries, "found": first.code if first else None},
        )
    return verdict


def export_trail(wanted: Filter, form: str) -> Sequence[AuditEntry]:
    """The entries that fit, for a file of that form; that they were taken away stands in the trail.

    Errors: audit.too_many; NotAllowed without the right to export the trail.
    """
    _require(Verb.EXPORT)
    total = queries.count(wanted)
    if total > EXPORTED_AT_MOST:
        raise broken("audit.too_many", "", count=total, limit=EXPORTED_AT_MOST)
    found = list(queries.all_entries(wanted, EXPORTED_AT_MOST))
    with transaction(), acting("audit.export"):
        facts = {"rows": len(found), "format": form, **wanted.facts()}
        audit.record("export", AuditEntry.__tablename__, "", facts)
    return found


def purge_trail() -> Purge | None:
    """Move what is older than the years it is kept into a file; None when nothing is.

    Errors: NotAllowed for everybody but the operator of the machine; audit.no_key.
    """
    if not access.actor().is_operator:
        raise access.NotAllowed(Resource.AUDIT, Verb.EDIT)
    return retention.purge()


def _require(verb: Verb) -> None:
    if not access.holds(Resource.AUDIT, verb):
        raise access.NotAllowed(Resource.AUDIT, verb)
