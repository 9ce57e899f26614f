"""A county of the size we speak of: Qingdan's database with units, posts and accounts, by its own schema."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from app.domain.rights import Role

PASSWORD = "Shuimian-2026-abc"
TOWNSHIPS = 20
LEVELS = ("prefecture", "county", "township", "village", "total_grid", "sub_grid")
STAMP = "2026-01-01 00:00:00"
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴", "伟芳娜敏静丽强磊军洋"


def make_app(database: Path) -> Any:
    """The portal on this file, as in production but for the host and the key; the schema is brought up to date."""
    from flask_migrate import upgrade

    from app import create_app
    from app.cli import sync

    settings = {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{database}",
        "INSTANCE_DIR": database.parent,
        "TESTING": False,
        "WTF_CSRF_ENABLED": True,
        "DEMO": False,
        "SECOND_FACTOR": "off",
    }
    app = create_app(settings)
    if not database.exists():
        with app.app_context():
            upgrade()
            sync()
    return app


def fill(app: Any, villages: int, sub_grids: int, posts: int) -> None:
    """A county with so many villages and sub-grids in 20 townships, and so many posts.

    The accounts are `county` (its administrator), `township` (the head of the first), `clerk`, and `leader` of one sub-grid.
    """
    from app.kit import access
    from app.kit.db import db

    with app.app_context(), access.acting_as(access.OPERATOR):
        with db.engine.begin() as connection:
            raw = connection.connection.driver_connection
            insert(raw, "org_unit", _units(villages, sub_grids))
            grids = raw.execute("SELECT * FROM org_unit WHERE level = 'sub_grid' ORDER BY id").fetchall()
            names = [column[0] for column in raw.execute("SELECT * FROM org_unit LIMIT 0").description]
            places = [dict(zip(names, grid, strict=True)) for grid in grids]
            insert(raw, "person", _persons(places, posts))
            insert(raw, "post", _posts(places, posts))
            raw.execute("ANALYZE")
        _add_accounts()


def insert(raw: Any, table: str, rows: Iterator[dict[str, Any]]) -> None:
    """Rows into one of our tables, without a service."""
    first = next(rows, None)
    if first is None:
        return
    columns = ", ".join(first)
    marks = ", ".join(f":{name}" for name in first)
    raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", itertools.chain([first], rows))


def _units(villages: int, sub_grids: int) -> Iterator[dict[str, Any]]:
    numbers = itertools.count(1)

    def unit(level: str, code: str, name: str, parent: dict[str, Any] | None, order: int) -> dict[str, Any]:
        made = {f"{one}_id": parent[f"{one}_id"] if parent else None for one in LEVELS}
        key = next(numbers)
        made |= {f"{level}_id": key, "id": key, "parent_id": parent["id"] if parent else None, "level": level}
        return made | {
            "code": code, "name": name, "aliases": "[]", "sort_order": order, "created_at": STAMP, "updated_at": STAMP
        }  # fmt: skip

    county = unit("county", "B", "试验县", None, 0)
    yield county
    made, share = [], -(-sub_grids // villages)
    townships = [unit("township", f"B{t:02d}", f"{t}号镇", county, t) for t in range(min(TOWNSHIPS, villages))]
    yield from townships
    for v in range(villages):
        town = townships[v % len(townships)]
        village = unit("village", f"{town['code']}V{v:04d}", f"{v}号村", town, v)
        grid = unit("total_grid", f"{village['code']}G", f"{v}号村总网格", village, 0)
        yield from (village, grid)
        for s in range(min(share, sub_grids - len(made))):
            made.append(1)
            yield unit("sub_grid", f"{grid['code']}{s:03d}", f"第{s + 1}网格", grid, s)


def _name(n: int) -> str:
    return SURNAMES[n % 10] + GIVEN[n // 10 % 10] + GIVEN[n // 100 % 10]


def hung_on(place: dict[str, Any]) -> dict[str, Any]:
    """The columns of a row that hangs on a unit: the unit, the ancestors, the stamps."""
    above = {f"{level}_id": place[f"{level}_id"] for level in LEVELS}
    return {"unit_id": place["id"], "created_at": STAMP, "updated_at": STAMP, **above}


def _persons(places: list[dict[str, Any]], posts: int) -> Iterator[dict[str, Any]]:
    for n in range(posts):
        yield {
            "id": n + 1, "name": _name(n), "gender": "男女"[n % 2], "phone": f"139{n:08d}",
            **hung_on(places[n % len(places)]),
        }  # fmt: skip


def _posts(places: list[dict[str, Any]], posts: int) -> Iterator[dict[str, Any]]:
    for n in range(posts):
        role = Role.SUB_GRID_LEADER if n < len(places) else Role.GRID_WORKER
        yield {
            "id": n + 1, "person_id": n + 1, "role": role.value, "from_on": f"2025-{n % 12 + 1:02d}-01", "covers": "[]",
            "is_certified": n % 2, **hung_on(places[n % len(places)]),
        }  # fmt: skip


def _add_accounts() -> None:
    from app.features.accounts.services import add_account
    from app.features.org.queries import unit_by_code
    from app.features.people.models import Person
    from app.features.people.services import add_person, appoint
    from app.kit.db import db

    leader = db.session.get(Person, 1)  # the holder of the first post, if there are any
    for username, code, role in (
        ("county", "B", Role.COUNTY_ADMINISTRATOR),
        ("township", "B00", Role.TOWNSHIP_HEAD),
        ("clerk", "B", Role.COUNTY_CLERK),
    ):
        unit = unit_by_code(code)
        person = add_person(unit, username)
        appoint(person, role, unit, from_on=date(2025, 1, 1))
        add_account(username, PASSWORD, person, must_change=False)
    if leader is not None:
        add_account("leader", PASSWORD, leader, must_change=False)
