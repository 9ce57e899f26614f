"""Reading rule settings and rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.domain.config import DEFAULTS, KEYS, RuleConfig, from_data, written
from app.domain.errors import broken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.assessment.models import AssessmentRound
from app.features.assessment.queries import round_by_code, rounds_in_reach, snapshot_of
from app.features.org.models import OrgUnit
from app.features.ranking.frozen import digest_of, line_as_data, ranked
from app.features.ranking.models import RankingLine, RankingRun, RuleSetting
from app.kit import access
from app.kit.db import db

IN_FORCE, PROPOSED = "in_force", "proposed"

# -- settings --------------------------------------------------------------------------------------


def current_setting(unit: OrgUnit) -> RuleSetting | None:
    """The newest version in force at the unit, else at the nearest unit above that has one."""
    above = list(unit.ancestors().values())
    statement = select(RuleSetting).where(RuleSetting.unit_id.in_(above), RuleSetting.state == IN_FORCE)
    statement = statement.order_by(RuleSetting.number)
    with access.everything("rules set above hold below"):
        newest = {row.unit_id: row for row in db.session.scalars(statement)}
    return next((newest[unit_id] for unit_id in reversed(above) if unit_id in newest), None)


def current_settings(unit: OrgUnit) -> RuleConfig:
    """The configuration that holds at a unit; the defaults where nobody has set any."""
    setting = current_setting(unit)
    return from_data(setting.values) if setting else DEFAULTS


def proposal_at(unit: OrgUnit) -> RuleSetting | None:
    """The version that waits at a unit for another person to decide; None when none waits."""
    statement = select(RuleSetting).where(RuleSetting.unit_id == unit.id, RuleSetting.state == PROPOSED)
    with access.everything("a proposal waits for whoever may decide it"):
        return db.session.scalars(statement.order_by(RuleSetting.number.desc())).first()


def setting_at(unit: OrgUnit, number: int) -> RuleSetting:
    """The version of this number at a unit. Errors: NotAllowed (hidden) when there is none within reach."""
    found = next((row for row in setting_versions(unit) if row.number == number), None)
    if found is None:
        raise access.NotAllowed(Resource.RULES, Verb.VIEW, hidden=True)
    return found


@dataclass(frozen=True)
class ChangedKey:
    """One key of the configuration, as written before and after."""

    name: str
    before: str
    after: str


def changed_keys(setting: RuleSetting) -> list[ChangedKey]:
    """What a proposal would change in what holds at its unit today, key by key in the order of the form."""
    before, after = current_settings(setting.unit), from_data(setting.values)
    pairs = ((key.name, written(before[key.name]), written(after[key.name])) for key in KEYS)
    return [ChangedKey(name, old, new) for name, old, new in pairs if old != new]


def setting_versions(unit: OrgUnit) -> Sequence[RuleSetting]:
    """The versions set at a unit itself, newest first."""
    statement = access.visible(select(RuleSetting), RuleSetting).where(RuleSetting.unit_id == unit.id)
    return db.session.scalars(statement.order_by(RuleSetting.number.desc())).all()


def next_setting_number(unit: OrgUnit) -> int:
    """The number of the next version at a unit."""
    statement = select(func.max(RuleSetting.number)).where(RuleSetting.unit_id == unit.id)
    with access.everything("versions are numbered for all"):
        return (db.session.scalar(statement) or 0) + 1


def units_with_rules(verb: Verb = Verb.VIEW) -> list[OrgUnit]:
    """Counties and townships at which the actor may see (or change) the rules."""
    statement = select(OrgUnit).where(OrgUnit.level.in_(("county", "township")), OrgUnit.valid_to.is_(None))
    with access.everything("the right is asked of each"):
        units = db.session.scalars(statement.order_by(OrgUnit.level, OrgUnit.sort_order, OrgUnit.code)).all()
    return [unit for unit in units if access.can_at(verb, Resource.RULES, unit)]


# -- rankings --------------------------------------------------------------------------------------


def runs_in_reach() -> Sequence[RankingRun]:
    """Ranking runs the actor may see, newest first; discarded ones only for those who run rankings."""
    statement = access.visible(select(RankingRun), RankingRun).options(joinedload(RankingRun.round))
    if not access.holds(Resource.RANKINGS, Verb.EDIT):
        statement = statement.where(RankingRun.state != "discarded")
    with access.everything("limited by visible; the round of a published ranking is told by its summary"):
        return db.session.scalars(statement.order_by(RankingRun.id.desc())).unique().all()


def runs_of(round_: AssessmentRound) -> Sequence[RankingRun]:
    """Every run of a round, newest first, whoever asks: for numbering and for the two-person rule."""
    with access.everything("runs of a round are numbered for all"):
        statement = select(RankingRun).where(RankingRun.round_id == round_.id).order_by(RankingRun.number.desc())
        return db.session.scalars(statement).all()


def run_of_round(code: str, *states: str) -> RankingRun:
    """The newest run within reach of the round with this code, in one of the states (any).

    Errors: assessment.unknown_round, assessment.ambiguous_round, ranking.not_found.
    """
    runs = [run for run in runs_of(round_by_code(code)) if access.can(Verb.VIEW, run)]
    found = next((run for run in runs if run.state in states or not states), None)
    if found is None:
        raise broken("ranking.not_found", "round", code=code)
    return found


def lines_of(run: RankingRun) -> Sequence[RankingLine]:
    """The lines of a run the actor may see: ranked ones by group and position, then those not ranked."""
    access.require(Verb.VIEW, run)
    with access.everything("the lines of a run already found"):
        lines = db.session.scalars(select(RankingLine).where(RankingLine.run_id == run.id)).all()
    order = {village["unit_id"]: (village["group"], village["code"]) for village in run.inputs}
    return sorted(
        lines,
        key=lambda line: (
            line.position is None,
            order[line.village_unit_id][0],
            line.position or 0,
            order[line.village_unit_id],
        ),
    )


def rounds_to_rank() -> list[AssessmentRound]:
    """Published rounds of villages at whose unit the actor may run a ranking."""
    return [
        round_
        for round_ in rounds_in_reach()
        if round_.is_published
        and round_.scheme.subject == "village"
        and access.can_at(Verb.EDIT, Resource.RANKINGS, round_.unit)
    ]


def previous_ranks(round_: AssessmentRound) -> dict[int, int]:
    """Ranks by unit id in the published ranking of the period before, of the same owner and kind of period."""
    period = Period.parse(round_.period)
    with access.everything("ranks of the earlier period break ties"):
        statement = (
            select(RankingRun)
            .join(RankingRun.round)
            .where(
                RankingRun.unit_id == round_.unit_id, RankingRun.state == "published", RankingRun.round_id != round_.id
            )
            .options(joinedload(RankingRun.round))
        )
        earlier = [run for run in db.session.scalars(statement) if _is_before(Period.parse(run.round.period), period)]
        if not earlier:
            return {}
        last = max(earlier, key=lambda run: Period.parse(run.round.period))
        lines = db.session.scalars(select(RankingLine).where(RankingLine.run_id == last.id))
        return {line.village_unit_id: line.rank for line in lines if line.rank is not None}


def _is_before(one: Period, other: Period) -> bool:
    return one.kind is other.kind and one < other


def snapshot_number(round_: AssessmentRound) -> int:
    """The number of the published version of a round."""
    snapshot = snapshot_of(round_)
    return snapshot.number if snapshot else 0


# -- proof and what-if -----------------------------------------------------------------------------


def is_recomputable(run: RankingRun) -> bool:
    """True when the frozen inputs under the frozen policy give the stored result again, digest included."""
    ranking = ranked(run.inputs, from_data(run.policy))
    lines = [line_as_data(line) for line in ranking.lines]
    return digest_of(run.rule_version, run.policy, run.inputs, lines) == run.digest


@dataclass(frozen=True)
class Moved:
    """A village under two policies."""

    name: str
    township: str
    final: Decimal | None
    before: tuple[int | None, str]
    after: tuple[int | None, str]

    @property
    def band_changes(self) -> bool:
        """True when the village changes its band."""
        return self.before[1] != self.after[1]


def compared(run: RankingRun, config: RuleConfig) -> tuple[Any, list[Moved]]:
    """The same frozen inputs under another policy: (the other ranking, every village before and after); nothing is saved.

    Shape:  in the order of the run; `before` and `after` are (position, band).
    """
    other = ranked(run.inputs, config)
    after = {line.entry.code: line for line in other.lines}
    names: Mapping[str, Any] = {village["code"]: village for village in run.inputs}
    by_unit = {village["unit_id"]: village["code"] for village in run.inputs}
    rows = []
    for line in lines_of(run):
        code = by_unit[line.village_unit_id]
        new = after[code]
        village = names[code]
        rows.append(
            Moved(
                village["name"],
                village["township"],
                line.final,
                (line.position, line.band),
                (new.position, new.band.value),
            )
        )
    return other, rows
