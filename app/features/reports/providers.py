"""What reports tell the kit."""

from __future__ import annotations

from app.features.reports import rules
from app.features.reports.models import InspectionPlan, MeetingPlan
from app.features.reports.problems import SENTENCES
from app.kit import problems, saving


def register() -> None:
    """The rules of plans, and what refusals say."""
    saving.register(InspectionPlan, rules.before_inspections)
    saving.register(MeetingPlan, rules.before_meetings)
    problems.register(SENTENCES)
