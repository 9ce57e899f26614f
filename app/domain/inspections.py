"""What keeps inspections, meetings and documents from weighing on villages: the guards of 罗江 and 延边."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.domain.errors import Problem
from app.domain.report_forms import normalised

KINDS = ("comprehensive", "special", "assessment")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)
RUN = 8
"""Signs in a row that must be the same to count as taken over: shorter runs are set phrases any two documents share."""


@dataclass(frozen=True)
class Inspection:
    """A planned inspection or assessment of a department; `number` tells it from the others."""

    department: int
    year: int
    kind: str
    approval_document: str
    consent_document: str = ""
    number: int = 0


def check_inspection(plan: Inspection, others: Collection[Inspection]) -> list[Problem]:
    """Why an inspection may not be planned.

    Errors as problems: inspections.not_approved, inspections.one_a_year, inspections.consent (a department that assesses
            villages needs the county's consent document).
    Source: 罗江: at most one comprehensive inspection a department and year, planned and approved; 延边: the township
            assesses, departments only with the county's consent.
    """
    found = [] if plan.approval_document.strip() else [Problem("inspections.not_approved", "approval_document")]
    twins = [one for one in others if (one.department, one.year, one.kind) == (plan.department, plan.year, plan.kind)]
    if plan.kind == "comprehensive" and any(one.number != plan.number for one in twins):
        found.append(Problem("inspections.one_a_year", "kind", {"year": plan.year}))
    if plan.kind == "assessment" and not plan.consent_document.strip():
        found.append(Problem("inspections.consent", "consent_document"))
    return found


@dataclass(frozen=True)
class Meeting:
    """A meeting village cadres are called to."""

    held_on: date
    matter: str
    number: int = 0


def check_meeting(
    meeting: Meeting, others: Collection[Meeting], *, free_weekdays: Collection[int], exception_reason: str
) -> list[Problem]:
    """Why a meeting needs a reason: it falls on a day without meetings, or its matter had a meeting in that year already.

    Shape:  weekdays from 1, Monday. With a reason on record there is no problem: it is a warning, not a ban.
    Errors as problems: meetings.free_day (params: weekday), meetings.same_matter (params: on).
    Source: 罗江: Wednesdays and Thursdays are days without meetings; one meeting a matter.
    """
    if exception_reason.strip():
        return []
    found = []
    if meeting.held_on.isoweekday() in free_weekdays:
        found.append(Problem("meetings.free_day", "held_on", {"weekday": meeting.held_on.isoweekday()}))
    matter = normalised(meeting.matter)
    for other in others:
        same = other.number != meeting.number and normalised(other.matter) == matter
        if same and other.held_on.year == meeting.held_on.year:
            found.append(Problem("meetings.same_matter", "matter", {"on": other.held_on.isoformat()}))
            break
    return found


@dataclass(frozen=True)
class Paper:
    """What a document was found to be: its length, and how much of it stands in the superior's text. Units: percent."""

    characters: int
    overlap: Decimal
    problems: tuple[Problem, ...]


def check_document(text: str, superior: str, *, most_characters: int, most_overlap: int) -> Paper:
    """Whether a document may be issued.

    Shape:  characters are counted without blanks. The overlap is the share of its letters, digits and characters that lie
            in a run of at least RUN which the superior's text holds too; one place half-up, compared exactly.
    Errors as problems: papers.too_long (params: most), papers.too_alike (params: most).
    Source: 罗江: at most 5000 characters; more than 50 % repeated from the superior's text is not issued.
    """
    length = len("".join(text.split()))
    own, above = normalised_text(text), normalised_text(superior)
    same = _covered(own, above)
    problems = [Problem("papers.too_long", "text", {"most": most_characters})] if length > most_characters else []
    if own and same * 100 > most_overlap * len(own):
        problems.append(Problem("papers.too_alike", "superior", {"most": most_overlap}))
    share = (Decimal(same) * _HUNDRED / len(own)).quantize(_TENTH, ROUND_HALF_UP) if own else Decimal(0)
    return Paper(length, share, tuple(problems))


def normalised_text(text: str) -> str:
    """Letters, digits and characters alone, so that commas and line breaks hide nothing."""
    return "".join(sign for sign in text if sign.isalnum()).lower()


def _covered(own: str, above: str) -> int:
    """How many signs of `own` lie in a run of RUN that `above` holds."""
    runs = {above[start : start + RUN] for start in range(len(above) - RUN + 1)}
    count, counted_to = 0, 0
    for start in range(len(own) - RUN + 1):
        if own[start : start + RUN] in runs:
            count += start + RUN - max(start, counted_to)
            counted_to = start + RUN
    return count
