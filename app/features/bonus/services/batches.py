"""Computing award batches, approving them, returning them, and writing back what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.bonus import RULE_VERSION, months_served
from app.domain.config import BY_NAME, RuleConfig, as_data, from_data, with_settings
from app.domain.errors import broken
from app.domain.ranking import Band
from app.domain.rights import Resource, Verb
from app.features.bonus.frozen import Computed, computed, digest_of, wages_as_data
from app.features.bonus.models import BonusBatch, PayLine
from app.features.bonus.queries import batches as reading
from app.features.bonus.queries.wages import PARTS, employments_below, wage_parts_in, year_months
from app.features.people.models import Employment
from app.features.ranking.frozen import ranked
from app.features.ranking.models import RankingRun
from app.features.ranking.queries import current_settings, lines_of
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature


def batch_config(run: RankingRun, overrides: Mapping[str, str] | None = None) -> RuleConfig:
    """The configuration of a batch: the ranking as it was run, awards as the rules stand now, and what is set otherwise.

    Errors: those of `with_settings`, bonus.confirmed_by_act_only.
    """
    if "multipliers_confirmed" in (overrides or {}):
        raise broken("bonus.confirmed_by_act_only", "multipliers_confirmed")
    now, then = current_settings(run.unit), from_data(run.policy)
    values = {name: (now if key.section == "bonus" else then)[name] for name, key in BY_NAME.items()}
    return with_settings(RuleConfig(values), overrides or {})


def run_batch(
    run: RankingRun,
    *,
    year: int | None = None,
    overrides: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> BonusBatch:
    """The awards of a year that follow from a published ranking: policy, inputs, results and their digest frozen.

    Shape:  one line per person on the pay roll with a wage; `year` is that of the round unless said otherwise. After an
            approved batch of the round the new one corrects it, and its lines show the difference.
    Errors: bonus.ranking_not_published, bonus.nobody_paid, those of `batch_config`; NotAllowed without the right to
            edit the pay of the ranking's unit.
    """
    access.require_at(Verb.EDIT, Resource.PAY, run.unit)
    if run.state != "published":
        raise broken("bonus.ranking_not_published", "run")
    config = batch_config(run, overrides)
    paid_year = year or int(run.summary["period"][:4])
    with transaction() as session, acting("bonus.run"), access.everything("awards of every person of the ranking"):
        inputs, warnings = gathered(run, paid_year, config)
        result = computed(inputs, config)
        corrects = reading.settled_batch_before(run, paid_year)
        earlier = reading.batches_of_run(run)
        policy = as_data(config)
        batch = BonusBatch(
            unit=run.unit,
            ranking_run=run,
            number=earlier[0].number + 1 if earlier else 1,
            year=paid_year,
            rule_version=RULE_VERSION,
            policy=policy,
            inputs=inputs,
            summary=result.totals | {"warnings": warnings},
            digest=digest_of(RULE_VERSION, policy, inputs, result.lines),
            run_by=signature(run, Verb.EDIT),
            reason=(reason or "").strip()[:400] or None,
            corrects=corrects,
        )
        session.add(batch)
        session.flush()
        session.add_all(_lines(batch, result, corrects))
    return batch


# -- inputs ----------------------------------------------------------------------------------------


def gathered(run: RankingRun, year: int, config: RuleConfig) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(inputs, warnings) of a batch as JSON: bands of the villages, and each person's wages in the months served.

    Errors: bonus.nobody_paid.
    """
    villages = _villages(run)
    employments = [e for e in employments_below(run.unit, year) if e.village_id is not None]
    wages = wage_parts_in(employments, year_months(year))
    persons: dict[int, dict[str, Any]] = {}
    warnings: list[dict[str, Any]] = []
    for employment in employments:
        months = served_wages(employment, wages[employment.id], year, config)
        if not months:
            warnings.append(_warning("bonus.no_wage", employment))
            continue
        villages.setdefault(str(employment.village_id), _unranked(employment))
        person = persons.setdefault(employment.person_id, _person(employment))
        person["segments"].append(_segment(employment, months))
        if employment.hold != "none":
            person["hold"] = employment.hold
    if not persons:
        raise broken("bonus.nobody_paid", "year", year=year)
    staffed = {segment["village_id"] for person in persons.values() for segment in person["segments"]}
    warnings += [
        {"code": "bonus.no_staff", "where": v["name"], "params": {"village": v["name"]}}
        for unit_id, v in villages.items()
        if int(unit_id) not in staffed
    ]
    return {"villages": villages, "persons": list(persons.values())}, warnings


def _villages(run: RankingRun) -> dict[str, dict[str, Any]]:
    frozen = {village["unit_id"]: (order, village) for order, village in enumerate(run.inputs)}
    found = {}
    for line in lines_of(run):
        order, village = frozen[line.village_unit_id]
        found[str(line.village_unit_id)] = {
            "name": village["name"],
            "township": village["township"],
            "order": order,
            "band": line.band,
            "rank": line.rank,
            "final": None if line.final is None else str(line.final),
        }
    return found


