"""民情线索: the list, three fields to report one, and the page of one lead with its next steps."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, LeadState, allowed_actions
from app.features.duties import queries, services
from app.features.duties.models import Lead
from app.features.duties.queries.leads import SETTLED
from app.features.duties.services.leads import lead_unit_choices, may_move
from app.features.duties.views.villages import day_of
from app.features.duties.words import LEAD_ACTIONS, LEAD_WORDS, category_name, lead_categories
from app.features.people.models import Person
from app.kit import access, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence

# The course of a lead as its page shows it; side ways (returned, merged) are told by the state.
COURSE = ("reported", "accepted", "verified", "submitted", "discussed", "assigned", "in_progress", "closed")


class LeadView(PortalPageView):
    """Leads: report, take, verify, feed back, assign, close."""

    route_base = "/leads"
    resource = Resource.LEADS
    default_view = "leads"

    @expose("/")
    @guarded(Verb.VIEW)
    def leads(self) -> Any:
        show = request.args.get("show", "open")
        settled = set(SETTLED)
        every = queries.leads_seen()
        rows = [lead for lead in every if show == "all" or (lead.state in settled) == (show == "settled")]
        return self.render_template(
            "duties/templates/leads.html",
            leads=rows,
            show=show,
            open_count=sum(lead.state not in settled for lead in every),
            all_count=len(every),
            words=LEAD_WORDS,
            category_name=category_name,
            may_report=access.holds(Resource.LEADS, Verb.EDIT) and bool(lead_unit_choices()),
        )

    @expose("/new")
    @guarded(Verb.EDIT)
    def new(self) -> Any:
        return self._new()

    @expose("/new", methods=["POST"])
    @guarded(Verb.EDIT)
    def report(self) -> Any:
        units = lead_unit_choices()
        unit = next((u for u in units if str(u.id) == request.form.get("unit")), units[0] if units else None)
        if unit is None:
            raise access.NotAllowed(Resource.LEADS, Verb.SUBMIT)
        form = request.form
        try:
            lead = services.report_lead(unit, form.get("category", ""), form.get("words", ""), form.get("place", ""))
        except RuleBroken as refusal:
            return self._new(refusal.problems), 422
        flash(_("Reported. You can follow it here."), "success")
        return redirect(url_for("LeadView.lead", lead_id=lead.id))

    @expose("/<int:lead_id>")
    @guarded(Verb.VIEW)
    def lead(self, lead_id: int) -> Any:
        return self._page(access.find(Lead, lead_id))

    @expose("/<int:lead_id>/<string:action>", methods=["POST"])
    @guarded(Verb.VIEW)
    def step(self, lead_id: int, action: str) -> Any:
        lead = access.find(Lead, lead_id)
        try:
            with versions.unchanged(lead):
                _take(lead, action)
        except RuleBroken as refusal:
            return self._page(access.find(Lead, lead_id), action, refusal.problems), 422
        flash(_("Done: %(action)s.", action=LEAD_ACTIONS[action]), "success")
        return redirect(url_for("LeadView.lead", lead_id=lead_id))

    def _new(self, problems: Any = ()) -> Any:
        return self.render_template(
            "duties/templates/lead_new.html",
            units=[(unit.id, unit.name) for unit in lead_unit_choices()],
            categories=[(code, category_name(code)) for code in lead_categories()],
            typed=request.form,
            errors=_at_fields(problems),
        )

    def _page(self, lead: Lead, tried: str = "", problems: Any = ()) -> Any:
        actions = [action for action in allowed_actions(Kind.LEAD, lead.state) if may_move(lead, action)]
        others = [other for other in queries.leads_seen() if _may_take_in(other, lead)] if "merge" in actions else []
        return self.render_template(
            "duties/templates/lead.html",
            lead=lead,
            actions=actions,
            names=LEAD_ACTIONS,
            words=LEAD_WORDS,
            category=category_name(lead.category),
            events=[_event(event) for event in queries.events_of(lead)],
            course=_course(lead),
            candidates=[(p.id, p.name) for p in queries.responsible_candidates(lead)] if "assign" in actions else [],
            others=[(other.id, f"#{other.id} {other.words[:20]}") for other in others],
            may_urge=lead.state not in SETTLED and access.can(Verb.URGE, lead),
            tried=tried,
            typed=request.form,
            errors=_at_fields(problems),
        )


def _may_take_in(other: Lead, lead: Lead) -> bool:
    return other.id != lead.id and other.total_grid_id == lead.total_grid_id and other.state not in SETTLED


def _at_fields(problems: Any) -> dict[str, list[str]]:
    """Sentences by field; what has no field of its own is under ""."""
    known = {"category", "place", "words", "reason", "finding", "solution", "result", "responsible", "due_on", "into"}
    at: dict[str, list[str]] = {}
    for problem in problems:
        at.setdefault(problem.where if problem.where in known else "", []).append(sentence(problem))
    return at


def _take(lead: Lead, action: str) -> None:
    """Take the step the button names, with what was typed for it."""
    form = request.form
    steps = {
        "report": lambda: services.report_again(lead, form.get("words", "")),
        "accept": lambda: services.accept_lead(lead),
        "return": lambda: services.return_lead(lead, form.get("reason", "")),
        "merge": lambda: services.merge_lead(lead, _other(form.get("into", "")), form.get("reason", "")),
        "verify": lambda: services.verify_lead(lead, form.get("finding", "")),
        "submit": lambda: services.feed_back_lead(lead),
        "discuss": lambda: services.discuss_lead(lead, form.get("solution", "")),
        "assign": lambda: services.assign_lead(
            lead,
            _candidate(lead, form.get("responsible", "")),
            day_of(form.get("due_on", "")),
            form.get("solution", ""),
        ),
        "start": lambda: services.start_lead(lead),
        "close": lambda: services.close_lead(lead, form.get("result", "")),
        "reopen": lambda: services.reopen_lead(lead, form.get("reason", "")),
        "urge": lambda: services.urge_lead(lead, form.get("words", ""), day_of(form.get("due_on", ""))),
    }
    if action not in steps:
        raise access.NotAllowed(Resource.LEADS, Verb.EDIT, hidden=True)
    steps[action]()


def _other(text: str) -> Lead:
    if not text.isdigit():
        raise RuleBroken(Problem("required", "into"))
    found: Lead = access.find(Lead, int(text))
    return found


def _candidate(lead: Lead, text: str) -> Person | None:
    candidates = {str(person.id): person for person in queries.responsible_candidates(lead)}
    if text and text not in candidates:
        raise broken("duties.not_a_candidate", "responsible")
    return candidates.get(text)


def _course(lead: Lead) -> list[tuple[Any, str]]:
    if lead.state not in COURSE:
        return []
    here = COURSE.index(lead.state)
    is_closed = lead.state == LeadState.CLOSED
    return [
        (LEAD_WORDS[LeadState(state)][0], "done" if place < here or is_closed else "here" if place == here else "next")
        for place, state in enumerate(COURSE)
    ]


def _event(event: Any) -> dict[str, Any]:
    tones = {"return": "bad", "close": "ok", "reopen": "warn", "urge": "warn"}
    return {
        "when": event.created_at,
        "who": event.author,
        "what": _("Report") if event.action == "report" else LEAD_ACTIONS.get(event.action, event.action),
        "note": event.note,
        "tone": tones.get(event.action, "info"),
    }
