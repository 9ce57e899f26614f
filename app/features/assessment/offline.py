"""Score sheets in the offline workbook: the villages of an open round down, its items across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any

from app.domain.errors import Problem
from app.domain.rights import Resource, Verb
from app.features.assessment.excel import SHEETS
from app.features.assessment.models import AssessmentRound
from app.features.assessment.queries import rounds_in_reach
from app.features.assessment.queries.recusal import own_villages, recused
from app.features.assessment.queries.rounds import sheets_of
from app.kit import access
from app.kit.excel import clean
from app.kit.excel.context import DeductionFact, ItemFact, SchemeFacts
from app.kit.excel.offline import Limit, Page, name_of_sheet
from app.kit.excel.result import NOT_APPLICABLE
from app.kit.excel.sheet import Column, ExportMeta, Row, Sheet
from app.kit.exchange import Change, Options, RowChange
from app.kit.i18n import _l
from app.kit.offline import OfflineSheet, OfflineSource

SCORES = next(door for door in SHEETS if door.code == "score-sheet")
KINDS = ("half_year", "quarter", "month", "year")
_PLAIN = str.maketrans({"/": "／", "(": "（", ")": "）"})


def sheets(unit: Any, _period: str) -> list[OfflineSheet]:
    """A sheet for each open round in which the actor scores something at or below the unit, whatever its period."""
    if not access.holds(Resource.SCORES, Verb.IMPORT):
        return []
    rounds = [round_ for round_ in rounds_in_reach() if round_.state == "open"]
    return [sheet for round_ in rounds if (sheet := _sheet(unit, round_)) is not None]


def _sheet(unit: Any, round_: AssessmentRound) -> OfflineSheet | None:
    open_to_me = _villages(unit, round_)
    if not open_to_me:
        return None
    options = Options(unit, round_.period, round=f"{round_.unit.code}/{round_.code}")
    stored, meta = SCORES.rows(options)
    scheme: SchemeFacts = meta["scheme"]
    rows = [_flat(row) for row in stored if row["village"] in open_to_me]
    page = Page(
        name=name_of_sheet(f"评分 {round_.code}"),
        sheet=_layout(scheme),
        context=replace(SCORES.context(options), page_period=round_.period),
        meta=ExportMeta.of(meta),
        rows=rows,
        entry=frozenset(_fields(scheme)),
        limits=_limits(scheme),
        notes={_field(fact): fact.standard for fact in (*scheme.items, *scheme.deductions) if fact.standard},
    )
    return OfflineSheet(
        code=f"scores-{round_.unit.code}-{round_.code}",
        title=SCORES.title,
        page=page,
        version=f"{round_.scheme.code}-{round_.scheme_id}",
        save=partial(_save, options, rows),
        fields=_fields(scheme),
    )


def _villages(unit: Any, round_: AssessmentRound) -> frozenset[str]:
    mine = own_villages()
    below = [s for s in sheets_of(round_, Verb.IMPORT) if getattr(s, f"{unit.level}_id") == unit.id]
    return frozenset(s.unit.name for s in below if not s.excluded_reason and not recused(s, mine))


# -- the table -------------------------------------------------------------------------------------


def _field(fact: ItemFact | DeductionFact) -> str:
    return f"{'item' if isinstance(fact, ItemFact) else 'deduction'}_{fact.code}"


def _fields(scheme: SchemeFacts) -> tuple[str, ...]:
    return tuple(_field(fact) for fact in (*scheme.items, *scheme.deductions))


def _limits(scheme: SchemeFacts) -> dict[str, Limit]:
    items = {_field(item): Limit(high=item.max, not_applicable=item.na_allowed) for item in scheme.items}
    return items | {_field(deduction): Limit(high=deduction.cap) for deduction in scheme.deductions}


def _layout(scheme: SchemeFacts) -> Sheet:
    names = {aspect.code: aspect.name for aspect in scheme.aspects}
    items = [
        _points(item, names.get(code, "考核项目"), item.max)
        for code, part in groupby(scheme.items, key=lambda item: item.aspect)
        for item in part
    ]
    deductions = [_points(deduction, "反向扣分", deduction.cap) for deduction in scheme.deductions]
    first, last = items[0].field, items[-1].field
    village = Column("village", ("村（居）",), clean.village, required=True, width=14)
    sums = [_sum("earned", "合计得分", items, f"=SUM({{{first}}}:{{{last}}})")]
    if deductions:
        span = f"=SUM({{{deductions[0].field}}}:{{{deductions[-1].field}}})"
        sums.append(_sum("taken", "扣分合计（未计总封顶）", deductions, span))
    return Sheet(
        code="offline-scores",
        name="评分",
        title="{owner}{label}网格工作考核评分表",
        subtitle="单位：分            扣分项目填正数",
        columns=(village, *items, *deductions, *sums),
        kinds=KINDS,
        period_checked=True,
        key=("village",),
        key_cell="village",
    )


def _points(fact: ItemFact | DeductionFact, parent: str, most: Decimal) -> Column:
    head = f"{parent.translate(_PLAIN)}/{fact.name.translate(_PLAIN)}（{most.normalize():f}分）"
    return Column(_field(fact), (head,), clean.points, width=9, format="0.00")


def _sum(field: str, head: str, parts: Sequence[Column], formula: str) -> Column:
    """A sum the workbook adds up by itself and nobody reads back."""
    names = [column.field for column in parts]

    def total(row: Row) -> Decimal:
        return sum((value for name in names if isinstance(value := row.get(name), Decimal)), Decimal(0))

    return Column(field, (head,), clean.skip, width=10, format="0.00", show=total, formula=lambda _row: formula)


# -- rows ------------------------------------------------------------------------------------------


def _flat(row: Mapping[str, Any]) -> Row:
    """A village of the door as a row of the table."""
    scores = {f"item_{code}": value for code, value in row["scores"].items() if value is not None}
    return {"village": row["village"]} | scores | {f"deduction_{c}": v for c, v in row["deduction_points"].items()}


def _save(options: Options, stored: Sequence[Row], rows: Sequence[Row], dry_run: bool) -> list[RowChange]:
    """What each village changes, saved by the door unless dry: only the cells that differ from what stands are handed on.

    Errors: (in the rows) exchange.offline_score_emptied, and those of the door.
    """
    standing = {row["village"]: row for row in stored}
    emptied = {row["village"]: _emptied(row, standing.get(row["village"], {})) for row in rows}
    good = [_nested(row, standing.get(row["village"], {})) for row in rows if not emptied[row["village"]]]
    saved = dict(zip((row["village"] for row in good), SCORES.save(good, options, dry_run), strict=True))
    return [saved.get(row["village"]) or _refused(row, emptied[row["village"]]) for row in rows]


def _emptied(row: Row, before: Row) -> list[Problem]:
    """A score is changed or marked as not applicable, but not taken back to nothing."""
    return [
        Problem("exchange.offline_score_emptied", name)
        for name, value in before.items()
        if name.startswith("item_") and value is not None and row.get(name) is None
    ]


def _refused(row: Row, problems: Sequence[Problem]) -> RowChange:
    return RowChange(Change.REFUSED, str(row["village"]), problems=tuple(problems))


def _nested(row: Row, before: Row) -> dict[str, Any]:
    changed = {name: row.get(name) for name in {*row, *before} if row.get(name) != before.get(name)}
    scores = {name.removeprefix("item_"): value for name, value in changed.items() if name.startswith("item_")}
    points = {
        name.removeprefix("deduction_"): Decimal(0) if value in (None, NOT_APPLICABLE) else value
        for name, value in changed.items()
        if name.startswith("deduction_")
    }
    return {"village": row["village"], "scores": scores, "deduction_points": points}


OFFLINE = [OfflineSource("scores", _l("Score sheets of open rounds"), sheets, order=30)]
