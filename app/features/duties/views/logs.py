"""One log: what was written, on which form, what was said about it, what happened to it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.domain.transitions import DutyState, Kind, allowed_actions
from app.features.accounts.naming import account_name
from app.features.duties import queries, services
from app.features.duties.models import Duty
from app.features.duties.views.review import tell
from app.features.duties.words import DUTY_WORDS, HISTORY_WORDS
from app.features.forms.queries import spec_of
from app.features.forms.records import answers_in_words
from app.kit import access, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.names import period_name
from app.kit.problems import flash_all
from app.kit.signing import printed
from app.kit.two_persons import own_side


class LogView(PortalPageView):
    """A log to read, to comment on, to confirm or return."""

    route_base = "/duty-logs"
    resource = Resource.DUTIES

    @expose("/<int:duty_id>")
    @guarded(Verb.VIEW)
    def log(self, duty_id: int) -> Any:
        return self._page(access.find(Duty, duty_id))

    @expose("/<int:duty_id>/comment", methods=["POST"])
    @guarded(Verb.COMMENT)
    def comment(self, duty_id: int) -> Any:
        duty = access.find(Duty, duty_id, Verb.COMMENT)
        return self._act(duty, lambda: services.comment(duty, request.form.get("words", "")), _("Comment added."))

    @expose("/<int:duty_id>/confirm", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def confirm(self, duty_id: int) -> Any:
        duty = access.find(Duty, duty_id, Verb.CONFIRM)
        return self._review(duty, lambda: services.confirm([duty]), _("%(count)s confirmed."))

    @expose("/<int:duty_id>/return", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def return_log(self, duty_id: int) -> Any:
        duty, reason = access.find(Duty, duty_id, Verb.CONFIRM), request.form.get("reason", "")
        return self._review(duty, lambda: services.return_duty([duty], reason), _("%(count)s returned."))

    def _review(self, duty: Duty, service: Any, done: str) -> Any:
        try:
            with versions.unchanged(duty):
                outcomes = service()
            tell(outcomes, done)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(duty), 422
        return self._page(duty)

    def _act(self, duty: Duty, service: Any, done: str) -> Any:
        try:
            service()
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(duty), 422
        return self.act(lambda: None, done, url_for("LogView.log", duty_id=duty.id))

    def _page(self, duty: Duty) -> Any:
        spec = spec_of(duty.form_version)
        actions = allowed_actions(Kind.DUTY, duty.state)
        own = duty.person_id in own_side()
        return self.render_template(
            "duties/templates/log.html",
            duty=duty,
            sections=answers_in_words(spec, duty.answers, queries.references_for(spec, duty.unit)),
            comments=queries.comments_of(duty),
            history=[
                _step(entry) for entry in queries.history_of(duty) if entry["changes"].keys() & {"state", "answers"}
            ],
            locked=queries.closed_row([(duty.township_id, duty.period)]),
            may_confirm="confirm" in actions and not own and access.can(Verb.CONFIRM, duty),
            may_return="return" in actions and not own and access.can(Verb.CONFIRM, duty),
            may_comment=access.can(Verb.COMMENT, duty),
            mine=queries.is_mine(duty),
            period_name=period_name(duty.period),
            words=DUTY_WORDS,
            typed=request.form,
        )


def _step(entry: dict[str, Any]) -> dict[str, Any]:
    """One entry of the trail as the timeline shows it."""
    what = HISTORY_WORDS.get(entry["action"])
    states = entry["states"]
    after = states[1] if isinstance(states, list) else states
    if what is None:
        what = DUTY_WORDS.get(DutyState(after), (entry["action"], ""))[0] if after else _("Changed")
    reason = entry["changes"].get("return_reason")
    return {
        "when": entry["at"],
        "who": printed(account_name(entry["who"]), entry["for"]),
        "what": what,
        "note": reason[1] or "" if isinstance(reason, list) else "",
        "tone": DUTY_WORDS[DutyState(after)][1] if after else "info",
    }
