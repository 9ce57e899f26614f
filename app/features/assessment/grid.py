"""The scoring screen as data: what the page draws, what its script sends and gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.assessment import words
from app.features.assessment.cells import shown
from app.features.assessment.models import AssessmentRound, ItemScore, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.recusal import own_villages, recused
from app.features.assessment.queries.rounds import (
    Filled,
    filled,
    lacks_reason,
    records_only_its_items,
    sheets_of,
)
from app.features.assessment.queries.suggestions import suggestions
from app.features.assessment.reckoning import Basis
from app.features.assessment.services.scores import CellChange, CellInput
from app.kit import access
from app.kit.i18n import _
from app.kit.jinja import number
from app.kit.problems import sentence

MOST_CELLS = 20_000
TOTALS = ("base", "raw", "effective", "final")


def grid_of(round_: AssessmentRound) -> dict[str, Any]:
    """Everything the page draws: items with their hints, sheets with their cells and totals, and whether one may type."""
    basis = basis_of(round_)
    sheets = sheets_of(round_)
    lines = filled(sheets)
    own = own_villages()
    editable = round_.state == "open" and any(_may_write(sheet, own) for sheet in sheets)
    offered = suggestions(round_, list(sheets), basis) if editable else {}
    return {
        "editable": editable,
        "items": [
            {
                "row": item,
                "max": format(item.maximum.normalize(), "f"),
                "hint": words.hint(item),
                "calc": words.CALC_KINDS.get(item.calc, item.calc),
            }
            for item in basis.parts.items
        ],
        "rows": [_row(sheet, lines[sheet.id], basis, offered.get(sheet.unit_id, {}), own) for sheet in sheets],
    }


def _may_write(sheet: Sheet, own: Mapping[int, str]) -> bool:
    return (
        access.can(Verb.EDIT, sheet)
        and recused(sheet, own) is None
        and not records_only_its_items(sheet)
        and not sheet.excluded_reason
    )


def _row(
    sheet: Sheet, lines: Filled, basis: Basis, offered: Mapping[str, str], own: Mapping[int, str]
) -> dict[str, Any]:
    why = recused(sheet, own) if access.can(Verb.EDIT, sheet) else None
    return {
        "sheet": sheet,
        "locked": not _may_write(sheet, own),
        "recused": sentence(why) if why else "",
        "filled": len(lines.scores),
        "totals": totals_of(sheet),
        "complete": sheet.status in ("scored", "not_assessable"),
        "cells": [
            _cell(item, lines.scores.get(item.code)) | {"item": item.code, "suggestion": offered.get(item.code, "")}
            for item in basis.parts.items
        ],
    }


def _cell(item: Any, score: ItemScore | None) -> dict[str, Any]:
    return {
        "text": shown(score),
        "points": "" if score is None or score.points is None else f"{score.points:.2f}",
        "reason": (score.reason if score else None) or "",
        "needs_reason": bool(score is not None and lacks_reason(item, score)),
    }


def totals_of(sheet: Sheet) -> dict[str, str]:
    """The totals of a sheet as the grid shows them; before it is complete, the points so far."""
    shown_totals = {name: number(getattr(sheet, name)) for name in TOTALS}
    if sheet.status == "incomplete":
        so_far = sum((Decimal(part["earned"]) for part in sheet.aspects.values()), Decimal(0))
        shown_totals["final"] = str(_("so far %(points)s", points=number(so_far)))
    return shown_totals | {"status": str(words.SHEET_STATES[sheet.status][0])}


def sheets_as_json(round_: AssessmentRound, sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """What the script gets for sheets it has saved: totals and every cell."""
    parts = basis_of(round_).parts
    lines = filled(sheets)
    return [
        {
            "unit": sheet.unit_id,
            "totals": totals_of(sheet),
            "complete": sheet.status in ("scored", "not_assessable"),
            "cells": {item.code: _cell(item, lines[sheet.id].scores.get(item.code)) for item in parts.items},
        }
        for sheet in sheets
    ]


def cells_of(sent: Mapping[str, Any]) -> list[CellInput]:
    """The cells a script sent.

    Shape:  {"cells": [{"unit": 5, "item": "A1", "text": "3.5", "reason": …, "was": …}]}
    Errors: assessment.bad_request.
    """
    cells = sent.get("cells")
    if not isinstance(cells, list) or not 0 < len(cells) <= MOST_CELLS:
        raise broken("assessment.bad_request")
    return [_cell_input(cell) for cell in cells]


def _cell_input(cell: Any) -> CellInput:
    if not isinstance(cell, dict) or type(cell.get("unit")) is not int or not isinstance(cell.get("item"), str):
        raise broken("assessment.bad_request")
    texts = {key: cell.get(key) for key in ("text", "reason", "was")}
    if any(value is not None and not isinstance(value, str) for value in texts.values()):
        raise broken("assessment.bad_request")
    return CellInput(cell["unit"], cell["item"], texts["text"] or "", reason=texts["reason"], was=texts["was"])


def preview_as_json(round_: AssessmentRound, changes: Sequence[CellChange]) -> list[dict[str, str]]:
    """What a pasted block would change, cell by cell."""
    return [
        {
            "village": change.sheet.unit.name,
            "item": change.item_code,
            "old": change.old,
            "new": change.new,
            "points": "/" if change.points is None and change.new else number(change.points),
            "kind": "same" if change.old == change.new else "changed",
            "problem": " ".join(sentence(problem) for problem in change.problems),
        }
        for change in changes
    ]
