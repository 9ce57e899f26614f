"""Review of a month's logs: the chief grid leader ticks, confirms or returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.duties import queries, services
from app.features.duties.models import Duty
from app.features.duties.queries.work import MONTHLY_RECORD, TO_REVIEW
from app.features.duties.views.pickers import chosen_period, chosen_village, period_links, villages_seen
from app.features.duties.words import DUTY_WORDS
from app.features.forms.queries import spec_of
from app.features.forms.records import answers_in_words
from app.kit import access, versions
from app.kit.db import transaction
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import flash_all, sentence
from app.kit.two_persons import own_side


class ReviewView(PortalPageView):
    """The logs of a village in a month, with their figures; ticked rows are confirmed or returned."""

    route_base = "/duty-review"
    resource = Resource.DUTIES
    default_view = "review"

    @expose("/")
    @guarded(Verb.VIEW)
    def review(self) -> Any:
        return self._page()

    @expose("/confirm", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def confirm(self) -> Any:
        return self._act(services.confirm, _("%(count)s confirmed."))

    @expose("/return", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def return_logs(self) -> Any:
        reason = request.form.get("reason", "")
        return self._act(lambda duties: services.return_duty(duties, reason), _("%(count)s returned."))

    def _act(self, service: Callable[[Sequence[Duty]], list[services.Outcome]], done: str) -> Any:
        ticked = [
            access.find(Duty, int(text), Verb.CONFIRM) for text in request.form.getlist("rowid") if text.isdigit()
        ]
        if not ticked:
            flash(_("Tick at least one row first."), "warning")
            return self._page(), 422
        try:
            with transaction():
                same = [
                    duty
                    for duty in ticked
                    if versions.still_unchanged(duty, request.form.get(f"version-{duty.id}", ""))
                ]
                outcomes = service(same) if same else []
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(ticked={duty.id for duty in ticked}), 422
        changed = [services.Outcome(duty, Problem("changed_meanwhile")) for duty in ticked if duty not in same]
        tell([*outcomes, *changed], done)
        if not same:
            return self._page(), 409
        return redirect(url_for("ReviewView.review", period=chosen_period(), unit=request.form.get("unit", "")))

    def _page(self, ticked: frozenset[int] | set[int] = frozenset()) -> Any:
        period, villages = chosen_period(), villages_seen()
        village = chosen_village(villages)
        duties = queries.duties_below(village, period) if village else []
        mine = own_side()  # nobody confirms his own log, nor that of somebody he stands in for
        waiting = [duty for duty in duties if duty.state in TO_REVIEW and duty.person_id not in mine]
        shown = waiting if request.values.get("show", "waiting") == "waiting" else duties
        return self.render_template(
            "duties/templates/review.html",
            period=period,
            village=village,
            villages=[(unit.id, unit.name) for unit in villages],
            picker=period_links(period, "ReviewView.review", unit=village.id if village else ""),
            locked=queries.closed_row([(village.township_id, period)]) if village else None,
            records=[d for d in shown if d.form_version.code == MONTHLY_RECORD],
            others=[(d, gist(d)) for d in shown if d.form_version.code != MONTHLY_RECORD],
            show="waiting" if shown is waiting else "all",
            waiting=len(waiting),
            all=len(duties),
            words=DUTY_WORDS,
            ticked=ticked,
            reason=request.form.get("reason", ""),
            may_confirm=access.holds(Resource.DUTIES, Verb.CONFIRM),
            me=mine,
        )


def gist(duty: Duty) -> str:
    """What a log says, in one line."""
    spec = spec_of(duty.form_version)
    sections = answers_in_words(spec, duty.answers, queries.references_for(spec, duty.unit))
    return "；".join(f"{label} {answer}" for _title, pairs in sections for label, answer in pairs if answer != "—")


def tell(outcomes: Sequence[services.Outcome], done: str) -> None:
    """Say how many went well, and for each of the others why not."""
    good = [outcome for outcome in outcomes if outcome.problem is None]
    if good:
        flash(done % {"count": len(good)}, "success")
    for outcome in outcomes:
        if outcome.problem is not None:
            who = outcome.duty.person.name if outcome.duty.person else ""
            flash(f"{outcome.duty.unit} {who} {outcome.duty.template}: {sentence(outcome.problem)}", "danger")
