"""Between stored rows and the scoring rules: a scheme, a fact, an occurrence as the rules know them, and totals back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import flag_modified

from app.domain import scoring
from app.features.assessment.models import (
    DeductionEntry,
    ItemScore,
    Scheme,
    SchemeAspect,
    SchemeDeduction,
    SchemeItem,
    Sheet,
)

if TYPE_CHECKING:
    from app.features.assessment.queries.rounds import Filled
    from app.features.assessment.queries.schemes import SchemeParts

SUB_GRIDS = "12 * sub_grids"  # the one expected figure that follows from the org tree
EXCLUDED = "excluded"
TOTALS = ("earned", "applicable", "base", "raw", "item_capped", "effective", "unfloored", "final")


@dataclass(frozen=True)
class Basis:
    """What the sheets of a round are reckoned on: stored scheme, the same for the rules, months of the round.

    Shape: `sub_grids` is the number of sub-grids by unit id, for figures expected per sub-grid.
    """

    scheme: Scheme
    parts: SchemeParts
    rules: scoring.Scheme
    months: int
    sub_grids: Mapping[int, int]

    @property
    def share(self) -> Decimal:
        """Months of the round over the months the scheme's figures are written for."""
        return Decimal(self.months) / Decimal(self.rules.months)


# -- the scheme ------------------------------------------------------------------------------------


def domain_scheme(
    scheme: Scheme, aspects: Iterable[SchemeAspect], items: Iterable[SchemeItem], deductions: Iterable[SchemeDeduction]
) -> scoring.Scheme:
    """A stored scheme with its parts as the rules know it."""
    return scoring.Scheme(
        code=scheme.code,
        name=scheme.name,
        aspects=tuple(scoring.Aspect(a.code, a.name, a.maximum) for a in aspects),
        items=tuple(_item(item) for item in items),
        deductions=tuple(_deduction(item) for item in deductions),
        subject=scheme.subject,
        months=scheme.months,
        full_score=scheme.full_score,
        total_cap=scheme.total_cap,
        floor_total=scheme.floor_total,
        min_applicable=Decimal(60) if scheme.min_applicable is None else scheme.min_applicable,
    )


def standards_of(items: Iterable[SchemeItem], deductions: Iterable[SchemeDeduction]) -> dict[str, str]:
    """The wordings by code, which the guards of a scheme read."""
    wordings = {item.code: item.standard or "" for item in items}
    return wordings | {item.code: item.standard or "" for item in deductions}


def _item(item: SchemeItem) -> scoring.Item:
    params = item.params or {}
    return scoring.Item(
        code=item.code,
        aspect=item.aspect_code,
        name=item.name,
        max=item.maximum,
        calc=scoring.Calc(item.calc),
        expected=_number(params.get("expected")),
        target=Decimal(str(params.get("target", 1))),
        unit=None if params.get("unit") is None else Decimal(str(params["unit"])),
        tiers=tuple((Decimal(str(least)), Decimal(str(points))) for least, points in params.get("tiers", ())),
        grades={str(grade): Decimal(str(points)) for grade, points in params.get("grades", {}).items()},
        na_allowed=item.na_allowed,
    )


def _number(value: Any) -> Decimal | None:
    """A fixed figure; what is written as a name (planned_patrols) is entered by the evaluator."""
    text = str(value)
    return Decimal(text) if value is not None and text.replace(".", "", 1).isdigit() else None


def _deduction(item: SchemeDeduction) -> scoring.DeductionItem:
    return scoring.DeductionItem(
        code=item.code,
        name=item.name,
        cap=item.cap,
        points=item.points,
        levels=tuple(scoring.Level(v["code"], v["name"], Decimal(v["points"])) for v in item.levels or ()),
        per=item.per or "",
        mitigation={reason: Decimal(str(factor)) for reason, factor in (item.mitigation or {}).items()},
    )


def expected_of(item: SchemeItem, sheet: Sheet, basis: Basis) -> Decimal | None:
    """The figure expected of a unit in the round, where scheme and tree can tell it; None where the evaluator enters it."""
    if item.calc != "ratio":
        return None
    written = (item.params or {}).get("expected")
    if written == SUB_GRIDS:
        count = basis.sub_grids.get(sheet.unit_id)
        return None if not count else 12 * count * basis.share
    fixed = _number(written)
    return None if fixed is None else fixed * basis.share


# -- facts and occurrences -------------------------------------------------------------------------

_FIGURES = ("actual", "expected", "faults", "units", "rate")


def fact_as_data(fact: scoring.Fact) -> dict[str, str]:
    """The figures of a fact as kept in a row; points have a column of their own."""
    data = {name: _plain(value) for name in _FIGURES if (value := getattr(fact, name)) is not None}
    return data | ({"grades": ",".join(fact.grades)} if fact.grades else {})


def fact_of(score: ItemScore) -> scoring.Fact:
    """The fact a stored score rests on: its figures, else the points entered."""
    data = score.fact or {}
    figures = {name: Decimal(data[name]) for name in _FIGURES if name in data}
    grades = tuple(data["grades"].split(",")) if "grades" in data else ()
    entered = None if figures or grades else score.points
    return scoring.Fact(
        points=entered, grades=grades, not_applicable=score.is_not_applicable, reason=score.reason or "", **figures
    )


def line_of(item: SchemeItem, fact: scoring.Fact, basis: Basis) -> scoring.ItemLine:
    """The line of an item. A reason may still be missing here: it is asked for before the round is checked.

    Errors: those of scoring.item_line.
    """
    return scoring.item_line(
        basis.rules.item(item.code), _excused(fact), months=basis.months, scheme_months=basis.rules.months
    )


def _excused(fact: scoring.Fact) -> scoring.Fact:
    return fact if fact.reason.strip() else replace(fact, reason="-")


def occurrence_of(entry: DeductionEntry) -> scoring.Occurrence:
    """A stored deduction entry as the rules know it."""
    return scoring.Occurrence(
        item=entry.item_code,
        count=entry.count,
        level=entry.level,
        points=entry.points,
        happened_on=entry.happened_on,
        clause=entry.clause or "",
        note=entry.note or "",
        self_reported=entry.is_self_reported,
        waived=entry.is_waived,
        waive_reason=entry.waive_reason or "",
        same_fact=entry.same_fact,
    )


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


# -- totals ----------------------------------------------------------------------------------------


def score_of(basis: Basis, lines: Filled) -> scoring.Score:
    """The score of what stands on a sheet, with every line."""
    return scoring.village_score(
        basis.rules,
        {code: _excused(fact_of(score)) for code, score in lines.scores.items()},
        [occurrence_of(entry) for entry in lines.entries],
        months=basis.months,
    )


def write_totals(sheet: Sheet, basis: Basis, lines: Filled) -> scoring.Score:
    """Write the totals of what stands on a sheet into it; the score they come from."""
    score = score_of(basis, lines)
    sheet.status = EXCLUDED if sheet.excluded_reason else score.status.value
    for name in TOTALS:
        setattr(sheet, name, getattr(score, name))
    sheet.aspects = {
        code: {"earned": str(part.earned), "applicable": str(part.applicable)} for code, part in score.aspects.items()
    }
    if inspect(sheet).persistent:
        flag_modified(sheet, "status")  # whatever was written on a sheet makes a new version of it, the same totals too
    return score
