"""A county with departments that six villages may rate, and acting as any account."""

from __future__ import annotations

from typing import Any

import pytest

from app.features.org.models import Department
from app.kit import access
from app.kit.db import db


@pytest.fixture
def as_(world: Any) -> Any:
    """`with as_("township_head"):` acts as that account."""
    return lambda username: access.acting_as(access.actor_of_user(world.users[username].id))


@pytest.fixture
def bureau(world: Any) -> Any:
    row = Department(unit=world.units["C"], code="MZ", name="民政局")
    db.session.add(row)
    db.session.commit()
    return row
