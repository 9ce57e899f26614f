"""The history of one record out of the trail, for whoever may see the record itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, or_, select

from app.domain.rights import Verb
from app.features.accounts.naming import account_name
from app.features.audit import fields, words
from app.features.audit.labels import LABELS
from app.features.forms.queries import spec_of
from app.features.ranking.words import LABELS as RULES
from app.kit import access, names, wall
from app.kit.audit import AuditEntry, may_see_history
from app.kit.db import db
from app.kit.i18n import language

PAGE = 30
PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sheet": (("item_score", "sheet_id"), ("deduction_entry", "sheet_id")),
    "lead": (("lead_event", "lead_id"), ("urge", "lead_id")),
    "duty": (("duty_comment", "duty_id"), ("urge", "duty_id")),
    "bonus_batch": (("pay_line", "batch_id"),),
    "person": (("post", "person_id"),),
}
"""Records told together with the one they belong to: the column that says to which."""
COMPUTED = ("pay_line",)
"""Parts that come by the hundred when the record is computed: only what happens to them later is told."""


@dataclass(frozen=True)
class Line:
    """One column of a change in words; `before` is empty for what was new, `after` for what went."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """One entry of the trail in words; `about` names the record when it is a part of the one asked for."""

    entry_id: int
    at: datetime
    who: str
    for_whom: str
    act: str
    kind: str
    kind_code: str
    about: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Page:
    """A page of a history, the last change first."""

    steps: Sequence[Step]
    number: int
    more: bool


def find(table: str, row_id: int) -> Any:
    """The record, if the actor may see it by more than its publication: what was written before that is not published.

    Errors: NotAllowed (hidden), also for a table that hangs on no unit.
    """
    model = {t.name: m for t, m in wall.scoped_models().items()}.get(table)
    if model is None:
        raise access.NotAllowed(table, Verb.VIEW, hidden=True)
    row = access.find(model, row_id)
    if not may_see_history(row):
        raise access.NotAllowed(table, Verb.VIEW, hidden=True)
    return row


def of(row: Any, page: int = 1) -> Page:
    """What happened to a record and to its parts."""
    statement = select(AuditEntry).where(_about(row)).order_by(AuditEntry.id.desc())
    found = db.session.scalars(statement.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return Page([_step(row, entry) for entry in found[:PAGE]], page, len(found) > PAGE)


def entries_since(row: Any, entry_id: int) -> Sequence[AuditEntry]:
    """The changes of the record itself after an entry of it, the last first."""
    own = and_(AuditEntry.table_name == row.__tablename__, AuditEntry.row_id == str(row.id))
    statement = select(AuditEntry).where(own, AuditEntry.id > entry_id, AuditEntry.kind == "edit")
    return db.session.scalars(statement.order_by(AuditEntry.id.desc())).all()


def entry_of(row: Any, entry_id: int) -> AuditEntry:
    """An entry of the record itself. Errors: NotAllowed (hidden)."""
    entry = db.session.get(AuditEntry, entry_id)
    if entry is None or (entry.table_name, entry.row_id) != (row.__tablename__, str(row.id)):
        raise access.NotAllowed("history", Verb.VIEW, hidden=True)
    return entry


def _about(row: Any) -> ColumnElement[bool]:
    clauses = [and_(AuditEntry.table_name == row.__tablename__, AuditEntry.row_id == str(row.id))]
    for table_name, column in PARTS.get(row.__tablename__, ()):
        table = db.metadata.tables[table_name]
        ids = select(cast(table.c.id, String)).where(table.c[column] == row.id)
        part = and_(AuditEntry.table_name == table_name, AuditEntry.row_id.in_(ids))
        clauses.append(and_(part, AuditEntry.kind != "add") if table_name in COMPUTED else part)
    return or_(*clauses)


def _step(row: Any, entry: AuditEntry) -> Step:
    is_part = entry.table_name != row.__tablename__
    return Step(
        entry_id=entry.id,
        at=entry.at,
        who=account_name(entry.username),
        for_whom=entry.on_behalf_of or "",
        act=words.act(entry.action),
        kind=words.kind(entry.kind),
        kind_code=entry.kind,
        about=names.record(entry.table_name) if is_part else "",
        lines=list(lines(entry, row)),
    )


def lines(entry: AuditEntry, row: Any = None) -> Iterator[Line]:
    """Before and after, column by column, in words."""
    table, changes = entry.table_name, entry.changes or {}
    if table not in db.metadata.tables or not isinstance(changes, Mapping):
        return
    for column in fields.shown(table, changes):
        before, after = _pair(entry.kind, changes[column])
        if isinstance(before or {}, Mapping) and isinstance(after or {}, Mapping) and (before or after):
            yield from _keys(table, column, before or {}, after or {}, row)
        else:
            line = Line(fields.label(column), fields.value(table, column, before), fields.value(table, column, after))
            if line.before or line.after:
                yield line


def _pair(kind: str, change: Any) -> tuple[Any, Any]:
    if kind == "edit" and isinstance(change, list) and len(change) == 2:
        return change[0], change[1]
    return (change, None) if kind == "delete" else (None, change)


def _keys(table: str, column: str, before: Mapping[str, Any], after: Mapping[str, Any], row: Any) -> Iterator[Line]:
    """A column that holds several answers: one line for each that changed."""
    labels = _labels(table, column, row)
    for key in [*after, *(key for key in before if key not in after)]:
        if before.get(key) != after.get(key):
            yield Line(
                f"{fields.label(column)} · {labels.get(key, key)}",
                fields.value(table, f"{column}.{key}", before.get(key)),
                fields.value(table, f"{column}.{key}", after.get(key)),
            )


def _labels(table: str, column: str, row: Any) -> Mapping[str, str]:
    if (table, column) == ("duty", "answers") and getattr(row, "form_version", None) is not None:
        return {asked.code: asked.label.in_language(language()) for asked in spec_of(row.form_version).fields()}
    words = RULES if column in ("policy", "values") else LABELS
    return {key: str(word) for key, word in words.items()}
