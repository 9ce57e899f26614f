"""The daily anchor: the end of the chain, signed, in a file beside the database, where its owner cannot write it anew."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from app import config
from app.kit import clock

FILE = "anchors.jsonl"


@dataclass(frozen=True)
class Anchor:
    """One line of the file; `genuine` is False when it does not carry the signature of this installation."""

    line: int
    date: str
    number: int
    digest: str
    genuine: bool


def file() -> Path:
    """Where the anchors are kept."""
    return Path(current_app.config["INSTANCE_DIR"]) / FILE


def due() -> bool:
    """True when the chain has no anchor of today yet, and there is a key to sign one."""
    return has_key() and _last_date() != clock.today().isoformat()


def add(number: int, digest: str) -> dict[str, Any] | None:
    """Append an anchor and answer what stands in its line; None without a key that outlives this process."""
    if not has_key():
        return None
    anchor = signed({"date": clock.today().isoformat(), "number": number, "digest": digest})
    descriptor = os.open(file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(anchor) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return anchor


def every() -> list[Anchor]:
    """All anchors, in the order of the file; a line that cannot be read is one that is not genuine."""
    if not file().exists():
        return []
    lines = file().read_text(encoding="utf-8", errors="replace").splitlines()
    return [_read(n, line) for n, line in enumerate(lines, 1) if line.strip()]


def _read(number: int, line: str) -> Anchor:
    try:
        given = json.loads(line)
        return Anchor(number, str(given["date"]), int(given["number"]), str(given["digest"]), is_genuine(given))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Anchor(number, "", 0, "", False)


def _last_date() -> str:
    if not file().exists():
        return ""
    with file().open("rb") as stream:  # the last line alone: this is asked after every write
        stream.seek(max(0, file().stat().st_size - 400))
        tail = stream.read().splitlines()
    return _read(0, tail[-1].decode(errors="replace")).date if tail else ""


def has_key() -> bool:
    """True when there is a key to sign with that outlives this process."""
    return bool(_keys())


def signed(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the signature of this installation: what a database owner cannot write."""
    return {**values, "hmac": _sign(_keys()[0], values)}


def is_genuine(values: dict[str, Any]) -> bool:
    """True when the values carry the signature of this installation, made with its present or a former key."""
    unsigned = {name: value for name, value in values.items() if name != "hmac"}
    return any(hmac.compare_digest(_sign(key, unsigned), str(values.get("hmac"))) for key in _keys())


def _sign(key: bytes, anchor: dict[str, Any]) -> str:
    return hmac.new(key, json.dumps(anchor, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _keys() -> list[bytes]:
    """The key to sign with, then the former ones (SECRET_KEY_FALLBACKS), each derived for this purpose alone."""
    lasting = config.lasting_key(current_app.config["INSTANCE_DIR"])
    if not lasting and current_app.config.get("TESTING"):
        lasting = current_app.config["SECRET_KEY"]
    former = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    secrets = [lasting, *former] if lasting else []
    return [hmac.new(secret.encode(), b"anchors of the audit trail", hashlib.sha256).digest() for secret in secrets]
