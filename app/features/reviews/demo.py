"""Ratings of the half-year that is over, star plates and indicators of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.org.queries import unit_by_code, units_below
from app.features.people.queries import post_facts, posts_at
from app.features.reviews.models import Indicator, StarPlate
from app.features.reviews.queries import ratings
from app.features.reviews.services import (
    Definition,
    define_indicator,
    enter_value,
    give_plate,
    rate,
    set_up_review,
    withdraw_plate,
)
from app.kit import access, clock, seed
from app.kit.db import db

FIRST_HALF, NOW = datetime(2026, 6, 15, 4, tzinfo=UTC), datetime(2026, 10, 20, 4, tzinfo=UTC)
BASIS = "5大类27项评分细则"
SAID = ("能到村里来办事，希望多讲政策。", "同一张表报了几次，请共用数据。", "回复快。", "检查多，请提前合并。", "")
PETITIONS = (("2023", 31, 40), ("2024", 26, 31), ("2025", 20, 26))
APPEALS = (("2026Q1", 212, 214), ("2026Q2", 240, 243), ("2026Q3", 198, 199))


def load_demo_reviews() -> None:
    """The form at the county, what the leaders of the town's grids said in the first half of 2026; two have not yet."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    county = town.parent if town is not None else None
    if town is None or county is None or ratings.review_form(county) is not None:
        return
    with _as("xianguan", FIRST_HALF):
        set_up_review(county)
    for place, post in enumerate(posts_at(town, Role.CHIEF_GRID_LEADER)[2:]):
        who = access.Actor(
            user_id=None, username=post.person.name[:64], person_id=post.person.id, posts=post_facts(post.person.id)
        )
        with clock.at(FIRST_HALF), access.acting_as(who):
            for step, department in enumerate(ratings.departments_above(post.unit)):
                rate(department, post.unit, _answers(place, step))


def _answers(place: int, step: int) -> dict[str, Any]:
    helps, burdens = ("guidance", "site", "answers", "funds", "training"), ("forms", "meetings", "checks", "traces")
    return {
        "stars": str(5 - (place * (step + 2) // 3 + step) % (2 + step % 3)),
        "helps": [helps[(place + step) % 5]],
        "burdens": [burdens[(place + 2 * step) % 4]],
        "words": SAID[(place + step) % 5],
    }


def load_demo_plates() -> None:
    """Stars of the town's villages for two years; one plate was taken down."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    if town is None or db.session.scalar(select(StarPlate.id).limit(1)):
        return
    with _as("xianguan", NOW):
        for place, village in enumerate(units_below(town, "village")):
            for year, stars in (("2025", 3 + place % 2), ("2026", 3 + place % 3)):
                if place % 7 != 6:
                    plate = give_plate(village, year, stars, BASIS, Decimal(76 + 5 * stars - place % 4))
            if place == 3:
                withdraw_plate(plate, "评星材料不实，经复核予以摘牌")


def load_demo_indicators() -> None:
    """Three indicators of the county: entered, counted from the registers, counted from the plates."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    county = town.parent if town is not None else None
    if county is None or db.session.scalar(select(Indicator.id).where(Indicator.unit_id == county.id).limit(1)):
        return
    with _as("xianguan", NOW):
        petitions = _define(county, "petitions", "涉村信访同比", "petition_change", "本年", "上年")
        appeals = _define(county, "appeals", "群众诉求办结率", "completion_rate", "已办结", "收到")
        source = {"kind": "register", "first": "certificates", "second": "villages"}
        _define(county, "certificates", "证明月均出具", "certificates_per_village", "当月出具证明", "村", source)
        _define(county, "model", "示范村占比", "status_share", "四星以上的村", "村数", {"kind": "plates", "stars": 4})
        for row, values in ((petitions, PETITIONS), (appeals, APPEALS)):
            for period, first, second in values:
                enter_value(row, county, period, Decimal(first), Decimal(second))


def _define(
    unit: Any, code: str, title: str, formula: str, first: str, second: str, source: dict[str, Any] | None = None
) -> Indicator:
    return define_indicator(unit, Definition(code, title, formula, first, second, source or {}))


@contextmanager
def _as(username: str, at: datetime) -> Iterator[None]:
    user = user_by_name(username)
    assert user is not None, username
    with clock.at(at), access.acting_as(access.actor_of_user(user.id)):
        yield


STEPS = [
    ("ratings of departments", load_demo_reviews),
    ("star plates", load_demo_plates),
    ("indicators", load_demo_indicators),
]
