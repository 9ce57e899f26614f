"""The post of whoever writes ends while he writes: nothing is saved, and what he typed comes back to him."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from factories.browsing import form_to

from app.domain.rights import Verb
from app.features.duties import services
from app.features.duties.models import Duty
from app.kit import access, clock

PERIOD = "2026-10"


@pytest.fixture
def month(world: Any) -> Any:
    """October opened in C1."""
    services.open_period(PERIOD, units=[world.units["C1"]])
    return world


def gone(world: Any, session: Any, username: str) -> None:
    """The post of an account has ended yesterday, without its session being ended."""
    from sqlalchemy import update

    from app.features.people.models import Post

    yesterday = clock.today() - timedelta(days=1)
    session.execute(update(Post).where(Post.id == world.posts[username].id).values(to_on=yesterday))
    session.commit()


def test_a_post_that_ended_while_a_log_was_written_f08(month: Any, session: Any, sign_in: Any) -> None:
    browser = sign_in("sub_grid_leader")
    record = session.query(Duty).filter(Duty.subject.like("unit:%")).one()
    form = form_to(browser.get(f"/duties/?period={PERIOD}").text, "/duties/")
    typed = {**form.values, f"d{record.id}-meetings": "7531", "act": "draft"}
    gone(month, session, "sub_grid_leader")
    answer = browser.post("/duties/", data=typed)
    assert answer.status_code == 403 and "7531" in answer.text
    session.expire_all()
    assert record.state == "open" and not record.answers


def test_a_changed_post_reaches_the_log_no_more_f08(month: Any, session: Any, sign_in: Any) -> None:
    """He is given another grid meanwhile: still a leader, but of other logs."""
    from app.features.people.models import Post

    browser = sign_in("sub_grid_leader")
    record = session.query(Duty).filter(Duty.subject.like("unit:%")).one()
    form = form_to(browser.get(f"/duties/?period={PERIOD}").text, "/duties/")
    typed = {**form.values, f"d{record.id}-meetings": "7531", "act": "draft"}
    from sqlalchemy import update

    other = month.units["C1B-G1-01"]
    moved = {"unit_id": other.id, "village_id": other.village_id, "total_grid_id": other.total_grid_id}
    session.execute(
        update(Post).where(Post.id == month.posts["sub_grid_leader"].id).values(**moved, sub_grid_id=other.id)
    )
    session.commit()
    answer = browser.post("/duties/", data=typed)
    assert answer.status_code in (403, 404) and "7531" in answer.text
    assert not access.can(Verb.EDIT, record, access.actor_of_user(month.users["sub_grid_leader"].id))
    session.expire_all()
    assert not record.answers
