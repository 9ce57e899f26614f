"""Leads and logs as lists to take along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from app.domain.rights import Resource
from app.features.duties.models import Duty, Lead
from app.features.duties.queries.leads import SETTLED
from app.features.duties.words import DUTY_WORDS, LEAD_WORDS, category_name
from app.features.org.models import OrgUnit
from app.kit.db import db
from app.kit.i18n import _l
from app.kit.listing import Args, ListColumn, Listing


def _word(words: Mapping[str, tuple[Any, str]]) -> Any:
    return lambda code: str(words[code][0]) if code in words else code


def _leads(args: Args) -> Select[Any]:
    """As the page: what is under way, what is settled, or all."""
    statement, show = select(Lead).order_by(Lead.reported_on.desc(), Lead.id.desc()), args.get("show", "all")
    if show == "all":
        return statement
    return statement.where(Lead.state.in_(SETTLED) if show == "settled" else Lead.state.not_in(SETTLED))


def _duties(args: Args) -> Select[Any]:
    """As the page: of one month, and of one village with its grids; without them of all."""
    statement = select(Duty).order_by(Duty.period.desc(), Duty.unit_id, Duty.id)
    if args.get("period"):
        statement = statement.where(Duty.period == args["period"])
    if args.get("unit", "").isdecimal():
        unit = db.session.get(OrgUnit, int(args["unit"]))
        statement = statement.where(getattr(Duty, f"{unit.level}_id" if unit else "unit_id") == int(args["unit"]))
    return statement


LISTINGS = [
    Listing(
        code="leads",
        title=_l("Leads"),
        resource=Resource.LEADS,
        model=Lead,
        columns=(
            ListColumn("words", _l("What")),
            ListColumn("category", _l("About"), words=category_name),
            ListColumn("is_urgent", _l("Urgent")),
            ListColumn("unit", _l("Unit")),
            ListColumn("place", _l("Place")),
            ListColumn("reported_on", _l("Reported on")),
            ListColumn("reporter.name", _l("Reported by")),
            ListColumn("responsible.name", _l("Responsible")),
            ListColumn("due_on", _l("Due")),
            ListColumn("state", _l("State"), words=_word(LEAD_WORDS)),
            ListColumn("finding", _l("Finding")),
            ListColumn("solution", _l("Solution")),
            ListColumn("result", _l("Result")),
            ListColumn("closed_on", _l("Closed on")),
        ),
        statement=_leads,
        related=("unit", "reporter", "responsible"),
        page="LeadView.leads",
    ),
    Listing(
        code="logs",
        title=_l("Duties and their state"),
        resource=Resource.DUTIES,
        model=Duty,
        columns=(
            ListColumn("period", _l("Period")),
            ListColumn("unit", _l("Unit")),
            ListColumn("template", _l("Duty")),
            ListColumn("person.name", _l("Full name")),
            ListColumn("state", _l("State"), words=_word(DUTY_WORDS)),
            ListColumn("due_on", _l("Due")),
            ListColumn("submitted_at", _l("Handed in at")),
            ListColumn("is_late", _l("Late")),
            ListColumn("reviewed_by", _l("Confirmed by")),
            ListColumn("reviewed_at", _l("Confirmed at")),
            ListColumn("return_reason", _l("Reason")),
        ),
        statement=_duties,
        related=("unit", "template", "person"),
        page="ReviewView.review",
    ),
]
