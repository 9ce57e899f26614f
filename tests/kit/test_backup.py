"""Backup and restore: everything but the key, as of one instant, and back again on either kind of database."""

from __future__ import annotations

import json
import shutil
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from factories.installation import digests, empty_installation, own_installation
from factories.world import PASSWORD
from sqlalchemy import func, insert, select, text

from app import config
from app.kit.audit import AuditEntry
from app.kit.backup import archive, cipher, making, restoring, upgrading
from app.kit.db import db, side_connection

WORDS = "einundzwanzig Hasen"
CHANGING = {"audit_entry", "audit_seal", "web_session"}  # a restore stands in the trail itself


@pytest.fixture
def source(world_engine: Any, tmp_path: Path) -> Any:
    """An installation with the small county."""
    return own_installation(world_engine, tmp_path)


def backup(app: Any, **options: Any) -> making.Made:
    with app.app_context():
        return making.make(**options)


def restore(app: Any, file: Path, *, replace: bool = False, words: str = "") -> restoring.Restored:
    from app.kit import access

    with app.app_context(), access.acting_as(access.OPERATOR):
        return restoring.restore(file, replace=replace, words=words)


def without_changing(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in CHANGING}


def can_sign_in(app: Any) -> bool:
    answer = app.test_client().post("/login/", data={"username": "chief_grid_leader", "password": PASSWORD})
    return bool(answer.status_code == 302 and "login" not in answer.headers["Location"])


def test_a_backup_made_while_others_write_restores_whole_elsewhere_f15_c41(source: Any, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with source.app_context():
            while not stop.is_set():
                with side_connection() as connection:  # two rows at a time: an odd number would be half a transaction
                    entry = {
                        "username": "w",
                        "address": "-",
                        "action": "f15",
                        "kind": "x",
                        "table_name": "t",
                        "row_id": "1",
                    }
                    row = entry | {"changes": {}, "at": making.clock.now()}
                    connection.execute(insert(AuditEntry.__table__), [row, row])
                written.append(2)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not written:
            pass
        made = backup(source)
    finally:
        stop.set()
        writer.join()
    target = empty_installation(tmp_path / "elsewhere", source_engine(source))
    done = restore(target, made.file)
    assert done.problems == []
    with target.app_context():
        count = db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "f15"))
    assert count and count % 2 == 0 and count <= sum(written)
    assert can_sign_in(target)


def source_engine(app: Any) -> Any:
    with app.app_context():
        return db.engine


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_archive_restores_into_either_kind_of_database(source: Any, tmp_path: Path, kind: str) -> None:
    made, before = backup(source), digests(source)
    target = empty_installation(tmp_path / "other", kind)
    assert restore(target, made.file).problems == []
    assert without_changing(digests(target)) == without_changing(before)
    assert can_sign_in(target)
    with target.app_context():  # the numbers go on after the last one
        from app.kit.access import OPERATOR, acting_as, everything

        with acting_as(OPERATOR), everything("a new row in the restored database"):
            from app.features.org.queries import units_at
            from app.features.people.services import add_person

            assert add_person(units_at("county")[0], "新人", phone="10000000009").id


