"""The files of records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.features.forms.models import FormAttachment, FormRecord
from app.kit import access
from app.kit.db import db


def files_of(record: FormRecord) -> Sequence[FormAttachment]:
    """The files of a record that may be seen, without what they hold."""
    with access.everything("the files of a record that may be seen"):
        mine = select(FormAttachment).where(FormAttachment.record_id == record.id)
        return db.session.scalars(mine.order_by(FormAttachment.id)).all()


def file_of(record: FormRecord, attachment_id: int) -> FormAttachment | None:
    """One file of a record that may be seen."""
    with access.everything("a file of a record that may be seen"):
        mine = select(FormAttachment).where(FormAttachment.record_id == record.id, FormAttachment.id == attachment_id)
        return db.session.scalars(mine).one_or_none()
