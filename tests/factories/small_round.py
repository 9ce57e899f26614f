"""A yearly round of one township of the small world, scored by points and published: two villages to rank and to pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from factories.county43 import fill

from app.features.assessment.queries import scheme_by_name
from app.features.assessment.services import check_round, load_pack_schemes, open_round, publish_round
from app.features.bonus.queries.wages import year_months
from app.features.bonus.services import WageRow, save_wages
from app.features.checklists.pack import caojing
from app.features.people.services import employ


def publish_small_round(world: Any, code: str = "V2025", lost: dict[str, str] | None = None) -> Any:
    """The round of township C1; each village has full points but those it lost on A2."""
    round_ = checked_small_round(world, code, lost)
    publish_round(round_)
    return round_


def checked_small_round(world: Any, code: str = "V2025", lost: dict[str, str] | None = None) -> Any:
    """The same round before it is published."""
    county, township = world.units["C"], world.units["C1"]
    load_pack_schemes(caojing()["assessment_list"]["schemes"], [county])
    scheme = scheme_by_name("CJ-VILLAGE-DEMO", township)
    pack = next(s for s in caojing()["assessment_list"]["schemes"] if s["code"] == "CJ-VILLAGE-DEMO")
    full = {item["code"]: str(item["max"]) for item in pack["items"]}
    round_ = open_round(code, scheme, code[1:], township)
    lost = lost or {"C1A": "0.50", "C1B": "2.00"}
    fill(
        round_,
        [
            {"village": village, "scores": full | {"A2": str(Decimal(full["A2"]) - Decimal(points))}}
            for village, points in lost.items()
        ],
    )
    check_round(round_)
    return round_


def pay(person: Any, village: Any, wage: str = "4000.00", months: range = range(1, 13), **facts: Any) -> Any:
    """An employment of a person with the same wage in the months of 2025."""
    employment = employ(person, village, **facts)
    wanted = tuple(month for month in year_months(2025) if int(month[5:]) in months)
    save_wages([WageRow(employment.id, wanted, {"base_allowance": Decimal(wage)})])
    return employment
