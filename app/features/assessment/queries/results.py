"""What a round came to: from the frozen snapshot once published, from the sheets before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import select

from app.domain.types import rounded
from app.features.assessment.models import AssessmentRound, RoundSnapshot, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.rounds import filled, sheets_of, township_names
from app.features.assessment.reckoning import TOTALS
from app.features.assessment.slips import slip_lines
from app.kit import access
from app.kit.db import db


@dataclass(frozen=True)
class RoundResult:
    """The result of one village (or sub-grid) in a round.

    Shape: status is scored, incomplete, not_scored, not_assessable or excluded; amounts are None without a score;
    `aspects` are earned points by aspect code.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    township_name: str
    status: str
    earned: Decimal | None
    applicable: Decimal | None
    base: Decimal | None
    raw: Decimal | None
    item_capped: Decimal | None
    effective: Decimal | None
    unfloored: Decimal | None
    final: Decimal | None
    aspects: Mapping[str, Decimal] = field(default_factory=dict)
    excluded_reason: str | None = None
    sheet_id: int | None = None


def latest_snapshot(round_: AssessmentRound) -> RoundSnapshot | None:
    """The last published version of a round the actor has found."""
    statement = select(RoundSnapshot).where(RoundSnapshot.round_id == round_.id).order_by(RoundSnapshot.number.desc())
    with access.everything("the snapshot of a round already found"):
        return db.session.scalars(statement.limit(1)).first()  # type: ignore[no-any-return]


def snapshot_of(round_: AssessmentRound, number: int | None = None) -> RoundSnapshot | None:
    """A published version of a round by its number; the last one without."""
    if number is None:
        return latest_snapshot(round_)
    with access.everything("the snapshot of a round already found"):
        return db.session.scalars(select(RoundSnapshot).filter_by(round_id=round_.id, number=number)).one_or_none()  # type: ignore[no-any-return]


def round_results(round_: AssessmentRound) -> tuple[RoundResult, ...]:
    """The results of every unit of a round, in the order of the tree: frozen ones once published, else as they stand.

    The whole round is given; who shows it to people limits it to their reach.
    """
    snapshot = latest_snapshot(round_) if round_.is_published else None
    if snapshot is not None:
        return tuple(_from_payload(sheet) for sheet in snapshot.payload["sheets"])
    return current_results(round_)


def current_results(round_: AssessmentRound) -> tuple[RoundResult, ...]:
    """The results as the sheets stand now, published or not."""
    with access.everything("the whole round is computed"):
        sheets = sheets_of(round_)
        names = township_names(sheets)
    return tuple(result_of(sheet, names.get(sheet.township_id or 0, "")) for sheet in sheets)


def result_of(sheet: Sheet, township_name: str) -> RoundResult:
    """The stored totals of a sheet as a result."""
    return RoundResult(
        unit_id=sheet.unit_id,
        unit_code=sheet.unit.code,
        unit_name=sheet.unit.name,
        township_name=township_name,
        status=sheet.status,
        aspects={code: Decimal(part["earned"]) for code, part in (sheet.aspects or {}).items()},
        excluded_reason=sheet.excluded_reason,
        sheet_id=sheet.id,
        **{name: getattr(sheet, name) for name in TOTALS},
    )


def _from_payload(sheet: Mapping[str, Any]) -> RoundResult:
    result = sheet["result"]
    return RoundResult(
        unit_id=sheet["unit_id"],
        unit_code=sheet["unit_code"],
        unit_name=sheet["unit_name"],
        township_name=sheet["township_name"],
        status=result["status"],
        aspects={code: Decimal(part["earned"]) for code, part in result["aspects"].items()},
        excluded_reason=sheet["excluded_reason"],
        sheet_id=sheet["sheet_id"],
        **{name: None if result[name] is None else Decimal(result[name]) for name in TOTALS},
    )


def score_matrix(round_: AssessmentRound) -> tuple[tuple[str, ...], dict[int, dict[str, Decimal | str]]]:
    """(item codes, points by unit id and item code) of the whole round; not applicable is "NA", an empty cell is absent."""
    snapshot = latest_snapshot(round_) if round_.is_published else None
    codes = tuple(item.code for item in basis_of(round_).parts.items)
    if snapshot is not None:
        return codes, {s["unit_id"]: {c: _cell(v) for c, v in s["scores"].items()} for s in snapshot.payload["sheets"]}
    with access.everything("the whole round"):
        sheets = sheets_of(round_)
    lines = filled(sheets)
    return codes, {
        sheet.unit_id: {
            code: "NA" if score.is_not_applicable or score.points is None else score.points
            for code, score in lines[sheet.id].scores.items()
        }
        for sheet in sheets
    }


def _cell(score: Mapping[str, Any]) -> Decimal | str:
    return "NA" if score["not_applicable"] else Decimal(score["points"])


def aspect_medians(round_: AssessmentRound) -> dict[str, Decimal]:
    """The median of earned points by aspect over the scored units of a round."""
    scored = [result for result in round_results(round_) if result.status == "scored"]
    codes = [aspect.code for aspect in basis_of(round_).parts.aspects]
    return {code: rounded(median(r.aspects[code] for r in scored)) for code in codes} if scored else {}


def slip_of(sheet: Sheet) -> Mapping[str, Any]:
    """The score slip (得分说明) of a sheet the actor may see: every line from the total down to facts and clauses.

    Shape: result, scores, deductions and slip as in the snapshot; the frozen one once published, unless the actor
    works on the round and asks for what stands now (see `current_slip`).
    """
    snapshot = latest_snapshot(sheet.round) if sheet.is_published else None
    if snapshot is None:
        return current_slip(sheet)
    return next(one for one in snapshot.payload["sheets"] if one["unit_id"] == sheet.unit_id)


def current_slip(sheet: Sheet) -> Mapping[str, Any]:
    """The slip of a sheet as it stands now."""
    names = township_names([sheet])
    return slip_lines(sheet, basis_of(sheet.round), filled([sheet])[sheet.id], names.get(sheet.township_id or 0, ""))
