"""Time: business days are those of Shanghai whatever the machine believes, and a clock that jumps back harms nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import DateTime

from app.domain.periods import Period, PeriodKind
from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.models import Duty
from app.features.duties.queries import duties_below
from app.kit import access, clock
from app.kit.db import Instant, db
from app.kit.jinja import cell

ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati")
NEW_YEAR = "2026-12-31T15:59:59+00:00"

# instant in UTC -> the day in Shanghai
DAYS = [
    ("2026-01-31T15:59:59+00:00", date(2026, 1, 31)),
    ("2026-01-31T16:00:00+00:00", date(2026, 2, 1)),
    ("2026-02-28T15:59:59+00:00", date(2026, 2, 28)),
    ("2026-02-28T16:00:00+00:00", date(2026, 3, 1)),
    ("2028-02-28T16:00:00+00:00", date(2028, 2, 29)),
    ("2028-02-29T15:59:59+00:00", date(2028, 2, 29)),
    ("2028-02-29T16:00:00+00:00", date(2028, 3, 1)),
    ("2026-06-30T15:59:59+00:00", date(2026, 6, 30)),
    ("2026-06-30T16:00:00+00:00", date(2026, 7, 1)),
    ("2026-06-30T23:59:00+00:00", date(2026, 7, 1)),  # 07:59 in Shanghai, still the day before in UTC
    (NEW_YEAR, date(2026, 12, 31)),
    ("2026-12-31T16:00:00+00:00", date(2027, 1, 1)),
]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The process believes it is there."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> Any:
    return time_machine.travel(datetime.fromisoformat(text), tick=False)


# -- days and periods ------------------------------------------------------------------------------


@pytest.mark.usefixtures("zone")
def test_a_business_day_is_that_of_shanghai_wherever_the_machine_stands_f11() -> None:
    for instant, day in DAYS:
        with at(instant):
            assert (clock.today(), clock.now().tzinfo) == (day, UTC), instant


@pytest.mark.usefixtures("zone")
def test_a_month_and_a_half_year_change_at_midnight_in_shanghai_f11() -> None:
    with at("2026-06-30T15:59:59+00:00"):
        assert [str(Period.containing(clock.today(), kind)) for kind in PeriodKind] == [
            "2026-06",
            "2026Q2",
            "2026H1",
            "2026",
        ]
    with at("2026-06-30T16:00:00+00:00"):
        assert [str(Period.containing(clock.today(), kind)) for kind in PeriodKind] == [
            "2026-07",
            "2026Q3",
            "2026H2",
            "2026",
        ]


def test_shanghai_keeps_one_time_the_whole_year_f11() -> None:
    """No hour is skipped and none comes twice, so a deadline is the same instant every day."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    offsets = {(start + timedelta(days=n)).astimezone(clock.SHANGHAI).utcoffset() for n in range(366 * 5)}
    assert offsets == {timedelta(hours=8)}


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("instant", "late"),
    [("2026-11-05T15:59:59+00:00", False), ("2026-11-05T16:00:00+00:00", True), ("2026-11-04T16:00:00+00:00", False)],
)
def test_the_day_something_is_due_belongs_to_it_whole_f11(world: Any, session: Any, instant: str, late: bool) -> None:
    services.open_period("2026-10", units=[world.units["C1"]])
    duty = duties_below(world.units["C1"], "2026-10")[0]
    assert duty.due_on == date(2026, 11, 5)
    with at(instant):
        services.nothing_this_period([duty])
    session.expire_all()
    assert (duty.is_late, duty.submitted_at) == (late, datetime.fromisoformat(instant))


@pytest.mark.usefixtures("zone")
def test_a_post_holds_until_the_end_of_its_last_day_in_shanghai_f11(world: Any, session: Any) -> None:
    world.posts["grid_worker"].to_on = date(2026, 6, 30)
    session.commit()

    def roles() -> set[Role]:
        with access.everything("the test asks"):
            return {post.role for post in access.actor_of_user(user_by_name("grid_worker").id).posts}

    with at("2026-06-30T15:59:59+00:00"):
        assert roles() == {Role.GRID_WORKER}
    with at("2026-06-30T16:00:00+00:00"):
        assert roles() == set()


# -- instants --------------------------------------------------------------------------------------


def test_every_instant_of_ours_is_kept_in_utc_and_comes_back_aware_c42(app: Any) -> None:
    """Flask-AppBuilder's own three columns of an account are naive; nothing of ours reads them."""
    naive = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, DateTime) and not isinstance(column.type, Instant)
    }
    assert {name for name in naive if not name.startswith("ab_")} == set()


@pytest.mark.usefixtures("zone")
def test_an_instant_comes_back_as_it_went_in_c42(world: Any, session: Any) -> None:
    services.open_period("2026-10", units=[world.units["C1"]])
    duty = session.query(Duty).first()
    duty.submitted_at = datetime.fromisoformat("2026-07-01T00:00:00+08:00")
    session.commit()
    session.expire_all()
    assert duty.submitted_at == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert str(cell(duty.submitted_at)) == "2026-07-01 00:00"


def test_nothing_reads_the_clock_but_the_clock_c42() -> None:
    for path in (Path(clock.__file__).parents[1]).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "clock.py":
            assert "datetime.now(" not in text and "date.today(" not in text and "utcnow" not in text, path


# -- a clock that jumps back -----------------------------------------------------------------------


def test_a_session_that_ran_out_stays_out_when_the_clock_is_set_back_f11(world: Any, sign_in: Any) -> None:
    start = datetime(2026, 11, 10, 2, tzinfo=UTC)
    with time_machine.travel(start) as machine:
        browser = sign_in("grid_worker")
        machine.shift(timedelta(minutes=31))
        assert browser.get("/duties/").location.startswith("/login")
        machine.shift(timedelta(hours=-1))
        assert browser.get("/duties/").location.startswith("/login")


def test_work_goes_on_and_nothing_lasts_less_than_nothing_when_the_clock_is_set_back_f11(
    world: Any, session: Any, sign_in: Any
) -> None:
    start = datetime(2026, 11, 10, 2, tzinfo=UTC)
    with time_machine.travel(start) as machine:
        services.open_period("2026-10", units=[world.units["C1"]])
        browser = sign_in("grid_worker")
        machine.shift(timedelta(hours=-1))
        assert browser.get("/duties/").status_code == 200
        answer = browser.post("/leads/new", data={"category": "civility", "place": "桥头", "words": "栏杆松动"})
        assert answer.status_code == 302


def test_a_lock_out_is_not_shortened_by_setting_the_clock_back_f11(world: Any, app: Any) -> None:
    from factories.world import PASSWORD

    def gets_in(password: str) -> bool:
        answer = app.test_client().post("/login/", data={"username": "grid_worker", "password": password})
        return answer.status_code == 302 and not answer.location.startswith("/login")

    with time_machine.travel(datetime(2026, 11, 10, 2, tzinfo=UTC)) as machine:
        for _ in range(5):
            gets_in("wrong")
        machine.shift(timedelta(hours=-1))
        assert not gets_in(PASSWORD)
        machine.shift(timedelta(hours=1, minutes=11))
        assert gets_in(PASSWORD)
