"""The score slip (得分说明) as plain data: every line from a fact or a clause to the total. Frozen when published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.domain import scoring
from app.features.assessment.cells import shown_fact
from app.features.assessment.models import DeductionEntry, ItemScore, SchemeItem, Sheet
from app.features.assessment.reckoning import EXCLUDED, TOTALS, Basis, fact_as_data, score_of
from app.kit.clock import SHANGHAI

if TYPE_CHECKING:
    from app.features.assessment.queries.rounds import Filled


def slip_lines(sheet: Sheet, basis: Basis, lines: Filled, township_name: str) -> dict[str, Any]:
    """Everything on a sheet: scores and deductions as recorded, the result, and the lines that lead to it.

    Shape: decimals are text. The points in `lines` sum to `earned`, `counted` in `deduction_lines` to `item_capped`.
    """
    score = score_of(basis, lines)
    by_item = {line.item.code: line for line in score.lines}
    return {
        "sheet_id": sheet.id,
        "unit_id": sheet.unit_id,
        "unit_code": sheet.unit.code,
        "unit_name": sheet.unit.name,
        "township_id": sheet.township_id,
        "township_name": township_name,
        "excluded_reason": sheet.excluded_reason,
        "scores": {code: _score(one) for code, one in sorted(lines.scores.items())},
        "deductions": [_entry(entry) for entry in lines.entries],
        "result": result_as_data(score, bool(sheet.excluded_reason)),
        "aspects": [_aspect(aspect, score) for aspect in basis.rules.aspects],
        "lines": [
            _line(item, by_item[item.code], lines.scores[item.code])
            for item in basis.parts.items
            if item.code in by_item
        ],
        "deduction_lines": [_deduction(line, basis, lines.entries) for line in score.deductions],
        "steps": _steps(score, basis.rules),
    }


def result_as_data(score: scoring.Score, excluded: bool = False) -> dict[str, Any]:
    """The totals of a score as text, with its status and aspects."""
    return {
        "status": EXCLUDED if excluded else score.status.value,
        **{name: _text(getattr(score, name)) for name in TOTALS},
        "aspects": {
            code: {"earned": str(part.earned), "applicable": str(part.applicable)}
            for code, part in score.aspects.items()
        },
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _score(score: ItemScore) -> dict[str, Any]:
    return {
        "points": _text(score.points),
        "not_applicable": score.is_not_applicable,
        "fact": dict(score.fact or {}),
        "reason": score.reason,
        "by": score.scored_by,
    }


def _entry(entry: DeductionEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "item": entry.item_code,
        "count": entry.count,
        "level": entry.level,
        "points": _text(entry.points),
        "happened_on": entry.happened_on.isoformat() if entry.happened_on else None,
        "clause": entry.clause,
        "note": entry.note,
        "self_reported": entry.is_self_reported,
        "waived": entry.is_waived,
        "waive_reason": entry.waive_reason,
        "waived_by": entry.waived_by,
        "same_fact": entry.same_fact,
        "by": entry.recorded_by,
    }


def _aspect(aspect: scoring.Aspect, score: scoring.Score) -> dict[str, str]:
    part = score.aspects[aspect.code]
    return {
        "code": aspect.code,
        "name": aspect.name,
        "earned": f"{part.earned:.2f}",
        "applicable": _plain(part.applicable),
    }


def _line(item: SchemeItem, line: scoring.ItemLine, score: ItemScore) -> dict[str, Any]:
    return {
        "aspect": item.aspect_code,
        "code": item.code,
        "name": item.name,
        "standard": item.standard,
        "basis": item.basis,
        "maximum": _plain(item.maximum),
        "formula": formula(line),
        "limit": line.limit,
        "points": _text(line.points),
        "not_applicable": line.points is None,
        "reason": score.reason,
        "from_workbook": (score.fact or {}).get("from") == "workbook",
        "by": score.scored_by,
        "at": score.updated_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if score.updated_at else None,
    }


def formula(line: scoring.ItemLine) -> str:
    """How a line was calculated, in figures alone: `5 × 11 ÷ 12 = 4.58`; empty where points were entered."""
    item, fact = line.item, line.fact
    if line.points is None or fact.points is not None:
        return ""
    left = _FORMULAS[item.calc](item, fact)
    exact = line.exact if line.exact is not None else line.points
    cut = f" = {_plain(round(exact, 4))}" if exact != line.points else ""
    return f"{left}{cut} → {line.points:.2f}" if cut else f"{left} = {line.points:.2f}"


def _ratio(item: scoring.Item, fact: scoring.Fact) -> str:
    target = "" if item.target == 1 else f" × {_plain(item.target * 100)}%"
    below = f"({_plain(fact.expected or Decimal(0))}{target})" if target else _plain(fact.expected or Decimal(0))
    return f"{_plain(item.max)} × {_plain(fact.actual or Decimal(0))} ÷ {below}"


_FORMULAS: Mapping[scoring.Calc, Callable[[Any, Any], str]] = {
    scoring.Calc.RATIO: _ratio,
    scoring.Calc.PER_FAULT: lambda item, fact: f"{_plain(item.max)} − {_plain(fact.faults)} × {_plain(item.unit)}",
    scoring.Calc.PER_UNIT: lambda item, fact: f"{_plain(fact.units)} × {_plain(item.unit)}",
    scoring.Calc.TIERED: lambda item, fact: shown_fact(fact_as_data(fact)),
    scoring.Calc.GRADED: lambda item, fact: ", ".join(f"{g} {_plain(item.grades[g])}" for g in fact.grades),
    scoring.Calc.MANUAL: lambda item, fact: "",
}


def _deduction(line: scoring.DeductionLine, basis: Basis, entries: list[DeductionEntry]) -> dict[str, Any]:
    mine = [entry for entry in entries if entry.item_code == line.item.code]
    row = basis.parts.deduction_by_code[line.item.code]
    return {
        "code": line.item.code,
        "name": line.item.name,
        "standard": row.standard,
        "cap": _plain(line.item.cap),
        "raw": f"{line.raw:.2f}",
        "counted": f"{line.capped:.2f}",
        "occurrences": [_occurrence(one, entry, line.item) for one, entry in zip(line.occurrences, mine, strict=True)],
    }


def _occurrence(one: scoring.OccurrenceLine, entry: DeductionEntry, item: scoring.DeductionItem) -> dict[str, Any]:
    level = next((level for level in item.levels if level.code == entry.level), None)
    each = level.points if level else item.points
    return _entry(entry) | {
        "level_name": level.name if level else None,
        "each": "" if entry.points is not None or each is None else _plain(each),
        "points": f"{one.points:.2f}",
        "same_fact_dropped": one.note == "same_fact",
    }


def _steps(score: scoring.Score, scheme: scoring.Scheme) -> list[Mapping[str, str]]:
    """From the sum of the points to the final score, each with its figures."""
    if score.final is None or score.base is None or score.earned is None or score.applicable is None:
        return []
    points = [line.points for line in score.lines if line.points is not None]
    capped = [line.capped for line in score.deductions]
    over = score.item_capped > scheme.total_cap
    return [
        _step("earned", " + ".join(f"{p:.2f}" for p in points), score.earned),
        _step("base", f"{score.earned:.2f} × 100 ÷ {_plain(score.applicable)}", score.base),
        _step("raw", " + ".join(f"{line.raw:.2f}" for line in score.deductions), score.raw),
        _step("item_capped", " + ".join(f"{value:.2f}" for value in capped), score.item_capped),
        _step(
            "effective", f"{score.item_capped:.2f} {'>' if over else '≤'} {_plain(scheme.total_cap)}", score.effective
        )
        | {"cap": _plain(scheme.total_cap)},
        _step("unfloored", f"{score.base:.2f} − {score.effective:.2f}", score.unfloored or Decimal(0)),
        _step("final", "", score.final) | {"floor": _plain(scheme.floor_total or Decimal(0))},
    ]


def _step(kind: str, figures: str, value: Decimal) -> dict[str, str]:
    return {"kind": kind, "formula": figures, "value": f"{value:.2f}"}