def test_the_archive_says_what_it_holds_and_holds_no_key_c41(source: Any, tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("canary")
    (tmp_path / "anchors.jsonl").write_text("")
    made = backup(source)
    with tarfile.open(made.file) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
    assert "instance/anchors.jsonl" in names and not any("secret-key" in name or name.endswith(".db") for name in names)
    assert manifest["tables"]["org_unit"] and manifest["revision"] and manifest["version"] and "NOT" in manifest["note"]
    assert set(manifest["files"]) == set(names) - {"manifest.json"}
    assert made.file.stat().st_mode & 0o077 == 0
    assert [file.name for file in made.file.parent.iterdir()] == [made.file.name]  # nothing half made beside it


def test_a_sealed_archive_opens_with_its_passphrase_alone_c41(source: Any, tmp_path: Path) -> None:
    made = backup(source, words=WORDS)
    assert made.encrypted and made.file.suffix == ".enc" and b"org_unit" not in made.file.read_bytes()
    target = empty_installation(tmp_path / "elsewhere", "sqlite")
    for words in ("", "another passphrase"):
        with pytest.raises(cipher.WrongPassphrase):
            restore(target, made.file, words=words)
    assert restore(target, made.file, words=WORDS).problems == []


@pytest.mark.parametrize("size", [0, 1, cipher.CHUNK - 1, cipher.CHUNK, cipher.CHUNK + 1, 2 * cipher.CHUNK])
def test_what_was_sealed_comes_back_and_what_was_touched_does_not(tmp_path: Path, size: int) -> None:
    plain, sealed, back = tmp_path / "plain", tmp_path / "sealed", tmp_path / "back"
    plain.write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    cipher.seal(plain, sealed, WORDS)
    cipher.unseal(sealed, back, WORDS)
    assert back.read_bytes() == plain.read_bytes()
    whole = sealed.read_bytes()
    middle = len(whole) // 2
    touched = bytes([whole[middle] ^ 1])  # another byte than it was, whatever it was
    for damaged in (whole[:-1], whole[:-20], whole[:middle] + touched + whole[middle + 1 :]):
        sealed.write_bytes(damaged)
        with pytest.raises(cipher.WrongPassphrase):
            cipher.unseal(sealed, back, WORDS)


def test_a_short_passphrase_protects_nothing_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cipher.ENVIRONMENT, "short")
    with pytest.raises(Exception, match="shorter"):
        cipher.passphrase()


def test_a_database_with_rows_is_only_replaced_when_asked_and_saved_first(source: Any, tmp_path: Path) -> None:
    made = backup(source)
    with pytest.raises(restoring.NotRestored, match="--replace"):
        restore(source, made.file)
    with source.app_context(), db.engine.begin() as connection:
        connection.execute(text("update person set name = 'changed'"))
    before = digests(source)
    done = restore(source, made.file, replace=True)
    assert done.problems == [] and done.saved and digests(source)["person"] != before["person"]
    restore(source, done.saved.file, replace=True)
    assert digests(source)["person"] == before["person"]


def test_a_restore_ends_every_session_and_stands_in_the_trail_c41(source: Any, tmp_path: Path) -> None:
    browser = source.test_client()
    browser.post("/login/", data={"username": "chief_grid_leader", "password": PASSWORD})
    assert browser.get("/home/").status_code == 200
    made = backup(source)
    assert restore(source, made.file, replace=True).sessions_ended == 1
    assert browser.get("/home/").status_code == 302
    with source.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "restore")).one()
    assert entry.changes["file"] == made.file.name and entry.username == "operator"


def rewritten(file: Path, folder: Path, change: Any) -> Path:
    """The archive, its parts changed by `change(folder)`."""
    parts = folder / "parts"
    with tarfile.open(file) as tar:
        tar.extractall(parts, filter="data")
    change(parts)
    made = folder / "changed.tar.gz"
    with tarfile.open(made, "w:gz") as tar:
        for part in sorted(parts.rglob("*")):
            if part.is_file():
                tar.add(part, arcname=str(part.relative_to(parts)))
    return made


def _manifest_says(**values: Any) -> Any:
    def change(parts: Path) -> None:
        file = parts / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda parts: (parts / archive.DATABASE).open("ab").write(b"x"), "SHA-256"),
        (lambda parts: (parts / archive.DATABASE).unlink(), "missing"),
        (lambda parts: (parts / "more").write_text("x"), "too many"),
        (lambda parts: (parts / "manifest.json").unlink(), "no manifest"),
        (_manifest_says(format=99), "format 99"),
        (_manifest_says(revision="f00d"), "does not\nknow|not know"),
        (_manifest_says(tables={"org_unit": 100000}), "Rows are missing"),
    ],
    ids=["changed", "missing", "more", "no-manifest", "format", "newer", "counts"],
)
def test_an_archive_that_is_not_as_it_was_written_changes_nothing(
    source: Any, tmp_path: Path, change: Any, words: str
) -> None:
    made = rewritten(backup(source).file, tmp_path, change)
    before = digests(source)
    with pytest.raises((archive.BrokenArchive, restoring.NotRestored), match=words):
        restore(source, made, replace=True)
    assert digests(source) == before


def test_a_file_that_is_no_archive_is_refused_in_words(source: Any, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"not at all")
    with pytest.raises(archive.BrokenArchive, match="cannot be unpacked"):
        restore(source, tmp_path / "x.tar.gz", replace=True)


