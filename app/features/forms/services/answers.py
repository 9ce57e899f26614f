"""What the answers of a record may not say: private numbers, and what is not there or not the writer's to choose."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem
from app.domain.formspec import REFERENCES, Checker, FieldType
from app.domain.private_numbers import found_in
from app.features.forms.models import FormAttachment, FormRecord
from app.features.forms.references import names_of
from app.kit import access
from app.kit.db import db


@lru_cache(maxsize=4096)
def _numbers_in(text: str) -> tuple[str, ...]:
    return tuple(sorted({kind for _number, kind in found_in(text)}))


def private_in(clean: Mapping[str, Any], at: str = "") -> list[Problem]:
    """A problem at every answer that holds an identity or bank-card number."""
    found = []
    for code, answer in clean.items():
        if isinstance(answer, str):
            found += [Problem(f"private.{kind}", f"{at}{code}") for kind in _numbers_in(answer)]
        elif isinstance(answer, tuple):
            for number, row in enumerate(answer, start=1):
                if isinstance(row, Mapping):
                    found += private_in(row, f"{at}{code}[{number}].")
    return found


def unknown_references(checker: Checker, clean: Mapping[str, Any], record: FormRecord | None) -> list[Problem]:
    """What answers refer to must be there and the actor's to choose, or stand in the record already."""
    found = []
    before = record.answers if record is not None else {}
    for field in checker.fields:
        answer = clean.get(field.code)
        if answer is None or answer == before.get(field.code):
            continue
        if field.type in REFERENCES and answer != "NA":
            if str(answer) not in names_of(field, [str(answer)], reach=True):
                found.append(Problem("answer.bad_reference", field.code, {"value": str(answer)}))
        elif field.type is FieldType.ATTACHMENT and set(answer) - _files_of(record, field.code):  # type: ignore[call-overload]
            found.append(Problem("answer.bad_attachment", field.code))
        elif field.type is FieldType.ROWS:
            found += _unknown_in_rows(field, answer)
    return found


def _unknown_in_rows(field: Any, rows: Any) -> list[Problem]:
    found = []
    for column in field.columns:
        if column.type not in REFERENCES:
            continue
        keys = {str(row[column.code]) for row in rows if row.get(column.code) not in (None, "NA")}
        names = names_of(column, keys, reach=True)
        for number, row in enumerate(rows, start=1):
            if str(row.get(column.code)) in keys - names.keys():
                found.append(Problem("answer.bad_reference", f"{field.code}[{number}].{column.code}"))
    return found


def _files_of(record: FormRecord | None, field: str) -> set[int]:
    if record is None or record.id is None:
        return set()
    mine = select(FormAttachment.id).where(FormAttachment.record_id == record.id, FormAttachment.field == field)
    with access.everything("the files of a record that may be written"):
        return {*db.session.scalars(mine)}
