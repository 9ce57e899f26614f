"""What reports tell the kit."""

from __future__ import annotations

from app.features.forms.models import FormRecord
from app.features.reports import rules
from app.features.reports.models import InspectionPlan, MeetingPlan
from app.features.reports.problems import SENTENCES
from app.kit import bulk, problems, saving


def register() -> None:
    """The rules of plans and of records that answer a report, and what refusals say."""
    saving.register(InspectionPlan, rules.before_inspections)
    saving.register(MeetingPlan, rules.before_meetings)
    saving.whenever(FormRecord, rules.after_records)
    bulk.register(FormRecord, rules.records_in_bulk)
    problems.register(SENTENCES)
