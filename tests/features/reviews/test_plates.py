"""Star plates: given on a basis, taken down with a reason, never gone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.reviews.queries import plates
from app.features.reviews.services import give_plate, withdraw_plate
from app.kit import access


def refused(act: Any) -> set[tuple[str, str]]:
    with pytest.raises(RuleBroken) as caught:
        act()
    return {(problem.code, problem.where) for problem in caught.value.problems}


def test_a_plate_is_given_and_taken_down_with_a_reason_and_stays_on_record_py_10(world: Any, as_: Any) -> None:
    village = world.units["C1A"]
    with as_("county_administrator"):
        plate = give_plate(village, "2026", 4, "5大类27项评分细则", Decimal("92.5"))
        assert plates.hanging([village.id])[village.id] is plate
        assert refused(lambda: withdraw_plate(plate, " ")) == {("plate.no_reason", "reason")}
        withdraw_plate(plate, "出现集体上访")
        assert refused(lambda: withdraw_plate(plate, "再摘一次")) == {("plate.withdrawn", "")}
        assert plates.hanging([village.id]) == {}
        assert [(row.stars, row.withdrawn_reason) for row in plates.plates_of(village)] == [(4, "出现集体上访")]
        assert give_plate(village, "2026", 3, "复评").stars == 3


def test_a_newer_plate_follows_an_older_one_and_none_is_given_twice_py_10(world: Any, as_: Any) -> None:
    village = world.units["C1A"]
    with as_("county_administrator"):
        give_plate(village, "2025", 3, "年度评定")
        give_plate(village, "2026", 5, "年度评定")
        assert refused(lambda: give_plate(village, "2026", 4, "重复")) == {("plate.already", "period")}
        assert refused(lambda: give_plate(world.units["C1"], "2027", 6, " ")) == {
            ("plate.not_a_village", ""),
            ("plate.stars", "stars"),
            ("plate.no_basis", "basis"),
        }
        newest = plates.hanging([village.id])[village.id]
        assert newest.stars == 5
        withdraw_plate(newest, "复核不合格")
        assert plates.hanging([village.id]) == {}  # the plate of 2025 does not come back


def test_only_who_approves_gives_stars_and_the_village_sees_its_own(world: Any, as_: Any, sign_in: Any) -> None:
    village = world.units["C1A"]
    with as_("county_administrator"):
        give_plate(village, "2026", 5, "年度评定")
    with as_("evaluator"), pytest.raises(access.NotAllowed):
        give_plate(village, "2026", 5, "年度评定")
    chief = sign_in("chief_grid_leader")
    assert "★★★★★" in chief.get(f"/star-plates/{village.id}").text
    assert chief.get(f"/star-plates/{world.units['C2A'].id}").status_code == 404
