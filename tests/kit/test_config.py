"""A production start: no default key, no debug, no demo."""

from __future__ import annotations

import os
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


def test_serving_without_a_key_is_refused(tmp_path: Path) -> None:
    done = start(tmp_path, "-c|from app import create_app; create_app()")
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr


@pytest.mark.parametrize("key", ["changeme", "a" * 64, "secret-secret-secret"])
def test_a_weak_key_is_refused_by_every_command(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, "-m|flask|portal|init|--no-admin", SECRET_KEY=key)
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr and "Traceback" not in done.stderr


def test_debug_mode_is_refused(tmp_path: Path) -> None:
    done = start(tmp_path, "-c|from app import create_app; create_app()", SECRET_KEY=STRONG, FLASK_DEBUG="1")
    assert done.returncode != 0 and "FLASK_DEBUG" in done.stderr


def test_init_makes_a_key_of_its_own_and_no_account(tmp_path: Path) -> None:
    done = start(tmp_path, "-m|flask|portal|init|--no-admin")
    assert done.returncode == 0, done.stderr
    key = tmp_path / "secret-key"
    assert len(key.read_text()) == 64 and key.stat().st_mode & 0o077 == 0
    assert start(tmp_path, "-c|from app import create_app; create_app()").returncode == 0
    counted = start(
        tmp_path,
        "-c|from app import create_app\nfrom app.extensions import db\nfrom sqlalchemy import text\n"
        "a=create_app()\nwith a.app_context(): print(db.session.execute(text('select count(*) from ab_user')).scalar())",
    )
    assert counted.stdout.strip() == "0", counted.stderr


def test_demo_accounts_are_refused_in_production(tmp_path: Path) -> None:
    start(tmp_path, "-m|flask|portal|init|--no-admin")
    done = start(tmp_path, "-m|flask|portal|demo")
    assert done.returncode != 0 and "Demo mode is off" in done.stderr
