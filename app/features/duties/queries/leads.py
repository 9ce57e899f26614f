"""Reading leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.rights import Role
from app.domain.transitions import LeadState
from app.features.duties.models import Lead, LeadEvent
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.features.people.queries import posts_at
from app.kit import access, roles
from app.kit.db import db

SETTLED = (LeadState.CLOSED, LeadState.RETURNED, LeadState.MERGED)


def leads_seen(states: Sequence[str] = (), unit: Any = None) -> Sequence[Lead]:
    """The leads the actor sees, urgent and unsettled ones first, then the newest; of some states or below a unit."""
    statement = access.visible(select(Lead), Lead)
    if states:
        statement = statement.where(Lead.state.in_(states))
    if unit is not None:
        statement = statement.where(getattr(Lead, f"{unit.level}_id") == unit.id)
    statement = statement.options(
        selectinload(Lead.unit).selectinload(OrgUnit.parent).selectinload(OrgUnit.parent),
        selectinload(Lead.reporter),
        selectinload(Lead.responsible),
    )
    rows = db.session.scalars(statement.order_by(Lead.reported_on.desc(), Lead.id.desc()).limit(500)).all()
    return sorted(rows, key=lambda lead: (lead.state in SETTLED, not lead.is_urgent))


def events_of(lead: Lead) -> Sequence[LeadEvent]:
    """The life of a lead, the oldest step first."""
    return db.session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lead.id).order_by(LeadEvent.id)).all()


def responsible_candidates(lead: Lead) -> list[Person]:
    """Who may be made responsible: the leaders of the total grid and the leader of the sub-grid the lead is about."""
    with access.everything("whoever may be made responsible for a lead"):
        grid = db.session.get(OrgUnit, lead.total_grid_id) if lead.total_grid_id else None
        posts = posts_at(grid) if grid else []
    wanted = [
        post.person
        for post in posts
        if roles.base_of(post.role) in (Role.CHIEF_GRID_LEADER, Role.GRID_INSTRUCTOR)
        or (roles.base_of(post.role) is Role.SUB_GRID_LEADER and post.unit_id == lead.unit_id)
    ]
    return list(dict.fromkeys(wanted))
