"""What assessment tells the kit."""

from __future__ import annotations

from app.domain.checklists import ListKind
from app.features.assessment import queries, rules
from app.features.assessment.models import (
    AssessmentRound,
    DeductionEntry,
    ItemScore,
    Scheme,
    SchemeAspect,
    SchemeDeduction,
    SchemeItem,
    Sheet,
)
from app.features.assessment.problems import SENTENCES
from app.features.assessment.proof import frozen_faults
from app.features.assessment.resting import sheets_half_scored
from app.features.assessment.services.holding import on_closed_rounds
from app.features.checklists.models import GovernanceList
from app.features.checklists.queries import KindPage, register_page
from app.features.checklists.queries.impact import register_impact
from app.kit import audit, lookup, problems, undoing, versions


def register() -> None:
    """Sentences, what a round to be checked or published consists of, schemes with their parts for look-ups, and the page of the assessment list."""
    rules.install()
    versions.watch(AssessmentRound, queries.versions_of_sheets)
    problems.register(SENTENCES)
    for model in (Sheet, ItemScore, DeductionEntry):
        undoing.guard(model, on_closed_rounds)
    audit.register_check("assessment.frozen", frozen_faults)
    lookup.register(Scheme, Scheme.name, Scheme.code)
    lookup.register(SchemeAspect, SchemeAspect.code, SchemeAspect.name)
    lookup.register(SchemeItem, SchemeItem.code, SchemeItem.name)
    lookup.register(SchemeDeduction, SchemeDeduction.code, SchemeDeduction.name)
    lookup.register(AssessmentRound, AssessmentRound.code, AssessmentRound.name)
    register_page(ListKind.ASSESSMENT, KindPage("AssessmentListView.start", count=_items_that_hold))
    register_impact(sheets_half_scored)


def _items_that_hold(_list: GovernanceList) -> int:
    """The items of the first scheme the reader is assessed by: the assessment list has none of its own."""
    schemes = queries.schemes_that_hold()
    return len(queries.parts_of(schemes[0]).items) if schemes else 0
