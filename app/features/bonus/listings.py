"""Wages as a list to take along; the pay of a batch leaves in the layout of the county, from its own page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, false, select

from app.domain.rights import Resource
from app.features.bonus.models import Wage
from app.features.bonus.words import PARTS
from app.features.org.queries import unit_by_code
from app.kit.i18n import _l
from app.kit.listing import Args, ListColumn, Listing

MONTHS = (("first", "01"), ("last", "12"))


def _wages(args: Args) -> Select[Any]:
    """As the page: of one village and one year; without them of all."""
    statement = select(Wage).order_by(Wage.unit_id, Wage.person_id, Wage.month)
    if args.get("year", "").isdecimal():
        first, last = (
            f"{args['year']}-{args.get(name, '').zfill(2) if args.get(name) else edge}" for name, edge in MONTHS
        )
        statement = statement.where(Wage.month.between(first, last))
    if args.get("village"):
        village = unit_by_code(args["village"])
        statement = statement.where(Wage.village_id == village.id if village else false())
    return statement


LISTINGS = [
    Listing(
        code="wages",
        title=_l("Wages"),
        resource=Resource.PAY,
        model=Wage,
        columns=(
            ListColumn("unit", _l("Unit")),
            ListColumn("person.name", _l("Full name")),
            ListColumn("month", _l("Month")),
            *(ListColumn(part, label) for part, label in PARTS.items()),
        ),
        statement=_wages,
        related=("unit", "person"),
        page="WageView.wages",
    )
]
