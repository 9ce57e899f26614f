"""The rules of ranking and awards: one person proposes a new version, another puts it in force or refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.config import RuleConfig, as_data, with_settings
from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.ranking import queries
from app.features.ranking.models import RuleSetting
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other

MULTIPLIERS = ("middle_multiplier", "bottom_multiplier", "bottom_mode")


def save_settings(unit: OrgUnit, settings: Mapping[str, str], *, reason: str) -> RuleSetting:
    """A proposed version of the configuration of a unit: what holds there, with some keys set from text.

    It holds once another person has approved it. A changed multiplier of the middle or the bottom band has to be
    confirmed again.
    Errors: those of `with_settings`, rules.confirmed_by_act_only, ranking.no_change, reason_required; NotAllowed.
    """
    access.require_at(Verb.EDIT, Resource.RULES, unit)
    not_by_setting(settings)
    before = queries.current_settings(unit)
    config = with_settings(before, settings)
    if as_data(config) == as_data(before):
        raise broken("ranking.no_change")
    if any(config[name] != before[name] for name in MULTIPLIERS):
        config = RuleConfig({**config.values, "multipliers_confirmed": False})
    return _propose(unit, config, reason, "ranking.save_settings", Verb.EDIT)


def confirm_multipliers(unit: OrgUnit, *, middle: str, bottom: str, reason: str) -> RuleSetting:
    """A proposed version with the multipliers of middle and bottom band confirmed: an act of its own, by two persons too.

    Errors: those of `with_settings`, reason_required; NotAllowed without the right to approve the rules of the unit.
    """
    access.require_at(Verb.APPROVE, Resource.RULES, unit)
    config = with_settings(
        queries.current_settings(unit),
        {"middle_multiplier": middle, "bottom_multiplier": bottom, "multipliers_confirmed": "true"},
    )
    return _propose(unit, config, reason, "ranking.confirm_multipliers", Verb.APPROVE)


def _propose(unit: OrgUnit, config: RuleConfig, reason: str, action: str, verb: Verb) -> RuleSetting:
    """A version that waits; it takes the place of one that waits at the same unit."""
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting(action):
        setting = RuleSetting(
            unit=unit,
            number=queries.next_setting_number(unit),
            values=as_data(config),
            reason=reason.strip()[:400],
            made_by="",
            state="proposed",
        )
        waiting = queries.proposal_at(unit)
        session.add(setting)
        session.flush()  # a new row knows its place only then
        setting.made_by = signature(setting, verb)
        if waiting is not None:
            _decide(waiting, "replaced", verb)
    return setting


def _decide(setting: RuleSetting, state: str, verb: Verb) -> None:
    setting.state, setting.decided_by, setting.decided_at = state, signature(setting, verb), clock.now()


def approve_setting(setting: RuleSetting) -> RuleSetting:
    """The proposed version in force: it holds for rankings and batches computed from now on.

    Errors: rules.not_proposed, rules.same_person (who proposed it, or whoever stands in for him); NotAllowed without
            the right to approve the rules of the unit.
    """
    with transaction() as session, acting("ranking.approve_setting"):
        _require_waiting(session, setting)
        require_other([setting.made_by], "rules.same_person", "made_by")
        _decide(setting, "in_force", Verb.APPROVE)
    return setting


def refuse_setting(setting: RuleSetting, reason: str) -> RuleSetting:
    """The proposed version refused with a reason, or taken back by whoever proposed it; what holds goes on holding.

    Errors: rules.not_proposed, reason_required; NotAllowed without the right to approve the rules of the unit.
    """
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("ranking.refuse_setting"):
        _require_waiting(session, setting)
        setting.decision_reason = reason.strip()[:400]
        _decide(setting, "refused", Verb.APPROVE)
    return setting


def _require_waiting(session: Any, setting: RuleSetting) -> None:
    access.require(Verb.APPROVE, setting)
    session.refresh(setting, with_for_update=True)  # two may decide at the same time
    if setting.state != "proposed":
        raise broken("rules.not_proposed", "version", number=setting.number)


def not_by_setting(settings: Mapping[str, str]) -> None:
    """Refuse a setting that would confirm multipliers. Errors: rules.confirmed_by_act_only."""
    if "multipliers_confirmed" in settings:
        raise broken("rules.confirmed_by_act_only", "multipliers_confirmed")
