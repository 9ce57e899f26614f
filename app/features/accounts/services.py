"""Changing accounts and the rights table."""

from __future__ import annotations

from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.domain.errors import broken
from app.domain.rights import DEFAULT_RIGHTS, Resource, Verb
from app.features.accounts.models import FabRole, PortalUser, RightsEntry
from app.features.accounts.queries import user_by_name
from app.features.people.models import Person
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction

SHORTEST_PASSWORD = 10


def check_password(password: str, username: str) -> None:
    """Refuse a password that is short, one-sided or holds the user name.

    Errors: account.password_short, account.password_simple, account.password_name.
    """
    kinds = sum(any(test(c) for c in password) for test in (str.islower, str.isupper, str.isdigit, _is_sign))
    if len(password) < SHORTEST_PASSWORD:
        raise broken("account.password_short", "password", least=SHORTEST_PASSWORD)
    if kinds < 3:
        raise broken("account.password_simple", "password")
    if username.lower() in password.lower():
        raise broken("account.password_name", "password")


def _is_sign(character: str) -> bool:
    return not character.isalnum()


def add_account(
    username: str,
    password: str,
    person: Person | None = None,
    *,
    must_change: bool = True,
    hash_method: str = "scrypt",
) -> PortalUser:
    """A new account of a person; rights come from the person's posts.

    Errors: account.name_taken, account.person_has_one, those of `check_password`; NotAllowed without the accounts right.
    """
    if not access.holds(Resource.ACCOUNTS, Verb.EDIT):
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.EDIT)
    check_password(password, username)
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
            password=generate_password_hash(password, method=hash_method),
            person_id=person.id if person else None,
            must_change_password=must_change,
        )
        session.add(user)
        session.flush()
        show_roles(user)
    return user


def show_roles(user: PortalUser) -> None:
    """List the roles of a person's posts on the account, for Flask-AppBuilder's own pages; rights do not come from there."""
    names = {post.role.value for post in access.actor_of_user(user.id).posts}
    user.roles = list(db.session.scalars(select(FabRole).where(FabRole.name.in_(names))))


def load_default_rights() -> None:
    """Fill an empty rights table with the default one; a changed table is left as it is."""
    if db.session.scalar(select(RightsEntry.id).limit(1)):
        return
    with transaction() as session, acting("accounts.load_default_rights"):
        session.add_all(
            RightsEntry(role=role.value, resource=resource.value, verb=verb.value, reach=reach.value)
            for (role, resource, verb), reach in DEFAULT_RIGHTS.items()
        )
