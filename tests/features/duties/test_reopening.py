"""A locked month is opened again by two persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.accounts.queries import user_by_name
from app.features.duties import queries, services
from app.features.duties.models import DutyPeriod
from app.features.people.services import substitute
from app.kit import access, clock
from app.kit.audit import AuditEntry

PERIOD = "2026-10"


def acting(username: str) -> Any:
    """Act as an account, with its posts of today."""
    user = user_by_name(username)
    assert user is not None
    return access.acting_as(access.actor_of_user(user.id))


@pytest.fixture
def locked(world: Any, session: Any) -> Any:
    """October of township C1, opened and locked."""
    services.open_period(PERIOD, units=[world.units["C1"]])
    services.close_period(PERIOD, units=[world.units["C1"]])
    return session.query(DutyPeriod).one()


def test_one_asks_with_a_reason_and_another_allows_it_c16(world: Any, locked: Any) -> None:
    here = [world.units["C1"]]
    with acting("township_head"):
        with pytest.raises(RuleBroken, match="reason_required"):
            services.ask_reopen(PERIOD, " ", units=here)
        services.ask_reopen(PERIOD, "补录", units=here)
        assert locked.state == "closed"
        with pytest.raises(RuleBroken, match=r"duties\.same_person"):
            services.allow_reopen(PERIOD, units=here)
        with pytest.raises(RuleBroken, match=r"duties\.reopen_waits"):
            services.ask_reopen(PERIOD, "再补", units=here)
    assert locked.state == "closed"
    with acting("county_administrator"):
        services.allow_reopen(PERIOD, units=here)
    assert (locked.state, locked.reopen_asked_by, locked.reopen_reason) == ("open", "township_head", "补录")


def test_nothing_opens_that_nobody_asked_for_c16(world: Any, locked: Any) -> None:
    with acting("county_administrator"), pytest.raises(RuleBroken, match=r"duties\.nobody_asked"):
        services.allow_reopen(PERIOD, units=[world.units["C1"]])
    assert locked.state == "closed"


def test_whoever_stands_in_for_the_one_who_asked_may_not_allow_it_c16(world: Any, locked: Any) -> None:
    here, today = [world.units["C1"]], clock.today()
    with acting("township_head"):
        services.ask_reopen(PERIOD, "补录", units=here)
    substitute(world.posts["township_head"], world.persons["county_administrator"], today, today, reason="出差")
    with acting("county_administrator"), pytest.raises(RuleBroken, match=r"duties\.same_person"):
        services.allow_reopen(PERIOD, units=here)
    with acting("county_administrator_b"):
        services.allow_reopen(PERIOD, units=here)
    assert locked.state == "open"


def test_who_asked_in_the_stead_of_another_leaves_both_out_c16(world: Any, locked: Any) -> None:
    here, today = [world.units["C1"]], clock.today()
    substitute(world.posts["township_head"], world.persons["evaluator"], today, today + timedelta(1), reason="出差")
    with acting("evaluator"):
        services.ask_reopen(PERIOD, "补录", units=here)
    for username in ("evaluator", "township_head"):
        with acting(username), pytest.raises(RuleBroken, match=r"duties\.same_person"):
            services.allow_reopen(PERIOD, units=here)


def test_a_refusal_stays_on_the_page_until_the_month_is_asked_for_again(world: Any, locked: Any, sign_in: Any) -> None:
    town = world.units["C1"].id
    head, county = sign_in("township_head"), sign_in("county_administrator")
    wish = {"period": PERIOD, "reason": "补录两份"}
    assert head.post(f"/duty-periods/{town}/reopen", data=wish).status_code == 302
    assert f"/duty-periods/{town}/reopen/allow" not in head.get(f"/duty-periods/?unit={town}").text
    page = county.get(f"/duty-periods/?unit={town}").text
    assert "补录两份" in page and f"/duty-periods/{town}/reopen/allow" in page
    no = {"period": PERIOD, "reason": "不必"}
    assert county.post(f"/duty-periods/{town}/reopen/refuse", data=no).status_code == 302
    assert "不必" in head.get(f"/duty-periods/?unit={town}").text and locked.state == "closed"
    assert head.post(f"/duty-periods/{town}/reopen", data=wish).status_code == 302
    assert "不必" not in head.get(f"/duty-periods/?unit={town}").text


def test_the_first_page_of_the_other_says_that_a_month_waits_c16(world: Any, locked: Any) -> None:
    with acting("township_head"):
        services.ask_reopen(PERIOD, "补录", units=[world.units["C1"]])

    def waits_for(username: str) -> bool:
        with acting(username):
            return any(line.endpoint == "PeriodView.periods" for line in queries.my_todo(access.actor(), clock.today()))

    assert waits_for("county_administrator") and not waits_for("township_head") and not waits_for("township_head_2")


def test_commands_take_two_persons_and_of_the_operator_two_steps_c16(
    app: Any, world: Any, locked: Any, session: Any
) -> None:
    runner = app.test_cli_runner()

    def run(*words: str) -> int:
        return int(runner.invoke(args=["duties", "reopen", PERIOD, "--unit", "C1", *words]).exit_code)

    assert run("--reason", "补录", "--as", "township_head") == 0
    assert run("--allow", "--as", "township_head") == 2
    assert run("--allow", "--as", "county_administrator") == 0
    services.close_period(PERIOD, units=[world.units["C1"]])
    assert run("--allow") == 2
    assert run("--reason", "再补录") == 0 and run("--allow") == 0
    entries = session.query(AuditEntry).filter(AuditEntry.action.in_(["duties.ask_reopen", "duties.reopen"]))
    entries = entries.order_by(AuditEntry.id).all()
    assert [entry.username for entry in entries] == ["township_head", "county_administrator", "operator", "operator"]
