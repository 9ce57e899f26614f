"""The county of the worked example: 43 villages scored and published, 303 persons with twelve months of wages.

Everything comes from seed/demo by the services; the figures are those of tests/samples/bonus_example_43.csv.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.scoring import Fact
from app.features.assessment.queries import scheme_by_name, sheets_of
from app.features.assessment.services import (
    CellInput,
    check_round,
    load_pack_schemes,
    open_round,
    publish_round,
    record_deduction,
    save_scores,
)
from app.features.checklists.pack import caojing
from app.features.org.queries import unit_by_code
from app.features.org.services import load_units
from app.features.people.services import employ_many
from app.kit import seed


@dataclass
class County:
    unit: Any = None
    round: Any = None
    villages: dict[str, Any] = field(default_factory=dict)
    employments: list[Any] = field(default_factory=list)


def make_county() -> County:
    """The county with its round V2025 published; nobody is employed yet."""
    load_units(seed.read("demo/org_county43.json"), file_name="org_county43")
    county = County(unit_by_code("SL"))
    load_pack_schemes(caojing()["assessment_list"]["schemes"], [county.unit])
    scheme = scheme_by_name("CJ-VILLAGE-DEMO", county.unit)
    county.round = open_round("V2025", scheme, "2025", county.unit)
    county.villages = {sheet.unit.code: sheet.unit for sheet in sheets_of(county.round)}
    fill(county.round, seed.read("demo/scores_V2025.json")["villages"])
    check_round(county.round)
    publish_round(county.round)
    return county


def fill(round_: Any, villages: list[dict[str, Any]]) -> None:
    """The scores and deductions of villages given by code, as the seed file has them."""
    sheets = {sheet.unit.code: sheet for sheet in sheets_of(round_)}
    cells = [
        CellInput(sheets[village["village"]].unit_id, code, fact=_fact(value), from_workbook=True)
        for village in villages
        for code, value in village["scores"].items()
    ]
    save_scores(round_, cells)
    for village in villages:
        for one in village.get("deductions", ()):
            sheet = sheets[village["village"]]
            record_deduction(sheet, one["item"], count=one["occurrences"], level=one.get("level"), note="演示")


def _fact(value: str) -> Fact:
    return Fact(not_applicable=True) if value == "NA" else Fact(points=Decimal(value), reason="演示")


def employ_staff(county: County) -> None:
    """The 303 persons of the seed file, with their wages of 2025."""
    from app.features.bonus.demo import wage_row
    from app.features.bonus.services import save_wages

    entries = seed.read("demo/wages_county43.json")["persons"]
    staff = [(county.villages[e["village"]], e["person_name"], {"title": e["post"]}) for e in entries]
    county.employments = employ_many(staff)
    save_wages([wage_row(one.id, e, 2025) for one, e in zip(county.employments, entries, strict=True)])
