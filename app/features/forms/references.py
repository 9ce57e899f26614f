"""What units, persons and items in answers are called, and whether they are there to be chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import select

from app.domain.formspec import Field, FieldType
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import access
from app.kit.db import db

Names = Mapping[str, str]
Finder = Callable[[Field, Collection[str], bool], Names]
"""finder(field, keys, reach): by key, as text, the name of what is there; `reach`: only what the actor may choose."""

TABLES = {FieldType.UNIT_REF: "org_unit", FieldType.PERSON_REF: "person", FieldType.LIST_ITEM: "list_item"}


def _units(_field: Field, keys: Collection[str], reach: bool) -> Names:
    ids = [int(key) for key in keys if key.isdecimal()]
    codes = [key for key in keys if not key.isdecimal()]
    statement = select(OrgUnit.id, OrgUnit.code, OrgUnit.name).where(OrgUnit.id.in_(ids) | OrgUnit.code.in_(codes))
    if reach:
        statement = access.visible(statement, OrgUnit)
    with access.everything("the names of units that stand in answers"):
        rows = db.session.execute(statement).all()
    return {str(row.id): row.name for row in rows} | {row.code: row.name for row in rows if row.code in codes}


def _persons(_field: Field, keys: Collection[str], reach: bool) -> Names:
    statement = select(Person.id, Person.name).where(Person.id.in_([int(key) for key in keys if key.isdecimal()]))
    if reach:
        statement = access.visible(statement, Person)
    with access.everything("the names of persons that stand in answers"):
        return {str(row.id): row.name for row in db.session.execute(statement)}


_finders: dict[FieldType, Finder] = {FieldType.UNIT_REF: _units, FieldType.PERSON_REF: _persons}


def register_finder(kind: FieldType, finder: Finder) -> None:
    """Say where what a type of field refers to is found: the items of lists belong to a feature above."""
    _finders[kind] = finder


def names_of(field: Field, keys: Collection[str], *, reach: bool = False) -> Names:
    """By key the names of what a field refers to; keys that lead nowhere are left out."""
    finder = _finders.get(field.type)
    if finder is None or not keys:
        return {} if finder else {key: key for key in keys}
    return finder(field, keys, reach)
