"""Whether a scheme is sound: sums, codes, parameters, no veto, nothing scored from traces."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.errors import Problem
from app.domain.scoring.parts import FULL, Calc, DeductionItem, Item, Scheme
from app.domain.types import ZERO

_TRACES = re.compile("照片|图片|附件|字数|篇幅|登录|留痕|打卡|台账份数|挂牌子|展板|填报表格|材料份数")
_NOT = re.compile("不看|不以|不得|不按|不计|不作为|不设|取消|而非")
_CLAUSE_ENDS = re.compile("[，,；;。\\s]+")


def check_scheme(scheme: Scheme, standards: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with a scheme: sums, codes, parameters, a veto, scoring from traces.

    Shape:  empty when sound; `standards` are the wordings by item code, read for the guards.
    Errors: scoring.duplicate_code, scoring.aspect_sum, scoring.full_sum, scoring.unknown_aspect, scoring.params_missing,
            scoring.veto, scoring.trace.
    Source: bonus_rules R14, R15; six calc kinds of the assessment list.
    """
    problems = [*_code_problems(scheme), *_sum_problems(scheme)]
    for item in scheme.items:
        problems += _item_problems(scheme, item)
    for deduction in scheme.deductions:
        problems += _deduction_problems(scheme, deduction)
    words = standards or {}
    named = [(i.code, i.name) for i in scheme.items] + [(d.code, d.name) for d in scheme.deductions]
    for code, name in named:
        problems += _guard_problems(code, f"{name} {words.get(code, '')}")
    return problems


def _code_problems(scheme: Scheme) -> list[Problem]:
    codes = [item.code for item in scheme.items] + [item.code for item in scheme.deductions]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return [Problem("scoring.duplicate_code", code, {"item": code}) for code in twice]


def _sum_problems(scheme: Scheme) -> list[Problem]:
    problems = []
    for aspect in scheme.aspects:
        total = sum((item.max for item in scheme.items if item.aspect == aspect.code), ZERO)
        if total != aspect.max:
            problems.append(
                Problem("scoring.aspect_sum", aspect.code, {"aspect": aspect.name, "sum": total, "max": aspect.max})
            )
    total = sum((item.max for item in scheme.items), ZERO)
    if total != scheme.full_score or total != FULL:
        problems.append(Problem("scoring.full_sum", "", {"sum": total, "full": FULL}))
    return problems


def _item_problems(scheme: Scheme, item: Item) -> list[Problem]:
    problems = []
    if scheme.aspects and item.aspect not in {aspect.code for aspect in scheme.aspects}:
        problems.append(Problem("scoring.unknown_aspect", item.code, {"item": item.code, "aspect": item.aspect}))
    if item.max <= 0:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": "max"}))
    needed = {Calc.PER_FAULT: item.unit, Calc.PER_UNIT: item.unit, Calc.TIERED: item.tiers, Calc.GRADED: item.grades}
    if item.calc in needed and not needed[item.calc]:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": item.calc.value}))
    if item.calc is Calc.RATIO and not ZERO < item.target <= 1:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": "target"}))
    highest = max((*[p for _, p in item.tiers], *item.grades.values()), default=ZERO)
    if highest > item.max:
        problems.append(Problem("scoring.above_max", item.code, {"item": item.name, "value": highest, "max": item.max}))
    return problems


def _deduction_problems(scheme: Scheme, item: DeductionItem) -> list[Problem]:
    if item.points is None and not item.levels:
        return [Problem("scoring.params_missing", item.code, {"item": item.code, "param": "points"})]
    if item.cap <= 0 or item.cap >= scheme.full_score:
        return [Problem("scoring.veto", item.code, {"item": item.name})]
    return []


def _guard_problems(code: str, words: str) -> list[Problem]:
    """A wording may name a veto or a trace only to exclude it, and only in the clause that excludes it."""
    name, problems = (words.split() or [code])[0], []
    for clause in _CLAUSE_ENDS.split(words):
        if _NOT.search(clause):
            continue
        if "一票否决" in clause:
            problems.append(Problem("scoring.veto", code, {"item": name}))
        if trace := _TRACES.search(clause):
            problems.append(Problem("scoring.trace", code, {"item": name, "word": trace[0]}))
    return problems
