"""Files sent with a page that was refused: held for whoever sent them, so that nobody chooses a file twice."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import undefer

from app.domain.errors import broken
from app.features.forms.models import Form, HeldFile
from app.features.forms.services.attaching import kind_of, named
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction

HELD_FOR = timedelta(days=1)
MOST_HELD = 100 * 1024 * 1024  # of one account: two pages full of the largest files


def hold(form: Form, field: str, name: str, content: bytes) -> HeldFile:
    """The file, kept a day for a field of the form; only the actor can take it along.

    Errors: attachment.empty, attachment.too_large, attachment.bad_kind, attachment.too_many_held.
    """
    _kind, endings = kind_of(content, field)
    user_id = access.actor().user_id
    with transaction() as session, acting("forms.hold_file"):
        held = select(func.coalesce(func.sum(HeldFile.size), 0)).where(*_mine())
        if user_id is None or (session.scalar(held) or 0) + len(content) > MOST_HELD:
            raise broken("attachment.too_many_held", field)
        found = HeldFile(
            token=secrets.token_hex(16),
            user_id=user_id,
            form_id=form.id,
            field=field,
            name=named(name, endings),
            size=len(content),
            content=content,
            held_at=clock.now(),
        )
        session.add(found)
    return found


def held_files(form: Form, field: str, tokens: Sequence[str]) -> list[HeldFile]:
    """Those of the actor's held files for a field of the form that have one of the tokens, with what they hold."""
    if not tokens:
        return []
    mine = select(HeldFile).where(
        *_mine(), HeldFile.form_id == form.id, HeldFile.field == field, HeldFile.token.in_([*tokens])
    )
    return [*db.session.scalars(mine.options(undefer(HeldFile.content)).order_by(HeldFile.id))]


def let_go_of(held: Sequence[HeldFile]) -> None:
    """Forget files that are with their record now."""
    with transaction() as session, acting("forms.let_go_of_file"):
        for one in held:
            session.delete(one)


def purge_held() -> int:
    """How many held files were deleted because nobody came back for them within a day."""
    with transaction() as session, acting("forms.purge_held_files"):
        gone = session.scalars(select(HeldFile).where(HeldFile.held_at <= clock.now() - HELD_FOR)).all()
        for one in gone:
            session.delete(one)
    return len(gone)


def _mine() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions for files of the actor that are still held."""
    return HeldFile.user_id == access.actor().user_id, HeldFile.held_at > clock.now() - HELD_FOR
