"""A published round of a county with its pay roll, ranked and paid by the services, as a clerk would let them run."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import county
from bench.measuring import seconds

STAFF = 7
WAGE = {"base_allowance": 200_000, "post_allowance": 80_000, "title_allowance": 10_000, "rank_allowance": 5_000}


def pay_county(folder: Path, villages: int) -> dict[str, float]:
    """Seconds to rank a published round and to compute its awards: seven persons a village, twelve wages each."""
    database = folder / f"paying-{villages}" / "qingdan.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    app = county.make_app(database)
    county.fill(app, villages, 0, 0)
    with sqlite3.connect(database) as raw:
        units = _units(raw)
        county.insert(raw, "person", _persons(units))
        county.insert(raw, "employment", _employments(units))
        county.insert(raw, "wage", _wages(units))
        raw.execute("ANALYZE")
    return _measure(app, units)


def _units(raw: sqlite3.Connection) -> list[dict[str, Any]]:
    raw.row_factory = sqlite3.Row
    return [dict(row) for row in raw.execute("SELECT * FROM org_unit WHERE level = 'village' ORDER BY id")]


def _persons(units: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for n in range(len(units) * STAFF):
        yield {"id": 1000 + n, "name": f"网格员{n}", **county.hung_on(units[n // STAFF])}


def _employments(units: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for n in range(len(units) * STAFF):
        facts = {"payroll_eligible": 1, "is_primary": 1, "hold": "none"}
        yield {"id": 1000 + n, "person_id": 1000 + n, **facts, **county.hung_on(units[n // STAFF])}


def _wages(units: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for n in range(len(units) * STAFF):
        place = county.hung_on(units[n // STAFF])
        for month in range(1, 13):
            yield {
                "employment_id": 1000 + n, "person_id": 1000 + n, "month": f"2025-{month:02d}", "insurance_allowance": 0,
                **WAGE, **place,
            }  # fmt: skip


def _measure(app: Any, units: list[dict[str, Any]]) -> dict[str, float]:
    from app.features.assessment.models import AssessmentRound
    from app.features.bonus.services import run_batch
    from app.features.ranking.services import publish_ranking, run_ranking
    from app.kit import access
    from app.kit.db import db

    done: dict[str, Any] = {}
    with app.app_context(), access.acting_as(access.OPERATOR):
        round_id = _published_round(units)
        db.session.remove()

        def rank() -> None:
            done["run"] = run_ranking(db.session.get_one(AssessmentRound, round_id))

        def pay() -> None:
            done["batch"] = run_batch(done["run"])

        taken = {"rank": seconds(rank)}
        publish_ranking(done["run"])
        taken["pay"] = seconds(pay)
        if done["batch"].summary["persons"] != len(units) * STAFF:
            raise RuntimeError(f"{done['batch'].summary['persons']} persons were paid")
    return taken


def _published_round(units: list[dict[str, Any]]) -> int:
    from app.features.assessment.models import AssessmentRound, RoundSnapshot
    from app.features.assessment.queries import scheme_by_name
    from app.features.assessment.services import load_pack_schemes
    from app.features.checklists.pack import caojing
    from app.features.org.queries import unit_by_code
    from app.kit.db import transaction

    owner = unit_by_code("B")
    schemes = caojing()["assessment_list"]["schemes"]
    load_pack_schemes(schemes, [owner])
    code = next(one["code"] for one in schemes if one["object"] == "village")
    with transaction() as session:
        round_ = AssessmentRound(
            unit=owner, code="V2025", name="2025", scheme=scheme_by_name(code, owner), period="2025", state="published",
            is_published=True,
        )  # fmt: skip
        facts = {"round": round_, "number": 1, "rule_version": "x", "published_by": "x", "digest": ""}
        session.add(RoundSnapshot(payload={"sheets": _sheets(units)}, **facts))
    return int(round_.id)


def _sheets(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chance = random.Random(11)
    sheets = []
    for unit in units:
        final = str(Decimal(chance.randrange(6000, 10000)) / 100)
        amounts = dict.fromkeys(("earned", "applicable", "base", "raw", "item_capped", "unfloored", "final"), final)
        aspects = {code: {"earned": str(Decimal(chance.randrange(1500, 2500)) / 100)} for code in "ABCD"}
        result = {"status": "scored", "aspects": aspects, "effective": "0.00", **amounts}
        place = {"unit_id": unit["id"], "unit_code": unit["code"], "unit_name": unit["name"], "sheet_id": None}
        sheets.append({**place, "township_name": unit["code"][:3], "excluded_reason": None, "result": result})
    return sheets
