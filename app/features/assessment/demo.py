"""Rounds of the demonstration: a county's year, published, and a town's year under way."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.domain.scoring import Fact
from app.domain.types import rounded
from app.features.accounts.queries import user_by_name
from app.features.assessment import queries, services
from app.features.assessment.models import AssessmentRound
from app.features.assessment.reference import load_schemes
from app.features.assessment.services import CellInput
from app.features.org.queries import unit_by_code, units_below
from app.kit import access, seed

VILLAGE_SCHEME = "CJ-VILLAGE-DEMO"
SCORED_SO_FAR = 6  # villages of the town's open round with scores in


def load_county_rounds() -> None:
    """The rounds V2024 and V2025 of the county with 43 villages: scored by the evaluator, published by the administrator."""
    load_schemes()
    data = seed.read("demo/scores_V2025.json")
    for year in (_year_before(data), data):
        _load_county_round(year)


def _year_before(data: dict[str, Any]) -> dict[str, Any]:
    """A year made from the next: a little lower, more so for every third village, and without deductions."""
    villages = [
        village | {"deductions": [], "scores": {item: _lowered(value, n) for item, value in village["scores"].items()}}
        for n, village in enumerate(data["villages"])
    ]
    return data | {"round": "V2024", "period": "2024", "villages": villages}


def _lowered(value: str, n: int) -> str:
    return (
        value if value == "NA" else str(rounded(Decimal(value) * (Decimal("0.94") if n % 3 == 0 else Decimal("0.99"))))
    )


def _load_county_round(data: dict[str, Any]) -> None:
    county = unit_by_code("SL")
    if county is None or _exists(county, data["round"]):
        return
    scheme = queries.scheme_by_name(data["scheme"], county)
    units = {unit.code: unit for unit in units_below(county, "village")}
    with _as("kaohe"):
        round_ = services.open_round(data["round"], scheme, data["period"], county)
        services.save_scores(round_, [cell for one in data["villages"] for cell in _cells(units[one["village"]], one)])
        _deduct(round_, data["villages"])
        services.check_round(round_)
    with _as("xianguan"):
        services.publish_round(round_)


def load_town_round() -> None:
    """The round V2026 of the town: open, with the scores of some villages in."""
    town = unit_by_code("LH-CH")
    if town is None or _exists(town, "V2026"):
        return
    with _as("kaohe"):
        round_ = services.open_round("V2026", queries.scheme_by_name(VILLAGE_SCHEME, town), "2026", town)
        units = [sheet.unit for sheet in queries.sheets_of(round_)][:SCORED_SO_FAR]
        services.save_scores(round_, [cell for n, unit in enumerate(units) for cell in _facts(unit, n)])
        first = queries.sheets_of(round_)[0]
        services.record_deduction(first, "X7", count=1, note="9月镇级培训1人未请假缺席", clause="镇级会议、培训纪律")


def _exists(unit: Any, code: str) -> bool:
    return any(row.code == code and row.unit_id == unit.id for row in queries.rounds_in_reach())


def _as(username: str) -> Any:
    """Act as a demo account, or as the operator where it does not exist."""
    user = user_by_name(username)
    return access.acting_as(access.actor_of_user(user.id) if user else access.OPERATOR)


def _cells(unit: Any, village: dict[str, Any]) -> list[CellInput]:
    return [CellInput(unit.id, item, "/" if value == "NA" else value) for item, value in village["scores"].items()]


def _deduct(round_: AssessmentRound, villages: list[dict[str, Any]]) -> None:
    sheets = {sheet.unit.code: sheet for sheet in queries.sheets_of(round_)}
    for village in villages:
        for one in village["deductions"]:
            services.record_deduction(
                sheets[village["village"]],
                one["item"],
                count=one["occurrences"],
                level=one.get("level"),
                note="年度考核核实",
            )


def _facts(unit: Any, n: int) -> list[CellInput]:
    """Facts of ten months, a little different from village to village; the last items of some are still open."""
    done = Decimal(10 - n % 3)
    facts = {
        "A1": Fact(faults=Decimal(n % 3)),
        "A2": Fact(actual=done, expected=Decimal(12)),
        "A3": Fact(actual=done * 6, expected=Decimal(72)),
        "A4": Fact(actual=Decimal(186 + n), expected=Decimal(200)),
        "A5": Fact(faults=Decimal(n)),
        "A6": Fact(actual=Decimal(290 - 3 * n), expected=Decimal(300)),
        "A7": Fact(units=Decimal(1)),
        "B1": Fact(actual=done, expected=Decimal(12)),
        "B2": Fact(actual=Decimal(410 - 9 * n), expected=Decimal(500)),
        "B4": Fact(not_applicable=True) if n == 2 else Fact(actual=Decimal(8), expected=Decimal(9)),
        "C3": Fact(actual=Decimal(58 - n), expected=Decimal(60)),
        "C4": Fact(rate=Decimal("0.96") - Decimal(n) / 50),
        "D3": Fact(grades=("A", "B") if n % 2 else ("A", "A")),
    }
    return [CellInput(unit.id, item, fact=fact) for item, fact in facts.items()]


STEPS = [("county rounds V2024 and V2025", load_county_rounds), ("town round V2026", load_town_round)]
