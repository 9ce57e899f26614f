"""Defining kinds of lists: those every installation has, and own ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import not_, select

from app.domain.checklists import ListKind
from app.domain.errors import RuleBroken
from app.domain.list_kinds import kind_problems
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem, ListKindDefinition
from app.features.checklists.queries import top_units
from app.features.checklists.queries.kinds import kind_as_data
from app.features.checklists.queries.lists import of_the_grid
from app.features.checklists.rules import writing
from app.features.org.models import OrgUnit
from app.kit import access, seed
from app.kit.audit import acting
from app.kit.db import db, transaction

Data = Mapping[str, Any]


def load_kind(unit: OrgUnit, data: Data, pack: str | None = None) -> tuple[ListKindDefinition, bool]:
    """The kind as the data say it at a unit, and whether anything was written; the same data again write nothing.

    Shape:  as `kind_as_data` gives it; `pack` says in the trail where it came from.
    Errors: those of `kind_problems`; NotAllowed at the unit.
    """
    access.require_at(Verb.EDIT, Resource.LISTS, unit)
    problems = kind_problems(data)
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("checklists.load_kind"):
        found = _at(unit, str(data["code"]))
        if found is not None and _same(kind_as_data(found), data):
            return found, False
        row = found or ListKindDefinition(unit=unit, code=data["code"], sort_order=data.get("sort_order") or 500)
        name = data["name"]
        row.name, row.name_en, row.name_ko = name["zh"].strip()[:120], name.get("en") or None, name.get("ko") or None
        row.behaviour = str(data.get("behaviour") or ListKind.OTHER.value)
        row.facets = [_plain(facet) for facet in data["facets"]]
        db.session.add(row)
        db.session.flush()
    return row, True


def _at(unit: OrgUnit, code: str) -> ListKindDefinition | None:
    statement = select(ListKindDefinition).where(ListKindDefinition.unit_id == unit.id, ListKindDefinition.code == code)
    with access.everything("whether the kind is there already"):
        return db.session.scalars(statement).one_or_none()


def _plain(facet: Data) -> dict[str, Any]:
    kept = {key: facet.get(key) for key in ("code", "label", "type", "required", "choices")}
    return {key: value for key, value in kept.items() if value}


def _same(old: Data, new: Data) -> bool:
    wanted = {**new, "facets": [_plain(facet) for facet in new["facets"]]}
    wanted.setdefault("behaviour", ListKind.OTHER.value)
    return all(old[key] == wanted.get(key) for key in old)


def load_kinds() -> int:
    """The kinds every installation has, at every top unit; the number made. What stands there already is left as it is."""
    data = seed.read("reference/list_kinds.yaml")
    made = 0
    with transaction():
        for unit in top_units():
            statement = select(ListKindDefinition.code).where(ListKindDefinition.unit_id == unit.id)
            with access.everything("which kinds are there already"):
                known = set(db.session.scalars(statement))
            for order, (code, entry) in enumerate(data["kinds"].items(), start=1):
                if code not in known:
                    load_kind(unit, _kind(code, entry, data["facets"], order))
                    made += 1
    return made


def _kind(code: str, entry: Data, facets: Data, order: int) -> dict[str, Any]:
    return {
        "code": code,
        "name": {language: entry[language] for language in ("zh", "en", "ko")},
        "behaviour": entry.get("behaviour", "other"),
        "sort_order": order,
        "facets": [_facet(name, facets[name.rstrip("!")]) for name in entry["facets"].split()],
    }


def _facet(name: str, said: Data) -> dict[str, Any]:
    label = {language: said[language] for language in ("zh", "en", "ko")}
    kept = {key: said[key] for key in ("type", "choices") if key in said}
    return {"code": name.rstrip("!"), "label": label, "required": name.endswith("!"), **kept}


_FORMER = {"responsible": "responsible_party", "disclosure": "disclosure_rule", "supervision": "supervisor"}


def settle_facets() -> int:
    """The items whose facets still stand under the names of the workbook's columns, brought under those of the kinds.

    The number of items changed: none once it has been done.
    """
    statement = (
        select(ListItem).join(ListItem.governance_list).where(GovernanceList.pack.is_(None), not_(of_the_grid()))
    )
    changed = 0
    with transaction(), acting("checklists.settle_facets"), writing():
        with access.everything("all lists of the installation are brought under the same names"):
            items = db.session.scalars(statement).all()
        for item in items:
            if not ({*_FORMER, "steps"} & set(item.facets)):
                continue
            steps = item.facets.get("steps") or []
            item.facets = {_FORMER.get(key, key): value for key, value in item.facets.items() if key != "steps"}
            item.steps = item.steps or [{"name": name} for name in steps]
            changed += 1
        db.session.flush()
    return changed
