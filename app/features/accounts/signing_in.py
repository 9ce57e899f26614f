"""Signing in: the same work and the same answer whoever asks; who guesses is stopped for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from app.features.accounts import passwords, second_factor
from app.features.accounts.models import PortalUser, SignInFailure
from app.features.accounts.services import show_roles
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import db, transaction

log = logging.getLogger(__name__)

FAILURES, LOCKED_FOR = 5, timedelta(minutes=10)
FAILURES_OF_AN_ADDRESS = 50  # an office may stand behind one address
INITIAL_LASTS = timedelta(hours=72)

Proof = Callable[[str, str], bool]
"""Says whether a password is right for a user name: of a directory, instead of the hash kept here."""


def sign_in(username: str, password: str, address: str, proof: Proof | None = None) -> PortalUser | None:
    """The account whose password is right and which may go on, or None.

    Shape:  None for unknown, deactivated, locked, without a post, wrong password, too many tries from the address; one
            password hash is computed in every case. Failures are counted in the database, for all workers. An account
            that owes a code has not signed in yet: see `enter_code`.
    """
    name = username.strip()
    stored = _stored(name, address)
    # Before the transaction: nobody's save waits behind a password hash, or behind another server.
    right = passwords.matches(password, stored) if proof is None else stored is not None and proof(name, password)
    with transaction(), acting("accounts.sign_in"), access.everything("nobody acts yet"):
        user = _locked_row(PortalUser.username == name)
        may = user is not None and _may_try(user) and not _stopped(address)
        if user is not None and may and right and (user.password or "") == stored:
            if not second_factor.owed(user):
                _succeeded(user)
            return user
        _failed(user if may else None, username, address)
    return None


def _stored(username: str, address: str) -> str | None:
    """The password hash of an account that may try, read without the write lock; None for every other name."""
    with access.everything("nobody acts yet"):
        db.session.rollback()
        db.session.connection(execution_options={"writes": False})
        user = db.session.scalar(select(PortalUser).where(PortalUser.username == username))
        stored = (user.password or "") if user is not None and _may_try(user) and not _stopped(address) else None
        db.session.rollback()
    return stored


def vouched_for(username: str, address: str) -> PortalUser | None:
    """The account another server has vouched for, signed in; None when it may not go on. No account makes itself."""
    with transaction(), acting("accounts.sign_in"), access.everything("nobody acts yet"):
        user = _locked_row(PortalUser.username == username)
        if user is not None and _may_try(user):
            _succeeded(user)
            return user
        _failed(None, username, address)
    return None


@dataclass(frozen=True)
class Entered:
    """An account that has signed in with its code; `codes` are the recovery codes of a factor set up just now."""

    user: PortalUser
    codes: tuple[str, ...] = ()


def enter_code(user_id: int, code: str, address: str, enrolling: str | None = None) -> Entered | None:
    """The account, signed in, whose code is right after its password was; a wrong one counts like a wrong password.

    Shape:  `enrolling` is the sealed secret shown to somebody who sets up his second factor at this sign-in.
    """
    with transaction(), acting("accounts.sign_in"), access.everything("nobody acts yet"):
        user = _locked_row(PortalUser.id == user_id)
        may = user is not None and _may_try(user) and not _stopped(address)
        codes = _codes(user, code, enrolling) if user is not None and may else None
        if user is not None and codes is not None:
            _succeeded(user)
            return Entered(user, tuple(codes))
        _failed(user if may else None, user.username if user else "", address)
    return None


def _codes(user: PortalUser, code: str, enrolling: str | None) -> list[str] | None:
    """None when the code is wrong; else what is to be shown once, which is nothing but after setting up."""
    if enrolling is None:
        return [] if second_factor.accepts(user, code) else None
    return second_factor.enrol(user, enrolling, code) if user.totp_secret is None else None


def _locked_row(condition: object) -> PortalUser | None:
    statement = select(PortalUser).where(condition).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def may_go_on(user: PortalUser) -> bool:
    """True while nothing stands against the account itself: who owes a code is asked again with every page."""
    with access.everything("nobody acts yet"):
        return _may_try(user)


def _may_try(user: PortalUser) -> bool:
    locked = user.locked_until is not None and user.locked_until > clock.now()
    return bool(user.active) and not locked and not _used_up(user) and bool(access.actor_of_user(user.id).posts)


def _used_up(user: PortalUser) -> bool:
    """A password that was handed over opens once, within three days; then it is to be changed, or reset."""
    if not user.must_change_password:
        return False
    set_at = user.password_set_at
    return user.initial_used_at is not None or (set_at is not None and clock.now() - set_at > INITIAL_LASTS)


def _stopped(address: str) -> bool:
    since = clock.now() - LOCKED_FOR
    statement = select(func.count()).where(SignInFailure.address == address, SignInFailure.at > since)
    if (db.session.scalar(statement) or 0) < FAILURES_OF_AN_ADDRESS:
        return False
    log.warning("sign-in from %s is stopped: too many failures", address)
    return True


def _succeeded(user: PortalUser) -> None:
    user.fail_login_count, user.locked_until = 0, None
    user.login_count = (user.login_count or 0) + 1
    user.last_login = clock.now().replace(tzinfo=None)
    if user.must_change_password:
        user.initial_used_at = clock.now()
    show_roles(user)
    audit.record("sign-in", "ab_user", user.id, {"username": user.username}, by=(user.id, user.username))


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
