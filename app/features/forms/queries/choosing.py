"""What is offered where an answer names a unit, a person or an item: a short list, or a look-up as one types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.formspec import REFERENCES, Field, FieldType, FormSpec
from app.features.forms.references import names_of
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.features.people.models import Person, Post
from app.features.people.queries import in_force
from app.kit import access
from app.kit.db import LEVELS, db

MOST_OFFERED = 60  # more than that is looked up
Offer = Sequence[tuple[str, str]]


def offered_references(spec: FormSpec, unit: Any) -> dict[str, Offer]:
    """By field, or `rows.column`, what may be chosen for a record at a unit; fields with too many choices are left out."""
    found = {}
    for place, asked in references_in(spec):
        offer = _units(asked, unit) if asked.type is FieldType.UNIT_REF else _persons(asked, unit)
        if offer and len(offer) <= MOST_OFFERED:
            found[place] = offer
    return found


def names_in_answers(spec: FormSpec, answers: Mapping[str, Any]) -> dict[str, str]:
    """What the units, persons and items are called that answers name, by key as text."""
    found: dict[str, str] = {}
    for place, asked in references_in(spec):
        found |= names_of(asked, {str(key) for key in _keys(place, answers) if key not in (None, "", "NA")})
    return found


def references_in(spec: FormSpec) -> Iterator[tuple[str, Field]]:
    """Every field and column that names something, with its place."""
    for asked in spec.fields():
        if asked.type in REFERENCES:
            yield asked.code, asked
        yield from ((f"{asked.code}.{column.code}", column) for column in asked.columns if column.type in REFERENCES)


def _keys(place: str, answers: Mapping[str, Any]) -> Iterator[Any]:
    code, _dot, column = place.partition(".")
    answer = answers.get(code)
    if not column:
        yield answer
    elif isinstance(answer, list | tuple):
        yield from (row.get(column) for row in answer if isinstance(row, Mapping))


def _units(asked: Field, unit: Any) -> Offer:
    """The units of the level the field asks for, at or below the unit of the record, or beside it in its village."""
    level = asked.level or "village"
    top = unit if LEVELS.index(unit.level) <= LEVELS.index(level) else None
    under = f"{unit.level}_id" if top is not None else "township_id"
    within = unit.id if top is not None else unit.township_id
    statement = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.level == level, getattr(OrgUnit, under) == within)
    rows = db.session.execute(
        access.visible(current(statement), OrgUnit).order_by(OrgUnit.sort_order, OrgUnit.id).limit(MOST_OFFERED + 1)
    )
    return [(str(row.id), row.name) for row in rows]


def _persons(asked: Field, unit: Any) -> Offer:
    """The persons in posts at or below the unit of the record, as far as the actor sees them."""
    if asked.type is not FieldType.PERSON_REF:
        return []
    statement = in_force(select(Person.id, Person.name).join(Post, Post.person_id == Person.id))
    statement = statement.where(getattr(Post, f"{unit.level}_id") == unit.id).distinct()
    rows = db.session.execute(
        access.visible(statement, Person).order_by(Person.name, Person.id).limit(MOST_OFFERED + 1)
    )
    return [(str(row.id), row.name) for row in rows]
