"""One step of a round at a time: whoever writes a score holds the round open, whoever checks or publishes it waits for him."""

from __future__ import annotations

from sqlalchemy import select

from app.features.assessment.models import AssessmentRound
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
