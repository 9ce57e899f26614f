"""Who holds which role, and what a post would open: counts and places, never a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.domain.rights import Resource, Verb
from app.features.accounts.models import PortalUser
from app.features.accounts.queries import rights_table
from app.features.org.models import OrgUnit
from app.features.people.models import Post
from app.features.people.queries import in_force, post_facts
from app.kit import access, clock, wall
from app.kit.db import LEVELS, db

PAGE = 30
PLACES = 8


def accounts_by_role() -> dict[str, int]:
    """By role, how many accounts that may sign in have a post of it in force."""
    statement = select(Post.role, func.count(PortalUser.id.distinct())).join(
        PortalUser, PortalUser.person_id == Post.person_id
    )
    with access.everything("how many accounts a change of rights touches"):
        statement = in_force(statement.where(PortalUser.active.is_(True))).group_by(Post.role)
        return dict(db.session.execute(statement).tuples().all())


def posts_holding(code: str) -> int:
    """How many posts in force or to come hold a role."""
    alive = or_(Post.to_on.is_(None), Post.to_on >= clock.today())
    with access.everything("whether a role is still held"):
        return db.session.scalar(select(func.count()).select_from(Post).where(Post.role == code, alive)) or 0


@dataclass(frozen=True)
class Holder:
    """A post in force that somebody could sign in with: the post, its unit, the account."""

    post: Post
    user: PortalUser


def holders(code: str, page: int = 1) -> tuple[list[Holder], int]:
    """A page of the posts of a role in force whose persons have accounts, by user name, and how many there are."""
    statement = select(Post, PortalUser).join(PortalUser, PortalUser.person_id == Post.person_id)
    statement = in_force(statement.where(Post.role == code, PortalUser.active.is_(True)))
    with access.everything("whom the security administrator may see the portal as"):
        total = (
            db.session.scalar(select(func.count()).select_from(statement.with_only_columns(Post.id).subquery())) or 0
        )
        order = statement.order_by(PortalUser.username, Post.id).limit(PAGE).offset((page - 1) * PAGE)
        rows = db.session.execute(order.options(joinedload(Post.unit), joinedload(Post.person))).tuples()
        return [Holder(post, user) for post, user in rows], total


def actor_of_post(post_id: int) -> tuple[access.Actor, Post]:
    """Whoever holds a post in force, with this post alone, and the post.

    Errors: NotAllowed, hidden, for a post that is not there or not in force.
    """
    with access.everything("what a post opens"):
        post = db.session.get(Post, post_id, options=[joinedload(Post.person), joinedload(Post.unit)])
        fact = next((fact for fact in post_facts(post.person_id) if fact.id == post.id), None) if post else None
        if post is None or fact is None:
            raise access.NotAllowed(Resource.POSTS, Verb.VIEW, hidden=True)
        user = db.session.scalar(select(PortalUser).where(PortalUser.person_id == post.person_id))
        who = access.Actor(
            user.id if user else None,
            user.username if user else "",
            post.person.name,
            post.person_id,
            (fact,),
            rights=rights_table(),
        )
    return who, post


@dataclass(frozen=True)
class Reached:
    """How many rows of one kind a post may view, and where: the places with the most rows, and how many more places."""

    table: str
    total: int
    places: tuple[tuple[str, int], ...]
    more: int


def reached_by(who: access.Actor) -> list[Reached]:
    """Per kind of record what an actor with one post may view, in the order of the resources; kinds without a row are left out."""
    models = sorted(wall.scoped_models().values(), key=lambda model: (_RANK[_resource(model)], model.__tablename__))
    with access.everything("how far a post reaches: counts by place"):
        counted = [(model, _by_place(model, who)) for model in models if _stands_somewhere(model)]
        units = _names({unit_id for _model, counts in counted for unit_id, _count in counts})
    return [
        Reached(
            model.__tablename__,
            sum(number for _unit, number in counts),
            tuple((units.get(unit_id, "—"), number) for unit_id, number in counts[:PLACES]),
            max(len(counts) - PLACES, 0),
        )
        for model, counts in counted
        if counts
    ]


_RANK = {resource: number for number, resource in enumerate(Resource)}


def _resource(model: type[Any]) -> Resource:
    return access.scope_of(model).resource  # type: ignore[union-attr]


def _stands_somewhere(model: type[Any]) -> bool:
    """Parts of another record have no place of their own and go with it."""
    return access.scope_of(model).through is None  # type: ignore[union-attr]


def _by_place(model: type[Any], who: access.Actor) -> list[tuple[int, int]]:
    if not who.holds(_resource(model)):
        return []
    below = LEVELS[min(LEVELS.index(who.posts[0].level) + 1, len(LEVELS) - 1)]
    place = func.coalesce(getattr(model, f"{below}_id"), model.unit_id)
    statement = select(place, func.count()).select_from(model).where(access.where(model, Verb.VIEW, who))
    rows = db.session.execute(statement.group_by(place)).tuples()
    return sorted(((unit_id, number) for unit_id, number in rows), key=lambda pair: (-pair[1], pair[0]))


def _names(unit_ids: Sequence[int] | set[int]) -> dict[int, str]:
    statement = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(sorted(unit_ids)))
    return dict(db.session.execute(statement).tuples().all())
