"""Every migration up, down and up again on a database with rows: nothing is lost that both revisions have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from factories.installation import digests, own_installation
from faults.state import assert_whole
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, select

from app import config
from app.kit import schema
from app.kit.db import db


def revisions() -> list[str]:
    """From the first to the last."""
    scripts = ScriptDirectory(str(config.data_dir("migrations")))
    return [script.revision for script in scripts.walk_revisions()][::-1]


@contextmanager
def within(app: Any) -> Iterator[None]:
    with app.app_context():
        db.session.remove()
        yield
        db.session.remove()


def columns(app: Any) -> dict[str, set[str]]:
    with within(app):
        inspector = inspect(db.engine)
        return {table: {c["name"] for c in inspector.get_columns(table)} for table in inspector.get_table_names()}


def contents(app: Any, of: dict[str, set[str]]) -> dict[str, tuple[int, list[str]]]:
    """Rows of the tables and columns that `of` names, whatever else there is."""
    with within(app), db.engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        found = {}
        for name, wanted in of.items():
            if name == "alembic_version":
                continue
            table = metadata.tables[name]
            rows = connection.execute(select(*(table.c[column] for column in sorted(wanted)))).all()
            found[name] = (len(rows), sorted(map(repr, rows)))
        return found


@pytest.fixture
def populated(world_engine: Any, tmp_path: Path) -> Any:
    """The small county, with awards."""
    from factories.small_round import pay, publish_small_round
    from factories.world import known_world

    from app.features.bonus.services import run_batch
    from app.features.ranking.services import publish_ranking, run_ranking
    from app.kit import access

    app = own_installation(world_engine, tmp_path)
    with app.app_context(), access.acting_as(access.OPERATOR):
        world = known_world()
        round_ = publish_small_round(world)
        pay(world.persons["chief_grid_leader"], world.units["C1A"])
        run_batch(publish_ranking(run_ranking(round_)))
    return app


def test_every_revision_goes_down_and_up_without_losing_a_row_f13(populated: Any) -> None:
    steps = revisions()
    assert len(steps) > 1
    at_head = columns(populated)
    for lower, upper in list(zip(steps, steps[1:], strict=False))[::-1]:
        with within(populated):
            downgrade(revision=lower)
        common = columns(populated)
        before = contents(populated, common)
        with within(populated):
            upgrade(revision=upper)
        assert contents(populated, common) == before, f"{lower} -> {upper} changed rows"
        with within(populated):
            downgrade(revision=lower)
        assert contents(populated, common) == before, f"{upper} -> {lower} changed rows"
    with within(populated):
        upgrade()
    assert columns(populated) == at_head
    assert_still_works(populated)


def assert_still_works(app: Any) -> None:
    from faults.people import report, reported, signed_in

    assert report(signed_in(app, "sub_grid_leader"), "升级以后").status_code == 302
    assert "升级以后" in reported(app)


def test_going_up_from_the_first_revision_keeps_every_row_and_the_trail_f13(populated: Any) -> None:
    steps = revisions()
    with within(populated):
        downgrade(revision=steps[0])
    common = columns(populated)
    before = contents(populated, common)
    with within(populated):
        upgrade()
        schema.require_current()
    assert contents(populated, common) == before
    assert_whole(populated)


def test_a_step_cut_off_anywhere_leaves_the_revision_it_had_f13(populated: Any, fresh: Any) -> None:
    from faults.killing import in_a_process, spread

    with within(populated):
        downgrade(revision=revisions()[0])
        engine = db.engine
    whole = fresh(engine)
    _code, ticks, _took = in_a_process(whole, upgrade)
    first = digests(populated)
    for at in spread(ticks, 8):
        app = fresh(engine)
        in_a_process(app, upgrade, at=at)
        with within(app), db.engine.connect() as connection:
            revision = schema.revision_of(connection)
        assert revision in (revisions()[0], revisions()[-1]), f"left in between at tick {at} of {ticks}"
        if revision == revisions()[0]:
            assert digests(app) == first
        with within(app):
            upgrade()
            schema.require_current()
        assert_still_works(app)


def test_the_guards_of_the_trail_are_there_again_after_the_way_f13(populated: Any) -> None:
    with within(populated):
        downgrade(revision=revisions()[0])
        upgrade()
        from app.kit import verify

        assert not [p for p in verify.verify().problems if p.code == "audit.unguarded"]
