"""Keys for machines: made and revoked by their owner, shown once, kept as a digest."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.accounts.models import ApiKey, PortalUser
from app.kit import access, bearers, clock
from app.kit.audit import acting
from app.kit.db import db, transaction

PREFIX = "qd_"
MOST_DAYS, MOST_KEYS = 366, 10
NOTED_EVERY = timedelta(minutes=5)


def own_keys() -> Sequence[ApiKey]:
    """The keys of whoever asks, the newest first."""
    statement = select(ApiKey).where(ApiKey.user_id == access.actor().user_id)
    return db.session.scalars(statement.order_by(ApiKey.id.desc())).all()


def make_key(name: str, days: int, may_write: bool) -> str:
    """A new key of whoever asks, to be shown once.

    Errors: api_key.name_missing, api_key.bad_days, api_key.too_many.
    """
    name = name.strip()[:80]
    held = [key for key in own_keys() if is_in_force(key)]
    wrong = [] if name else [Problem("api_key.name_missing", "name")]
    wrong += [] if 1 <= days <= MOST_DAYS else [Problem("api_key.bad_days", "days", {"most": MOST_DAYS})]
    wrong += [] if len(held) < MOST_KEYS else [Problem("api_key.too_many", "name", {"limit": MOST_KEYS})]
    if wrong:
        raise RuleBroken(wrong)
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction() as session, acting("accounts.make_key"):
        session.add(
            ApiKey(
                user_id=access.actor().user_id,
                name=name,
                digest=bearers.digest_of(key),
                may_write=may_write,
                made_at=clock.now(),
                expires_on=clock.today() + timedelta(days=days),
            )
        )
    return key


def revoke_key(key_id: int) -> None:
    """The key opens nothing from now on. Errors: NotAllowed, hidden, for another's key."""
    found = next((key for key in own_keys() if key.id == key_id), None)
    if found is None:
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.EDIT, hidden=True)
    with transaction(), acting("accounts.revoke_key"):
        found.revoked_at = found.revoked_at or clock.now()


def is_in_force(key: ApiKey) -> bool:
    """True until the key is revoked or its last day is over."""
    return key.revoked_at is None and clock.today() <= key.expires_on


def open_with(key: str) -> bearers.Opened | None:
    """What a key opens: the account behind it, and whether it may write; None for a key that opens nothing.

    An account that is closed, locked or has to change its password first has no keys that open.
    """
    if not key.startswith(PREFIX):
        return None
    with access.everything("who comes with a key"):
        statement = select(ApiKey, PortalUser).join(PortalUser, PortalUser.id == ApiKey.user_id)
        row = db.session.execute(statement.where(ApiKey.digest == bearers.digest_of(key))).first()
    if row is None or not is_in_force(row.ApiKey):
        return None
    user, now = row.PortalUser, clock.now()
    if not user.is_active or user.must_change_password or (user.locked_until and user.locked_until > now):
        return None
    if row.ApiKey.used_at is None or now - row.ApiKey.used_at > NOTED_EVERY:
        bearers.note_use(ApiKey, row.ApiKey.id, now)
    return bearers.Opened(user, row.ApiKey.may_write, row.ApiKey.id)
