"""The archive: a .tar.gz with the database, the files of the instance folder, and a manifest that names every byte."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from click import ClickException

from app.kit.backup import cipher

FORMAT = 1
DATABASE = "database.sqlite"
FILES = "instance"
NOTE = (
    "The secret key of the installation is NOT in this archive. Keep it elsewhere: without it the signatures of the anchors "
    "and the second factors cannot be read."
)


class BrokenArchive(ClickException):
    """The file is no backup of ours, or not as it was written."""


@dataclass(frozen=True)
class Manifest:
    """What the archive says of itself."""

    product: str
    version: str
    revision: str | None
    dialect: str
    made_at: str
    tables: Mapping[str, int]
    chain: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    note: str = NOTE


def sha256(file: Path) -> str:
    """The digest of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(target: Path, manifest: Manifest, parts: Mapping[str, Path], words: str) -> None:
    """Write the archive of these parts (name in the archive: file); complete under its name or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = Manifest(**{**asdict(manifest), "files": {name: sha256(file) for name, file in sorted(parts.items())}})
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as folder:
        made, note = Path(folder) / "made.tar.gz", Path(folder) / "manifest.json"
        note.write_text(json.dumps(asdict(whole), ensure_ascii=False, indent=1), encoding="utf-8")
        with tarfile.open(made, "w:gz", compresslevel=6) as tar:
            for name, file in {"manifest.json": note, **dict(sorted(parts.items()))}.items():
                tar.add(file, arcname=name, recursive=False)
        if words:
            sealed = Path(folder) / "sealed"
            cipher.seal(made, sealed, words)
            made = sealed
        made.chmod(0o600)
        os.replace(made, target)


@contextmanager
def opened(file: Path, words: str) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and a folder with the parts, every one compared with its digest.

    Errors: WrongPassphrase, BrokenArchive.
    """
    with tempfile.TemporaryDirectory(prefix="qingdan-restore-") as name:
        folder = Path(name)
        if cipher.is_sealed(file):
            if not words:
                raise cipher.WrongPassphrase(f"{file} is encrypted: give the passphrase in {cipher.ENVIRONMENT}.")
            cipher.unseal(file, folder / "plain.tar.gz", words)
            file = folder / "plain.tar.gz"
        unpacked = folder / "parts"
        _unpack(file, unpacked)
        manifest = _manifest(unpacked)
        _compare(manifest, unpacked)
        yield manifest, unpacked


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BrokenArchive(f"{file} cannot be unpacked: {error}") from error


def _manifest(folder: Path) -> Manifest:
    try:
        values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest = Manifest(**values)
    except (OSError, ValueError, TypeError) as error:
        raise BrokenArchive(f"The archive has no manifest of ours: {error}") from error
    if manifest.format != FORMAT:
        raise BrokenArchive(f"The archive has format {manifest.format}; this release reads {FORMAT}.")
    return manifest


def _compare(manifest: Manifest, folder: Path) -> None:
    present = {str(PurePosixPath(f.relative_to(folder))) for f in folder.rglob("*") if f.is_file()} - {"manifest.json"}
    if present != set(manifest.files):
        raise BrokenArchive(f"Parts are missing or too many: {', '.join(sorted(present ^ set(manifest.files)))}.")
    for name, digest in manifest.files.items():
        if sha256(folder / name) != digest:
            raise BrokenArchive(f"{name} is not as it was written (SHA-256 differs).")
