"""Changing accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import inspect, select

from app.domain.errors import broken
from app.domain.rights import THREE_ADMINISTRATORS, Resource, Verb
from app.features.accounts import passwords
from app.features.accounts.models import FabRole, PortalUser
from app.features.accounts.queries import user_by_name
from app.features.org.queries import line_above
from app.features.people.models import Person, Post
from app.features.people.queries import post_facts
from app.kit import access, audit, clock, roles, saving
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.sessions import end_sessions_of

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def _require_accounts(verb: Verb = Verb.EDIT, resource: Resource = Resource.ACCOUNTS) -> None:
    if not access.holds(resource, verb):
        raise access.NotAllowed(resource, verb)


def add_account(
    username: str,
    password: str | None,
    person: Person | None = None,
    *,
    must_change: bool = True,
) -> PortalUser:
    """A new account of a person; rights come from the person's posts.

    Shape:  without a password where a directory or another server knows it, and nowhere else.
    Errors: account.bad_name, account.name_taken, account.person_has_one, account.no_passwords_here, those of `passwords.check`;
            NotAllowed without the accounts right.
    """
    _require_accounts()
    if not _USERNAME.fullmatch(username):
        raise broken("account.bad_name", "username", username=username)
    _kept_here(password is not None)
    if password is not None:
        passwords.check(password, *_personal(username, person))
    if user_by_name(username):
        raise broken("account.name_taken", "username", username=username)
    with transaction() as session, acting("accounts.add"):
        if person and session.scalar(select(PortalUser.id).where(PortalUser.person_id == person.id)):
            raise broken("account.person_has_one", "person", person=person.name)
        user = PortalUser(
            username=username,
            first_name=person.name if person else username,
            last_name="",
            email=f"{username}@portal.invalid",
            active=True,
            person_id=person.id if person else None,
        )
        if password is not None:
            _keep(user, password, must_change)
        session.add(user)
        session.flush()
        show_roles(user)
    return user


def _kept_here(password: bool = True) -> None:
    """Errors: account.no_passwords_here for a password where none is kept, and for none where one is needed."""
    if password != passwords.kept_here():
        raise broken("account.no_passwords_here", "password")


def _personal(username: str, person: Person | None) -> tuple[list[str | None], list[str]]:
    """What the password must not hold: the user name and the number; the names of the person and of the units above."""
    if person is None:
        return [username], []
    with access.everything("the password must not hold what everybody knows of the person"):
        return [username, person.phone], [person.name, *(unit.name for unit in line_above(person.unit))]


def _keep(user: PortalUser, password: str, must_change: bool) -> None:
    former = [user.password, *(user.password_history or [])] if user.password else []
    user.password_history = former[: passwords.policy().history]
    user.password = passwords.hashed(password)
    user.password_set_at = clock.now()
    user.must_change_password, user.initial_used_at = must_change, None
    user.fail_login_count, user.locked_until = 0, None


def set_password(user: PortalUser, password: str, *, must_change: bool) -> None:
    """The account gets this password; its sessions end.

    Errors: those of `passwords.check`; NotAllowed without the accounts right.
    """
    _require_accounts()
    _kept_here()
    passwords.check(password, *_personal(user.username, user.person))
    with transaction(), acting("accounts.set_password"):
        _keep(user, password, must_change)
        end_sessions_of(user.id)


def reset_password(user: PortalUser) -> str:
    """A random password for one sign-in within 72 hours, to be handed over once; the sessions of the account end.

    Errors: account.own, account.of_the_three; NotAllowed without the accounts right.
    """
    _require_accounts()
    _not_oneself(user)
    _not_of_the_three(user)
    _kept_here()
    password = passwords.random_password()
    with transaction(), acting("accounts.reset_password"):
        _keep(user, password, must_change=True)
        end_sessions_of(user.id)
    return password


def set_active(user: PortalUser, active: bool) -> None:
    """The account may sign in, or may not; a deactivated one is signed out everywhere at once.

    Errors: account.own; NotAllowed without the accounts right.
    """
    _require_accounts()
    _not_oneself(user)
    with transaction(), acting("accounts.activate" if active else "accounts.deactivate"):
        user.active = active
        if not active:
            end_sessions_of(user.id)


def unlock(user: PortalUser) -> None:
    """A locked account may try again at once. Errors: NotAllowed without the right over rights (security)."""
    _require_accounts(resource=Resource.RIGHTS)
    with transaction(), acting("accounts.unlock"):
        user.locked_until, user.fail_login_count = None, 0


def _not_of_the_three(user: PortalUser) -> None:
    """Who could give himself the password of another of the three would be both: the operator at the machine does it."""
    held = post_facts(user.person_id) if user.person_id else ()
    if not access.actor().is_operator and any(roles.base_of(post.role) in THREE_ADMINISTRATORS for post in held):
        raise broken("account.of_the_three")


def _not_oneself(user: PortalUser) -> None:
    if user.id == access.actor().user_id:
        raise broken("account.own")


def change_own_password(user: PortalUser, present: str, new: str, again: str, this_session: str) -> None:
    """The user's own new password; his other sessions end.

    Errors: account.password_wrong, account.password_differs, those of `passwords.check`; NotAllowed for another's account.
    """
    if user.id != access.actor().user_id:
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.EDIT)
    _kept_here()
    if not passwords.matches(present, user.password):
        raise broken("account.password_wrong", "present")
    if new != again:
        raise broken("account.password_differs", "again")
    passwords.check(new, *_personal(user.username, user.person), [user.password, *(user.password_history or [])])
    with transaction(), acting("accounts.change_own_password"):
        _keep(user, new, must_change=False)
        end_sessions_of(user.id, but=this_session)


_OF_RIGHTS = (
    "person_id",
    "person",
    "role",
    "unit_id",
    "unit",
    "from_on",
    "to_on",
    "covers",
    "acting_for_id",
    "acting_for",
)


def end_sessions_after_change_of_posts(posts: Sequence[Post]) -> None:
    """Whose posts were made, changed or ended signs in anew, whichever door the change came through.

    Shape:  nobody changes his own posts, so whoever acts stays signed in.
    """
    session = db.session()
    touched = [post for post in posts if post in session.deleted or saving.changed(post, *_OF_RIGHTS)]
    persons = {person_id for post in touched for person_id in _persons(post) if person_id}
    statement = select(PortalUser.__table__.c.id).where(PortalUser.__table__.c.person_id.in_(sorted(persons)))
    accounts = set(session.connection().scalars(statement)) if persons else set()
    end_sessions_of(accounts)


def _persons(post: Post) -> Iterator[int | None]:
    """Who holds the post, and who held it before."""
    yield post.person_id or (post.person.id if post.person else None)
    yield from inspect(post).attrs.person_id.history.deleted or ()


def end_own_session(user_id: int, name: str) -> None:
    """One of the user's own sessions ends. Errors: NotAllowed for another's."""
    if user_id != access.actor().user_id:
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.EDIT)
    with transaction(), acting("accounts.end_session"):
        end_sessions_of(user_id, only=name)
        audit.record("session ended", "ab_user", user_id, {})


def show_roles(user: PortalUser) -> None:
    """List the roles of a person's posts on the account, for Flask-AppBuilder's own pages; rights do not come from there."""
    names = {post.role for post in access.actor_of_user(user.id).posts}
    user.roles = list(db.session.scalars(select(FabRole).where(FabRole.name.in_(names))))
