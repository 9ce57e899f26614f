"""Rows of the monthly log and the workbook made of them: Chinese text, numbers, a month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MONTH = "2026-10"
WORDS = (
    "路灯1处不亮，已报",
    "走访困难户，协调就医",
    "河道保洁1次",
    "调解邻里纠纷1起，双方签字",
    "宣传反诈，入户发放告知书",
)


def places(count: int) -> list[tuple[str, str]]:
    """(village, sub-grid) names: villages of 20 sub-grids."""
    return [(f"{n // 20}号村", f"第{n % 20 + 1}网格") for n in range(count)]


def log_of(n: int) -> dict[str, Any]:
    """What the n-th sub-grid reports."""
    return {
        "meetings": n % 3 + 1,
        "patrols": n % 9,
        "reception_days": 1,
        "reception_visitors": n % 17,
        "leads_received": "NA" if n % 11 == 0 else n % 6 + 2,
        "leads_accepted": "NA" if n % 11 == 0 else n % 3,
        "leads_closed": n % 2,
        "should_attend": 20 + n % 5,
        "attended": 15 + n % 5,
        "visits": n % 40,
        "main_work": f"{WORDS[n % 5]}（第{n}件）",
    }


def rows(count: int, month: str = MONTH) -> list[dict[str, Any]]:
    """Rows as the reader gives them and the writer takes them."""
    return [
        {"village": village, "sub_grid": grid, "month": month, "reporter": f"网格长{n % 997}", **log_of(n)}
        for n, (village, grid) in enumerate(places(count))
    ]


def workbook(count: int) -> bytes:
    """A monthly log of so many rows, as the portal writes it."""
    from app.features.duties.excel import MONTHLY_LOG
    from app.kit.excel import write

    return write(MONTHLY_LOG, rows(count), {"owner": "试验县", "period": MONTH})


def context(count: int) -> Any:
    """What the reader knows: the villages and sub-grids of these rows."""
    from app.kit.excel import ReadContext, VillageName

    grids: dict[str, list[str]] = {}
    for village, grid in places(count):
        grids.setdefault(village, []).append(grid)
    names = (VillageName(f"V{n}", name, sub_grids=tuple(of)) for n, (name, of) in enumerate(grids.items()))
    return ReadContext(villages=tuple(names), page_period=MONTH)


def flat(count: int) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples for a table: a code that names the row, the number of its unit, the month, the figures."""
    for n in range(count):
        yield (f"{n}-{MONTH}", n + 1, MONTH, *(None if value == "NA" else value for value in log_of(n).values()))
