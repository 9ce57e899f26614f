"""A county with the Caojing schemes, and rounds to score."""

from __future__ import annotations

from typing import Any

import pytest
from factories.world import PASSWORD

from app.domain.rights import Role
from app.features.accounts.services import add_account
from app.features.assessment import queries, services
from app.features.assessment.reference import load_schemes
from app.features.people.services import add_person, appoint


@pytest.fixture
def schemes(world: Any) -> Any:
    """The schemes of the pack, by code, at the county of the world."""
    load_schemes()
    found = queries.schemes_at(world.units["C"])
    return {scheme.code: scheme for scheme in found}


@pytest.fixture
def round_(world: Any, schemes: Any) -> Any:
    """An open yearly round of township C1: villages C1A and C1B."""
    return services.open_round("V2026", schemes["CJ-VILLAGE-DEMO"], "2026", world.units["C1"])


@pytest.fixture
def county_administrator_2(world: Any) -> Any:
    """A second county administrator, who can publish what others checked."""
    person = add_person(world.units["C"], "试管", phone="10000000009")
    appoint(person, Role.COUNTY_ADMINISTRATOR, world.units["C"])
    return add_account("county_administrator_2", PASSWORD, person, must_change=False)


@pytest.fixture
def statements(session: Any) -> Any:
    """`with statements() as seen:` collects the SQL statements sent to the database."""
    from collections.abc import Iterator
    from contextlib import contextmanager

    from sqlalchemy import event

    from app.kit.db import db

    @contextmanager
    def watching() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return watching
