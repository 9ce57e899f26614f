"""Villages rate departments; what one village said is nowhere to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from factories.browsing import send
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.forms.models import FormRecord
from app.features.forms.queries.filling import version_in_use
from app.features.reviews.queries import ratings
from app.features.reviews.services import rate, set_up_review
from app.kit import access, clock
from app.kit.db import db

IN_FIRST_HALF = datetime(2026, 5, 10, 4, tzinfo=UTC)
VILLAGES = ("C1A", "C1B", "C2A", "C2B")


@pytest.fixture
def county(world: Any, bureau: Any, as_: Any) -> Any:
    with as_("county_administrator"):
        set_up_review(world.units["C"])
    return world.units["C"]


def rated(world: Any, bureau: Any, stars: str = "5", villages: Any = VILLAGES) -> None:
    """Each of these villages has rated in the first half of 2026."""
    form = ratings.review_form(world.units["C"])
    version = version_in_use(form)
    for place, village in enumerate(villages):
        unit = world.units[f"{village}-G1"]
        db.session.add(
            FormRecord(
                form=form,
                form_version=version,
                unit=unit,
                period="2026H1",
                single=ratings.key_of(bureau, unit, "2026H1"),
                state="submitted",
                answers={"stars": stars, "burdens": ["forms"], "words": f"第{9 - place}句"},
            )
        )
    db.session.commit()


def test_a_chief_grid_leader_rates_a_department_once_a_half_year_yb_22(
    world: Any, bureau: Any, county: Any, as_: Any
) -> None:
    unit = world.units["C1A-G1"]
    with clock.at(IN_FIRST_HALF), as_("chief_grid_leader"):
        record = rate(bureau, unit, {"stars": "4", "burdens": ["forms"]})
        assert (record.period, record.state) == ("2026H1", "submitted")
        with pytest.raises(RuleBroken) as twice:
            rate(bureau, unit, {"stars": "1"})
        assert rate(bureau, unit, {"stars": "2"}, record=record, version=record.version) is record
    assert [problem.code for problem in twice.value.problems] == ["record.already"]
    with as_("chief_grid_leader"), pytest.raises(RuleBroken) as late:  # the tests stand later in the year
        rate(bureau, unit, {"stars": "5"}, record=record, version=record.version)
    assert late.value.problems[0].code == "review.over"


def test_only_villages_rate_and_only_departments_above_them_yb_22(
    world: Any, bureau: Any, county: Any, as_: Any
) -> None:
    for who, unit in (("county_administrator", "C1A-G1"), ("chief_grid_leader", "C2A-G1"), ("evaluator", "C1A-G1")):
        with as_(who), pytest.raises(RuleBroken) as caught:
            rate(bureau, world.units[unit], {"stars": "4"})
        assert caught.value.problems[0].code == "review.not_asked"


def test_results_are_of_enough_villages_and_of_a_half_year_that_is_over_yb_22(
    world: Any, bureau: Any, county: Any, as_: Any
) -> None:
    rated(world, bureau)
    with as_("county_administrator"):
        (few,) = ratings.results(county, "2026H1", 5)
        assert (few.raters, few.average, list(few.words)) == (4, None, [])
        (enough,) = ratings.results(county, "2026H1", 4)
        assert (enough.raters, str(enough.average)) == (4, "5.0")
        assert list(enough.words) == ["第6句", "第7句", "第8句", "第9句"]
        with clock.at(IN_FIRST_HALF):
            (running,) = ratings.results(county, "2026H1", 1)
        assert (running.raters, running.average) == (4, None)


def test_no_page_shows_what_one_village_said_yb_22(
    world: Any, bureau: Any, county: Any, sign_in: Any, app: Any
) -> None:
    rated(world, bureau, villages=("C1A",))
    record = db.session.scalars(select(FormRecord)).one()
    for who in ("county_administrator", "evaluator", "township_head"):
        browser = sign_in(who)
        for address in (
            "/department-ratings/?period=2026H1",
            f"/department-ratings/{bureau.id}?period=2026H1",
            f"/records/{record.form_id}/",
            f"/records/entry/{record.id}",
            f"/records/entry/{record.id}/print",
            f"/records/entry/{record.id}/edit",
        ):
            answer = browser.get(address)
            assert answer.status_code in (200, 302, 403, 404)
            assert "第9句" not in answer.text, (who, address)
    assert "不足5个村" in sign_in("county_administrator").get("/department-ratings/?period=2026H1").text


def test_the_page_takes_a_rating_and_says_what_is_missing_yb_22(
    world: Any, bureau: Any, county: Any, sign_in: Any
) -> None:
    chief, address = sign_in("chief_grid_leader"), f"/rate-departments/{bureau.id}"
    assert "民政局" in chief.get("/rate-departments/").text
    unit = str(world.units["C1A-G1"].id)
    assert send(chief, address, address, words="报表太多").status_code == 422
    assert send(chief, address, address, stars="3", words="报表太多").status_code == 302
    with access.everything("what was written"):
        record = db.session.scalars(select(FormRecord)).one()
    assert (record.answers["stars"], record.state, record.unit_id) == ("3", "submitted", int(unit))
    assert "报表太多" in chief.get(address).text
