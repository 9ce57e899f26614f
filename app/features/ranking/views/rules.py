"""The rules of ranking and awards of a unit: one form generated from the configuration, its versions, and the confirmation."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.config import BY_NAME, KEYS, SECTIONS, Key, written
from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.org.queries import unit_by_code
from app.features.ranking import queries, services, words
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence
from app.kit.two_persons import is_other

CONFIRM_FIELDS = {"middle_multiplier": "middle", "bottom_multiplier": "bottom", "reason": "confirm-reason"}


class RuleView(PortalPageView):
    """The configuration of ranking and bonus."""

    route_base = "/rules"
    default_view = "index"
    resource = Resource.RULES

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        units = queries.units_with_rules()
        if len(units) == 1:
            return redirect(url_for("RuleView.rules", code=units[0].code))
        rows = [(unit, queries.current_setting(unit), queries.proposal_at(unit)) for unit in units]
        return self.render_template(
            "ranking/templates/rule_units.html", title=_("Rules of ranking and awards"), rows=rows
        )

    @expose("/<string:code>")
    @guarded(Verb.VIEW)
    def rules(self, code: str) -> Any:
        return self._page(_unit(code, Verb.VIEW))

    @expose("/<string:code>/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, code: str) -> Any:
        unit = _unit(code, Verb.EDIT)
        before = queries.current_settings(unit)
        typed = {key.name: _typed(key) for key in KEYS if not _is_fixed(key)}
        changed = {name: text for name, text in typed.items() if text != written(before[name])}
        try:
            services.save_settings(unit, changed, reason=request.form.get("reason", ""))
        except RuleBroken as refusal:
            return self._page(unit, typed, refusal.problems), 422
        flash(_("Proposed. The version holds as soon as another administrator has approved it."), "success")
        return redirect(url_for("RuleView.rules", code=code))

    @expose("/<string:code>/confirm-multipliers", methods=["POST"])
    @guarded(Verb.APPROVE)
    def confirm_multipliers(self, code: str) -> Any:
        unit = _unit(code, Verb.APPROVE)
        form = request.form
        try:
            services.confirm_multipliers(
                unit, middle=form.get("middle", ""), bottom=form.get("bottom", ""), reason=form.get("reason", "")
            )
        except RuleBroken as refusal:
            confirming = {CONFIRM_FIELDS.get(p.where, p.where): sentence(p) for p in refusal.problems}
            return self._page(unit, confirming=confirming), 422
        flash(_("Proposed. The multipliers hold as soon as another administrator has approved them."), "success")
        return redirect(url_for("RuleView.rules", code=code))

    @expose("/<string:code>/versions/<int:number>/approve", methods=["POST"])
    @guarded(Verb.APPROVE)
    def approve(self, code: str, number: int) -> Any:
        setting = queries.setting_at(_unit(code, Verb.APPROVE), number)
        return self.act(
            lambda: services.approve_setting(setting),
            _("In force. It holds for rankings and batches computed from now on."),
            url_for("RuleView.rules", code=code),
            setting,
        )

    @expose("/<string:code>/versions/<int:number>/refuse", methods=["POST"])
    @guarded(Verb.APPROVE)
    def refuse(self, code: str, number: int) -> Any:
        setting = queries.setting_at(_unit(code, Verb.APPROVE), number)
        reason = request.form.get("reason", "")
        return self.act(
            lambda: services.refuse_setting(setting, reason),
            _("Refused. What was in force stays in force."),
            url_for("RuleView.rules", code=code),
            setting,
        )

    def _page(self, unit: Any, typed: Any = None, problems: Any = (), confirming: Any = None) -> str:
        config = queries.current_settings(unit)
        setting = queries.current_setting(unit)
        values = {key.name: written(config[key.name]) for key in KEYS} | (typed or {})
        return self.render_template(  # type: ignore[no-any-return]
            "ranking/templates/rules.html",
            title=_("Rules of ranking and awards"),
            unit=unit,
            setting=setting,
            inherited=setting is not None and setting.unit_id != unit.id,
            sections=[
                (words.SECTIONS[name], [_field(key, values[key.name]) for key in KEYS if key.section == name])
                for name in SECTIONS
            ],
            errors={problem.where: sentence(problem) for problem in problems},
            problems=[(problem.where, sentence(problem)) for problem in problems],
            typed_reason=request.form.get("reason", "") if problems else "",
            confirming=confirming or {},
            policy=config,
            versions=queries.setting_versions(unit),
            version_states=words.VERSION_STATES,
            **_waiting(unit),
            may_edit=access.can_at(Verb.EDIT, Resource.RULES, unit),
            may_confirm=access.can_at(Verb.APPROVE, Resource.RULES, unit),
        )


def _waiting(unit: Any) -> dict[str, Any]:
    """The proposal that waits at the unit, what it would change, and whether the reader is the one to decide it."""
    proposal = queries.proposal_at(unit)
    if proposal is None:
        return {"proposal": None}
    changes = [
        (words.LABELS[one.name], _in_words(one.name, one.before), _in_words(one.name, one.after))
        for one in queries.changed_keys(proposal)
    ]
    may = access.can(Verb.APPROVE, proposal)
    return {
        "proposal": proposal,
        "changes": changes,
        "may_approve": may and is_other([proposal.made_by]),
        "may_refuse": may,
    }


def _in_words(name: str, text: str) -> str:
    """A written value as the form shows it: choices, lists and weights in words, numbers as they are."""
    key = BY_NAME[name]
    if key.kind == "weights":
        pairs = (part.split(":", 1) for part in text.split(",") if part)
        return "，".join(f"{words.PERIODS[period]} {weight}" for period, weight in pairs)
    if key.kind == "list":
        return "，".join(words.choice(part) for part in text.split(",") if part)
    if key.kind == "flag" or text in key.options or text == "none":
        return words.choice(None if text == "none" and "none" not in key.options else text)
    return text


def _unit(code: str, verb: Verb) -> Any:
    unit = unit_by_code(code)
    if unit is None or not access.can_at(Verb.VIEW, Resource.RULES, unit):
        abort(404)
    access.require_at(verb, Resource.RULES, unit)
    return unit


def _is_fixed(key: Key) -> bool:
    """Keys the form only shows: confirmed by an act of its own, or with one possible value."""
    return key.name == "multipliers_confirmed" or len(key.options) == 1


def _typed(key: Key) -> str:
    """What the form says for a key, as it is written in settings."""
    form = request.form
    if key.kind == "list":
        places = {option: form.get(f"{key.name}:{option}", "").strip() for option in key.options}
        chosen = [option for option in key.options if places[option]]
        return ",".join(sorted(chosen, key=lambda option: (len(places[option]), places[option])))
    if key.kind == "weights":
        return ",".join(f"{name}:{form.get(f'{key.name}:{name}', '').strip()}" for name in _weights(key))
    return form.get(key.name, "").strip() or "none"


def _weights(key: Key) -> list[str]:
    return [part.partition(":")[0] for part in key.default.split(",")]


def _field(key: Key, text: str) -> dict[str, Any]:
    """A key as the template draws it: kind, label, help, choices or parts, value, source."""
    value = "" if text == "none" and "none" not in key.options else text
    choices = [(option, words.choice(option)) for option in key.options]
    if key.kind == "flag":
        choices = [(option, words.choice(option)) for option in key.options or ("true", "false")]
    if key.optional and key.options:
        choices = [("", words.choice(None)), *choices]
    return {
        "name": key.name,
        "kind": key.kind,
        "label": words.LABELS[key.name],
        "help": words.HELP.get(key.name, ""),
        "source": key.source,
        "choices": choices,
        "value": value,
        "parts": _parts(key, value),
        "fixed": words.choice(value) if _is_fixed(key) else "",
    }


def _parts(key: Key, text: str) -> list[tuple[str, str, str]]:
    """(name, label, value) of the inputs of a list or of weights: the place in the order, or the weight."""
    given = [part for part in text.split(",") if part]
    if key.kind == "list":
        places = {name: str(number) for number, name in enumerate(given, 1)}
        return [(name, words.choice(name), places.get(name, "")) for name in key.options]
    if key.kind == "weights":
        weights = dict(part.split(":", 1) for part in given)
        return [(name, str(words.PERIODS[name]), weights.get(name, "")) for name in _weights(key)]
    return []
