"""督办: a supervisor asks for what is missing, by a day that stands first on the person's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Role, Verb
from app.domain.transitions import LeadState
from app.features.duties.models import Duty, Lead, Urge
from app.features.duties.queries.holding import OWED, persons_of
from app.features.duties.services.writing import require_open
from app.features.org.models import OrgUnit
from app.features.people.queries import posts_at
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import kept_name


def urge(duties: Sequence[Duty], words: str, due_on: date | None) -> list[Urge]:
    """One urge per person for what he has not handed in: about the one log, or about all of the period.

    Errors: required (words, due_on), duties.urge_in_the_past, duties.nothing_missing, duties.period_closed (nobody can
            hand in any more); NotAllowed without the right to urge one of the logs.
    """
    for duty in duties:
        access.require(Verb.URGE, duty)
    missing = [duty for duty in duties if duty.state in OWED and duty.person_id is not None]
    problems = _problems(words, due_on)
    if not missing:
        problems.append(Problem("duties.nothing_missing"))
    if problems:
        raise RuleBroken(problems)
    in_order = sorted(missing, key=lambda duty: (duty.person_id or 0, duty.id))
    with transaction() as session, acting("duties.urge"):
        require_open(missing)
        urges = [
            _urge_of(list(part), words, due_on) for _key, part in groupby(in_order, lambda d: (d.person_id, d.period))
        ]
        session.add_all(urges)
    return urges


def _urge_of(duties: list[Duty], words: str, due_on: date | None) -> Urge:
    first = duties[0]
    return Urge(
        unit_id=first.unit_id,
        person_id=first.person_id,
        duty_id=first.id if len(duties) == 1 else None,
        period=first.period,
        words=words.strip()[:400],
        due_on=due_on,
        urged_by=kept_name(first, Verb.URGE),
    )


def urge_lead(lead: Lead, words: str, due_on: date | None) -> Urge:
    """An urge about a lead to whoever is responsible for it, or else to whoever handles leads of the unit.

    Errors: required (words, due_on), duties.urge_in_the_past, duties.lead_settled, duties.nobody_responsible; NotAllowed.
    """
    access.require(Verb.URGE, lead)
    problems = _problems(words, due_on)
    if lead.state in (LeadState.CLOSED, LeadState.RETURNED, LeadState.MERGED):
        problems.append(Problem("duties.lead_settled"))
    person_id = lead.responsible_id or _handler(lead)
    if person_id is None:
        problems.append(Problem("duties.nobody_responsible"))
    if problems:
        raise RuleBroken(problems)
    with transaction() as session, acting("leads.urge"):
        row = Urge(
            unit_id=lead.unit_id,
            person_id=person_id,
            lead_id=lead.id,
            words=words.strip()[:400],
            due_on=due_on,
            urged_by=kept_name(lead, Verb.URGE),
        )
        session.add(row)
    return row


def _handler(lead: Lead) -> int | None:

    at_grid = lead.state in (LeadState.SUBMITTED, LeadState.DISCUSSED)
    unit_id, role = (lead.total_grid_id, Role.CHIEF_GRID_LEADER) if at_grid else (lead.unit_id, Role.SUB_GRID_LEADER)
    with access.everything("who handles leads of this unit"):
        unit = db.session.get(OrgUnit, unit_id)
        posts = posts_at(unit, role) if unit else []
    return posts[0].person_id if posts else None


def _problems(words: str, due_on: date | None) -> list[Problem]:
    found = [] if words.strip() else [Problem("required", "words")]
    if due_on is None:
        return [*found, Problem("required", "due_on")]
    return [*found, Problem("duties.urge_in_the_past", "due_on")] if due_on < clock.today() else found


def urge_done(row: Urge) -> Urge:
    """The urge put aside as attended to, by the person himself or by whoever may urge.

    Errors: NotAllowed for anybody else.
    """
    if row.person_id not in persons_of(access.actor()):
        access.require(Verb.URGE, row)
    with transaction(), acting("duties.urge_done"):
        row.done_at = row.done_at or clock.now()
    return row
