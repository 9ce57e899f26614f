"""docs/security.md names every control and fault once, with tests that exist or a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LINES = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [CF]\d\d \|", line)
]
WANTED = [f"C{n:02d}" for n in range(1, 45)] + [f"F{n:02d}" for n in range(1, 23)]
REASONS = ("Does not apply yet: ", "Not shown yet: ")


def defined_in(path: str) -> set[str]:
    """The names of the tests of one file; of a program that is run apart from them, its start."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_") or (name == "main" and path.endswith("__main__.py"))}


def test_every_control_and_every_fault_is_there_once() -> None:
    assert [line[0] for line in LINES] == WANTED


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_a_line_says_in_few_words_what_is_done_and_shows_it_or_says_why_not(line: list[str]) -> None:
    assert 3 <= len(line[1].split()) <= 12, line[1]
    named = re.findall(r"`([^`]+)`", line[2])
    assert named or line[2].startswith(REASONS), f"{line[0]} has neither a test nor a reason"
    for test in named:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), f"{line[0]} names {path}"
        assert name in defined_in(path), f"{line[0]} names {test}"


def test_a_line_with_a_reason_has_no_test_that_carries_its_id() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    carried = {part.upper() for path in files for name in defined_in(path) for part in name.split("_")}
    assert [line[0] for line in LINES if line[2].startswith(REASONS) and line[0] in carried] == []
