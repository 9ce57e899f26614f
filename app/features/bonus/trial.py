"""The what-if on workbooks (`flask bonus trial`): files in, the result of the rules out. Touches no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from app.domain.config import DEFAULTS, with_settings
from app.domain.errors import Problem, RuleBroken, broken
from app.domain.schemefile import parse_scheme
from app.domain.scoring import Scheme
from app.domain.trial import Trial, run_trial
from app.features.assessment.excel import SCORE_SHEET
from app.features.bonus.excel import PAY
from app.kit import excel, seed
from app.kit.excel import ReadContext, SchemeFacts
from app.kit.excel.context import AspectFact, DeductionFact, ItemFact

VILLAGE_SCHEME = "village"


def trial_of_files(
    scores: Path, wages: Path, *, scheme: Path | None, units: Path | None, settings: Mapping[str, str]
) -> tuple[Trial, list[dict[str, str]]]:
    """What the two workbooks come to under the default configuration with some keys set, and what the reader noticed.

    Shape:  the second part are warnings about cells {code, where, message}; without `scheme` the village scheme of Caojing applies; without `units` village names are taken as they are.
    Errors: bonus.file_not_read (one for every error in a file), those of the rules.
    """
    config = with_settings(DEFAULTS, settings)
    rules = parse_scheme(_scheme_data(scheme))
    context = ReadContext.from_json(None if units is None else _read_data(units))
    facts = ReadContext(villages=context.villages, scheme=scheme_facts(rules))
    score_result = _read(SCORE_SHEET, scores, facts)
    wage_result = _read(PAY, wages, context)
    codes = {village.name: village.code for village in context.villages or ()}
    result = run_trial(
        rules,
        score_result.rows,
        wage_result.rows,
        config,
        detail=score_result.extras.get("deduction_detail", ()),
        codes=codes,
        year=_year(wage_result.period or score_result.period),
    )
    return result, [*_noticed(scores, score_result), *_noticed(wages, wage_result)]


def _noticed(file: Path, result: Any) -> list[dict[str, str]]:
    return [
        {"code": issue.code, "where": f"{file.name} {_place(issue)}".strip(), "message": excel.sentence(issue)}
        for issue in result.warnings
    ]


def _place(issue: Any) -> str:
    return " ".join(part for part in (issue.sheet, issue.cell) if part)


def _year(period: str | None) -> int:
    return int(period[:4]) if period else 2025


def _read(layout: Any, file: Path, context: ReadContext) -> Any:
    result = excel.read(layout, file.read_bytes(), file.name, context)
    if result.errors or result.outcome in ("refused", "rejected"):
        raise RuleBroken([_problem(file, issue) for issue in result.errors] or [_problem(file, None)])
    return result


def _problem(file: Path, issue: Any) -> Problem:
    words = excel.sentence(issue) if issue else ""
    return Problem("bonus.file_not_read", file.name, {"file": file.name, "what": words})


def _scheme_data(file: Path | None) -> Mapping[str, Any]:
    if file is not None:
        return _read_data(file)
    schemes = seed.read("packs/caojing.yaml")["assessment_list"]["schemes"]
    return next(scheme for scheme in schemes if scheme["object"] == VILLAGE_SCHEME)


def _read_data(file: Path) -> Any:
    text = file.read_text(encoding="utf-8-sig")
    try:
        return yaml.safe_load(text) if file.suffix in (".yaml", ".yml") else json.loads(text)
    except (ValueError, yaml.YAMLError) as error:
        raise broken("bonus.file_not_read", file.name, file=file.name, what=str(error).splitlines()[0]) from error


def scheme_facts(scheme: Scheme) -> SchemeFacts:
    """The scheme as the reader of score sheets knows it."""
    return SchemeFacts(
        items=tuple(ItemFact(i.code, i.name, i.max, i.aspect, i.na_allowed) for i in scheme.items),
        deductions=tuple(
            DeductionFact(d.code, d.name, d.cap, d.points, tuple((v.code, v.name, v.points) for v in d.levels))
            for d in scheme.deductions
        ),
        aspects=tuple(AspectFact(a.code, a.name, a.max) for a in scheme.aspects),
        total_cap=scheme.total_cap,
        floor=scheme.floor_total,
        name=scheme.name,
    )
