"""What the product is built of is pinned, by number and by hash, and written down where it can be read."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]+\])?==([^\s;\\]+)", re.MULTILINE)


def entries(lock: str) -> dict[str, str]:
    """Package -> its entry in the lock, from its name to the next."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    starts = [*PINNED.finditer(text)]
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return {found[1]: text[found.start() : end] for found, end in zip(starts, ends, strict=True)}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_pinned_by_hash_c43(lock: str) -> None:
    found = entries(lock)
    assert len(found) > 30
    assert [name for name, entry in found.items() if "--hash=sha256:" not in entry] == []
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"^(-e|git\+|https?:|--(extra-)?index-url|--trusted-host)", text, re.MULTILINE)


def test_every_package_the_product_names_stands_in_its_lock_c43() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[\[=<>~! ;]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}
    assert named - {name.replace("_", "-") for name in entries("requirements.lock")} == set()


def test_every_script_of_others_is_pinned_by_hash_c43() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages and [name for name, entry in packages.items() if not entry.get("integrity")] == []
