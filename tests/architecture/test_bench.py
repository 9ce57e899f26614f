"""The benchmark runs, on small sizes, and prints each of its ratios; how large they are is not a matter of tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.__main__ import PARTS

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("tablib", "django", "import_export")
EXPECTED = {
    "reading": ("limit", "calamine", "openpyxl"),
    "importing": ("executemany", "use_bulk", "as documented"),
    "storing": ("WTForms", "executemany"),
    "ranking": ("1,086 villages", "scan", "n log n"),
    "writing": ("tablib", "memory"),
    "pages": ("bare Flask", "Django admin", "stock FAB", "statements"),
    "submits": ("Django admin", "stock FAB"),
    "clients": ("Django admin", "stock FAB"),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.skipif(any(find_spec(name) is None for name in PEERS), reason="the peers are installed by `make bench`")
def test_a_part_of_the_benchmark_prints_its_ratios(part: str) -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--only", part]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "QINGDAN_PROFILE": "testing"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = [line for line in done.stdout.splitlines() if re.match(r"\s+\d+\.\d\d  ", line)]
    for words in EXPECTED[part]:
        assert any(words in line for line in said), (words, done.stdout)
