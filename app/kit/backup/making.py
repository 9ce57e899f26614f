"""Making a backup: while people work, in one file, and how many are kept."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from app import config
from app.kit import clock
from app.kit.backup import archive, snapshot
from app.kit.db import db

PREFIX = "qingdan"
_MAKING = ".making-"
_NOT_KEPT = {config.KEY_FILE, "demo-password", "jobs.db", "jobs.db-wal", "jobs.db-shm"}  # a queue is of its moment
_NOT_KEPT_FOLDERS = ("backups", "before-restore-", _MAKING)


@dataclass(frozen=True)
class Made:
    """One backup."""

    file: Path
    manifest: archive.Manifest
    encrypted: bool

    def facts(self) -> dict[str, object]:
        """For the trail: enough to know the archive again."""
        return {
            "file": self.file.name,
            "sha256": archive.sha256(self.file),
            "revision": self.manifest.revision,
            "rows": sum(self.manifest.tables.values()),
            "chain": self.manifest.chain.get("number"),
            "encrypted": self.encrypted,
        }


def make(to: Path | None = None, *, why: str = "asked", words: str = "") -> Made:
    """A backup of everything but the secret key, as of one instant; `words` seal it.

    Without `to` it stands in the folder of the backups, its name telling why and when.
    Errors: OSError, sqlite3.Error, SQLAlchemyError; then no file is left.
    """
    target = to or folder() / f"{PREFIX}-{why}-{clock.now():%Y%m%d-%H%M%S-%f}.tar.gz{'.enc' if words else ''}"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_MAKING) as name:
        work = Path(name)
        database = work / archive.DATABASE
        snapshot.take(db.engine, database)
        parts = {archive.DATABASE: database, **_files(work)}
        archive.write(target, _manifest(database), parts, words)
    with archive.opened(target, words) as (manifest, _parts):  # what was never read back is no backup
        return Made(target, manifest, bool(words))


def folder() -> Path:
    """Where backups are kept."""
    return Path(current_app.config["BACKUP_DIR"])


def rotate(why: str, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of one kind, and what a backup cut off left lying; answers what went."""
    for left in folder().glob(f"{_MAKING}*"):
        if clock.now().timestamp() - left.stat().st_mtime > 24 * 3600:
            shutil.rmtree(left, ignore_errors=True)
    made = sorted(folder().glob(f"{PREFIX}-{why}-*.tar.gz*"), reverse=True)
    for file in made[keep:]:
        file.unlink()
    return made[keep:]


def version() -> str:
    """The version of this release."""
    try:
        return importlib.metadata.version("qingdan")
    except importlib.metadata.PackageNotFoundError:  # started out of a checkout
        return "checkout"


def _manifest(database: Path) -> archive.Manifest:
    return archive.Manifest(
        product="qingdan",
        version=version(),
        revision=snapshot.revision(database),
        dialect=db.engine.dialect.name,
        made_at=clock.now().isoformat(timespec="seconds"),
        tables=snapshot.counts(database),
        chain=snapshot.chain_head(database),
    )


def _files(work: Path) -> dict[str, Path]:
    """Copies of the files of the instance folder, such as anchors and uploads: what is written to meanwhile must not change."""
    instance, copies = Path(current_app.config["INSTANCE_DIR"]), {}
    for file in sorted(instance.rglob("*")):
        name = file.relative_to(instance)
        if not file.is_file() or file.is_symlink() or name.name in _NOT_KEPT or _elsewhere(file, name):
            continue
        copy = work / archive.FILES / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
        copies[f"{archive.FILES}/{name.as_posix()}"] = copy
    return copies


def _elsewhere(file: Path, name: Path) -> bool:
    """The database, which is copied as of one instant, the backups themselves, and what a restore put aside."""
    database, found = Path(db.engine.url.database or "").resolve(), file.resolve()
    if found.name.startswith(database.name) and found.parent == database.parent:
        return True
    return folder().resolve() in found.parents or any(part.startswith(_NOT_KEPT_FOLDERS) for part in name.parts)
