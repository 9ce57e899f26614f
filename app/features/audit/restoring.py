"""An earlier version of a record, brought back through the door it is edited by: its columns, rules, rights and version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Verb
from app.features.audit import fields, history
from app.features.audit.history import Line
from app.kit import access, audit, masking, personal, rows, versions
from app.kit.audit import AuditEntry
from app.kit.datamodel import Refused
from app.kit.personal import Mask


def may_restore(view: Any, row: Any) -> bool:
    """True for a record with a generated form that the actor may edit."""
    return view is not None and "can_edit" in view.base_permissions and access.can(Verb.EDIT, row)


def require(view: Any, row: Any) -> None:
    """Raise NotAllowed unless `may_restore`."""
    if not may_restore(view, row):
        raise access.NotAllowed(row.__tablename__, Verb.EDIT)


def preview(view: Any, row: Any, entry: AuditEntry) -> Sequence[Line]:
    """What would change, column by column: as it is now, as it was after that entry."""
    table, then = row.__tablename__, _then(view, row, entry)
    return [
        Line(
            fields.label(column),
            fields.value(table, column, audit.plain(getattr(row, column))),
            fields.value(table, column, value),
        )
        for column, value in then.items()
    ]


def restore(view: Any, row: Any, entry: AuditEntry, stamp: str) -> None:
    """Give the columns of the form the values they had after that entry.

    Errors: audit.nothing_to_restore, audit.not_reachable, and what the rules of the record say; NotAllowed; Changed.
    """
    require(view, row)
    then, relations = _then(view, row, entry), _relations(view)
    if not then:
        raise broken("audit.nothing_to_restore")
    with audit.acting("history.restore"), versions.unchanged(row, stamp):
        for column, value in then.items():
            if column in relations and value is not None:
                setattr(row, relations[column], _related(view, relations[column], column, value))
            elif column in relations:
                setattr(row, relations[column], None)
            else:
                setattr(row, column, rows.typed(row.__table__.columns[column], value))
        try:
            view.datamodel.edit(row)
        except Refused as refusal:
            raise RuleBroken(refusal.problems) from refusal


def _related(view: Any, relation: str, column: str, value: Any) -> Any:
    related = view.datamodel.get_related_obj(relation, value)
    if related is None:
        raise broken("audit.not_reachable", field=fields.label(column))
    return related


def _then(view: Any, row: Any, entry: AuditEntry) -> Mapping[str, Any]:
    """The values after an entry, as the trail keeps them, of the columns that are others now."""
    allowed = set(_columns(view, row))
    values: dict[str, Any] = {}
    for later in history.entries_since(row, entry.id):
        values |= {name: pair[0] for name, pair in later.changes.items() if name in allowed}
    return {
        name: value
        for name, value in values.items()
        if value != audit.plain(getattr(row, name)) and not masking.is_masked(_text(value))
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _columns(view: Any, row: Any) -> Sequence[str]:
    """What the form edits and the trail keeps whole: a masked value is not one to bring back."""
    relations = {relation: column for column, relation in _relations(view).items()}
    names = [relations.get(name, name) for name in view.edit_columns]
    open_to_all = (name for name in names if name in row.__table__.columns)
    return [name for name in open_to_all if _is_whole(row.__tablename__, name)]


def _is_whole(table: str, column: str) -> bool:
    entry = personal.entry(table, column)
    return entry is None or (entry.mask is Mask.OPEN and entry.in_trail)


def _relations(view: Any) -> Mapping[str, str]:
    """The to-one relations of the form, by their column."""
    data = view.datamodel
    return {
        next(iter(data.list_properties[name].local_columns)).name: name
        for name in view.edit_columns
        if data.is_relation_many_to_one(name)
    }
