"""Reading accounts and the rights table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, reduce
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.domain.rights import DEFAULT_RIGHTS, Grant, Reach, Resource, Verb
from app.features.accounts.models import FabRole, PortalUser, RightsEntry
from app.features.people.models import Person, Post
from app.features.people.queries import in_force, post_facts
from app.kit import access, clock
from app.kit.db import db

PAGE = 30
DORMANT_DAYS = 90
_CELL, _LINE = "|", ";"  # neither is in the name of a role, resource, verb or reach


def rights_table() -> Mapping[Grant, Reach]:
    """(role, resource, verb) -> reach as kept in the database; the default table while it is empty."""
    return _as_table(db.session.scalar(_written()))


@lru_cache(maxsize=1)
def _written() -> Select[tuple[str | None]]:
    """The statement that gives the whole table as one text, made once."""
    cells = (RightsEntry.role, RightsEntry.resource, RightsEntry.verb, RightsEntry.reach)
    written = reduce(lambda line, cell: line + _CELL + cell, cells[1:], cast(cells[0], Text))
    return select(func.aggregate_strings(written, _LINE))


@lru_cache(maxsize=4)
def _as_table(written: str | None) -> Mapping[Grant, Reach]:
    """The table out of its entries written as one text; kept by that text, because every request reads the same one."""
    lines = (line.split(_CELL) for line in written.split(_LINE)) if written else ()
    table = {(role, Resource(resource), Verb(verb)): Reach(reach) for role, resource, verb, reach in lines}
    return MappingProxyType(table or dict(DEFAULT_RIGHTS))


def user_by_name(username: str) -> PortalUser | None:
    """The account with this user name."""
    return db.session.scalar(select(PortalUser).where(PortalUser.username == username))


def person_of(username: str) -> int | None:
    """The id of the person behind a user name; None when there is no such account or nobody behind it."""
    return db.session.scalar(select(PortalUser.person_id).where(PortalUser.username == username))


def account_with_person(user_id: int) -> PortalUser | None:
    """The account with this id and its person in one statement, for whoever is about to be signed in."""
    with access.everything("who is signed in"):
        return db.session.get(PortalUser, user_id, options=[_with_person()])


@lru_cache(maxsize=1)
def _with_person() -> ExecutableOption:
    return joinedload(PortalUser.person)


def user_by_id(user_id: int) -> PortalUser:
    """The account with this id. Errors: NotAllowed (hidden) when there is none."""
    user = db.session.get(PortalUser, user_id)
    if user is None:
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.VIEW, hidden=True)
    return user


def actor_of(user_id: int) -> access.Actor:
    """The actor behind an account: its person, the posts in force today, and the rights table."""
    user = db.session.get(PortalUser, user_id)
    if user is None or not user.active:
        return access.NOBODY
    posts = post_facts(user.person_id) if user.person_id else ()
    return access.Actor(user.id, user.username, str(user), user.person_id, posts, rights=rights_table())


@dataclass(frozen=True)
class AccountLine:
    """One account in the list: the user, where his person stands, and his posts in force."""

    user: PortalUser
    unit: str
    posts: tuple[Post, ...]


def _require_accounts() -> None:
    if not access.holds(Resource.ACCOUNTS):
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.VIEW)


def accounts(typed: str = "", state: str = "", page: int = 1) -> tuple[list[AccountLine], int]:
    """A page of the accounts whose user name or person holds what was typed, and how many there are in all."""
    _require_accounts()
    with access.everything("accounts name their persons and posts"):
        statement = found(typed, state)
        total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        statement = statement.options(selectinload(PortalUser.person).selectinload(Person.unit))
        users = db.session.scalars(statement.limit(PAGE).offset((page - 1) * PAGE)).all()
        return _lines(users), total


def found(typed: str = "", state: str = "") -> Select[tuple[PortalUser]]:
    """The statement of the accounts whose user name or person holds what was typed, by user name."""
    statement = select(PortalUser).outerjoin(PortalUser.person)
    if typed:
        names = (PortalUser.username, Person.name)
        statement = statement.where(or_(*(column.icontains(typed, autoescape=True) for column in names)))
    if state in _STATES:
        statement = statement.where(_STATES[state]())
    return statement.order_by(PortalUser.username)


def name_of(user: PortalUser) -> str:
    """The name of the person behind an account; empty when there is none."""
    return account_line(user).user.person.name if user.person_id else ""


def account_line(user: PortalUser) -> AccountLine:
    """One account with its person's place and posts."""
    _require_accounts()
    with access.everything("an account names its person and posts"):
        return _lines([user])[0]


