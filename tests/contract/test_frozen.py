"""What is published stays as it was published: the database refuses changes, and verify finds what was changed all the same."""

from __future__ import annotations

from typing import Any

import pytest
from factories.small_round import pay, publish_small_round
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DatabaseError

from app.features.assessment.models import RoundSnapshot
from app.features.assessment.services import check_round, correct_round, publish_round
from app.features.bonus.models import BonusBatch, PayLine
from app.features.bonus.services import approve_batch, return_batch, run_batch
from app.features.ranking.models import RankingLine, RankingRun
from app.features.ranking.services import (
    approve_setting,
    confirm_multipliers,
    publish_ranking,
    run_ranking,
    save_settings,
)
from app.kit import audit
from app.kit.db import db


@pytest.fixture
def published(world: Any, operator: Any, confirmed: None) -> Any:
    """A published round, its published ranking and the approved batch of awards."""
    world.round = publish_small_round(world)
    pay(world.persons["chief_grid_leader"], world.units["C1A"])
    world.run = publish_ranking(run_ranking(world.round))
    world.batch = approve_batch(run_batch(world.run, overrides=None))
    return world


@pytest.fixture
def confirmed(world: Any, operator: Any) -> None:
    """The multipliers are confirmed, as an approval asks."""
    approve_setting(confirm_multipliers(world.units["C"], middle="2.0", bottom="1.0", reason="县里研究"))


def refuses(session: Any, statement: Any) -> bool:
    """True when the database itself refuses a statement."""
    try:
        with session.begin_nested():
            session.execute(statement)
    except DatabaseError as error:
        assert "frozen" in str(error.orig)
        return True
    return False


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (RoundSnapshot, {"payload": {}}),
        (RoundSnapshot, {"digest": "0" * 64}),
        (RankingRun, {"policy": {}}),
        (RankingRun, {"inputs": []}),
        (RankingRun, {"digest": "0" * 64}),
        (RankingRun, {"is_published": False}),
        (RankingLine, {"rank": 1, "band": "top"}),
        (BonusBatch, {"policy": {}}),
        (BonusBatch, {"digest": "0" * 64}),
        (PayLine, {"award": 1}),
        (PayLine, {"multiplier": 9}),
    ],
)
def test_the_database_refuses_to_change_what_is_published_c22(
    published: Any, session: Any, model: Any, values: dict[str, Any]
) -> None:
    assert refuses(session, update(model.__table__).values(values))


@pytest.mark.parametrize("model", [RoundSnapshot, RankingLine, RankingRun, PayLine, BonusBatch])
def test_the_database_refuses_to_delete_what_is_published_c22(published: Any, session: Any, model: Any) -> None:
    assert refuses(session, delete(model.__table__))


def test_nothing_is_slipped_into_a_published_ranking_c22(published: Any, session: Any) -> None:
    line = {
        "run_id": published.run.id,
        "village_unit_id": published.units["C1A"].id,
        "band": "top",
        "aspects": {},
        "is_tie_undecided": False,
    }
    assert refuses(session, insert(RankingLine.__table__).values(line))


def test_states_still_move_on_and_payments_are_written_c22(published: Any, session: Any) -> None:
    assert not refuses(session, update(PayLine.__table__).values(paid=100, remarks="已发"))
    assert not refuses(session, update(BonusBatch.__table__).values(state="exported"))
    assert not refuses(session, update(RankingRun.__table__).values(state="superseded"))


def test_a_returned_batch_may_be_computed_anew_c22(published: Any, session: Any) -> None:
    return_batch(published.batch, "人员有误")
    again = run_batch(published.run, reason="人员有误")
    assert again.number == published.batch.number + 1
    session.refresh(published.batch)
    assert len(session.query(PayLine).filter_by(batch_id=published.batch.id).all()) == 1


def test_a_correction_is_a_new_version_with_its_reason_and_the_old_one_stays_c22(published: Any, session: Any) -> None:
    first = session.query(RoundSnapshot).filter_by(round_id=published.round.id).one()
    before = (first.digest, first.payload)
    correct_round(published.round, "甲东村漏记一项")
    check_round(published.round)
    second = publish_round(published.round)
    session.expire_all()
    assert (first.digest, first.payload) == before and second.number == first.number + 1
    assert published.round.reason == "甲东村漏记一项"


def findings() -> list[str]:
    return [words for name, check in audit.checks().items() if name.endswith(".frozen") for words in check()]


def test_verify_recomputes_every_digest_and_finds_nothing_wrong_c22(published: Any) -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("model", "values", "named"),
    [
        (RoundSnapshot, {"payload": {"round": {}, "scheme": {}, "sheets": []}}, "round_snapshot"),
        (RankingLine, {"band": "bottom"}, "ranking_run"),
        (RankingRun, {"inputs": []}, "ranking_run"),
        (PayLine, {"award": 1}, "bonus_batch"),
    ],
)
def test_verify_names_what_somebody_changed_past_the_guards_c22(
    published: Any, session: Any, model: Any, values: dict[str, Any], named: str
) -> None:
    _without_guards(session, model.__tablename__)
    session.execute(update(model.__table__).values(values))
    session.expire_all()
    found = findings()
    assert found and found[0].startswith(named)


def _without_guards(session: Any, table: str) -> None:
    """What the owner of a database can do: take the guards away (the test rolls it back)."""
    from sqlalchemy import text

    if db.engine.dialect.name == "postgresql":
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    names = session.scalars(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
    )
    for name in names.all():
        session.execute(text(f"DROP TRIGGER {name}"))


def test_a_new_rule_does_not_touch_what_was_published_c22(published: Any, session: Any) -> None:
    before = (published.run.digest, published.run.policy)
    save_settings(published.units["C1"], {"top_ratio": "0.5"}, reason="新办法")
    session.expire_all()
    assert (published.run.digest, published.run.policy) == before and findings() == []
