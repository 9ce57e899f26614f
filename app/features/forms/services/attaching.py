"""Files with a record: taken by what they hold, never by what they are called."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from sqlalchemy import func, select

from app.domain.errors import broken
from app.domain.formspec.spec import MOST_ATTACHMENTS, FieldType
from app.domain.rights import Verb
from app.domain.transitions import RecordState
from app.features.forms.locks import require_unlocked
from app.features.forms.models import FormAttachment, FormRecord
from app.features.forms.queries.versions import spec_of
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.download import plain_name

MOST_BYTES = 5 * 1024 * 1024
_MAGIC: Mapping[bytes, tuple[str, tuple[str, ...]]] = {
    b"\xff\xd8\xff": ("image/jpeg", (".jpg", ".jpeg")),
    b"\x89PNG\r\n\x1a\n": ("image/png", (".png",)),
    b"GIF8": ("image/gif", (".gif",)),
    b"%PDF-": ("application/pdf", (".pdf",)),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("application/x-ole-storage", (".doc", ".xls", ".ppt", ".wps", ".et")),
}
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)),
}


def attach(record: FormRecord, field: str, name: str, content: bytes) -> FormAttachment:
    """A file kept with a record and named in the answer to its field.

    Errors: attachment.no_field, attachment.empty, attachment.too_large, attachment.bad_kind,
            answer.too_many_attachments, record.not_open, what locks the period; NotAllowed.
    """
    access.require(Verb.EDIT, record)
    asked = {f.code for f in spec_of(record.form_version).fields() if f.type is FieldType.ATTACHMENT}
    if field not in asked:
        raise broken("attachment.no_field", field)
    kind, ending = kind_of(content, field)
    with transaction() as session, acting("forms.attach"):
        _require_open(record)
        if _count(record, field) >= MOST_ATTACHMENTS:
            raise broken("answer.too_many_attachments", field, limit=MOST_ATTACHMENTS)
        found = FormAttachment(
            record=record,
            field=field,
            name=named(name, ending),
            content_type=kind,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        session.add(found)
        session.flush()
        record.answers = {**record.answers, field: [*(record.answers.get(field) or ()), found.id]}
    return found


def remove_unnamed(record: FormRecord) -> int:
    """Take away the files no answer of the record names any more; how many. Errors: NotAllowed."""
    access.require(Verb.EDIT, record)
    named = {key for answer in record.answers.values() if isinstance(answer, list) for key in answer if _is_key(key)}
    with transaction() as session, acting("forms.remove_file"), access.everything("files of a record that is written"):
        mine = session.scalars(select(FormAttachment).where(FormAttachment.record_id == record.id)).all()
        gone = [found for found in mine if found.id not in named]
        for found in gone:
            session.refresh(found, ["content"])  # the trail tells of it after it is gone
            session.delete(found)
    return len(gone)


def kind_of(content: bytes, where: str = "") -> tuple[str, tuple[str, ...]]:
    """The type of a file by what it holds, and the endings its name may have.

    Errors: attachment.empty, attachment.too_large, attachment.bad_kind.
    """
    if not content:
        raise broken("attachment.empty", where)
    if len(content) > MOST_BYTES:
        raise broken("attachment.too_large", where, limit=MOST_BYTES // 1024 // 1024)
    for magic, found in _MAGIC.items():
        if content.startswith(magic):
            return found
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", (".webp",)
    if content.startswith(b"PK\x03\x04") and (found := _office(content)):
        return found
    raise broken("attachment.bad_kind", where)


def _office(content: bytes) -> tuple[str, tuple[str, ...]] | None:
    """The kind of an Office document; macros are refused."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if any(name.startswith(part) for name in names)), None)


def named(name: str, endings: tuple[str, ...]) -> str:
    """The name without anything that is no letter of a name, and with an ending that says what the file is."""
    plain = plain_name(name)
    return plain if plain.lower().endswith(endings) else f"{plain}{endings[0]}"


def _is_key(key: object) -> bool:
    return isinstance(key, int) and not isinstance(key, bool)


def _count(record: FormRecord, field: str) -> int:
    mine = select(func.count()).where(FormAttachment.record_id == record.id, FormAttachment.field == field)
    with access.everything("the files of a record that may be written"):
        return db.session.scalar(mine) or 0


def _require_open(record: FormRecord) -> None:
    require_unlocked([(record.unit, record.period)] if record.period else [])
    open_ = (RecordState.DRAFT, RecordState.RETURNED)
    if record.state not in open_ and (record.form.needs_review or record.state != RecordState.SUBMITTED):
        raise broken("record.not_open", "state")
