"""The roster as rows: what a workbook or a file of posts says against what is stored, saved in one transaction.

A row is a person in a role at a place; a sub-grid leader of several sub-grids is one row with several posts. Posts of
supervisors stand at the village, of chief leaders and instructors at the total grid (`covers` names the sub-grids an
instructor looks after), the others at the sub-grid. An empty cell leaves what is stored; a masked phone means unchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.errors import RuleBroken
from app.domain.rights import GRID_ROLES, Resource, Role, Verb
from app.features.org.models import OrgUnit
from app.features.people.comparing import Plan, phone_of
from app.features.people.models import Person, Post
from app.features.people.places import Village, roster_context, villages_under
from app.features.people.planning import Planner
from app.features.people.queries import in_force
from app.kit import access, clock, masking, names, roles
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.excel import ExportMeta
from app.kit.exchange import Options, RowChange

__all__ = ["load_roster", "roster_context", "roster_rows", "save_roster"]

RANK = {role: number for number, role in enumerate(GRID_ROLES)}


def save_roster(rows: Sequence[Mapping[str, Any]], options: Options, dry_run: bool) -> list[RowChange]:
    """What each row changes; unless dry, the good rows are saved in one transaction.

    Shape:  a row with a hidden row key is found by it, else by (place, role, name); a person new to a place is known
            again by name and phone, or by name within the village.
    Errors: NotAllowed without the import right at the unit; the problems of a row refuse that row alone.
    """
    if options.unit is not None:
        access.require_at(Verb.IMPORT, Resource.PERSONS, options.unit)
    elif not access.holds(Resource.PERSONS, Verb.IMPORT):
        raise access.NotAllowed(Resource.PERSONS, Verb.IMPORT)
    with access.everything("rows of a roster are matched with the posts of their villages"):
        plans = Planner(villages_under(options.unit, Verb.IMPORT), rows).plans
    if not dry_run:
        with transaction() as session, acting("people.save_roster"):
            new_persons: dict[tuple[str, Any], Person] = {}
            for plan in plans:
                if not plan.problems:
                    _write(plan, new_persons)
            session.flush()
    return [plan.change() for plan in plans]


def _write(plan: Plan, new_persons: dict[tuple[str, Any], Person]) -> None:
    assert plan.village is not None and plan.role is not None
    person = plan.person
    if person is None:
        key = (plan.row["person_name"], phone_of(plan.row) or plan.village.unit.id)
        person = new_persons.get(key) or Person(unit=plan.targets[0])
        new_persons[key] = person
        db.session.add(person)
    for name, value in plan.person_values.items():
        setattr(person, name, value)
    for unit in plan.targets:
        post = plan.posts.get(unit.id)
        if post is None:
            post = Post(person=person, role=plan.role.value, unit=unit)
            db.session.add(post)
        for name, value in plan.post_values[unit.id].items():
            setattr(post, name, value)
    for post in plan.gone:
        post.to_on = post.to_on or clock.today() - timedelta(days=1)


def roster_rows(options: Options) -> tuple[list[dict[str, Any]], ExportMeta]:
    """The posts in force at or below the unit as rows of the roster, phones masked unless asked whole, with what the file states.

    Errors: NotAllowed without the export right at the unit.
    """
    if options.unit is not None:
        access.require_at(Verb.EXPORT, Resource.PERSONS, options.unit)
    villages = {village.unit.id: village for village in villages_under(options.unit, Verb.EXPORT)}
    with access.everything("a post carries its person and its unit"):
        statement = in_force(access.visible(select(Post), Post, Verb.EXPORT))
        statement = statement.where(Post.role.in_(roles.codes_of(*GRID_ROLES)))
        if options.unit is not None:
            statement = statement.where(getattr(Post, f"{options.unit.level}_id") == options.unit.id)
        posts = db.session.scalars(statement.options(joinedload(Post.person), joinedload(Post.unit))).all()
    grouped: dict[tuple[Any, ...], list[Post]] = defaultdict(list)
    for post in posts:
        if post.village_id in villages:
            grouped[_group(post)].append(post)
    order = {village_id: number for number, village_id in enumerate(villages)}
    lines = sorted(grouped.values(), key=lambda group: _position(group[0], order, villages))
    meta = ExportMeta(
        owner=options.unit.name if options.unit else "",
        period=options.period or "",
        org_code=options.unit.code if options.unit else "",
    )
    whole = bool(options.extra.get("whole"))
    return [_as_row(group, villages, whole) for group in lines], meta


def _group(post: Post) -> tuple[Any, ...]:
    """Posts of one person in one role that differ only in the sub-grid are one row."""
    if post.unit.level != "sub_grid":
        return (post.id,)
    return (post.person_id, post.role, post.total_grid_id, post.from_on, post.to_on, post.is_certified, post.remarks)


def _position(post: Post, order: Mapping[int, int], villages: Mapping[int, Village]) -> tuple[Any, ...]:
    rank = RANK[roles.base_of(post.role)]
    at_sub_grid = post.unit.level == "sub_grid"
    place = (post.unit.sort_order, post.unit.code) if at_sub_grid else (0, "")
    return (order[post.village_id or 0], at_sub_grid, *place, rank, post.id)


def _as_row(group: Sequence[Post], villages: Mapping[int, Village], whole: bool) -> dict[str, Any]:
    post, person = group[0], group[0].person
    shown = person.phone if whole and access.can(Verb.UNMASK, person) else masking.phone(person.phone)
    village = villages[post.village_id or 0]
    grids = set(post.covers) if post.unit.level != "sub_grid" else {p.unit_id for p in group}
    totals = [grid for grid in village.total_grids if post.total_grid_id in (None, grid.id)]
    kind = names.volunteer_kind_word(person.volunteer_kind) if roles.base_of(post.role) is Role.VOLUNTEER else None
    row = {
        "village": village.unit.name,
        "total_grid": totals[0].name if totals else "",
        "sub_grids": [grid.name for grid in village.sub_grids if grid.id in grids],
        "person_name": person.name,
        "gender": person.gender,
        "role": roles.base_of(post.role).value,  # workbooks know the roles of the release
        "appointed_on": post.from_on.isoformat() if post.from_on else None,
        "left_on": post.to_on.isoformat() if post.to_on else None,
        "phone": shown or None,
        "certified": post.is_certified,
        "remarks": post.remarks or (person.certificate_no if post.is_certified else None) or kind,
        "row_key": "+".join(str(p.id) for p in group),
    }
    return {name: value for name, value in row.items() if value is not None}


def load_roster(entries: Sequence[Mapping[str, Any]], unit: OrgUnit) -> dict[str, int]:
    """The posts of a JSON file saved under a unit; loading the file again changes nothing. Gives how many of each kind.

    Errors: RuleBroken with the problems of every refused row, and then nothing is saved; NotAllowed.
    """
    with transaction():
        changes = save_roster(entries, Options(unit=unit), dry_run=False)
        refused = {str(problem): problem for change in changes for problem in change.problems}
        if refused:
            raise RuleBroken(refused.values())
    return {kind.value: count for kind, count in Counter(change.kind for change in changes).items()}
