"""Reading persons, posts and employments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.domain.rights import GRID_ROLES, Role, Verb
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.features.people.models import Employment, Person, Post
from app.kit import access, clock, names, roles
from app.kit.db import LEVELS, db
from app.kit.i18n import _

_CHUNK = 5000


def in_force(statement: Select[Any], on: date | None = None) -> Select[Any]:
    """The statement limited to posts in force on a day (today)."""
    return statement.where(_holds(Post, on or clock.today()))


def _holds(post: Any, day: Any) -> Any:
    return and_(or_(post.from_on.is_(None), post.from_on <= day), or_(post.to_on.is_(None), post.to_on >= day))


def post_facts(person_id: int, on: date | None = None) -> tuple[access.PostFact, ...]:
    """The posts of a person in force on a day, as access needs them, in order of id.

    An acting post counts between its dates, and only while the post it stands in for is in force itself.
    """
    rows = db.session.execute(_facts(), {"person": person_id, "day": on or clock.today()})
    return tuple(
        access.PostFact(
            row.id,
            row.role,
            row.unit_id,
            row.level,
            {level: above for level, above in zip(LEVELS, row[8:], strict=True) if above is not None},
            row.acting_for_id,
            row.stood_in,
            row.name or "",
            row.unit_name,
        )
        for row in rows
    )


@lru_cache(maxsize=1)
def _facts() -> Select[Any]:
    """The statement every request begins with, made once."""
    filled, holder, day = aliased(Post), aliased(Person), bindparam("day", type_=Date)
    above = (getattr(OrgUnit, f"{level}_id") for level in LEVELS)
    columns = (Post.id, Post.role, Post.acting_for_id, OrgUnit.id.label("unit_id"), OrgUnit.level)
    named = (holder.id.label("stood_in"), holder.name, OrgUnit.name.label("unit_name"))
    statement = select(*columns, *named, *above).join(OrgUnit, OrgUnit.id == Post.unit_id).where(_holds(Post, day))
    statement = statement.outerjoin(filled, filled.id == Post.acting_for_id)
    statement = statement.outerjoin(holder, holder.id == filled.person_id)
    statement = statement.where(or_(Post.acting_for_id.is_(None), _holds(filled, day)))
    return statement.where(Post.person_id == bindparam("person")).order_by(Post.id)


def posts_at(unit: OrgUnit, role: Role | None = None, on: date | None = None) -> Sequence[Post]:
    """Posts in force at or below a unit, with their persons and units, in order of unit and name."""
    statement = in_force(select(Post).join(Post.unit).join(Post.person), on)
    statement = statement.where(getattr(Post, f"{unit.level}_id") == unit.id)
    if role:
        statement = statement.where(Post.role.in_(roles.codes_of(role)))
    statement = statement.options(joinedload(Post.person), joinedload(Post.unit))
    return db.session.scalars(
        statement.order_by(OrgUnit.sort_order, OrgUnit.code, Post.role, Person.name, Post.id)
    ).all()


@dataclass(frozen=True)
class Holder:
    """Whose a post is: the post and its person, and the name of whoever does its work (another where somebody stands in)."""

    unit_id: int
    post_id: int
    person_id: int
    name: str


def holders_on(unit_ids: Sequence[int], role: Role, on: date) -> list[Holder]:
    """The holders of a role right at these units on a day, in order of the names of those who do the work."""
    whose = aliased(Post)
    statement = select(
        Post.unit_id, func.coalesce(whose.id, Post.id), func.coalesce(whose.person_id, Post.person_id), Person.name
    )
    statement = in_force(statement.join(Person, Person.id == Post.person_id), on)
    statement = statement.outerjoin(whose, whose.id == Post.acting_for_id).where(Post.role.in_(roles.codes_of(role)))
    statement = statement.order_by(Person.name, Post.id)
    chunks = (unit_ids[start : start + _CHUNK] for start in range(0, len(unit_ids), _CHUNK))
    return [
        Holder(*found) for chunk in chunks for found in db.session.execute(statement.where(Post.unit_id.in_(chunk)))
    ]


def persons_named(name: str, unit: OrgUnit) -> Sequence[Person]:
    """The persons of that name at or below a unit or its village."""
    level, top = ("village", unit.village_id) if unit.village_id else (unit.level, unit.id)
    statement = select(Person).where(Person.name == name, getattr(Person, f"{level}_id") == top)
    return db.session.scalars(statement.order_by(Person.id)).all()


PAGE = 30
_CARRIES = "a post carries its person and its unit"


@dataclass(frozen=True)
class RosterFilter:
    """What a reader of the roster asked for: a unit with all below it, a role, a part of a name."""

    unit: OrgUnit | None = None
    role: str = ""
    typed: str = ""


def _under(statement: Select[Any], wanted: RosterFilter, model: Any = Post) -> Select[Any]:
    if wanted.unit is None:
        return statement
    return statement.where(getattr(model, f"{wanted.unit.level}_id") == wanted.unit.id)


def roster_page(wanted: RosterFilter, page: int) -> tuple[Sequence[Post], int]:
    """A page of the posts in force within reach, in tree order, and how many there are."""
    statement = in_force(access.visible(select(Post).join(Post.unit).join(Post.person), Post))
    statement = _under(statement.where(Post.role.in_(roles.codes_of(*GRID_ROLES))), wanted)
    if wanted.role:
        statement = statement.where(Post.role.in_(roles.codes_of(Role(wanted.role))))
    if wanted.typed:
        statement = statement.where(Person.name.icontains(wanted.typed, autoescape=True))
    with access.everything(_CARRIES):
        total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        statement = statement.options(joinedload(Post.person), joinedload(Post.unit))
        order = (
            Post.village_id,
            OrgUnit.level == "sub_grid",
            OrgUnit.level == "total_grid",
            OrgUnit.code,
            case({code: rank for rank, code in enumerate(roles.known())}, value=Post.role),
            Post.id,
        )
        return db.session.scalars(statement.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)).all(), total


def role_counts(wanted: RosterFilter) -> dict[str, int]:
    """How many posts of each grid role are in force at or below the unit, within reach."""
    statement = in_force(access.visible(select(Post.role, func.count()), Post)).group_by(Post.role)
    counts = dict(db.session.execute(_under(statement, wanted)).tuples().all())
    return {role.value: sum(counts.get(code, 0) for code in roles.codes_of(role)) for role in GRID_ROLES}


def counts_below(units: Sequence[OrgUnit]) -> dict[int, int]:
    """How many posts of the grid are in force at or below each of these units of one level, within reach."""
    if not units:
        return {}
    column = getattr(Post, f"{units[0].level}_id")
    statement = in_force(access.visible(select(column, func.count()), Post)).group_by(column)
    statement = statement.where(Post.role.in_(roles.codes_of(*GRID_ROLES)))
    return dict(db.session.execute(statement.where(column.in_([unit.id for unit in units]))).tuples().all())


_NEEDED = (
    ("total_grid", Role.CHIEF_GRID_LEADER),
    ("sub_grid", Role.SUB_GRID_LEADER),
    ("sub_grid", Role.GRID_WORKER),
)


def vacancies(wanted: RosterFilter) -> list[tuple[OrgUnit, Role]]:
    """The grids within reach in which nobody holds a role that must be held, with the role."""
    found = []
    for level, role in _NEEDED:
        held = in_force(select(Post.unit_id).where(Post.role.in_(roles.codes_of(role)), Post.acting_for_id.is_(None)))
        units = current(access.visible(select(OrgUnit).where(OrgUnit.level == level), OrgUnit))
        units = _under(units.where(OrgUnit.id.not_in(held)), wanted, OrgUnit).order_by(OrgUnit.code)
        with access.everything("a grid is vacant when nobody at all holds the post"):
            found += [(unit, role) for unit in db.session.scalars(units)]
    return found


def posts_of(person: Person) -> Sequence[Post]:
    """The posts of a person within reach, those in force first."""
    statement = access.visible(select(Post).where(Post.person_id == person.id), Post)
    with access.everything(_CARRIES):
        options = (joinedload(Post.unit), joinedload(Post.acting_for).joinedload(Post.person))
        return db.session.scalars(statement.options(*options).order_by(Post.to_on.is_not(None), Post.id.desc())).all()


def substitutes_of(posts: Sequence[Post]) -> dict[int, list[Post]]:
    """Who stood, stands or will stand in for each of these posts, by post id, the latest first."""
    statement = select(Post).where(Post.acting_for_id.in_([post.id for post in posts])).options(joinedload(Post.person))
    with access.everything("a post in reach says who stands in for it"):
        rows = db.session.scalars(statement.order_by(Post.from_on.desc(), Post.id.desc())).all()
    found: dict[int, list[Post]] = {}
    for row in rows:
        found.setdefault(row.acting_for_id or 0, []).append(row)
    return found


def substitutes_today() -> dict[int, Person]:
    """By id of the post stood in for, who stands in today: a handful, whoever asks."""
    filled = aliased(Post)
    statement = in_force(select(Post).join(filled, filled.id == Post.acting_for_id)).where(
        _holds(filled, clock.today())
    )
    with access.everything("who stands in for a post decides whose its duties are"):
        rows = db.session.scalars(statement.options(joinedload(Post.person)).order_by(Post.id))
        return {row.acting_for_id or 0: row.person for row in rows}


def ties_of(person_id: int) -> dict[int, str]:
    """By village id, what a person is there today: the posts at it or below it, and employments, in words."""
    with access.everything("what ties a person to a village"):
        statement = in_force(select(Post).where(Post.person_id == person_id, Post.village_id.is_not(None)))
        posts = db.session.scalars(statement.options(joinedload(Post.unit)).order_by(Post.id)).all()
        employed = select(Employment).where(Employment.person_id == person_id, Employment.village_id.is_not(None))
        jobs = db.session.scalars(
            employed.where(_holds(Employment, clock.today())).options(joinedload(Employment.unit))
        ).all()
    ties: dict[int, list[str]] = {}
    for post in posts:
        ties.setdefault(post.village_id or 0, []).append(f"{post.unit.name} {names.role(post.role)}")
    for job in jobs:
        ties.setdefault(job.village_id or 0, []).append(f"{job.unit.name} {job.title or _('employment')}")
    return {village_id: "、".join(found) for village_id, found in ties.items()}


def employments_of(person: Person) -> Sequence[Employment]:
    """The employments of a person within reach, the last first."""
    statement = access.visible(select(Employment).where(Employment.person_id == person.id), Employment)
    return db.session.scalars(statement.options(joinedload(Employment.unit)).order_by(Employment.id.desc())).all()


def cards(unit: OrgUnit | None, person: Person | None = None) -> Sequence[Post]:
    """The certified posts in force at or below a unit, or of a person, that the actor may print, in tree order."""
    statement = in_force(access.visible(select(Post).join(Post.unit).join(Post.person), Post, Verb.EXPORT))
    statement = statement.where(Post.is_certified.is_(True), Person.certificate_no.is_not(None))
    if person is not None:
        statement = statement.where(Post.person_id == person.id)
    statement = _under(statement, RosterFilter(unit)).options(joinedload(Post.person), joinedload(Post.unit))
    with access.everything(_CARRIES):
        return db.session.scalars(statement.order_by(Post.village_id, OrgUnit.code, Post.id).limit(500)).all()


def person_labels(persons: Sequence[Person]) -> list[str]:
    """Each person as he is chosen from a list: his name and where he stands."""
    with access.everything(_CARRIES):
        return [f"{person.name}（{person.unit.name}）" for person in persons]


def post_labels(posts: Sequence[Post]) -> list[str]:
    """Each post as it is chosen from a list: person, role and unit."""
    with access.everything(_CARRIES):
        return [f"{post.person.name}（{names.role(post.role)}·{post.unit.name}）" for post in posts]
