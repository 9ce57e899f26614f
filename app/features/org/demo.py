"""The units of the demonstration: a town of 14 villages and a county of 43, in one prefecture. All are fictional."""

from __future__ import annotations

from sqlalchemy import select

from app.features.org.models import Department
from app.features.org.queries import unit_by_code
from app.features.org.services import load_units
from app.kit import seed
from app.kit.audit import acting
from app.kit.db import db, transaction

PREFECTURE = {"prefecture": "澜海州", "prefecture_code": "LHZ"}


def load_demo_units() -> None:
    """Both counties, each under the prefecture."""
    for name in ("org_town", "org_county43"):
        load_units(seed.read(f"demo/{name}.json") | PREFECTURE, file_name=name)


def load_demo_departments() -> None:
    """The departments of the counties that ask reports of villages or work with them."""
    found = seed.read("demo/departments.yaml")
    with transaction() as session, acting("portal.demo"):
        for entry in found:
            unit = unit_by_code(entry["unit"])
            known = set(db.session.scalars(select(Department.code).where(Department.unit_id == unit.id)))  # type: ignore[union-attr]
            session.add_all(
                Department(unit=unit, sort_order=order, **facts)
                for order, facts in enumerate(entry["departments"], start=1)
                if facts["code"] not in known
            )


STEPS = [("units", load_demo_units), ("departments", load_demo_departments)]
