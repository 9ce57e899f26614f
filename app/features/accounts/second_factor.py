"""The second factor: a time-based code (RFC 6238) out of an app on a telephone, or one of ten codes on paper."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app

from app.domain.rights import Resource, Verb
from app.features.accounts.models import PortalUser
from app.kit import access, clock, sealing

PURPOSE = "second factor"
STEP = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# Whoever holds one of these can change what people are paid, who may do what, or who watches over it.
_WEIGHTY = frozenset(
    {(resource, verb) for resource in ("scores", "rankings", "pay", "rules") for verb in (Verb.PUBLISH, Verb.APPROVE)}
    | {(Resource.ACCOUNTS, Verb.EDIT), (Resource.RIGHTS, Verb.EDIT), (Resource.AUDIT, Verb.VIEW)}
)


def required(who: access.Actor) -> bool:
    """True when the posts of the actor give something weighty, and this installation asks for a second factor then."""
    if current_app.config["SECOND_FACTOR"] == "off" or not is_ours():
        return False
    return any(who.holds(Resource(resource), verb) for resource, verb in _WEIGHTY)


def is_ours() -> bool:
    """False where another server signs people in: then its second factor counts."""
    return bool(current_app.config["AUTH"] != "oidc")


def owed(user: PortalUser) -> bool:
    """True when a right password alone does not sign this account in: a code, or setting one up, comes first."""
    return is_ours() and (user.totp_secret is not None or required(access.actor_of_user(user.id)))


def new_secret() -> str:
    """A new secret, sealed, to be shown as a picture and kept once a code out of it was typed."""
    import pyotp

    return seal(pyotp.random_base32())


def seal(secret: str) -> str:
    """The secret as it is kept: a copy of the database alone gives no codes."""
    return base64.urlsafe_b64encode(sealing.seal(secret.encode(), PURPOSE)).decode()


def opened(sealed: str) -> str | None:
    """The secret; None when the key of this installation has changed since, and the old one is not named."""
    try:
        secret = sealing.opened(base64.urlsafe_b64decode(sealed.encode()), PURPOSE)
    except ValueError:  # somebody touched it
        return None
    return None if secret is None else secret.decode()


def picture(username: str, sealed: str) -> str:
    """The secret as a picture to scan: SVG without scripts."""
    import segno

    return str(segno.make(_address(username, sealed), error="m").svg_inline(scale=5, border=2))


def spelt(sealed: str) -> str:
    """The secret in groups of four, for whoever cannot scan."""
    secret = opened(sealed) or ""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _address(username: str, sealed: str) -> str:
    import pyotp

    return pyotp.TOTP(opened(sealed) or "", interval=STEP).provisioning_uri(
        name=username, issuer_name=current_app.config["APP_NAME"]
    )


def accepts(user: PortalUser, code: str) -> bool:
    """True for the code of this half minute, or of the one before or after, not used yet; or for a recovery code."""
    if user.totp_secret is None:
        return False
    typed = "".join(code.split()).lower()
    return _step_of(user, user.totp_secret, typed) or _recovers(user, typed)


def enrol(user: PortalUser, sealed: str, code: str) -> list[str] | None:
    """Keep the secret once a code out of it is right, and give the recovery codes, to be shown once; None when it is wrong."""
    if not _step_of(user, sealed, "".join(code.split())):
        return None
    user.totp_secret, user.totp_since = sealed, clock.now()
    return give_recovery_codes(user)


def _step_of(user: PortalUser, sealed: str, typed: str) -> bool:
    """Note the step whose code was typed: it is good for one sign-in, and so is none before it."""
    import pyotp

    secret = opened(sealed)
    if secret is None or not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
        return False
    present, otp = int(clock.now().timestamp()) // STEP, pyotp.TOTP(secret, interval=STEP)
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(otp.generate_otp(step), typed) and step > (user.totp_last_step or 0):
            user.totp_last_step = step
            return True
    return False


def _recovers(user: PortalUser, typed: str) -> bool:
    kept, wanted = list(user.recovery_codes or []), _digest(typed)
    left = [one for one in kept if not hmac.compare_digest(one, wanted)]
    user.recovery_codes = left
    return len(left) < len(kept)


def give_recovery_codes(user: PortalUser) -> list[str]:
    """Ten new codes, each good once instead of a code; only their hashes are kept. Earlier ones are worth nothing."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [_digest(code) for code in codes]
    return [f"{code[:6]}-{code[6:]}" for code in codes]


def _digest(code: str) -> str:
    # Plain SHA-256 is enough: a code nobody chose has 59 bits, and five wrong ones lock the account.
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def forget(user: PortalUser) -> None:
    """No second factor any more: the next sign-in sets one up where one is required."""
    user.totp_secret, user.totp_since, user.totp_last_step, user.recovery_codes = None, None, None, None