def test_an_archive_of_an_older_revision_is_migrated_up(source: Any, tmp_path: Path) -> None:
    from flask_migrate import downgrade

    from app.kit import schema

    with source.app_context():
        db.session.remove()
        downgrade(revision="0001")
    made = backup(source)
    assert made.manifest.revision == "0001"
    target = empty_installation(tmp_path / "elsewhere", source_engine(source))
    restore(target, made.file)
    with target.app_context():
        schema.require_current()
    assert can_sign_in(target)


def test_files_that_stand_in_the_way_are_put_aside_not_lost(source: Any, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("then")
    made = backup(source)
    (tmp_path / "note.txt").write_text("now")
    restore(source, made.file, replace=True)
    assert (tmp_path / "note.txt").read_text() == "then"
    assert next(tmp_path.glob("before-restore-*/note.txt")).read_text() == "now"


def test_only_the_newest_daily_backups_are_kept_and_others_never_go(source: Any) -> None:
    with source.app_context():
        folder = making.folder()
        folder.mkdir()
        for day in range(1, 8):
            (folder / f"qingdan-daily-2026110{day}-030000.tar.gz").touch()
        (folder / "qingdan-asked-20250101-030000.tar.gz").touch()
        gone = making.rotate("daily", 3)
        assert len(gone) == 4
        left = sorted(file.name for file in folder.iterdir())
    assert left[0].startswith("qingdan-asked") and left[1] == "qingdan-daily-20261105-030000.tar.gz" and len(left) == 4


def test_two_backups_of_one_second_are_two_files(source: Any) -> None:
    made = [backup(source).file for _ in range(3)]
    assert len(set(made)) == 3 and all(file.exists() for file in made) and made == sorted(made)


def test_an_upgrade_saves_first_and_a_failing_step_leaves_everything_as_it_was_f13(
    source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.script import ScriptDirectory
    from flask_migrate import downgrade

    from app.kit import schema

    with source.app_context():
        db.session.remove()
        downgrade(revision="0001")
    before = digests(source)
    failing = with_a_failing_step(tmp_path)
    monkeypatch.setattr(source.extensions["migrate"].migrate, "directory", str(failing))
    monkeypatch.setattr(schema, "scripts", lambda: ScriptDirectory(str(failing)))
    with source.app_context(), pytest.raises(upgrading.NotUpgraded, match="rolled back.*0001.*backup") as refusal:
        upgrading.bring_up()
    monkeypatch.undo()
    assert digests(source) == before and "a step that fails" in refusal.value.message
    with source.app_context():
        saved = upgrading.bring_up()
        assert saved and saved.manifest.revision == "0001" and saved.file.exists()
        schema.require_current()
        assert upgrading.bring_up() is None


def with_a_failing_step(folder: Path) -> Path:
    """The migrations of this release and one more, which fails after it has changed something."""
    from app.kit import schema

    copy = Path(shutil.copytree(config.data_dir("migrations"), folder / "migrations"))
    (copy / "versions" / "9999_fails.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9999', '{schema.head()}'\n"
        "def upgrade():\n    op.execute('DELETE FROM wage')\n    op.execute('DROP TABLE wage')\n"
        "    raise ValueError('a step that fails')\n"
    )
    return copy


def test_the_commands_make_a_backup_and_restore_it(
    source: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cipher.ENVIRONMENT, WORDS)
    file = tmp_path / "out.tar.gz.enc"
    made = source.test_cli_runner().invoke(args=["portal", "backup", "--encrypt", "--to", str(file)])
    assert made.exit_code == 0 and "secret key is not in it" in made.output and cipher.is_sealed(file)
    with source.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.kind == "backup")) == 1
    target = empty_installation(tmp_path / "elsewhere", source_engine(source))
    done = target.test_cli_runner().invoke(args=["portal", "restore", str(file)])
    assert done.exit_code == 0, done.output
    assert "audit chain: whole" in done.output


def test_a_full_disk_leaves_no_half_backup_f03(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    monkeypatch.setattr(archive.tarfile, "copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        backup(source)
    with source.app_context():
        assert list(making.folder().iterdir()) == []
