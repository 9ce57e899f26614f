"""One step of a round at a time: whoever writes a score holds the round open, whoever checks or publishes it waits for him."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem
from app.features.assessment.models import AssessmentRound, Sheet
from app.kit import access
from app.kit.db import db


def hold_round(round_: AssessmentRound, *, to_move: bool = False) -> None:
    """Read the round as it is now and keep its state until the transaction ends; call it before the state is asked.

    Shape: many may hold it to write scores; with `to_move` one alone, to take the round a step further.
    """
    statement = select(AssessmentRound).where(AssessmentRound.id == round_.id)
    held = statement.with_for_update(read=not to_move, key_share=to_move, of=AssessmentRound)
    with access.everything("the state of a round concerns whoever writes on its sheets"):
        db.session.scalars(held.execution_options(populate_existing=True)).one()


def on_closed_rounds(written: Sequence[Any]) -> Iterator[tuple[Any, Problem]]:
    """Those of the sheets, scores or deductions whose round is no more open, each with its refusal."""
    rounds = {}
    for row in written:
        round_ = row.round if isinstance(row, Sheet) else row.sheet.round
        if round_.id not in rounds:
            hold_round(round_)
            rounds[round_.id] = round_.state
        if rounds[round_.id] != "open":
            yield row, Problem("assessment.round_closed", "round", {"round": round_.code})
