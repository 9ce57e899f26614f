"""The limit of a page: Flask, one statement for the rows, one for the count, one Jinja template. No rights, no session."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request

from bench.children import serve
from bench.web import Browser, pages

PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>岗位</title>
<link rel="stylesheet" href="/static/a.css"></head><body><header>清单</header>
<nav>{% for n in range(25) %}<a href="/page-{{ n }}"><i class="fa"></i> 第{{ n }}项</a>{% endfor %}</nav>
<main><h1>岗位</h1><form>{% for name in ("姓名", "角色", "单位", "起", "止") %}<label>{{ name }}<input name="{{ loop.index }}">
</label>{% endfor %}<button>查询</button></form>
<table><thead><tr>{% for name in ("姓名", "角色", "单位", "起", "止", "持证", "操作") %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for label, value in (("姓名", row["person"]), ("角色", row["role"]), ("单位", row["unit"]),
("起", row["from_on"]), ("止", row["to_on"]), ("持证", "是" if row["is_certified"] else "否")) %}<td data-label="{{ label }}">{{
"—" if value is none else value }}</td>{% endfor %}<td><a class="row-action" href="/show/{{ row["id"] }}">查看<span>“{{ row["person"] }}”</span></a>
<a class="row-action" href="/edit/{{ row["id"] }}">编辑<span>“{{ row["person"] }}”</span></a>
<button formaction="/delete/{{ row["id"] }}">删除<span>“{{ row["person"] }}”</span></button></td></tr>{% endfor %}</tbody></table>
<p>{{ count }} · {{ page + 1 }}</p></main></body></html>"""
ROWS = """SELECT post.id, post.role, post.from_on, post.to_on, post.is_certified, person.name AS person, org_unit.name AS unit
FROM post JOIN person ON person.id = post.person_id JOIN org_unit ON org_unit.id = post.unit_id
WHERE post.id IN (SELECT id FROM post WHERE {scope} ORDER BY id DESC LIMIT 20 OFFSET ?) ORDER BY post.id DESC"""
COUNT = "SELECT count(*) FROM (SELECT id FROM post WHERE {scope} LIMIT 10001)"


def make_app(database: str) -> Flask:
    app = Flask(__name__)
    template = app.jinja_env.from_string(PAGE)
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    level = {"county": "county_id", "township": "township_id"}
    unit = {
        who: connection.execute("SELECT id FROM org_unit WHERE level = ? ORDER BY id", (who,)).fetchone()[0]
        for who in level
    }

    @app.get("/<who>")
    def posts(who: str) -> str:
        page = request.args.get("page", 0, int)
        scope = f"{level[who]} = {int(unit[who])}"
        count = connection.execute(COUNT.format(scope=scope)).fetchone()[0]
        rows = connection.execute(ROWS.format(scope=scope), (page * 20,)).fetchall()
        return template.render(rows=rows, count=count, page=page)

    return app


class _Person(Browser):
    def __init__(self, app: Any, who: str) -> None:
        super().__init__(app)
        self.who = who

    def read(self, path: str) -> bytes:
        return super().read(f"/{self.who}{path}")


@contextmanager
def _two() -> Iterator[list[str]]:
    yield ["SELECT count", "SELECT rows"]


if __name__ == "__main__":
    application = make_app(sys.argv[1])
    people = {who: _Person(application, who) for who in ("county", "township")}
    serve({"page": pages(people, lambda page: f"?page={page}", _two)})
