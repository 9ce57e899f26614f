"""Markup and formulas typed into every text of every table: shown as text on every page, kept as it was typed, run nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import islice
from typing import Any

import pytest
from factories.addresses import addresses_of, rules_for
from factories.everything import make_everything
from openpyxl import load_workbook
from sqlalchemy import JSON, String, select, update

from app.domain.rights import Role
from app.extensions import db
from app.kit import access, personal
from app.kit.db import transaction
from app.kit.personal import Level

MOST = 8  # addresses of one route
PAYLOADS = (
    "<script>alert('xss')</script>",
    "\"><img src=x onerror=alert('xss')>",
    "'-alert('xss')-'{{7*7}}${7*7}",
    "</script><svg/onload=alert('xss')>",
    "javascript:alert('xss')//",
    '=HYPERLINK("http://evil.example","xss")',
)
RAW = re.compile(r"<script>alert|<img src=x|<svg/onload|</script><svg", re.I)


class Dangers(HTMLParser):
    """What a browser would run: scripts without an address, handlers, addresses that are code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src"):
            self.found.append("an inline script")
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        code = re.compile(r"\s*(javascript|data|vbscript):", re.I)
        self.found += [f"{tag} {n}={v}" for n, v in given.items() if n in ("href", "src", "action") and code.match(v)]


def free_texts() -> list[tuple[Any, Any]]:
    """The columns in which people write, and those that hold names: (table, column)."""
    return [
        (db.metadata.tables[found.table], db.metadata.tables[found.table].c[found.column])
        for found in personal.all_entries(Level.NONE, Level.PERSONAL)
        if (found.free or found.kind in ("full_name", "names", "words", "title"))
        and isinstance(db.metadata.tables[found.table].c[found.column].type, String)
        and not isinstance(db.metadata.tables[found.table].c[found.column].type, JSON)
        and not found.table.startswith(("audit_", "ab_", "removed"))
    ]


def poison(rows: dict[str, int]) -> dict[tuple[str, str], str]:
    """The corpus in every text of one row of every table, in short ones as much as goes in; what was written where."""
    written = {}
    for number, (table, column) in enumerate(free_texts()):
        if table.name not in rows or table.name in ("pay_line", "bonus_batch", "ranking_line", "ranking_run"):
            continue
        turned = PAYLOADS[number % len(PAYLOADS) :] + PAYLOADS[: number % len(PAYLOADS)]
        text = " ".join(turned)[: column.type.length or 400]
        pk = next(iter(table.primary_key.columns))
        db.session.execute(update(table).where(pk == rows[table.name]).values({column.name: text}))
        written[table.name, column.name] = text
    return written


@pytest.fixture
def rows(world: Any, session: Any) -> dict[str, int]:
    made = make_everything(world, "材料")
    return made | {"person": world.persons["grid_worker"].id, "post": world.posts["grid_worker"].id}


def test_markup_in_any_text_is_shown_not_run_on_any_page_c35(
    rows: dict[str, int], world: Any, app: Any, sign_in: Any
) -> None:
    with access.everything("the test writes everywhere"), transaction():
        written = poison(rows)
    assert len(written) > 30
    browser, shown = sign_in(Role.COUNTY_ADMINISTRATOR.value), 0
    for rule in rules_for(app, "GET"):
        for address in islice(addresses_of(app, rule, rows), MOST):
            answer = browser.get(address)
            assert answer.status_code < 500, address
            if answer.mimetype == "text/html":
                assert not RAW.search(answer.text), address
                dangers = Dangers()
                dangers.feed(answer.text)
                assert dangers.found == [], address
                shown += "xss" in answer.text
            elif answer.is_json:
                assert "</script" not in answer.text.lower() or answer.mimetype == "application/json", address
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert shown >= 5, "the text is on the pages at all"
    with access.everything("the test reads everywhere"):
        for (table_name, column), text in written.items():
            table = db.metadata.tables[table_name]
            pk = next(iter(table.primary_key.columns))
            kept = db.session.execute(select(table.c[column]).where(pk == rows[table_name])).scalar_one()
            assert kept == text, "the text is kept as it was typed"


@pytest.mark.parametrize(
    "typed", ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1:A9)", "-2+3", "@SUM(1)", "\t=1+1", '=HYPERLINK("x")']
)
def test_a_formula_typed_as_a_name_is_text_in_the_workbook_c35(
    typed: str, world: Any, session: Any, sign_in: Any
) -> None:
    with access.everything("the test"), transaction():
        world.persons["grid_worker"].remarks = typed
        world.posts["grid_worker"].remarks = typed
        world.persons["grid_worker"].name = typed[:60]
    answer = sign_in("county_administrator").post("/exchange/export/roster.xlsx", data={"unit": "C1A"})
    cells = [cell for sheet in load_workbook(BytesIO(answer.data)) for row in sheet.iter_rows() for cell in row]
    found = [cell for cell in cells if isinstance(cell.value, str) and typed.strip() in cell.value]
    assert found and all(cell.data_type == "s" for cell in found)


def test_options_of_a_chart_are_json_that_no_page_holds_c35(
    world: Any, app: Any, rows: dict[str, int], sign_in: Any
) -> None:
    with access.everything("the test"), transaction():
        world.units["C1A"].name = "</script><script>alert(1)</script>"
    browser = sign_in("county_administrator")
    for code in app.extensions["charts"]:
        answer = browser.get(f"/charts/{code}.json?run={rows['ranking_run']}&round={rows['assessment_round']}&unit=C1A")
        if answer.status_code == 200:
            assert answer.mimetype == "application/json" and answer.json is not None
