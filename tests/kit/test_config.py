"""A production start: no default key, no debug, no demo."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRONG = "3f9c0a7be15d2846af90c3127de4b8567190fe2d"


def start(tmp_path: Path, code: str, **settings: str) -> Any:
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("QINGDAN_", "SECRET_KEY", "FLASK_", "DATABASE_URL"))
    }
    environment = clean | {"QINGDAN_INSTANCE": str(tmp_path), "FLASK_APP": "app"} | settings
    return subprocess.run(
        [sys.executable, "-W", "ignore", *code.split("|")], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation right after `portal init`."""
    folder = tmp_path_factory.mktemp("made")
    done = start(folder, "-m|flask|portal|init|--no-admin")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def installed(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "instance"))


def test_serving_without_a_key_is_refused_c10(tmp_path: Path) -> None:
    done = start(tmp_path, "-c|from app import create_app; create_app()")
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr


@pytest.mark.parametrize("key", ["changeme", "a" * 64, "secret-secret-secret"])
def test_a_weak_key_is_refused_by_every_command_c10(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, "-m|flask|portal|init|--no-admin", SECRET_KEY=key)
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr and "Traceback" not in done.stderr


def test_debug_mode_is_refused_c10(tmp_path: Path) -> None:
    done = start(tmp_path, "-c|from app import create_app; create_app()", SECRET_KEY=STRONG, FLASK_DEBUG="1")
    assert done.returncode != 0 and "FLASK_DEBUG" in done.stderr


def test_init_makes_a_key_of_its_own_and_no_account_c10(made: Path) -> None:
    key = made / "secret-key"
    assert len(key.read_text()) == 64 and key.stat().st_mode & 0o077 == 0
    assert start(made, "-c|from app import create_app; create_app()").returncode == 0
    counted = start(
        made,
        "-c|from app import create_app\nfrom app.extensions import db\nfrom sqlalchemy import text\n"
        "a=create_app()\nwith a.app_context(): print(db.session.execute(text('select count(*) from ab_user')).scalar())",
    )
    assert counted.stdout.strip() == "0", counted.stderr


def test_demo_accounts_are_refused_in_production_c10(made: Path) -> None:
    done = start(made, "-m|flask|portal|demo")
    assert done.returncode != 0 and "Demo mode is off" in done.stderr


CREATE = "-c|from app import create_app; create_app()"
SERVE = "-m|flask|portal|serve|--port|1"


@pytest.mark.parametrize("code", [CREATE, SERVE], ids=["server", "serve"])
def test_an_old_release_on_a_newer_database_does_not_start_f14(installed: Path, code: str) -> None:
    with sqlite3.connect(installed / "qingdan.db") as connection:
        connection.execute("update alembic_version set version_num = 'f00d'")
    done = start(installed, code)
    assert done.returncode != 0 and "too old for this database" in done.stderr


@pytest.mark.parametrize("code", [CREATE, SERVE, "-m|flask|duties|close|2026-01"], ids=["server", "serve", "command"])
def test_a_new_release_on_an_older_database_says_to_upgrade_f14(installed: Path, code: str) -> None:
    with sqlite3.connect(installed / "qingdan.db") as connection:
        connection.execute("update alembic_version set version_num = '0001'")
    done = start(installed, code)
    assert done.returncode != 0 and "flask portal upgrade" in done.stderr


def test_a_database_that_does_not_answer_is_said_in_words_f14(installed: Path) -> None:
    done = start(installed, SERVE, DATABASE_URL="postgresql://portal:Canary7@127.0.0.1:1/portal")
    assert done.returncode != 0 and "does not answer" in done.stderr and "Traceback" not in done.stderr
    assert "Canary7" not in done.stderr


def test_plain_http_beyond_this_machine_is_refused_c10(installed: Path) -> None:
    done = start(installed, SERVE + "|--host|0.0.0.0")
    assert done.returncode != 0 and "unencrypted" in done.stderr and "Traceback" not in done.stderr


def test_demo_mode_beyond_this_machine_is_refused_c10(installed: Path) -> None:
    done = start(installed, SERVE + "|--host|0.0.0.0", QINGDAN_PROFILE="development")
    assert done.returncode != 0 and "loopback only" in done.stderr
