"""What assessment tells the kit."""

from __future__ import annotations

from app.features.assessment.models import AssessmentRound, Scheme, SchemeAspect, SchemeDeduction, SchemeItem
from app.features.assessment.problems import SENTENCES
from app.kit import lookup, problems


def register() -> None:
    """Sentences, and schemes with their parts for look-ups."""
    problems.register(SENTENCES)
    lookup.register(Scheme, Scheme.name, Scheme.code)
    lookup.register(SchemeAspect, SchemeAspect.code, SchemeAspect.name)
    lookup.register(SchemeItem, SchemeItem.code, SchemeItem.name)
    lookup.register(SchemeDeduction, SchemeDeduction.code, SchemeDeduction.name)
    lookup.register(AssessmentRound, AssessmentRound.code, AssessmentRound.name)
