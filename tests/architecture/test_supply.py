"""What is installed is what was locked: every file by its digest."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
VENDOR = ROOT / "app" / "kit" / "static" / "vendor"


def locked(name: str) -> dict[str, str]:
    """Package -> what stands below its line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(?=[a-z0-9])", text)
    return {re.split(r"[=\[ ]", part, maxsplit=1)[0].lower(): part for part in parts if "==" in part.split("\n", 1)[0]}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_digests_c43(name: str) -> None:
    for package, lines in locked(name).items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", lines), f"{name}: {package}"


def test_everything_named_is_locked_c43() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "requirements.lock": named["project"]["dependencies"],
        "requirements-dev.lock": named["dependency-groups"]["dev"],
    }
    for lock, names in wanted.items():
        packages = {re.split(r"[\[<>=~ ]", one, maxsplit=1)[0].lower() for one in names}
        assert packages <= set(locked(lock)), packages - set(locked(lock))


def test_every_browser_package_has_its_digest_c43() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name


def test_what_browsers_get_is_what_was_locked_c43() -> None:
    """npm compares every package with its digest when it unpacks it, and notes what it unpacked."""
    note = ROOT / "node_modules" / ".package-lock.json"
    if not note.exists():
        pytest.skip("the browser parts are not unpacked here")
    unpacked = json.loads(note.read_text(encoding="utf-8"))["packages"]
    locked_packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: p["integrity"] for name, p in unpacked.items()} == {
        name: p["integrity"] for name, p in locked_packages.items() if name
    }
    copied = re.findall(r'"([^"]+)": "([^"]+)"', (ROOT / "app/kit/static/vendor.mjs").read_text(encoding="utf-8"))
    assert copied
    for source, target in copied:
        assert (VENDOR / target).read_bytes() == (ROOT / "node_modules" / source).read_bytes(), target
    ours = {(VENDOR / target).resolve() for _source, target in copied} | {(VENDOR / ".done").resolve()}
    assert {file.resolve() for file in VENDOR.rglob("*") if file.is_file()} <= ours, "a file nobody locked"
