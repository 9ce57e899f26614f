"""Indicators: entered with both counts, added up from below, counted from what the portal holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.duties.models import VillageRegister
from app.features.reviews.queries import indicators
from app.features.reviews.services import (
    Definition,
    define_indicator,
    enter_value,
    give_plate,
    indicator_as_data,
    load_indicator,
)
from app.kit import access
from app.kit.db import db


def defined(unit: Any, formula: str, **source: Any) -> Any:
    return define_indicator(unit, Definition(f"X-{formula}", "指标", formula, "甲", "乙", source))


def shown(row: Any, unit: Any) -> list[tuple[str, str]]:
    return [(point.period, point.shown) for point in indicators.points(row, unit)]


def test_both_counts_are_entered_and_added_up_from_below_ly_15(world: Any, as_: Any) -> None:
    county, towns = world.units["C"], [world.units["C1"], world.units["C2"]]
    with as_("county_administrator"):
        row = defined(county, "completion_rate")
        enter_value(row, towns[0], "2026-10", Decimal(3000), Decimal(3001))
        enter_value(row, towns[1], "2026-10", Decimal(801), Decimal(805))
        assert shown(row, county) == [("2026-10", "99.87%")]
        assert indicators.points(row, county)[0].units == 2
        enter_value(row, county, "2026-10", Decimal(1), Decimal(2))
        enter_value(row, county, "2026-10", Decimal(1), Decimal(4))  # put right: there is one of a unit and period
        assert shown(row, county) == [("2026-10", "25.00%")]
        assert [unit.name for unit, _point in indicators.below(row, county, "2026-10")] == ["甲镇", "乙镇"]
        with pytest.raises(RuleBroken) as caught:
            enter_value(row, county, "2026-11", Decimal(5), Decimal(4))
    assert caught.value.problems[0].code == "indicator.part_above_whole"


def test_certificates_a_village_are_counted_from_the_registers_cd_06(world: Any, as_: Any) -> None:
    for village, many in (("C1A", 2), ("C1B", 1)):
        db.session.add(VillageRegister(unit=world.units[village], period="2026-10", certificates={"residence": many}))
    db.session.commit()
    with as_("county_administrator"):
        source = {"kind": "register", "first": "certificates", "second": "villages"}
        row = defined(world.units["C"], "certificates_per_village", **source)
        assert shown(row, world.units["C"]) == [("2026-10", "1.5")]
        with pytest.raises(RuleBroken) as caught:
            enter_value(row, world.units["C"], "2026-10", Decimal(1), Decimal(1))
    assert caught.value.problems[0].code == "indicator.counted"


def test_the_share_of_model_villages_by_year_comes_from_their_plates_nh_14(world: Any, as_: Any) -> None:
    with as_("county_administrator"):
        row = defined(world.units["C"], "status_share", kind="plates", stars=5)
        give_plate(world.units["C1A"], "2025", 5, "三年行动计划")
        give_plate(world.units["C1B"], "2025", 3, "三年行动计划")
        for village in ("C1A", "C1B", "C2A"):
            give_plate(world.units[village], "2026", 5, "三年行动计划")
        assert shown(row, world.units["C"]) == [("2025", "25.00%"), ("2026", "75.00%")]


def test_where_an_indicator_is_counted_from_survives_the_way_through_data(world: Any, operator: Any) -> None:
    data = {
        "code": "A1",
        "title": {"zh": "证明月均出具"},
        "formula": "certificates_per_village",
        "first": {"zh": "证明"},
        "second": {"zh": "村"},
        "source": {"kind": "register", "first": "certificates", "second": "villages"},
        "stated": {"first": "510", "second": "340"},
    }
    row, new = load_indicator(world.units["C"], data)
    assert new
    assert indicator_as_data(row) == data
    assert load_indicator(world.units["C"], data) == (row, False)


def test_a_township_reads_an_indicator_of_the_county_but_does_not_define_it(world: Any, as_: Any, sign_in: Any) -> None:
    with as_("county_administrator"):
        row = defined(world.units["C"], "petition_change")
        enter_value(row, world.units["C1"], "2026", Decimal(51), Decimal(198))
    with as_("township_head"), pytest.raises(access.NotAllowed):
        defined(world.units["C"], "count")
    page = sign_in("township_head").get(f"/indicators/{row.id}").text
    assert "−74.24%" in page
    assert "198" in page
