"""The register of certificates and service cases in the offline workbook: a row for each village, counted yet or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.rights import Verb
from app.features.duties.certificates import certificate_types, counts_named, named_counts, other_counts
from app.features.duties.excel import SHEETS
from app.features.duties.queries.registers import CASES, register_places
from app.kit.excel.offline import Limit, Page
from app.kit.excel.sheet import Column, ExportMeta, Row
from app.kit.excel.titles import Facts
from app.kit.exchange import Options, RowChange
from app.kit.offline import OfflineSheet

REGISTER = next(door for door in SHEETS if door.code == "certificates")
TYPES = {f"certificate_{kind.code}": kind.name for kind in certificate_types()}
FIELDS = (*TYPES, *CASES, "others", "reason")


def register_sheet(unit: Any, period: str) -> OfflineSheet | None:
    """The register of a month at or below a unit, None where the actor may write in none."""
    kept = [p.village for verb in (Verb.EDIT, Verb.IMPORT) for p in register_places(unit, verb)]
    names = list(dict.fromkeys(village.name for village in kept))
    if not names:
        return None
    options = Options(unit, period)
    stored, given = REGISTER.rows(options)
    by_village = {row["village"]: _flat(row) for row in stored}
    rows = [by_village.get(name, {"village": name, "month": period}) for name in names]

    def save(changed: Sequence[Row], dry_run: bool) -> list[RowChange]:
        return REGISTER.save(
            [_nested(row, by_village.get(str(row.get("village")), {})) for row in changed], options, dry_run
        )

    sheet = REGISTER.layout
    page = Page(
        name="证明和办件统计",
        sheet=replace(sheet, columns=tuple(map(_column, sheet.columns)), derive=_month, extras=None),
        context=replace(REGISTER.context(options), page_period=period),
        meta=replace(ExportMeta.of(given), owner=unit.name, period=period),
        rows=rows,
        entry=frozenset(FIELDS),
        limits=dict.fromkeys((*TYPES, *CASES), Limit(Decimal(0), Decimal(999_999), whole=True)),
    )
    return OfflineSheet("certificates", REGISTER.title, page, f"g-{sheet.version}", save, FIELDS)


def _column(column: Column) -> Column:
    """Each count in a field of its own, so that it is compared by itself; the sum follows from them."""
    if column.field in TYPES or column.field == "others":
        return replace(column, show=None)
    return replace(column, show=_total) if column.field == "certificate_total" else column


def _total(row: Row) -> int:
    named = named_counts(row.get("others") or "") or {}
    return sum(row.get(name) or 0 for name in TYPES) + sum(named.values())


def _month(row: Row, facts: Facts) -> None:
    if "month" not in row and facts.period:
        row["month"] = facts.period


def _flat(row: Row) -> Row:
    counts = row.get("certificates", {})
    others = counts_named(other_counts(counts)) or None
    return {**row, **{name: counts.get(word) for name, word in TYPES.items()}, "others": others}


def _nested(row: Row, stored: Row) -> Row:
    """A row as the register takes it; a name taken out of the cell is counted no more."""
    named = dict.fromkeys(named_counts(stored.get("others") or "") or {}, 0)
    named |= named_counts(row.get("others") or "") or {}
    return {**row, "certificates": {word: row.get(name) or 0 for name, word in TYPES.items()} | named}
