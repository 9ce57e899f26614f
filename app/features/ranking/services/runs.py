"""Running rankings and publishing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain.config import RuleConfig, as_data, from_data, with_settings
from app.domain.errors import broken
from app.domain.periods import Period, months_between
from app.domain.ranking import RULE_VERSION, Ranking
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, next_state
from app.features.assessment.models import AssessmentRound
from app.features.assessment.queries import RoundResult, round_results
from app.features.org.models import OrgUnit
from app.features.ranking import queries
from app.features.ranking.frozen import AMOUNTS, digest_of, line_as_data, ranked, summary_of
from app.features.ranking.models import RankingLine, RankingRun
from app.features.ranking.services.rules import not_by_setting
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.i18n import _
from app.kit.signing import signature
from app.kit.two_persons import require_other

COMMUNITY = "社区"

# -- running ---------------------------------------------------------------------------------------


def run_ranking(
    round_: AssessmentRound, *, overrides: Mapping[str, str] | None = None, reason: str | None = None
) -> RankingRun:
    """A ranking of the published round: inputs, policy, rule version, results and their digest frozen; not yet published.

    Shape:  number counts from 1 within the round; a run computed before and not published is discarded.
    Errors: ranking.round_not_published, ranking.not_villages, ranking.nothing_to_rank, ranking.correction_reason
            (one was published before); those of `with_settings`; NotAllowed without the right to edit rankings there.
    """
    access.require_at(Verb.EDIT, Resource.RANKINGS, round_.unit)
    not_by_setting(overrides or {})
    if not round_.is_published:
        raise broken("ranking.round_not_published", "round", code=round_.code)
    if round_.scheme.subject != "village":
        raise broken("ranking.not_villages", "round", code=round_.code)
    config = with_settings(queries.current_settings(round_.unit), overrides or {})
    with access.everything("a ranking counts every village"):
        inputs = _inputs(round_, config)
    return _save_run(round_, config, inputs, reason)


def _inputs(round_: AssessmentRound, config: RuleConfig) -> list[dict[str, Any]]:
    previous = queries.previous_ranks(round_)
    units = {unit.id: unit for unit in _units(round_)}
    return [
        _village(result, previous.get(result.unit_id), units.get(result.unit_id), round_, config)
        for result in round_results(round_)
    ]


def _units(round_: AssessmentRound) -> Sequence[OrgUnit]:
    ids = [result.unit_id for result in round_results(round_)]
    return db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids))).all()


def _village(
    result: RoundResult, previous: int | None, unit: OrgUnit | None, round_: AssessmentRound, config: RuleConfig
) -> dict[str, Any]:
    excluded = result.excluded_reason or _too_new(unit, round_, config)
    return {
        "unit_id": result.unit_id,
        "code": result.unit_code,
        "name": result.unit_name,
        "township": result.township_name,
        "status": result.status,
        "aspects": {code: str(points) for code, points in sorted(result.aspects.items())},
        "previous_rank": previous,
        "manual_order": None,
        "group": _group(result, config),
        "excluded_reason": excluded,
        "sheet_id": result.sheet_id,
        **{name: _text(getattr(result, name)) for name in AMOUNTS},
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _group(result: RoundResult, config: RuleConfig) -> str:
    if config["ranking_scope"] == "township" or config["ranking_group"] == "township":
        return result.township_name
    if config["ranking_group"] == "village_kind":
        return str(_("communities") if COMMUNITY in result.unit_name else _("villages"))
    return ""


def _too_new(unit: OrgUnit | None, round_: AssessmentRound, config: RuleConfig) -> str | None:
    """Why a village made during the period is not ranked; None when it existed long enough."""
    period = Period.parse(round_.period)
    if unit is None or unit.valid_from is None or unit.valid_from <= period.start:
        return None
    months = months_between(unit.valid_from, period.end)
    if months >= config["min_months_ranked"]:
        return None
    return str(_("new village, existed for %(months)s full months of the period", months=months))


def _save_run(
    round_: AssessmentRound, config: RuleConfig, inputs: list[dict[str, Any]], reason: str | None
) -> RankingRun:
    ranking = ranked(inputs, config)
    if not ranking.n:
        raise broken("ranking.nothing_to_rank", "round", code=round_.code)
    earlier = queries.runs_of(round_)
    if any(run.state in ("published", "superseded") for run in earlier) and not (reason or "").strip():
        raise broken("ranking.correction_reason", "reason")
    policy = as_data(config)
    lines = [line_as_data(line) for line in ranking.lines]
    with transaction() as session, acting("ranking.run"), access.everything("a ranking counts every village"):
        _discard([run for run in earlier if run.state == "computed"])
        run = RankingRun(
            unit=round_.unit,
            round=round_,
            number=earlier[0].number + 1 if earlier else 1,
            rule_version=RULE_VERSION,
            policy=policy,
            inputs=inputs,
            summary=_summary(ranking, round_),
            digest=digest_of(RULE_VERSION, policy, inputs, lines),
            run_by=signature(round_, Verb.EDIT),
            reason=(reason or "").strip()[:400] or None,
        )
        session.add(run)
        session.flush()
        session.add_all(_lines(run, ranking))
    return run


def _discard(runs: Sequence[RankingRun]) -> None:
    for run in runs:
        run.state = str(next_state(Kind.RANKING, run.state, "discard"))


def _summary(ranking: Ranking, round_: AssessmentRound) -> dict[str, Any]:
    facts = {"round_code": round_.code, "round_name": round_.name, "period": round_.period, "unit": round_.unit.name}
    return summary_of(ranking) | facts | {"snapshot": queries.snapshot_number(round_)}


def _lines(run: RankingRun, ranking: Ranking) -> list[RankingLine]:
    villages = {village["code"]: village for village in run.inputs}
    found = []
    for line in ranking.lines:
        village = villages[line.entry.code]
        base = village["base"]
        found.append(
            RankingLine(
                run=run,
                village_unit_id=village["unit_id"],
                rank=line.rank,
                position=line.position,
                band=line.band.value,
                final=line.entry.final,
                base=None if base is None else Decimal(base),
                effective=line.entry.effective,
                aspects=dict(village["aspects"]),
                is_tie_undecided=line.tie_undecided,
                note=village["excluded_reason"],
            )
        )
    return found


def decide_tie(run: RankingRun, order: Sequence[str], *, reason: str) -> RankingRun:
    """A new run in which the township has put villages of one score in order, with its reason.

    Shape:  `order` holds village codes, the better first; they must have the same score and stand in one tie.
    Errors: ranking.no_tie, ranking.unknown_village, reason_required; NotAllowed without the right to edit or approve.
    """
    if not (access.can(Verb.EDIT, run) or access.can(Verb.APPROVE, run)):
        access.require(Verb.EDIT, run)
    if not reason.strip():
        raise broken("reason_required", "reason")
    by_code = {village["code"]: village for village in run.inputs}
    for code in order:
        if code not in by_code:
            raise broken("ranking.unknown_village", "order", village=code)
    if len(set(order)) < 2 or len({(by_code[code]["final"], by_code[code]["group"]) for code in order}) != 1:
        raise broken("ranking.no_tie", "order")
    places = {code: number for number, code in enumerate(order, 1)}
    inputs = [
        {**village, "manual_order": places.get(village["code"], village["manual_order"])} for village in run.inputs
    ]
    with acting("ranking.decide_tie"):
        return _save_run(run.round, from_data(run.policy), inputs, reason)


# -- publishing ------------------------------------------------------------------------------------


def publish_ranking(run: RankingRun) -> RankingRun:
    """The run as published: seen by everybody in its scope; a ranking published before is superseded.

    Errors: ranking.same_person (who ran it may not publish it), ranking.incomplete, ranking.outdated (the round was
            published anew), ranking.newer_run, transition.not_allowed; NotAllowed without the right to publish.
    """
    access.require(Verb.PUBLISH, run)
    state = next_state(Kind.RANKING, run.state, "publish")
    require_other([run.run_by], "ranking.same_person", "run_by")
    _complete(run)
    if queries.snapshot_number(run.round) != run.summary["snapshot"]:
        raise broken("ranking.outdated", "round", code=run.round.code)
    others = [other for other in queries.runs_of(run.round) if other.id != run.id]
    if any(other.number > run.number for other in others):
        raise broken("ranking.newer_run", "round")
    with transaction(), acting("ranking.publish"):
        for other in others:
            if other.state == "published":
                other.state = str(next_state(Kind.RANKING, other.state, "supersede", reason=run.reason))
        run.state, run.is_published = str(state), True
        run.published_by, run.published_at = signature(run, Verb.PUBLISH), clock.now()
    return run


def _complete(run: RankingRun) -> None:
    if run.policy["missing_score_policy"] != "block":
        return
    names = [v["name"] for v in run.inputs if v["status"] == "incomplete" and not v["excluded_reason"]]
    if names:
        raise broken("ranking.incomplete", "round", villages="、".join(names))


def another_policy(run: RankingRun, settings: Mapping[str, str]) -> RuleConfig:
    """The policy of a run with some keys set from text, for a comparison.

    Errors: those of `with_settings`.
    """
    return with_settings(from_data(run.policy), settings)
