"""The list of a form with a million records: Qingdan's page beside one of bare Flask, in the same run, each through WSGI."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import county
from bench.measuring import Report, medians, note, seconds
from bench.subjects import bare_records
from bench.subjects.qingdan import statements_of
from bench.web import Browser

KINDS = [("patrol", "巡查"), ("mediate", "调解"), ("visit", "走访"), ("repair", "维修")]
SPEC = {
    "code": "visits",
    "version": 1,
    "title": {"zh": "网格走访登记"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "走访"},
            "fields": [
                {"code": "kind", "label": {"zh": "类别"}, "type": "choice", "is_listed": True,
                 "choices": [{"code": code, "label": {"zh": word}} for code, word in KINDS]},
                {"code": "place", "label": {"zh": "地点"}, "type": "text", "is_listed": True},
                {"code": "cost", "label": {"zh": "费用"}, "type": "money", "is_listed": True},
                {"code": "day", "label": {"zh": "日期"}, "type": "date", "is_listed": True},
                {"code": "story", "label": {"zh": "情况"}, "type": "long_text"},
            ],
        }
    ],
}  # fmt: skip
GROUPS = "SELECT text1, count(*), sum(number1) FROM form_record WHERE form_id = {form} AND {where} GROUP BY text1"


def run(report: Report, folder: Path, quick: bool) -> None:
    """Page 1, page 1000, filters, one township, and what a chart asks."""
    count = 2_000 if quick else 1_000_000
    database = folder / f"records-{count}" / "qingdan.db"
    app = _filled(database, count, quick)
    deep = 20 if quick else 1000
    raw = sqlite3.connect(database)
    form_id, town = _ids(raw)
    report.heading(f"List of a form with {count:,} records, asked through WSGI (median ms)")
    cases = {
        "page 1": ("", "county_id = 1", 0),
        f"page {deep}": (f"page={deep}", "county_id = 1", (deep - 1) * 20),
        "a choice": ("q_kind=repair", "county_id = 1 AND text1 = 'repair'", 0),
        "a text that some contain": ("q_place=77号", "county_id = 1 AND text2 LIKE '%77号%'", 0),
        "a range of numbers": ("min_cost=990", "county_id = 1 AND number1 >= 990000000", 0),
        "one township": (f"unit={town}", f"township_id = {town}", 0),
        "one township, a choice": (f"unit={town}&q_kind=repair", f"township_id = {town} AND text1 = 'repair'", 0),
    }
    bare = bare_records.make_app(
        database, form_id, dict(KINDS), {name: (where, offset) for name, (_query, where, offset) in cases.items()}
    )
    ours, limit = Browser(app).sign_in("/login/", "county", county.PASSWORD), Browser(bare)
    with app.app_context():
        from app.kit.db import db

        counted = statements_of(db.engine)
    for name, (query, _where, _offset) in cases.items():
        path = f"/records/{form_id}/?{query}"
        _compare(report, name, lambda path=path: ours.read(path), lambda name=name: limit.read(f"/{name}"), quick)
        _size(report, name, ours, path, counted)
    _grouped(report, app, raw, form_id, town, quick)


def _compare(report: Report, name: str, ours: Callable[[], Any], bare: Callable[[], Any], quick: bool) -> None:
    ours(), bare()
    found = medians({"ours": ours, "bare": bare}, 2 if quick else 11)
    report.figure(f"{name}: Qingdan", found["ours"] * 1000, "ms")
    report.figure(f"{name}: bare", found["bare"] * 1000, "ms")
    report.ratio(f"{name}: Qingdan / bare", found["ours"] / found["bare"], "<= 2")


def _size(report: Report, name: str, browser: Browser, path: str, counted: Any) -> None:
    with counted() as statements:
        size = len(browser.read(path)) / 1024
    report.ratio(f"{name}: statements", sum(one.startswith(("SELECT", "WITH")) for one in statements), "<= 10")
    report.ratio(f"{name}: kilobytes", size, "<= 40")


def _grouped(report: Report, app: Any, raw: sqlite3.Connection, form_id: int, town: int, quick: bool) -> None:
    """What a chart asks: records counted and added up by a choice."""
    from sqlalchemy import func, select

    from app.features.forms.models import Form, FormRecord
    from app.features.forms.queries.records import matching
    from app.kit import access
    from app.kit.db import db

    def ours(args: dict[str, str]) -> Any:
        with app.app_context(), access.acting_as(access.OPERATOR):
            form = db.session.get(Form, form_id)
            by, added = func.count(FormRecord.id), func.sum(FormRecord.number1)
            statement = select(FormRecord.text1, by, added).where(*matching(form, args)).group_by(FormRecord.text1)
            return db.session.execute(statement).all()

    for name, args, where in (
        ("whole county", {}, "county_id = 1"),
        ("one township", {"unit": str(town)}, f"township_id = {town}"),
    ):
        bare = lambda where=where: raw.execute(GROUPS.format(form=form_id, where=where)).fetchall()  # noqa: E731
        _compare(report, f"counted and added up by a choice, {name}", lambda args=args: ours(args), bare, quick)


def _filled(database: Path, count: int, quick: bool) -> Any:
    """The portal with a form and so many records."""
    database.parent.mkdir(parents=True, exist_ok=True)
    is_new = not database.exists()
    app = county.make_app(database)
    if not is_new:
        return app
    county.fill(app, *((20, 80) if quick else (500, 4000)), 4000 if not quick else 80)
    from app.features.forms.services import publish_form
    from app.features.org.queries import unit_by_code
    from app.kit import access

    with app.app_context(), access.acting_as(access.OPERATOR):
        version = publish_form(SPEC, unit_by_code("B"), settings={"keeper_level": "sub_grid"})
        keys = (version.form_id, version.id)
    note(f"writing {count:,} records")
    with sqlite3.connect(database) as raw:
        taken = seconds(lambda: _write(raw, keys, count))
    note(f"written in {taken:.0f} s, {database.stat().st_size / 1e6:.0f} MB")
    return app


def _write(raw: sqlite3.Connection, keys: tuple[int, int], count: int) -> None:
    """The records first and their indexes after: a million of them one by one through fifteen indexes takes minutes."""
    wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'form_record' AND sql IS NOT NULL"
    indexes = raw.execute(wanted).fetchall()
    for name, _sql in indexes:
        raw.execute(f"DROP INDEX {name}")
    county.insert(raw, "form_record", _records(raw, keys, count))
    for _name, sql in indexes:
        raw.execute(sql)
    raw.execute("ANALYZE")


def _records(raw: sqlite3.Connection, keys: tuple[int, int], count: int) -> Iterator[dict[str, Any]]:
    rows = raw.execute("SELECT * FROM org_unit WHERE level = 'sub_grid' ORDER BY id")
    names = [column[0] for column in rows.description]
    places = [county.hung_on(dict(zip(names, row, strict=True))) for row in rows.fetchall()]
    dice, first = random.Random(7), date(2024, 1, 1)
    for n in range(count):
        kind, place = KINDS[dice.randrange(4)][0], f"{dice.randrange(1000)}号院"
        cents, day = dice.randrange(100_000), first + timedelta(days=dice.randrange(700))
        answers = {
            "kind": kind,
            "place": place,
            "cost": f"{cents / 100:.2f}",
            "day": str(day),
            "story": "入户走访，情况正常。",
        }
        yield {
            "id": n + 1, "form_id": keys[0], "form_version_id": keys[1], "person_id": n % 80 + 1, "state": "submitted",
            "is_test": 0, "answers": json.dumps(answers, ensure_ascii=False), "version": 1, "text1": kind, "text2": place,
            "number1": cents * 10_000, "day1": str(day), **places[dice.randrange(len(places))],
        }  # fmt: skip


def _ids(raw: sqlite3.Connection) -> tuple[int, int]:
    form_id = raw.execute("SELECT id FROM form WHERE code = 'visits'").fetchone()[0]
    return form_id, raw.execute("SELECT id FROM org_unit WHERE level = 'township' ORDER BY id").fetchone()[0]
