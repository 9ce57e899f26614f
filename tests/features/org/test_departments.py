"""Departments: kept by the county, at counties and townships alone."""

from __future__ import annotations

from typing import Any

import pytest
from factories.browsing import send

from app.domain.errors import RuleBroken
from app.features.org.models import Department
from app.kit.db import db


def test_the_county_keeps_its_departments_and_a_village_sees_them(world: Any, sign_in: Any) -> None:
    county = world.units["C"]
    facts = {
        "unit": str(county.id),
        "code": "MZ",
        "name": "民政局",
        "name_ko": "민정국",
        "sort_order": "1",
        "is_active": "y",
    }
    answer = send(sign_in("county_administrator"), "/departments/add", **facts)
    assert answer.status_code == 302, answer.text
    found = db.session.scalars(db.select(Department)).one()
    assert (str(found), found.county_id) == ("民政局", county.id)
    browser = sign_in("county_administrator")
    browser.get("/lang/en")
    assert "has a department of this code already" in send(browser, "/departments/add", **facts).text
    assert "民政局" in sign_in("chief_grid_leader").get("/departments/list/").text
    assert sign_in("chief_grid_leader").get("/departments/add").status_code in (302, 403)


def test_a_village_has_no_departments(world: Any) -> None:
    db.session.add(Department(unit=world.units["C1A"], code="MZ", name="民政局"))
    with pytest.raises(RuleBroken, match=r"org\.department_level"):
        db.session.flush()
