"""A county that asks reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from app.features.forms.services import publish_form
from app.features.org.models import Department
from app.features.reports.services import Draft, draft_report, issue_report
from app.kit import access
from app.kit.db import db

Form = Callable[..., Any]


@pytest.fixture
def form(world: Any) -> Form:
    """`form("走访户数", "会议次数")` publishes a form of these fields at the county."""
    made = [0]

    def publish(*labels: str, unit: str = "C", cycle: str | None = "month", **more: Any) -> Any:
        made[0] += 1
        fields = [{"code": f"q{n}", "label": {"zh": label}, "type": "integer"} | more for n, label in enumerate(labels)]
        title = {"zh": f"表{made[0]}"}
        spec = {"code": f"form{made[0]}", "title": title, "sections": [{"code": "s", "title": title, "fields": fields}]}
        settings = {"purpose": "report", "keeper_level": "total_grid", "cycle": cycle, "per": "unit"}
        return publish_form(spec, world.units[unit], settings=settings).form

    return publish


@pytest.fixture
def bureau(world: Any) -> Any:
    row = Department(unit=world.units["C"], code="MZ", name="民政局")
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def as_(world: Any) -> Any:
    """`with as_("township_head"):` acts as that account."""
    return lambda username: access.acting_as(access.actor_of_user(world.users[username].id))


@pytest.fixture
def drafted(world: Any, bureau: Any, as_: Any) -> Any:
    """`drafted(form, **changes)`: a draft of the county administrator, approved, asked of total grids monthly."""

    def make(form: Any, unit: str = "C", by: str = "county_administrator", **changes: Any) -> Any:
        said = {
            "title": "民政月报",
            "level": "total_grid",
            "cycle": "month",
            "first_period": "2026-01",
            "approving_body": "县委办公室",
            "approval_document": "〔2026〕3号",
            "approved_on": date(2026, 1, 3),
            "department": bureau,
        }
        with as_(by):
            return draft_report(world.units[unit], Draft(form=form, **{**said, **changes}))

    return make


@pytest.fixture
def issued(drafted: Any, as_: Any) -> Any:
    """The same, issued by the second administrator."""

    def make(form: Any, **changes: Any) -> Any:
        row = drafted(form, **changes)
        with as_("county_administrator_b"):
            return issue_report(row)

    return make


@pytest.fixture
def english(world: Any, sign_in: Any) -> Any:
    """`english("evaluator")` signs in and reads in English."""

    def sign(username: str) -> Any:
        browser = sign_in(username)
        browser.get("/lang/en")
        return browser

    return sign
