"""Reading accounts and the rights table."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.rights import DEFAULT_RIGHTS, Grant, Reach, Resource, Role, Verb
from app.features.accounts.models import PortalUser, RightsEntry
from app.features.people.queries import post_facts
from app.kit import access
from app.kit.db import db


def rights_table() -> dict[Grant, Reach]:
    """(role, resource, verb) -> reach as kept in the database; the default table while it is empty."""
    entries = db.session.scalars(select(RightsEntry)).all()
    if not entries:
        return dict(DEFAULT_RIGHTS)
    return {(Role(e.role), Resource(e.resource), Verb(e.verb)): Reach(e.reach) for e in entries}


def user_by_name(username: str) -> PortalUser | None:
    """The account with this user name."""
    return db.session.scalar(select(PortalUser).where(PortalUser.username == username))


def actor_of(user_id: int) -> access.Actor:
    """The actor behind an account: its person, the posts in force today, and the rights table."""
    user = db.session.get(PortalUser, user_id)
    if user is None or not user.active:
        return access.NOBODY
    posts = post_facts(user.person_id) if user.person_id else ()
    return access.Actor(user.id, user.username, str(user), user.person_id, posts, rights=rights_table())
