"""Admission of an item: what is in force around it, and what the guards say. The editor, the workbook and packs ask here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.admission import Around, Candidate, admission_problems, is_gap, keys_of, matter_key
from app.domain.checklists import ListKind, behaviour_named
from app.domain.errors import Problem
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.kinds import definitions
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db

_LOOKED_AT = (ListKind.NEGATIVE, ListKind.CERTIFICATE_KEEP, ListKind.CERTIFICATE_FORBIDDEN)


def around(unit: OrgUnit, instead: Mapping[str, Sequence[str]] | None = None) -> Around:
    """What the lists in force at a unit and above it forbid and keep.

    Shape: `instead` gives the names of a behaviour's items that are about to replace those in force ({"negative": [...]}).
    """
    names: dict[ListKind, list[str]] = {}
    kinds = definitions(unit)
    above = list(unit.ancestors().values())
    statement = select(GovernanceList.kind, ListItem.title).join(ListItem.governance_list)
    statement = statement.where(
        GovernanceList.unit_id.in_(above), GovernanceList.is_published, ListItem.is_open_place.is_(False)
    )
    with access.everything("what is forbidden above holds for everybody below"):
        for code, title in db.session.execute(statement).tuples():
            behaviour = behaviour_named(kinds[code].behaviour if code in kinds else code)
            if behaviour in _LOOKED_AT:
                names.setdefault(behaviour, []).append(title)
    names |= {ListKind(code): list(titles) for code, titles in (instead or {}).items()}
    kept = names.get(ListKind.CERTIFICATE_KEEP)
    return Around(
        negative=frozenset(matter_key(name) for name in names.get(ListKind.NEGATIVE, ())),
        kept_certificates=None if kept is None else keys_of(kept),
        forbidden_certificates=keys_of(names.get(ListKind.CERTIFICATE_FORBIDDEN, ())),
    )


def candidate(item: ListItem, behaviour: ListKind) -> Candidate:
    """An item as the guards look at it."""
    facets: dict[str, Any] = {**item.facets, "requirement": item.requirement}
    return Candidate(behaviour, item.title, item.category or "", facets)


def problems_of(item: ListItem, behaviour: ListKind, about: Around) -> list[Problem]:
    """Why an item may not stand in its list, without what somebody has let pass with his reason."""
    if item.is_open_place:
        return []
    return admission_problems(candidate(item, behaviour), about, passed=set(item.overrides or {}))


def barred(items: Iterable[ListItem], behaviour: ListKind, about: Around) -> list[tuple[ListItem, Problem]]:
    """Every item with every reason that keeps it out, in order."""
    return [(item, problem) for item in items for problem in problems_of(item, behaviour, about)]


def only_gaps(problems: Iterable[Problem]) -> bool:
    """True where nothing but what is still to be written keeps an item out."""
    return all(is_gap(problem) for problem in problems)
