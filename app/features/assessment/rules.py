"""What holds for schemes and their parts whenever they are saved or deleted, through whichever door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from app.domain.errors import Problem, RuleBroken
from app.features.assessment.models import AssessmentRound, Scheme, SchemeAspect, SchemeDeduction, SchemeItem
from app.kit import access, saving
from app.kit.db import db

PARTS = (SchemeAspect, SchemeItem, SchemeDeduction)
RULES = ("months", "full_score", "total_cap", "floor_total", "min_applicable")
# Of an aspect the source states the name; its points are ours, as are all values of items and deductions tagged derived.
STATED = {
    Scheme: ("code", "name", "subject", *RULES),
    SchemeAspect: ("code", "name"),
    SchemeItem: ("code", "name", "aspect_code", "maximum", "calc", "params", "standard", "basis", "responsible_office"),
    SchemeDeduction: ("code", "name", "points", "levels", "cap", "per", "standard", "evidence"),
}


def before_schemes(rows: Sequence[Scheme]) -> None:
    """Errors: assessment.text_source, assessment.scheme_in_use."""
    _keep_source(rows)
    _refuse_used(row.id for row in rows if _is_stored(row) and saving.changed(row, *RULES))


def before_parts(rows: Sequence[Any]) -> None:
    """Errors: assessment.text_source, assessment.scheme_in_use."""
    _keep_source(rows)
    _refuse_used(row.scheme.id if row.scheme is not None else row.scheme_id for row in rows)


def _is_stored(row: Any) -> bool:
    return inspect(row).persistent  # type: ignore[no-any-return]


def _keep_source(rows: Iterable[Any]) -> None:
    problems = [
        Problem("assessment.text_source", name)
        for row in rows
        if _is_stored(row) and row.source == "text"
        for name in STATED[type(row)]
        if saving.changed(row, name)
    ]
    if problems:
        raise RuleBroken(problems)


def _refuse_used(scheme_ids: Iterable[int | None]) -> None:
    """What a round rests on is not changed under it: a new version of the scheme is loaded instead."""
    ids = {scheme_id for scheme_id in scheme_ids if scheme_id}
    if not ids:
        return
    with access.everything("whether a scheme is in use"):
        if db.session.scalar(select(AssessmentRound.id).where(AssessmentRound.scheme_id.in_(ids)).limit(1)):
            raise RuleBroken(Problem("assessment.scheme_in_use"))


def _before_delete(session: Session, _context: Any, _instances: Any) -> None:
    gone = [row for row in session.deleted if isinstance(row, PARTS)]
    if gone:
        with session.no_autoflush:
            _refuse_used(row.scheme_id for row in gone)


def install() -> None:
    """Hold the rules at every save; once per process."""
    saving.register(Scheme, before_schemes)
    for part in PARTS:
        saving.register(part, before_parts)
    if not event.contains(db.session, "before_flush", _before_delete):
        event.listen(db.session, "before_flush", _before_delete)
