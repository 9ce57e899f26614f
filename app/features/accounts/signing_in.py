"""Signing in: the same work and the same answer whoever asks; who guesses is stopped for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.features.accounts import passwords
from app.features.accounts.models import PortalUser, SignInFailure
from app.features.accounts.services import show_roles
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import db, transaction

FAILURES, LOCKED_FOR = 5, timedelta(minutes=10)
FAILURES_OF_AN_ADDRESS = 50  # an office may stand behind one address
INITIAL_LASTS = timedelta(hours=72)


def sign_in(username: str, password: str, address: str) -> PortalUser | None:
    """The account that may go on, or None: unknown, deactivated, locked, wrong password, too many tries from the address.

    Shape: one password hash is computed in every case; failures are counted in the database, for all workers.
    """
    with transaction(), acting("accounts.sign_in"), access.everything("nobody acts yet"):
        statement = select(PortalUser).where(PortalUser.username == username.strip()).with_for_update()
        user = db.session.scalar(statement)
        stored = user.password if user is not None and _may_try(user) and not _stopped(address) else None
        if passwords.matches(password, stored):
            assert user is not None
            _succeeded(user)
            return user
        _failed(user if stored is not None else None, username, address)
    return None


def _may_try(user: PortalUser) -> bool:
    locked = user.locked_until is not None and user.locked_until > clock.now()
    set_at = user.password_set_at
    stale = user.must_change_password and set_at is not None and clock.now() - set_at > INITIAL_LASTS
    return bool(user.active) and not locked and not stale


def _stopped(address: str) -> bool:
    since = clock.now() - LOCKED_FOR
    statement = select(func.count()).where(SignInFailure.address == address, SignInFailure.at > since)
    return (db.session.scalar(statement) or 0) >= FAILURES_OF_AN_ADDRESS


def _succeeded(user: PortalUser) -> None:
    user.fail_login_count, user.locked_until = 0, None
    user.login_count = (user.login_count or 0) + 1
    user.last_login = clock.now().replace(tzinfo=None)
    days = passwords.policy().max_days
    if days and user.password_set_at and clock.now() - user.password_set_at > timedelta(days=days):
        user.must_change_password = True
    show_roles(user)
    audit.record("sign-in", "ab_user", user.id, {"username": user.username})


def _failed(user: PortalUser | None, username: str, address: str) -> None:
    now = clock.now()
    db.session.execute(delete(SignInFailure).where(SignInFailure.at < now - LOCKED_FOR))
    db.session.add(SignInFailure(address=address, at=now))
    kind = "sign-in refused"
    if user is not None:
        user.fail_login_count = (user.fail_login_count or 0) + 1
        if user.fail_login_count >= FAILURES:
            user.fail_login_count, user.locked_until, kind = 0, now + LOCKED_FOR, "account locked"
    audit.record(kind, "ab_user", user.id if user else "", {"username": username[:64]})
