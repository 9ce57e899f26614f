"""What the pages of the offline workbook show."""

from __future__ import annotations

from typing import Any

from app.domain.errors import RuleBroken
from app.features.exchange.models import ImportBatch, ImportRow
from app.features.exchange.services import offline, offline_saving
from app.features.exchange.services.offline_comparing import in_words
from app.features.exchange.sources import sheets_for
from app.features.org.queries import resolve_unit
from app.kit.i18n import _, _l
from app.kit.problems import sentence

MOST = 200  # rows of one kind on the page
STATES = {
    "previewed": (_l("Waits for you"), "wait"),
    "applied": (_l("Saved"), "done"),
    "cancelled": (_l("Put aside"), "off"),
    "undone": (_l("Undone"), "off"),
}
OUTCOMES = {
    "mine": (_l("Changed by you"), "info"),
    "theirs": (_l("Changed by others"), "ok"),
    "agreed": (_l("Both the same"), "done"),
    "conflict": (_l("Conflict"), "warn"),
}


def what_it_holds(unit: str, period: str) -> tuple[list[tuple[str, int]], str]:
    """The sheets a workbook would have, as (name, rows), and why there are none."""
    found = resolve_unit(unit) if unit else None
    if found is None:
        return [], _("Choose a unit first.")
    try:
        sheets = sheets_for(found, period)
    except RuleBroken as refused:
        return [], " ".join(sentence(problem) for problem in refused.problems)
    return [(sheet.page.name, len(sheet.page.rows)) for sheet in sheets], ""


def counted(batch: ImportBatch) -> dict[str, int]:
    """How many cells of an upload have which outcome."""
    cells = [sheet["cells"] for sheet in _sheets(batch)]
    return {kind: sum(one[kind] for one in cells) for kind in ("unchanged", "mine", "theirs", "agreed", "conflict")}


def _sheets(batch: ImportBatch) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = (batch.result or {}).get("shown", {}).get("sheets", [])
    return shown


def page_of(batch: ImportBatch) -> dict[str, Any]:
    """Everything the page of one upload shows."""
    rows = offline.rows_of(batch) if batch.state == "previewed" else []
    by_kind = {
        kind: [row for row in rows if row.kind == kind]
        for kind in ("conflict", "changed", "new", "refused", "gone", "missing", "theirs")
    }
    by_kind["conflict"].sort(key=lambda row: all(name in row.typed_cells for name in offline_saving.conflicts_of(row)))
    return {
        "batch": batch,
        "unit_name": batch.options.get("unit_name", ""),
        "period": batch.options.get("period", ""),
        "sheets": [{**sheet, "why": [in_words(p) for p in sheet["problems"]]} for sheet in _sheets(batch)],
        "counts": counted(batch),
        "by_kind": by_kind,
        "not_taken": batch.changes.get("counts", {}).get("refused", 0),
        "shown": {kind: [_line(row) for row in found[:MOST]] for kind, found in by_kind.items()},
        "most": MOST,
        "undecided": sum(name not in row.typed_cells for row in rows for name in offline_saving.conflicts_of(row)),
        "to_save": sum(bool(offline_saving.fields_of_mine(row)) for row in rows if row.kind in offline_saving.CHOSEN),
        "outcomes": OUTCOMES,
        "states": STATES,
        "saved": batch.changes.get("saved", {}),
    }


def _line(row: ImportRow) -> dict[str, Any]:
    """One row: where it stands, its cells with their three values, and what is wrong."""
    place = _("%(sheet)s row %(number)s", sheet=row.sheet, number=row.row) if row.row else row.sheet
    cells = [{"name": name, "pick": row.typed_cells.get(name, ""), **cell} for name, cell in row.cells.items()]
    return {
        "row": row,
        "place": place,
        "cells": cells,
        "conflicts": [cell for cell in cells if cell["outcome"] == "conflict"],
        "others": [cell for cell in cells if cell["outcome"] != "conflict"],
        "problems": [in_words(problem) for problem in row.problems],
    }
