"""An archive sealed with a passphrase: AES-256-GCM in chunks, so that neither a byte nor the end can be changed unseen.

Each chunk carries its number and whether it is the last in its nonce (the STREAM construction); the key is scrypt over
the passphrase and a salt of the file.
"""

from __future__ import annotations

import os
import secrets
import struct
from pathlib import Path
from typing import BinaryIO

from click import ClickException
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"QDBK1\n"
CHUNK = 1024 * 1024
_SALT, _PREFIX, _TAG = 16, 7, 16
ENVIRONMENT = "QINGDAN_BACKUP_PASSPHRASE"
LEAST = 12


class WrongPassphrase(ClickException):
    """The archive cannot be opened with what was given."""


def passphrase() -> str:
    """The passphrase out of QINGDAN_BACKUP_PASSPHRASE, or out of the file that QINGDAN_BACKUP_PASSPHRASE_FILE names; "" for none.

    Errors: ClickException for one that is too short to protect anything.
    """
    words = os.environ.get(ENVIRONMENT, "")
    if not words and (file := os.environ.get(f"{ENVIRONMENT}_FILE")):
        words = Path(file).read_text(encoding="utf-8").strip()
    if words and len(words) < LEAST:
        raise ClickException(f"The passphrase of the backups is shorter than {LEAST} characters.")
    return words


def is_sealed(file: Path) -> bool:
    """True for a file that `seal` wrote."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def seal(source: Path, target: Path, words: str) -> None:
    """Write `target`, which only the passphrase opens."""
    salt, prefix = secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX)
    key = _key(words, salt)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(MAGIC + salt + prefix)
        number, chunk = 0, plain.read(CHUNK)
        while True:
            following = plain.read(CHUNK)
            sealed.write(key.encrypt(_nonce(prefix, number, not following), chunk, MAGIC))
            if not following:
                break
            number, chunk = number + 1, following
        _to_disk(sealed)


def unseal(source: Path, target: Path, words: str) -> None:
    """Write what was sealed.

    Errors: WrongPassphrase, also for a file that was changed or cut off.
    """
    with source.open("rb") as sealed, target.open("wb") as plain:
        sealed.seek(len(MAGIC))
        salt, prefix = sealed.read(_SALT), sealed.read(_PREFIX)
        key = _key(words, salt)
        number, chunk = 0, sealed.read(CHUNK + _TAG)
        while True:
            following = sealed.read(CHUNK + _TAG)
            try:
                plain.write(key.decrypt(_nonce(prefix, number, not following), chunk, MAGIC))
            except InvalidTag:
                raise WrongPassphrase(
                    f"{source} does not open: the passphrase ({ENVIRONMENT}) is another one, or the file was changed or cut off."
                ) from None
            if not following:
                break
            number, chunk = number + 1, following


def _key(words: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(words.encode()))


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)


def _to_disk(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
