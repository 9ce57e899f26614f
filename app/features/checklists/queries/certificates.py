"""The lists of certificates in force at units on a day: what is kept, and what is forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import or_, select

from app.domain.certificates import CertificateLists, ListedCertificate, by_key
from app.domain.checklists import ListKind, behaviour_named
from app.features.checklists.models import GovernanceList, ListItem, ListKindDefinition
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db

Found = list[tuple[GovernanceList, list[ListItem]]]


def certificate_lists(units: Sequence[OrgUnit], day: date) -> dict[int, CertificateLists]:
    """By unit id, the lists of certificates in force on a day at each unit or above it; places not yet named are left out."""
    above = {unit.id: frozenset(unit.ancestors().values()) for unit in units}
    wanted = frozenset().union(*above.values()) if above else frozenset()
    with access.everything("what is kept and forbidden above holds for everybody below"):
        kinds = _kinds(wanted)
        found = _with_items(_in_force(wanted, {code for _unit, code in kinds} | set(_OF_KIND), day))
    made: dict[tuple[int, ...], CertificateLists] = {}
    by_unit = {}
    for unit in units:
        mine = [(row, items) for row, items in found if row.unit_id in above[unit.id]]
        order = list(unit.ancestors().values())
        key = tuple(row.id for row, _items in mine)
        if key not in made:
            made[key] = _lists((_behaviour(row, kinds, order), row, items) for row, items in mine)
        by_unit[unit.id] = made[key]
    return by_unit


_OF_KIND = (ListKind.CERTIFICATE_KEEP, ListKind.CERTIFICATE_FORBIDDEN)


def _kinds(unit_ids: Iterable[int]) -> Mapping[tuple[int, str], str]:
    """The behaviour of each kind of list by the unit that defines it and its code, if it has to do with certificates anywhere."""
    statement = select(ListKindDefinition.unit_id, ListKindDefinition.code, ListKindDefinition.behaviour)
    rows = db.session.execute(statement.where(ListKindDefinition.unit_id.in_(unit_ids))).tuples().all()
    codes = {code for _unit, code, behaviour in rows if behaviour in _OF_KIND}
    return {(unit, code): behaviour for unit, code, behaviour in rows if code in codes or code in _OF_KIND}


def _behaviour(row: GovernanceList, kinds: Mapping[tuple[int, str], str], above: Sequence[int]) -> ListKind:
    """How a list behaves by the definition nearest to the unit that is looked at."""
    nearest = next((kinds[unit, row.kind] for unit in reversed(above) if (unit, row.kind) in kinds), row.kind)
    return behaviour_named(nearest)


def _in_force(unit_ids: Iterable[int], codes: Iterable[str], day: date) -> list[GovernanceList]:
    """The latest version of each list that held on the day, also one that was superseded later."""
    statement = select(GovernanceList).where(
        GovernanceList.unit_id.in_(unit_ids),
        GovernanceList.kind.in_(codes),
        or_(GovernanceList.is_published.is_(True), GovernanceList.state == "superseded"),
        or_(GovernanceList.effective_from.is_(None), GovernanceList.effective_from <= day),
        or_(GovernanceList.effective_to.is_(None), GovernanceList.effective_to >= day),
    )
    order = (GovernanceList.unit_id, GovernanceList.number)
    latest = {(row.unit_id, row.code): row for row in db.session.scalars(statement.order_by(*order))}
    return list(latest.values())


def _with_items(rows: Sequence[GovernanceList]) -> Found:
    statement = select(ListItem).where(
        ListItem.list_id.in_([row.id for row in rows]), ListItem.is_open_place.is_(False)
    )
    items: dict[int, list[ListItem]] = {}
    for item in db.session.scalars(statement.order_by(ListItem.sort_order, ListItem.id)):
        items.setdefault(item.list_id, []).append(item)
    return [(row, items.get(row.id, [])) for row in rows]


def _lists(found: Iterable[tuple[ListKind, GovernanceList, list[ListItem]]]) -> CertificateLists:
    """A list of which nothing is named yet says nothing."""
    kept: list[ListedCertificate] = []
    forbidden: list[ListedCertificate] = []
    for behaviour, row, items in found:
        named = [_listed(row, item) for item in items]
        if behaviour is ListKind.CERTIFICATE_KEEP:
            kept += named
        elif behaviour is ListKind.CERTIFICATE_FORBIDDEN:
            forbidden += named
    return CertificateLists(by_key(kept) if kept else None, by_key(forbidden))


def _listed(row: GovernanceList, item: ListItem) -> ListedCertificate:
    said = {name: str(item.facets.get(name) or "").strip() for name in _SAID}
    instead = "；".join(said[name] for name in ("alternative_channel", "serves_instead") if said[name])
    days = said["time_limit_days"]
    return ListedCertificate(
        item.title,
        row.title or row.label,
        said["no_need"],
        instead,
        said["simple_or_complex"],
        int(days) if days.isdecimal() else None,
    )


_SAID = ("no_need", "alternative_channel", "serves_instead", "simple_or_complex", "time_limit_days")
