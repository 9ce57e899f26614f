"""What is kept so that a copy of the database alone does not open it: sealed with a key of the installation.

Sealed with the key of today, opened with those of before too (SECRET_KEY_FALLBACKS). Each purpose has a key of its own.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import current_app


def seal(content: bytes, purpose: str) -> bytes:
    """The content as it is kept."""
    return base64.urlsafe_b64decode(_fernet(purpose).encrypt(content))


def opened(sealed: bytes, purpose: str) -> bytes | None:
    """The content; None when the key of this installation has changed since, and the old one is not named."""
    from cryptography.fernet import InvalidToken

    try:
        found: bytes = _fernet(purpose).decrypt(base64.urlsafe_b64encode(sealed))
    except InvalidToken:
        return None
    return found


def _fernet(purpose: str) -> Any:
    from cryptography.fernet import Fernet, MultiFernet

    keys = (current_app.config["SECRET_KEY"], *(current_app.config.get("SECRET_KEY_FALLBACKS") or ()))
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(key: str, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return base64.urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key.encode()))
