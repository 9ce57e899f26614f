"""One sheet of an offline workbook: its hidden keys, and how we read it ourselves. Comparing is in offline_comparing.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.features.exchange.staging import pack, unpack
from app.kit import excel
from app.kit.excel.offline import Page, open_offline, read_page
from app.kit.offline import BLANK, OfflineSheet
from app.kit.versions import digest

MASKED = "***"


def key_of(stamp: str, code: str, name: Sequence[str]) -> str:
    """The hidden key of a row: it says nothing, and it fits this workbook alone."""
    return digest([stamp, code, *name])


def keyed(sheet: OfflineSheet, stamp: str) -> Page:
    """The page with the hidden key in each row."""
    rows = [{**row, "row_key": key_of(stamp, sheet.code, sheet.name_of(row))} for row in sheet.page.rows]
    return replace(sheet.page, rows=rows)


def raw_rows(sheet: OfflineSheet, stamp: str) -> dict[str, dict[str, Any]]:
    """What stands now, by hidden key, as the feature gives it."""
    return {key_of(stamp, sheet.code, sheet.name_of(row)): dict(row) for row in sheet.page.rows}


def digest_of(row: Mapping[str, Any] | None) -> str:
    """A digest of a row as it stands; empty where there is none."""
    return "" if row is None else digest(pack(row))


def read_own(sheets: Sequence[OfflineSheet], stamp: str, data: bytes) -> dict[str, Any]:
    """What our own file says, by sheet: {name, rows: hidden key -> {name, cells}}. Masked cells are told apart by what they mask."""
    if not sheets:
        return {}
    returned = open_offline(data, "offline.xlsx")
    found = {}
    for sheet in sheets:
        page = keyed(sheet, stamp)
        raw = raw_rows(sheet, stamp)
        grid = returned.grid_of(page.name, frozenset(raw))
        rows = {}
        if grid is not None:
            result, keys = read_page(returned, grid, page)
            for row in result.rows:
                key = keys.get(row["row"], "")
                if raw.get(key, {}).get(BLANK):
                    continue
                rows[key] = {"name": list(sheet.name_of(row)), "cells": _cells(sheet, row, raw.get(key, {}))}
        found[sheet.code] = {"name": page.name, "rows": rows}
    return found


def _cells(sheet: OfflineSheet, row: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    cells = {name: plain(row.get(name)) for name in sheet.fields}
    return {
        name: MASKED + digest(pack(raw.get(name))) if value is excel.UNCHANGED else value
        for name, value in cells.items()
    }


def plain(value: Any) -> Any:
    """A value as it comes back from where it is kept, so that equal ones are equal."""
    return unpack(pack(value))