def _unranked(employment: Employment) -> dict[str, Any]:
    """A village of the pay roll that the ranking does not know: not ranked, after the others."""
    name = employment.unit.name
    return {
        "name": name,
        "township": "",
        "order": 100_000 + int(employment.village_id or 0),
        "band": "not_ranked",
        "rank": None,
        "final": None,
    }


def _person(employment: Employment) -> dict[str, Any]:
    return {"person_id": employment.person_id, "name": employment.person.name, "hold": "none", "segments": []}


def served_wages(
    employment: Employment, wages: Mapping[str, Mapping[str, Decimal]], year: int, config: RuleConfig
) -> dict[int, Mapping[str, Decimal]]:
    """The wages of the months that count: a wage was entered, and the person was in post by the cut-off day."""
    counted = months_served(employment.from_on, employment.to_on, year, config["month_cutoff_day"])
    by_month = {int(month[5:]): parts for month, parts in wages.items()}
    return {month: by_month[month] for month in counted if month in by_month and any(by_month[month].values())}


def _segment(employment: Employment, months: Mapping[int, Mapping[str, Decimal]]) -> dict[str, Any]:
    return {
        "employment_id": employment.id,
        "village_id": employment.village_id,
        "title": employment.title or "",
        "is_primary": employment.is_primary,
        "wages": wages_as_data({month: {part: parts[part] for part in PARTS} for month, parts in months.items()}),
    }


def _warning(code: str, employment: Employment) -> dict[str, Any]:
    params = {"name": employment.person.name, "village": employment.unit.name}
    return {"code": code, "where": params["name"], "params": params}


# -- lines -----------------------------------------------------------------------------------------


def _lines(batch: BonusBatch, result: Computed, corrects: BonusBatch | None) -> list[PayLine]:
    before = reading.lines_by_person(corrects) if corrects else {}
    lines = [_line(batch, data, before.pop(data["person_id"], None), corrects) for data in result.lines]
    return [*lines, *(_taken_back(batch, line) for line in before.values())]


def _line(batch: BonusBatch, data: Mapping[str, Any], before: PayLine | None, corrects: BonusBatch | None) -> PayLine:
    main = data["segments"][-1]
    return PayLine(
        batch_id=batch.id,
        unit_id=main["village_id"],
        employment_id=main["employment_id"],
        person_id=data["person_id"],
        months=data["months"],
        monthly_wage=Decimal(main["average_wage"]),
        wage_parts=main["parts"],
        final=None if main["final"] is None else Decimal(main["final"]),
        rank=main["rank"],
        band=main["band"],
        multiplier=Decimal(main["multiplier"]).quantize(Decimal("0.0001")),
        award=Decimal(data["award"]),
        payable_now=Decimal(data["payable_now"]),
        status=data["status"],
        segments=data["segments"],
        earlier_award=(before.award if before else Decimal(0)) if corrects else None,
        before_budget=None if data["before_budget"] is None else Decimal(data["before_budget"]),
    )


def _taken_back(batch: BonusBatch, line: PayLine) -> PayLine:
    """Who was awarded before and is not on the pay roll any more: nothing now, the whole to be taken back."""
    return PayLine(
        batch_id=batch.id,
        unit_id=line.unit_id,
        employment_id=line.employment_id,
        person_id=line.person_id,
        months=0,
        monthly_wage=Decimal(0),
        band=line.band,
        multiplier=Decimal(0),
        award=Decimal(0),
        payable_now=Decimal(0),
        status="none",
        segments=[],
        earlier_award=line.award,
    )


def is_recomputable(batch: BonusBatch) -> bool:
    """True when the frozen inputs under the frozen policy give the stored awards again, digest included."""
    result = computed(batch.inputs, from_data(batch.policy))
    stored = reading.lines_by_person(batch)
    same = all(stored[data["person_id"]].award == Decimal(data["award"]) for data in result.lines)
    return same and digest_of(batch.rule_version, batch.policy, batch.inputs, result.lines) == batch.digest


@dataclass(frozen=True)
class Scenario:
    """Awards under a policy that nobody has saved: villages by band, and the totals of a batch."""

    counts: Mapping[str, int]
    totals: Mapping[str, Any]


def award_scenario(run: RankingRun, config: RuleConfig) -> Scenario:
    """What the ranking and the wages of its year would come to under another policy, bands included; nothing is saved.

    Errors: bonus.nobody_paid; NotAllowed without the right to see the pay of the ranking's unit.
    """
    access.require_at(Verb.VIEW, Resource.PAY, run.unit)
    with access.everything("a scenario counts every person of the ranking"):
        inputs, _warnings = gathered(run, int(run.summary["period"][:4]), config)
    ranking = ranked(run.inputs, config)
    codes = {village["code"]: str(village["unit_id"]) for village in run.inputs}
    for line in ranking.lines:
        inputs["villages"][codes[line.entry.code]] |= {"band": line.band.value, "rank": line.rank}
    counts = {band.value: ranking.count(band) for band in Band}
    return Scenario(counts, computed(inputs, config).totals)
