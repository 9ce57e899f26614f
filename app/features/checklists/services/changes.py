"""The one way a version of a list comes to hold: consultation, legality, two persons, in force, filed; or none of it happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.list_change import MOVES, RUNNING, Act, Comparison, Outcome, Stage, after, require_heard
from app.domain.periods import Period
from app.domain.rights import Verb
from app.features.checklists.models import GovernanceList, ListChange, ListOpinion
from app.features.checklists.queries.changes import opinions_on, said_of
from app.features.checklists.queries.directory import version_before
from app.features.checklists.queries.impact import impact_of, resting_on
from app.features.checklists.queries.item_files import ids_of
from app.features.checklists.queries.lists import items_of_list
from app.features.checklists.rules import writing
from app.features.checklists.services.drafting import remove_unnamed
from app.features.org.models import Department
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other

FULL = 100


def give_opinion(change: ListChange, said: dict[str, Any]) -> ListOpinion:
    """What a body said in the consultation, or a department of legality, of the whole or of one item, put on record.

    Shape:  {body or department_id, item_code, outcome, words, compared, document, given_on}; `compared` are the comparisons
            made before the draft is adopted: an opinion of legality that agrees counts once all of them are.
    Errors: change.not_now, required, change.unknown_item, change.say_what; NotAllowed.
    """
    access.require(Verb.IMPORT, change)
    if change.stage not in (Stage.CONSULTATION, Stage.LEGALITY):
        raise broken("change.not_now", "stage", stage=change.stage)
    department = access.find(Department, said["department_id"]) if said.get("department_id") else None
    body = department.name if department else str(said.get("body") or "").strip()
    outcome, item_code = str(said.get("outcome") or ""), str(said.get("item_code") or "") or None
    words, is_legality = str(said.get("words") or "").strip(), change.stage == Stage.LEGALITY
    problems = [] if body else [Problem("required", "body")]
    problems += [] if outcome in set(Outcome) else [Problem("required", "outcome")]
    if outcome in (Outcome.AMEND, Outcome.OBJECTED) and not words:
        problems.append(Problem("change.say_what", "words"))
    if item_code and item_code not in {item.code for item in items_of_list(change.draft)}:
        problems.append(Problem("change.unknown_item", "item_code", {"code": item_code}))
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("checklists.give_opinion"):
        opinion = ListOpinion(
            change=change,
            stage=change.stage,
            body=body[:120],
            department=department,
            item_code=item_code,
            outcome=outcome,
            words=words[:1000] or None,
            compared=[one.value for one in Comparison if is_legality and one.value in set(said.get("compared") or ())],
            document=str(said.get("document") or "").strip()[:120] or None,
            given_on=said.get("given_on") or clock.today(),
        )
        db.session.add(opinion)
        db.session.flush()
        opinion.recorded_by = signature(change)
    return opinion


def consult(change: ListChange, first: date | None = None, last: date | None = None) -> ListChange:
    """The consultation begun, from a day to a day.

    Errors: change.not_now, list.dates_reversed, list.no_items; NotAllowed.
    """
    if first and last and last < first:
        raise broken("list.dates_reversed", "consulted_to")
    with transaction(), acting("checklists.consult"):
        _move(change, Act.CONSULT)
        _require_items(change)
        change.consulted_from, change.consulted_to = first or clock.today(), last
    return change


def review(change: ListChange) -> ListChange:
    """The consultation closed and the departments of legality asked.

    Errors: change.not_now, change.nobody_consulted; NotAllowed.
    """
    with transaction(), acting("checklists.review"):
        _move(change, Act.REVIEW)
        require_heard(Act.REVIEW, said_of(change))
    return change


def lay_before(change: ListChange, period: str) -> ListChange:
    """The draft laid before those who approve, with the period from which it is to hold; it is written to no more.

    Errors: change.not_now, change.no_legality_review, change.objection_stands, change.no_period, list.no_items,
            change.total_not_full, admission.*, guard.*; NotAllowed.
    """
    with transaction(), acting("checklists.lay_before"):
        _move(change, Act.LAY_BEFORE)
        require_heard(Act.LAY_BEFORE, said_of(change))
        change.effective_period = _period(period)
        _require_admitted(change)
    return change


def _period(text: str) -> str:
    try:
        return str(Period.parse(text.strip()))
    except (ValueError, RuleBroken) as error:
        raise broken("change.no_period", "period") from error


def _require_items(change: ListChange) -> None:
    if not items_of_list(change.draft):
        raise broken("list.no_items", "items")


def _require_admitted(change: ListChange) -> None:
    """Nothing new or changed that admission keeps out, and an assessment list with its hundred points."""
    _require_items(change)
    impact = impact_of(change.draft, change.base, change.effective_period)
    problems = [Problem(one.code, item.code, one.params) for item, one in impact.barred]
    if impact.total is not None and impact.total != FULL:
        problems.append(Problem("change.total_not_full", "items", {"total": impact.total}))
    if problems:
        raise RuleBroken(problems)


def approve(change: ListChange) -> ListChange:
    """The change approved by one more person: two persons approve, and neither is who proposed it.

    Errors: change.not_now, change.same_person; NotAllowed.
    """
    with transaction(), acting("checklists.approve"):
        act = Act.APPROVE if change.stage == Stage.APPROVED_ONCE else Act.APPROVE_FIRST
        _move(change, act)
        require_other([change.proposed_by, change.draft.made_by, change.first_approved_by], "change.same_person")
        name = "approved" if act is Act.APPROVE else "first_approved"
        setattr(change, f"{name}_by", signature(change))
        setattr(change, f"{name}_at", clock.now())
    return change


def publish(change: ListChange, channels: Sequence[str]) -> ListChange:
    """The draft in force from the period on, the version before it superseded, and made public by these channels.

    Errors: change.not_now, change.no_channel, admission.*, guard.*; NotAllowed.
    """
    kept = [str(channel).strip()[:60] for channel in channels if str(channel).strip()][:20]
    if not kept:
        raise broken("change.no_channel", "channels")
    with transaction(), acting("checklists.publish_version"), writing():
        _move(change, Act.PUBLISH)
        _require_admitted(change)
        change.channels, change.published_at = kept, clock.now()
        _bring_in_force(change)
        db.session.flush()
    return change


def _bring_in_force(change: ListChange) -> None:
    draft = change.draft
    draft.effective_period = change.effective_period
    draft.effective_from = Period.parse(change.effective_period or "").start
    for old in _versions(draft):
        if old.is_published:
            old.is_published, old.state = False, "superseded"
            if old.effective_to is None and (old.effective_from is None or old.effective_from <= draft.effective_from):
                old.effective_to = draft.effective_from
    draft.state, draft.is_published = "published", True
    draft.decided_by, draft.decided_at = change.approved_by, clock.now()


def _versions(draft: GovernanceList) -> list[GovernanceList]:
    statement = select(GovernanceList).where(GovernanceList.unit_id == draft.unit_id, GovernanceList.code == draft.code)
    with access.everything("every version of the list that is brought in force"):
        rows = db.session.scalars(statement.order_by(GovernanceList.number)).all()
    return [row for row in rows if row is not draft]


def file_change(change: ListChange, filed_with: str, filed_on: date | None) -> ListChange:
    """The list filed with an authority above (备案).

    Errors: change.not_now, required; NotAllowed.
    """
    if not filed_with.strip():
        raise broken("required", "filed_with")
    with transaction(), acting("checklists.file_change"):
        _move(change, Act.FILE)
        change.filed_with, change.filed_on = filed_with.strip()[:200], filed_on or clock.today()
    return change


def withdraw(change: ListChange, reason: str) -> ListChange:
    """The change withdrawn with a reason, before it is in force; what holds goes on holding.

    Errors: change.not_now, reason_required; NotAllowed.
    """
    return _end(change, Act.WITHDRAW, reason)


def refuse(change: ListChange, reason: str) -> ListChange:
    """The change refused with a reason by whoever may approve it.

    Errors: change.not_now, reason_required; NotAllowed.
    """
    return _end(change, Act.REFUSE, reason)


def _end(change: ListChange, act: Act, reason: str) -> ListChange:
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction(), acting(f"checklists.{act}"):
        _move(change, act)
        change.ended_at, change.ended_by, change.ended_reason = clock.now(), signature(change), reason.strip()[:400]
        change.draft.state, change.draft.decision_reason = "withdrawn", reason.strip()[:400]
        change.draft.decided_by, change.draft.decided_at = change.ended_by, change.ended_at
    return change


def roll_back(change: ListChange) -> None:
    """The change as if it had never been: draft, items and opinions go, and what held before holds; the trail stays.

    Errors: change.in_use (params: count) once anything rests on the version, change.later_version; NotAllowed.
    """
    access.require(Verb.APPROVE if change.stage not in RUNNING else Verb.IMPORT, change)
    draft = change.draft
    used = sum(one.count for one in resting_on(draft))
    if used:
        raise broken("change.in_use", "list", count=used)
    if any(row.number > draft.number for row in _versions(draft)):
        raise broken("change.later_version", "list")
    with transaction(), acting("checklists.roll_back"), writing():
        if draft.is_published and (before := version_before(draft)) is not None:
            draft.is_published = False
            before.is_published, before.state = True, "published"
            if before.effective_to == draft.effective_from:
                before.effective_to = None
            db.session.flush()
        items = items_of_list(draft)
        files = ids_of(items)
        for row in [*opinions_on(change), change, *items]:
            db.session.delete(row)
        remove_unnamed(draft, files)
        db.session.delete(draft)
        db.session.flush()


def _move(change: ListChange, act: Act) -> ListChange:
    """The change at its next stage; the right is asked, and nobody else moves it meanwhile.

    Errors: change.not_now; NotAllowed.
    """
    access.require(MOVES[act].verb, change)
    db.session.refresh(change, with_for_update=True)
    change.stage = after(Stage(change.stage), act).value
    return change