def _dormant() -> ColumnElement[bool]:
    """Not signed in for 90 days; whoever never did counts from the day of his password."""
    since = clock.now() - timedelta(days=DORMANT_DAYS)
    never = and_(
        PortalUser.last_login.is_(None), or_(PortalUser.password_set_at.is_(None), PortalUser.password_set_at < since)
    )
    return and_(PortalUser.active.is_(True), or_(never, PortalUser.last_login < since.replace(tzinfo=None)))


def _without_post() -> ColumnElement[bool]:
    holders = in_force(select(Post.person_id)).where(Post.person_id == PortalUser.person_id)
    return and_(PortalUser.active.is_(True), ~holders.exists())


_STATES: dict[str, Callable[[], ColumnElement[bool]]] = {
    "active": lambda: PortalUser.active.is_(True),
    "off": lambda: PortalUser.active.is_(False),
    "locked": lambda: PortalUser.locked_until > clock.now(),
    "dormant": _dormant,
    "no_post": _without_post,
}


def account_report() -> dict[str, list[PortalUser]]:
    """Accounts somebody should look at, by user name: without a post in force, not used for 90 days, locked now."""
    _require_accounts()
    with access.everything("accounts name their persons and posts"):
        return {
            name: list(
                db.session.scalars(
                    select(PortalUser)
                    .where(_STATES[name]())
                    .options(selectinload(PortalUser.person))
                    .order_by(PortalUser.username)
                )
            )
            for name in ("no_post", "dormant", "locked")
        }


def _lines(users: Sequence[PortalUser]) -> list[AccountLine]:
    persons = [user.person_id for user in users if user.person_id]
    statement = in_force(select(Post).where(Post.person_id.in_(persons))).options(selectinload(Post.unit))
    posts: dict[int, list[Post]] = {}
    for post in db.session.scalars(statement.order_by(Post.id)):
        posts.setdefault(post.person_id, []).append(post)
    return [
        AccountLine(user, user.person.unit.name if user.person else "", tuple(posts.get(user.person_id or 0, ())))
        for user in users
    ]


def persons_without_account(typed: str) -> Sequence[Person]:
    """Up to 20 persons of that name who have no account: name and unit only are for the administrator's eyes."""
    if not access.holds(Resource.ACCOUNTS, Verb.EDIT) or not typed:
        return []
    with access.everything("an account is made for a person the administrator names"):
        has_one = select(PortalUser.person_id).where(PortalUser.person_id.is_not(None))
        statement = select(Person).where(Person.name.icontains(typed, autoescape=True), Person.id.not_in(has_one))
        statement = statement.options(selectinload(Person.unit))
        return db.session.scalars(statement.order_by(Person.name, Person.id).limit(20)).all()


def person_without_account(person_id: int) -> Person | None:
    """The person with this id if he has no account."""
    with access.everything("an account is made for a person the administrator names"):
        taken = db.session.scalar(select(PortalUser.id).where(PortalUser.person_id == person_id))
        return None if taken else db.session.get(Person, person_id)


def posts_of_actor() -> list[Post]:
    """The posts in force of whoever acts, with their units."""
    ids = [post.id for post in access.actor().posts]
    with access.everything("one's own posts"):
        statement = select(Post).where(Post.id.in_(ids)).options(selectinload(Post.unit))
        return list(db.session.scalars(statement.order_by(Post.id)))


def framework_roles() -> list[tuple[str, int, int]]:
    """The roles Flask-AppBuilder keeps: name, number of permissions, number of accounts that show it."""
    if not access.holds(Resource.RIGHTS):
        raise access.NotAllowed(Resource.RIGHTS, Verb.VIEW)
    roles = db.session.scalars(select(FabRole).options(selectinload(FabRole.permissions), selectinload(FabRole.user)))
    return [(role.name, len(role.permissions), len(role.user)) for role in roles]
