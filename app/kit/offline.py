"""What a feature says so that its rows can be filled in without a network, beside those of others in one workbook.

A feature lists its sources in `offline.OFFLINE`. A source gives, for a unit and a period, the sheets the actor may fill in
there; every sheet brings its rows, what may be typed, and how rows are saved. A form becomes a sheet by itself: see
`app.kit.excel.formsheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.errors import Problem
from app.kit.excel.offline import Limit, Page
from app.kit.excel.sheet import ExportMeta, Row, Sheet
from app.kit.exchange import Door, Options, RowChange

BLANK = "is_blank"
"""In a row: nothing stands there yet, it is handed out to be filled in and is no row of what was handed out."""
Save = Callable[[Sequence[Row], bool], list[RowChange]]


@dataclass(frozen=True)
class OfflineSheet:
    """One sheet of an offline workbook.

    Shape: `code` is unique in the workbook; `fields` are compared three ways; `version` names the list, form or scheme
    the rows are on, and a workbook of another version is not taken. `save(rows, dry_run)` says what each row changes and
    saves it unless dry; a row is what stands now with the typed cells in it. `closed` is why nothing can be saved.
    """

    code: str
    title: Any
    page: Page
    version: str
    save: Save
    fields: tuple[str, ...]
    closed: Problem | None = None

    def name_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """What a row is called: the values of the key of its layout."""
        return tuple(str(row.get(name) or "") for name in self.page.sheet.key)


@dataclass(frozen=True)
class OfflineSource:
    """Where sheets come from: `sheets(unit, period)` gives those the actor may fill in there, none when there are none."""

    code: str
    title: Any
    sheets: Callable[[Any, str], Sequence[OfflineSheet]]
    order: int


@dataclass(frozen=True)
class Entry:
    """What may be typed in the sheet of a door: open columns, fields behind them that are no columns, limits."""

    columns: tuple[str, ...]
    beside: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    spare: int = 0


def of_door(
    door: Door, options: Options, entry: Entry, *, code: str = "", name: str = "", version: str = ""
) -> OfflineSheet:
    """A door with a table layout as a sheet: its rows, its reader, its way of saving."""
    sheet: Sheet = door.layout
    rows, given = door.rows(options)
    meta = ExportMeta.of(given)
    page = Page(
        name=name or sheet.name,
        sheet=sheet,
        context=replace(door.context(options), page_period=options.period),
        meta=meta,
        rows=list(rows),
        entry=frozenset(entry.columns),
        required=entry.required,
        limits=entry.limits,
        spare=entry.spare,
    )
    stated = replace(options, extra={**options.extra, "period": options.period, "village": meta.village or None})

    def save(changed: Sequence[Row], dry_run: bool) -> list[RowChange]:
        return door.save(changed, stated, dry_run)

    return OfflineSheet(
        code or door.code, door.title, page, version or meta.list_version, save, (*entry.columns, *entry.beside)
    )
