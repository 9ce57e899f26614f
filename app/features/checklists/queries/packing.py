"""A list as plain data, in the shape in which packs bring it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.features.checklists.models import GovernanceList, ListItem
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db

OF_LIST = ("stated_count", "document", "edition", "title", "purpose", "question")
BESIDE = ("document", "note")  # where an item was read and what is said of that: kept among its facets


def list_of_code(unit: OrgUnit, code: str) -> GovernanceList | None:
    """The version of a list of this code that is in force at a unit, else its newest."""
    statement = select(GovernanceList).where(GovernanceList.unit_id == unit.id, GovernanceList.code == code)
    with access.everything("whether the list is there already"):
        rows = db.session.scalars(statement.order_by(GovernanceList.number.desc())).all()
    return next((row for row in rows if row.is_published), rows[0] if rows else None)


def named_items(row: GovernanceList) -> Sequence[ListItem]:
    """The items of a list that have a name, in order."""
    return _items(row, is_open_place=False)


def open_places_of(row: GovernanceList) -> Sequence[ListItem]:
    """The places of a list its source counts but does not name."""
    return _items(row, is_open_place=True)


def _items(row: GovernanceList, *, is_open_place: bool) -> Sequence[ListItem]:
    statement = select(ListItem).where(ListItem.list_id == row.id, ListItem.is_open_place.is_(is_open_place))
    with access.everything("the items of a list the reader has been given"):
        return db.session.scalars(statement.order_by(ListItem.sort_order, ListItem.code)).all()


def list_as_data(row: GovernanceList) -> dict[str, Any]:
    """A list with its items as plain data, as `load_list` takes it; what is empty is left out."""
    name = {"zh": row.name, "en": row.name_en, "ko": row.name_ko}
    places = len(open_places_of(row))
    said: dict[str, Any] = {
        "code": row.code,
        "kind": row.kind,
        "name": {language: text for language, text in name.items() if text},
        "source": row.source,
        **{key: getattr(row, key) for key in OF_LIST if getattr(row, key)},
        **(row.stated or {}),
        "items": [_item(item) for item in named_items(row)],
    }
    return said | ({"open_places": places} if places else {})


def _item(item: ListItem) -> dict[str, Any]:
    facets = {key: value for key, value in item.facets.items() if key not in BESIDE}
    said = {
        "code": item.code,
        "name": item.title,
        "name_en": item.title_en,
        "category": item.category,
        "source": item.source,
        "phrase": item.source_phrase,
        "role": item.role,
        "requirement": item.requirement,
        "cycle": item.cycle,
        "evidence": item.evidence,
        "derived": item.derived_fields,
        "facets": facets,
        "steps": item.steps,
        "thresholds": item.thresholds,
        **{key: item.facets[key] for key in BESIDE if key in item.facets},
    }
    return {key: value for key, value in said.items() if value not in (None, "", [], {})}
