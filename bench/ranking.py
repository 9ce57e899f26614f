"""Ranking: a county ranked, banded and paid with every line frozen; the villages of the country; how cost grows."""

from __future__ import annotations

import random
import sqlite3
from decimal import Decimal
from math import log2
from pathlib import Path
from typing import Any

from bench.measuring import Report, medians, note
from bench.paying import pay_county

COUNTY, COUNTRY = 1_086, 489_000
ITEMS = 12


def score_rows(path: Path, count: int) -> sqlite3.Connection:
    """A table of villages with twelve scores and the total kept beside them."""
    chance = random.Random(7)
    raw = sqlite3.connect(path)
    items = ", ".join(f"i{n} INTEGER" for n in range(ITEMS))
    raw.execute(f"CREATE TABLE score (code TEXT PRIMARY KEY, {items}, total INTEGER, deducted INTEGER)")
    marks = ", ".join("?" * (ITEMS + 3))
    values = (
        (f"V{n:06d}", *(s := [chance.randrange(834) for _ in range(ITEMS)]), sum(s), n % 700) for n in range(count)
    )
    raw.executemany(f"INSERT INTO score VALUES ({marks})", values)
    raw.commit()
    return raw


def scan(raw: sqlite3.Connection) -> None:
    """The limit: fetch the score rows once."""
    for _row in raw.execute("SELECT * FROM score"):
        pass


def entries(raw: sqlite3.Connection) -> list[Any]:
    """The villages with the total kept beside their scores."""
    from app.domain.ranking import Entry

    cent = Decimal("0.01")
    return [
        Entry(code, code, total * cent, deducted * cent)
        for code, total, deducted in raw.execute("SELECT code, total, deducted FROM score")
    ]


def country(report: Report, folder: Path, quick: bool) -> None:
    """All villages of the country in one ranking, beside one scan of their score rows."""
    from app.domain.config import DEFAULTS
    from app.domain.ranking import rank_villages

    sizes = (200, 2_000) if quick else (COUNTRY // 10, COUNTRY)
    taken = {}
    for count in sizes:
        path = folder / f"scores-{count}.db"
        path.unlink(missing_ok=True)
        raw = score_rows(path, count)
        villages = entries(raw)
        acts = {
            "scan": lambda raw=raw: scan(raw),
            "entries": lambda raw=raw: entries(raw),
            "rank": lambda villages=villages: rank_villages(villages, DEFAULTS),
        }
        taken[count] = medians(acts, 1 if quick else 3)
        raw.close()
    small, large = sizes
    report.heading(f"{large:,} villages ranked")
    for name, value in taken[large].items():
        report.figure(name, value, "s")
    report.ratio(
        f"{large:,} villages: rank / scan of the score rows", taken[large]["rank"] / taken[large]["scan"], "<= 3"
    )
    report.ratio(
        f"{large:,} villages: read the totals and rank / scan",
        (taken[large]["rank"] + taken[large]["entries"]) / taken[large]["scan"],
    )
    growth = taken[large]["rank"] / taken[small]["rank"]
    expected = large * log2(large) / (small * log2(small))
    report.ratio(f"growth of the ranking from {small:,} to {large:,} villages / n log n", growth / expected, "<= 1.2")


def run(report: Report, folder: Path, quick: bool) -> None:
    """The county, then the country."""
    count = 20 if quick else COUNTY
    note(f"making a published round of {count:,} villages")
    taken = pay_county(folder, count)
    report.heading(f"{count:,} villages ranked, banded and paid, every line frozen in the database")
    for name, value in taken.items():
        report.figure(name, value, "s")
    report.ratio(f"{COUNTY:,} villages ranked and banded with frozen lines (s)", taken["rank"], "<= 1")
    report.ratio(
        f"{COUNTY:,} villages ranked, banded and paid with frozen lines (s)", taken["rank"] + taken["pay"], "<= 1"
    )
    country(report, folder, quick)
