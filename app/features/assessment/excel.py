"""Score workbooks, layouts (d1) items down and (d2) villages down, with the sheet 扣分明细 beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.domain.rights import Resource
from app.features.assessment.services import save_score_rows, score_context, score_rows
from app.kit.excel import clean
from app.kit.excel.clean import half_up
from app.kit.excel.context import DeductionFact, SchemeFacts
from app.kit.excel.mapping import normal
from app.kit.excel.sheet import Column, Finding, Layout, Matrix, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.exchange import Door
from app.kit.i18n import _l

HUNDRED = Decimal(100)


def computed(
    scheme: SchemeFacts, scores: Mapping[str, Any], deductions: Mapping[str, Decimal]
) -> dict[str, Decimal] | None:
    """What the numbers of one village come to: the check figures against which a printed total is held.

    The result that counts is the portal's own (the scoring rules); None when every item is not applicable.
    """
    earned = sum((value for value in scores.values() if isinstance(value, Decimal)), Decimal(0))
    applicable = sum((item.max for item in scheme.items if isinstance(scores[item.code], Decimal)), Decimal(0))
    if not applicable:
        return None
    base = half_up(earned * scheme.full_score / applicable)
    taken = sum(deductions.values(), Decimal(0))
    effective = taken if scheme.total_cap is None else min(taken, scheme.total_cap)
    final = base - effective
    if scheme.floor is not None:
        final = max(final, scheme.floor)
    return {
        "earned": half_up(earned),
        "applicable": applicable,
        "base": base,
        "effective": half_up(effective),
        "final": half_up(final),
    }


def _deduction(row: Row, facts: Facts) -> DeductionFact | None:
    scheme = facts.context.scheme
    wanted = normal(row.get("item_name", ""))
    return next((d for d in scheme.deductions if normal(d.name) == wanted), None) if scheme else None


def _level(fact: DeductionFact, word: str | None) -> tuple[str, Decimal] | None:
    for code, name, points in fact.levels:
        if word and (word in (code, name) or name.startswith(word.rstrip("级"))):
            return code, points
    return None


def _detail(row: Row, facts: Facts) -> None:
    fact = _deduction(row, facts)
    level = _level(fact, row.get("level")) if fact else None
    points = level[1] if level else fact.points if fact else None
    row["typed_level"] = row.get("level")
    row["item_code"] = fact.code if fact else None
    row["level"] = level[0] if level else None
    if points is not None and "occurrences" in row:
        row["raw"] = half_up(points * row["occurrences"])


def _known_deduction(row: Row, facts: Facts) -> Iterator[Finding]:
    fact = _deduction(row, facts)
    if row.get("item_name") and fact is None:
        yield Finding("item_name", "E03", "item", {"scheme": facts.context.scheme.name if facts.context.scheme else ""})
    elif fact and fact.levels and row["level"] is None:
        yield Finding("level", "E22", "level", {"choices": "、".join(name for _code, name, _points in fact.levels)})
    row.pop("item_name", None)
    row.pop("typed_level", None)


DEDUCTION_DETAIL = Sheet(
    code="deduction_detail",
    name="扣分明细",
    title="{label}反向扣分明细表",
    subtitle="单位：分",
    footer=("说明：同一项目超过封顶分值的，按封顶分值计；全部扣分合计不超过总封顶。",),
    kinds=("half_year", "quarter", "year"),
    columns=(
        Column("serial_no", ("序号", "编号", "№"), clean.skip, width=6, format="0"),
        Column("village", ("村（居）", "村居", "村名", "行政村", "单位"), clean.village, required=True, fill_down=True),
        Column("item_name", ("扣分项目", "反向扣分项目"), clean.text, required=True, width=28),
        Column("level", ("通报级别", "级别"), clean.text),
        Column("occurrences", ("次数", "发生次数"), clean.whole, required=True, format="0"),
        Column("remarks", ("备注", "说明"), clean.text, width=24),
    ),
    derive=_detail,
    rules=(_known_deduction,),
)

SCORE_SHEET = Layout(
    name="score-sheet",
    variants=(
        Matrix("d1", "评分", "{owner}{label}网格工作考核评分表", items_down=True, compute=computed),
        Matrix("d2", "汇总", "{owner}{label}网格考核得分汇总表", items_down=False, compute=computed),
    ),
    companions=(DEDUCTION_DETAIL,),
)

SHEETS = [
    Door(
        code="score-sheet",
        title=_l("Score sheet"),
        layout=SCORE_SHEET,
        resource=Resource.SCORES,
        context=score_context,
        save=save_score_rows,
        rows=score_rows,
        needs_period=True,
        needs_scheme=True,
        needs_round=True,
        variants={"d1": _l("Items down, villages across"), "d2": _l("Villages down, items across")},
    )
]
