"""The limit of a list of records: Flask, one statement for the rows, one for the count, one Jinja template of such a page."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>网格走访登记</title>
<link rel="stylesheet" href="/static/a.css"></head><body><header>清单</header>
<nav>{% for n in range(25) %}<a href="/page-{{ n }}"><i class="fa"></i> 第{{ n }}项</a>{% endfor %}</nav>
<main><h1>网格走访登记</h1><form>{% for name in ("单位", "状态", "类别", "地点", "费用", "日期", "每页") %}<label>{{ name
}}<input name="{{ loop.index }}"></label>{% endfor %}<button>查询</button></form>
<table><thead><tr>{% for name in ("单位", "类别", "地点", "费用", "日期", "填报人", "状态") %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr><td data-label="单位"><a href="/records/entry/{{ row["id"] }}">{{ row["unit"] }}</a></td>
{% for label, value in (("类别", kinds[row["text1"]]), ("地点", row["text2"]), ("费用", row["number1"] / 1000000),
("日期", row["day1"]), ("填报人", row["person"]), ("状态", row["state"])) %}<td data-label="{{ label }}">{{
"—" if value is none else value }}</td>{% endfor %}</tr>{% endfor %}</tbody></table><p>{{ count }}</p></main></body></html>"""
ROWS = """SELECT r.id, u.name AS unit, p.name AS person, r.state, r.text1, r.text2, r.number1, r.day1 FROM form_record r
JOIN org_unit u ON u.id = r.unit_id LEFT JOIN person p ON p.id = r.person_id
WHERE r.id IN (SELECT id FROM form_record WHERE form_id = {form} AND {where} ORDER BY id DESC LIMIT 20 OFFSET {offset})
ORDER BY r.id DESC"""
COUNT = "SELECT count(*) FROM (SELECT id FROM form_record WHERE form_id = {form} AND {where} LIMIT 10001)"


def make_app(database: Path, form: int, kinds: Mapping[str, str], cases: Mapping[str, tuple[str, int]]) -> Flask:
    """A page for every case: a condition, and how many rows to skip."""
    app = Flask(__name__)
    template, connection = app.jinja_env.from_string(PAGE), sqlite3.connect(database)
    connection.row_factory = sqlite3.Row

    @app.get("/<case>")
    def records(case: str) -> str:
        where, offset = cases[case]
        count = connection.execute(COUNT.format(form=form, where=where)).fetchone()[0]
        rows = connection.execute(ROWS.format(form=form, where=where, offset=offset)).fetchall()
        return template.render(rows=rows, count=count, kinds=kinds)

    return app
