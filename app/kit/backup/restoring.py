"""The way back: an archive into an empty database, or in place of what is there, which is saved first."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from click import ClickException
from flask import current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import delete, func, inspect, select, table

from app.kit import clock, schema, verify
from app.kit.audit import acting, record
from app.kit.backup import archive, making, snapshot
from app.kit.db import db, side_connection, transaction
from app.kit.sessions import WebSession

_ASKED = ("org_unit", "ab_user", "audit_entry")
"""A database without a row in these holds nothing anybody entered; reference data do not count."""


class NotRestored(ClickException):
    """Nothing was restored, or not to the end; the message says what stands and what to do."""


@dataclass
class Restored:
    """What a restore did."""

    manifest: archive.Manifest
    saved: making.Made | None
    sessions_ended: int = 0
    problems: list[str] = field(default_factory=list)


def is_empty() -> bool:
    """True when nobody has entered anything into the database."""
    present = set(inspect(db.engine).get_table_names())
    with side_connection(writes=False) as connection:
        return not any(
            connection.scalar(select(func.count()).select_from(table(name))) for name in _ASKED if name in present
        )


def restore(file: Path, *, replace: bool, words: str) -> Restored:
    """Put an archive in place: checked first, then loaded, migrated to this release, counted, its chain recomputed.

    All sessions end. With `replace` what is there is saved first.
    Errors: BrokenArchive, WrongPassphrase; NotRestored for a database that is not empty, for an archive of a newer release,
    and when rows are missing afterwards.
    """
    with archive.opened(file, words) as (manifest, parts):
        _check(manifest, parts)
        saved = None
        if not is_empty():
            if not replace:
                raise NotRestored(
                    "The database is not empty: give --replace, which saves it first. Nothing was changed."
                )
            saved = making.make(why="before-restore", words=words)
        try:
            _load(manifest, parts)
            _put_files(parts / archive.FILES)
            upgrade()
        except (Exception, SystemExit) as error:
            raise NotRestored(_half_done(error, saved)) from error
    done = Restored(manifest, saved)
    with transaction() as session, acting("portal.restore"):
        done.sessions_ended = session.execute(delete(WebSession)).rowcount  # type: ignore[attr-defined]
        facts = {"file": file.name, "made_at": manifest.made_at, "rows": sum(manifest.tables.values())}
        record("restore", "database", manifest.revision or "", facts)
    done.problems = _verify()
    return done


def _check(manifest: archive.Manifest, parts: Path) -> None:
    database = parts / archive.DATABASE
    if schema.compared(manifest.revision) is schema.Standing.NEWER:
        raise NotRestored(
            f"The archive was made by version {manifest.version} at revision {manifest.revision}, which this release does "
            "not know. Install that version or a newer one, then restore. Nothing was changed."
        )
    _compare_counts(manifest.tables, snapshot.counts(database))
    if manifest.dialect == "sqlite" and (found := snapshot.problems(database)):
        raise NotRestored(f"The database in the archive is damaged: {'; '.join(found[:3])}. Nothing was changed.")


def _compare_counts(expected: Mapping[str, int], found: Mapping[str, int]) -> None:
    wrong = [f"{name}: {found.get(name, 0)} of {rows}" for name, rows in expected.items() if found.get(name, 0) != rows]
    if wrong:
        raise NotRestored(f"Rows are missing: {', '.join(wrong)}.")


def _load(manifest: archive.Manifest, parts: Path) -> None:
    database = parts / archive.DATABASE
    db.session.remove()
    if manifest.dialect == db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        snapshot.replace(database, db.engine)
    else:
        downgrade(revision="base")
        if manifest.revision:
            upgrade(revision=manifest.revision)
        db.engine.dispose()
        snapshot.put(database, db.engine)
    _compare_counts(manifest.tables, _counts_now(manifest.tables))


def _counts_now(names: Mapping[str, int]) -> dict[str, int]:
    with side_connection(writes=False) as connection:
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _put_files(source: Path) -> None:
    """The files of the archive; one that stands there with other content is put aside, not lost."""
    instance = Path(current_app.config["INSTANCE_DIR"])
    aside = instance / f"before-restore-{clock.now():%Y%m%d-%H%M%S}"
    for file in sorted(source.rglob("*")) if source.is_dir() else []:
        if not file.is_file():
            continue
        name = file.relative_to(source)
        target = instance / name
        if target.exists() and archive.sha256(target) != archive.sha256(file):
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, aside / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)


def _half_done(error: BaseException, saved: making.Made | None) -> str:
    cause = str(getattr(error, "orig", None) or getattr(error, "message", "") or error).strip().splitlines()
    words = f"The restore stopped: {cause[0] if cause else type(error).__name__}. Do not start the portal on this database. "
    if saved:
        return (
            words + f"What was there before is in {saved.file}: restore that one with --replace, or try this one again."
        )
    return words + "Mend the cause and run the same command again with --replace."


def _verify() -> list[str]:
    from app.kit.problems import sentence

    verdict = verify.verify()
    lines = [sentence(problem) for problem in verdict.problems]
    return lines + [f"{name}: {line}" for name, found in verdict.checks.items() for line in found]
