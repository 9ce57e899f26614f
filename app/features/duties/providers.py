"""What duties tell the kit."""

from __future__ import annotations

from app.features.checklists.queries.impact import register_impact
from app.features.duties.models import Duty, VillageRegister
from app.features.duties.problems import SENTENCES
from app.features.duties.resting import open_duties
from app.features.duties.services.monthly_saving import no_closed_period
from app.features.duties.services.opening import in_closed_months, locked_places
from app.features.forms.locks import register_lock
from app.kit import bulk, problems, undoing


def register() -> None:
    """The sentences of duties and leads, and what holds for duties written in bulk."""
    bulk.register(Duty, no_closed_period)
    for model in (Duty, VillageRegister):
        undoing.guard(model, in_closed_months)
    register_lock(locked_places)
    problems.register(SENTENCES)
    register_impact(open_duties)
