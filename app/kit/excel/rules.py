"""Rules that several layouts share: a sub-grid belongs to its village, what is said to have happened lies in the past."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.periods import Period
from app.kit import clock
from app.kit.excel.sheet import Finding, Row, Rule
from app.kit.excel.titles import Facts


def total_grid_of_village(row: Row, facts: Facts) -> Iterator[Finding]:
    """E32 for a total grid that is known to belong to another village."""
    typed = row.get("total_grid")
    owner = facts.context.of_total_grid(typed) if typed else None
    if owner and row.get("village") and owner != row["village"]:
        yield Finding("total_grid", "E32", "", {"village": row["village"]}, typed)


def sub_grids_of_village(row: Row, facts: Facts) -> Iterator[Finding]:
    """E32 for a sub-grid the village does not have; known ones get their official name."""
    village, several = row.get("village"), "sub_grids" in row
    typed = row.get("sub_grids", ()) if several else (row["sub_grid"],) if row.get("sub_grid") else ()
    if village is None or not typed:
        return
    official = []
    for name in typed:
        known = facts.context.sub_grid(village, facts.context.grid_meant(village, name))
        if known is None:
            yield Finding("sub_grids" if several else "sub_grid", "E32", "", {"village": village}, name)
        official.append(known or name)
    if several:
        row["sub_grids"] = tuple(official)
    else:
        row["sub_grid"] = official[0]


def past(*fields: str, of_period: bool = False) -> Rule:
    """W07 for a day or month after today; `of_period` also for one after the period of the page has ended."""

    def rule(row: Row, facts: Facts) -> Iterator[Finding]:
        for field in fields:
            said = row.get(field)
            if not isinstance(said, str) or not said[:1].isdigit():
                continue  # empty, or an open end
            today, page = clock.today().isoformat(), facts.context.page_period
            if said > today[: len(said)]:
                yield Finding(field, "W07", "", {"last": today})
            elif of_period and page and said > (last := Period.parse(page).last_day.isoformat())[: len(said)]:
                yield Finding(field, "W07", "period", {"last": last})

    return rule
