"""Pay of the demonstration: the wages of the county's staff, and the awards of its yearly round."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.features.assessment.queries import round_by_code
from app.features.bonus.queries import batches_of_run
from app.features.bonus.queries.wages import employments_below, months_in_force, year_months
from app.features.bonus.services import WageRow, approve_batch, run_batch, save_wages
from app.features.org.queries import unit_by_code
from app.features.ranking.demo import ADMINISTRATOR, acting
from app.features.ranking.queries import run_of_round
from app.kit import access, seed

COLUMNS = {
    "base": "base_allowance",
    "post_allowance": "post_allowance",
    "title_allowance": "title_allowance",
    "rank_allowance": "rank_allowance",
}


def load_demo_wages() -> None:
    """The year's wages of everybody on the pay roll of the town and of the county; loading again changes nothing."""
    for name in ("employments_town", "wages_county43"):
        file = seed.read(f"demo/{name}.json")
        units = seed.read(f"demo/{file['units']}")
        top = unit_by_code(units.get("county_code") or units["township_code"])
        assert top is not None
        year = int(file["period"])
        roll = {(e.unit.code, e.person.name): e for e in employments_below(top, year)}
        pairs = [(roll[entry["village"], entry["person_name"]], entry) for entry in file["persons"]]
        save_wages([_in_force(employment, wage_row(employment.id, entry, year)) for employment, entry in pairs])


def wage_row(employment_id: int, entry: dict[str, Any], year: int) -> WageRow:
    """An entry of a wage file as the wages of the months it was served."""
    parts = {part: Decimal(entry[name]) for name, part in COLUMNS.items() if name in entry}
    months = year_months(year, 13 - int(entry.get("months", 12)))
    return WageRow(employment_id, months, parts or {"base_allowance": Decimal(entry["monthly"])})


def _in_force(employment: Any, row: WageRow) -> WageRow:
    return replace(row, months=months_in_force(employment, row.months))


def load_demo_awards() -> None:
    """The batch of the round, computed by the operator and approved by the county's administrator."""
    run = run_of_round(round_by_code(seed.read("demo/scores_V2025.json")["round"]).code, "published")
    if batches_of_run(run):
        return
    batch = run_batch(run)
    with access.acting_as(acting(ADMINISTRATOR)):
        approve_batch(batch)


STEPS = [("wages", load_demo_wages), ("awards", load_demo_awards)]
