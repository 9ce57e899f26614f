"""A small county for tests.

county C with townships C1 and C2; each has villages C1A, C1B … with one total grid (-G1) and two sub-grids (-G1-01, -02).
In township C1, village C1A, there is one person with an account for each role; user names are the role codes.
The same roles exist in C2A with the suffix `_2`, so that a stranger is at hand; `county_administrator_b` is the second
person where two are needed. Every password is PASSWORD.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.rights import POST_LEVELS, Role
from app.features.accounts.models import PortalUser
from app.features.accounts.services import add_account
from app.features.org.models import OrgUnit
from app.features.org.services import add_unit
from app.features.people.models import Post
from app.features.people.services import add_person, appoint
from app.kit.db import db

PASSWORD = "Shuimian-2026-abc"


@dataclass
class World:
    units: dict[str, Any] = field(default_factory=dict)
    persons: dict[str, Any] = field(default_factory=dict)
    posts: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)


def make_world() -> World:
    world = World()
    county = world.units["C"] = add_unit("county", "C", "试验县")
    for t, township_name in (("C1", "甲镇"), ("C2", "乙镇")):
        township = world.units[t] = add_unit("township", t, township_name, county)
        for v in "AB":
            _village(world, township, f"{t}{v}", f"{township_name[0]}{'东西'['AB'.index(v)]}村")
    for role in Role:
        _account(world, role, "C1", "")
        if POST_LEVELS[role][0] not in ("county", "prefecture"):
            _account(world, role, "C2", "_2")
    _account(world, Role.COUNTY_ADMINISTRATOR, "C1", "_b")
    return world


def known_world() -> World:
    """The world as it stands in the database of the tests."""
    users = {
        user.username: user for user in db.session.scalars(select(PortalUser).where(PortalUser.person_id.is_not(None)))
    }
    posts = {
        post.person_id: post
        for post in db.session.scalars(select(Post).options(joinedload(Post.person), joinedload(Post.unit)))
    }
    return World(
        units={unit.code: unit for unit in db.session.scalars(select(OrgUnit))},
        persons={name: user.person for name, user in users.items()},
        posts={name: posts[user.person_id] for name, user in users.items()},
        users=users,
    )


def _village(world: World, township: Any, code: str, name: str) -> None:
    village = world.units[code] = add_unit("village", code, name, township, aliases=[f"{name}村委会"])
    grid = world.units[f"{code}-G1"] = add_unit("total_grid", f"{code}-G1", f"{name}总网格", village)
    for n, label in ((1, "第一子网格"), (2, "第二子网格")):
        world.units[f"{code}-G1-0{n}"] = add_unit("sub_grid", f"{code}-G1-0{n}", label, grid, sort_order=n)


def _account(world: World, role: Role, township: str, suffix: str) -> None:
    levels = {
        "county": "C",
        "township": township,
        "village": f"{township}A",
        "total_grid": f"{township}A-G1",
        "sub_grid": f"{township}A-G1-01",
    }
    unit = world.units[levels[POST_LEVELS[role][0]]]
    username = role.value + suffix
    person = world.persons[username] = add_person(unit, f"试{len(world.persons) + 1:02d}", phone="10000000001")
    world.posts[username] = appoint(person, role, unit, from_on=date(2025, 1, 1))
    world.users[username] = add_account(username, PASSWORD, person, must_change=False)
