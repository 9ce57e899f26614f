"""Leads (民情线索): reported, taken, verified, fed back, discussed, assigned, closed.

Source: procedure P3. An urgent lead does not wait for the monthly meeting: it is with the chief grid leader as soon as
it is verified, and he may take it himself before that.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Role, Verb
from app.domain.transitions import Kind, LeadState, initial_state, next_state, transition
from app.features.duties.models import Lead, LeadEvent
from app.features.duties.queries.holding import persons_of
from app.features.duties.queries.leads import responsible_candidates
from app.features.duties.words import lead_categories
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import access, clock, roles
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import kept_name


def report_lead(unit: Any, category: str, words: str, place: str = "", *, reporter: Person | None = None) -> Lead:
    """A new lead in three fields, at the unit of the post of whoever reports.

    Shape:  urgency follows from the category. The reporter is the actor unless a command names another person.
    Errors: duties.unknown_category, required (words); NotAllowed without the right to report at the unit.
    """
    _require_report(unit)
    problems = [] if category in lead_categories() else [Problem("duties.unknown_category", "category")]
    problems += [] if words.strip() else [Problem("required", "words")]
    if problems:
        raise RuleBroken(problems)
    with transaction() as session, acting("leads.report"):
        lead = Lead(
            unit_id=unit.id,
            reporter_id=reporter.id if reporter else access.actor().person_id,
            category=category,
            is_urgent=lead_categories()[category]["urgent"],
            place=place.strip()[:120] or None,
            words=words.strip()[:1000],
            reported_on=clock.today(),
            state=initial_state(Kind.LEAD),
        )
        session.add(lead)
        session.flush()
        _note(lead, "report")
    return lead


def _require_report(unit: Any) -> None:
    """Whoever hands leads in may report, and whoever handles them: a sub-grid leader sees things too."""
    try:
        access.require_at(Verb.SUBMIT, Resource.LEADS, unit)
    except access.NotAllowed:
        access.require_at(Verb.EDIT, Resource.LEADS, unit)


def report_again(lead: Lead, words: str) -> Lead:
    """A returned lead reported once more, with better words. Errors: required, transition.not_allowed; NotAllowed."""
    if not words.strip():
        raise broken("required", "words")
    return _move(lead, "report", reason=None, words=words.strip()[:1000])


def accept_lead(lead: Lead) -> Lead:
    """The lead taken by the sub-grid leader. Errors: transition.not_allowed; NotAllowed."""
    return _move(lead, "accept", reason=None)


def return_lead(lead: Lead, reason: str) -> Lead:
    """The lead returned to whoever reported it, with the reason.

    Errors: transition.not_allowed, transition.reason_required; NotAllowed.
    """
    return _move(lead, "return", note=reason, reason=reason.strip()[:400])


def merge_lead(lead: Lead, into: Lead, reason: str) -> Lead:
    """The lead merged into another of the same total grid, with the reason.

    Errors: transition.not_allowed, transition.reason_required, duties.merge_elsewhere; NotAllowed.
    """
    access.require(Verb.VIEW, into)
    if into.id == lead.id or into.total_grid_id != lead.total_grid_id or into.state == LeadState.MERGED:
        raise broken("duties.merge_elsewhere", "into")
    return _move(lead, "merge", note=reason, reason=reason.strip()[:400], merged_into_id=into.id)


def verify_lead(lead: Lead, finding: str) -> Lead:
    """The lead verified, with what was found; an urgent one goes straight on to the chief grid leader.

    Errors: required (finding), transition.not_allowed; NotAllowed.
    """
    if not finding.strip():
        raise broken("required", "finding")
    with transaction():
        _move(lead, "verify", note=finding, finding=finding.strip()[:1000])
        if lead.is_urgent:
            _move(lead, "submit")
    return lead


def feed_back_lead(lead: Lead) -> Lead:
    """The verified lead handed to the chief grid leader. Errors: transition.not_allowed; NotAllowed."""
    return _move(lead, "submit")


def discuss_lead(lead: Lead, solution: str) -> Lead:
    """The lead discussed at the grid meeting, with the solution. Errors: required, transition.not_allowed; NotAllowed."""
    if not solution.strip():
        raise broken("required", "solution")
    return _move(lead, "discuss", note=solution, solution=solution.strip()[:1000])


def assign_lead(lead: Lead, responsible: Person | None, due_on: date | None, duty: str = "") -> Lead:
    """The lead with a person, a day and what he has to do: 定时定人定责.

    Errors: required (responsible, due_on), duties.not_a_candidate, duties.due_in_the_past, transition.not_allowed;
            NotAllowed.
    """
    problems = []
    if responsible is None:
        problems.append(Problem("required", "responsible"))
    elif responsible not in responsible_candidates(lead):
        problems.append(Problem("duties.not_a_candidate", "responsible"))
    if due_on is None:
        problems.append(Problem("required", "due_on"))
    elif due_on < lead.reported_on:
        problems.append(Problem("duties.due_in_the_past", "due_on"))
    if problems or responsible is None:
        raise RuleBroken(problems)
    facts: dict[str, Any] = {"solution": duty.strip()[:1000]} if duty.strip() else {}
    note = f"{responsible.name} {due_on} {duty.strip()}".strip()
    return _move(lead, "assign", note=note, responsible_id=responsible.id, due_on=due_on, **facts)


def start_lead(lead: Lead) -> Lead:
    """The lead under way. Errors: transition.not_allowed; NotAllowed."""
    return _move(lead, "start")


def close_lead(lead: Lead, result: str) -> Lead:
    """The lead closed with its result. Errors: required (result), transition.not_allowed; NotAllowed."""
    if not result.strip():
        raise broken("required", "result")
    return _move(lead, "close", note=result, result=result.strip()[:1000], closed_on=clock.today())


def reopen_lead(lead: Lead, reason: str) -> Lead:
    """A closed lead under way again. Errors: transition.not_allowed, transition.reason_required; NotAllowed."""
    return _move(lead, "reopen", note=reason, reason=reason.strip()[:400], closed_on=None)


# -- one step --------------------------------------------------------------------------------------

_FOR_THE_GRID = {"discuss", "assign"}  # steps of the monthly meeting: not of a single sub-grid
_FOR_HANDLERS = {"submit", "start", "close"}  # not of somebody who only reported


def may_move(lead: Lead, action: str) -> bool:
    """True when the actor may take this step with this lead: the verb of the table, and the step is his to take."""
    row = transition(Kind.LEAD, lead.state, action)
    who = access.actor()
    if who.is_operator:
        return True
    if action in _FOR_HANDLERS and lead.responsible_id in persons_of(who):
        return True
    if not access.can(Verb(row.verb), lead):
        return False
    if action in _FOR_THE_GRID:
        return _leads_the_grid(lead)
    return action not in _FOR_HANDLERS or access.can(Verb.CONFIRM, lead) or _leads_the_grid(lead)


def _leads_the_grid(lead: Lead) -> bool:
    who = access.actor()
    leaders = (Role.CHIEF_GRID_LEADER, Role.GRID_INSTRUCTOR)
    return any(roles.base_of(post.role) in leaders and post.unit_id == lead.total_grid_id for post in who.posts)


def _move(lead: Lead, action: str, note: str = "", **facts: Any) -> Lead:
    """Take one step of the table, write what comes with it, and note it in the life of the lead."""
    state = next_state(Kind.LEAD, lead.state, action, reason=facts.get("reason") or note)
    if not may_move(lead, action):
        raise access.NotAllowed(Resource.LEADS, Verb(transition(Kind.LEAD, lead.state, action).verb))
    with transaction(), acting(f"leads.{action}"):
        lead.state = state
        for name, value in facts.items():
            setattr(lead, name, value)
        _note(lead, action, note)
    return lead


def _note(lead: Lead, action: str, note: str = "") -> None:
    db.session.add(LeadEvent(lead=lead, action=action, author=kept_name(lead), note=note.strip()[:1000] or None))


def lead_unit_choices() -> list[OrgUnit]:
    """The units at which the actor may report a lead: those of his posts in the grid."""
    ids = [post.unit_id for post in access.actor().posts if post.level in ("sub_grid", "total_grid")]
    with access.everything("the units of one's own posts"):
        return [db.session.get_one(OrgUnit, unit_id) for unit_id in dict.fromkeys(ids)]


__all__ = [
    "accept_lead",
    "assign_lead",
    "close_lead",
    "discuss_lead",
    "feed_back_lead",
    "lead_unit_choices",
    "may_move",
    "merge_lead",
    "reopen_lead",
    "report_again",
    "report_lead",
    "return_lead",
    "start_lead",
    "verify_lead",
]
