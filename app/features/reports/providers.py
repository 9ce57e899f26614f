"""What reports tell the kit."""

from __future__ import annotations

from app.features.forms.asked import register_asked
from app.features.forms.models import FormRecord
from app.features.reports import rules
from app.features.reports.models import InspectionPlan, MeetingPlan
from app.features.reports.problems import SENTENCES
from app.features.reports.queries.owed import asking
from app.kit import bulk, problems, saving


def register() -> None:
    """The rules of plans and of records that answer a report, which report a row answers, and what refusals say."""
    saving.register(InspectionPlan, rules.before_inspections)
    saving.register(MeetingPlan, rules.before_meetings)
    saving.whenever(FormRecord, rules.after_records)
    bulk.register(FormRecord, rules.records_in_bulk)
    register_asked(asking)
    problems.register(SENTENCES)
