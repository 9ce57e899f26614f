"""What holds for posts whenever they are saved: the level of the role, the days, roles that exclude each other, one leader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import inspect, select

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import POST_LEVELS, THREE_ADMINISTRATORS, Resource, Role, Verb, exclusive_with
from app.features.org.models import OrgUnit
from app.features.people.models import Employment, Person, Post
from app.features.people.standing_in import overlap, standing_in_problems
from app.kit import access, roles, saving
from app.kit.db import db

LED_BY_ONE = frozenset({Role.CHIEF_GRID_LEADER, Role.SUB_GRID_LEADER})
_CHUNK = 5000


def before_posts(posts: Sequence[Post]) -> None:
    """Check new and changed posts.

    Errors: people.role_level, people.dates_reversed, people.role_excluded, people.post_taken, people.own_post,
            people.three_by_system, people.unknown_role, people.role_off, and those of acting posts.
    """
    watched = ("role", "unit_id", "unit", "person_id", "person", "from_on", "to_on", "acting_for_id", "acting_for")
    posts = [post for post in posts if saving.changed(post, *watched)]
    if not posts:
        return
    if unknown := [post.role for post in posts if post.role not in roles.known()]:
        raise RuleBroken([Problem("people.unknown_role", "role", {"role": role}) for role in unknown])
    with access.everything("a post is checked against the other posts of the person and of the unit"):
        problems = [problem for post in posts for problem in (*_given(post), *_alone(post))]
        problems += _excluded(posts) + _taken(posts) + standing_in_problems(posts)
    if problems:
        raise RuleBroken(problems)


def before_deleting_posts(posts: Sequence[Post]) -> None:
    """Whoever may not give or change a post may not delete it either. Errors: people.own_post, people.three_by_system."""
    with access.everything("whose post is deleted"):
        problems = [problem for post in posts for problem in _given(post)]
    if problems:
        raise RuleBroken(problems)


def before_employments(rows: Sequence[Employment]) -> None:
    """Check the days of new and changed employments. Errors: people.dates_reversed."""
    if any(_reversed(row) for row in rows):
        raise RuleBroken(Problem("people.dates_reversed", "to_on"))


def _reversed(row: Any) -> bool:
    return bool(row.from_on and row.to_on and row.to_on < row.from_on)


def _unit(post: Post) -> OrgUnit | None:
    return post.unit or (db.session.get(OrgUnit, post.unit_id) if post.unit_id else None)


def _person(post: Post) -> Person | None:
    return post.person or (db.session.get(Person, post.person_id) if post.person_id else None)


def _given(post: Post) -> list[Problem]:
    """Who may give or change a post: never its holder himself, and one of the three only whoever keeps the accounts."""
    who, found = access.actor(), []
    if who.is_operator:
        return found
    if who.person_id is not None and who.person_id in _holders(post):
        found.append(Problem("people.own_post", "person"))
    bases = {roles.base_of(code) for code in (post.role, *_former(post, "role")) if code in roles.known()}
    if bases & set(THREE_ADMINISTRATORS) and not who.holds(Resource.ACCOUNTS, Verb.EDIT):
        found.append(Problem("people.three_by_system", "role", {"role": post.role}))
    return found


def _former(post: Post, name: str) -> list[Any]:
    return [value for value in inspect(post).attrs[name].history.deleted or () if value is not None]


def _holders(post: Post) -> set[int | None]:
    person = _person(post)
    return {person.id if person else None, *_former(post, "person_id"), *(p.id for p in _former(post, "person"))}


def _alone(post: Post) -> list[Problem]:
    unit, found = _unit(post), []
    if saving.changed(post, "role") and not roles.is_offered(post.role):
        found.append(Problem("people.role_off", "role", {"role": post.role}))
    if unit is not None and unit.level not in POST_LEVELS[roles.base_of(post.role)]:
        found.append(Problem("people.role_level", "unit", {"role": post.role, "unit": unit.name}))
    if _reversed(post):
        found.append(Problem("people.dates_reversed", "to_on"))
    return found


def _stored(column: Any, keys: Iterable[int]) -> list[Post]:
    wanted = sorted(keys)
    return [
        post
        for start in range(0, len(wanted), _CHUNK)
        for post in db.session.scalars(select(Post).where(column.in_(wanted[start : start + _CHUNK])))
    ]


def _hold(model: Any, ids: set[int]) -> None:
    """Keep these persons or units until the end of the transaction: two posts that exclude each other are not given at once."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        some = select(model.id).where(model.id.in_(wanted[start : start + _CHUNK]))
        db.session.execute(some.order_by(model.id).with_for_update(key_share=True))


def _excluded(posts: Sequence[Post]) -> list[Problem]:
    """The roles of the three administrators are held by persons without any other post at the time."""
    persons = {id(person): person for post in posts if (person := _person(post)) is not None}
    beside: dict[int, dict[int, Post]] = {key: {} for key in persons}
    known = {person.id for person in persons.values() if person.id is not None}
    _hold(Person, known)
    stored = _stored(Post.person_id, known)
    for post in (*stored, *posts):
        person = _person(post)
        if person is not None and id(person) in beside:
            beside[id(person)][id(post)] = post
    return [
        Problem("people.role_excluded", "role", {"role": post.role, "other": other.role, "name": str(_person(post))})
        for post in posts
        for other in beside[id(_person(post))].values()
        if other is not post
        and roles.base_of(other.role) in exclusive_with(roles.base_of(post.role))
        and overlap(post, other)
    ]


def _taken(posts: Sequence[Post]) -> list[Problem]:
    """A total grid and a sub-grid have one leader at a time; whoever stands in for him is no second one."""
    leaders = [post for post in posts if roles.base_of(post.role) in LED_BY_ONE and not _stands_in(post)]
    units = {unit.id for post in leaders if (unit := _unit(post)) is not None and unit.id is not None}
    _hold(OrgUnit, units)
    beside = {id(post): post for post in (*_stored(Post.unit_id, units), *leaders)}.values() if units else leaders
    return [
        Problem("people.post_taken", "unit", {"unit": str(_unit(post)), "name": str(_person(other))})
        for post in leaders
        for other in beside
        if other is not post
        and roles.base_of(other.role) is roles.base_of(post.role)
        and _unit(other) is _unit(post)
        and not _stands_in(other)
        and overlap(post, other)
    ]


def _stands_in(post: Post) -> bool:
    return post.acting_for_id is not None or post.acting_for is not None
