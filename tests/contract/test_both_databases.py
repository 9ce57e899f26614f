"""The same facts give the same numbers and the same lists, on SQLite and on PostgreSQL, in whatever order rows were written.

The constants were computed once; `make test` compares them on SQLite, with QINGDAN_TEST_DATABASE=postgresql on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from factories.county43 import County, employ_staff, make_county
from sqlalchemy import JSON, String, func, select

from app.domain.rights import Role
from app.features.assessment.queries import round_results
from app.features.bonus.queries import lines_of as pay_lines
from app.features.bonus.services import run_batch
from app.features.org.models import OrgUnit
from app.features.org.queries import children_of
from app.features.org.services import add_unit
from app.features.people.models import Person
from app.features.people.queries import posts_at
from app.features.people.services import add_person, appoint
from app.features.ranking.queries import lines_of
from app.features.ranking.services import publish_ranking, run_ranking
from app.kit.db import Exact, db

SCORES = "060d42bd5f28f298"
RANKS = "9c8690ef7c15cffe"
AWARDS = "6fbccd9f5bb34e32"


def fingerprint(rows: list[Any]) -> str:
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


@pytest.fixture
def county(operator: Any) -> County:
    county = make_county()
    employ_staff(county)
    return county


def scores(county: County) -> list[Any]:
    results = sorted(round_results(county.round), key=lambda result: result.unit_code)
    return [(r.unit_code, r.status, r.earned, r.base, r.effective, r.final, sorted(r.aspects.items())) for r in results]


def ranks(run: Any) -> list[Any]:
    lines = [(line.village.code, line.rank, line.position, line.band, line.final) for line in lines_of(run)]
    return sorted(lines)


def awards(batch: Any) -> list[Any]:
    lines = [
        (line.unit.code, line.person.name, line.monthly_wage, line.multiplier, line.award) for line in pay_lines(batch)
    ]
    return sorted(lines)


def test_the_published_numbers_of_43_villages_are_these_on_either_database_c20(county: County) -> None:
    run = publish_ranking(run_ranking(county.round))
    batch = run_batch(run)
    found = (fingerprint(scores(county)), fingerprint(ranks(run)), fingerprint(awards(batch)))
    assert found == (SCORES, RANKS, AWARDS)


def test_lines_sum_to_their_total_to_the_last_place_c20(county: County) -> None:
    results = round_results(county.round)
    assert all(sum(result.aspects.values()) == result.earned for result in results)
    assert all(result.final == max(result.base - result.effective, Decimal(0)) for result in results)
    batch = run_batch(publish_ranking(run_ranking(county.round)))
    lines = pay_lines(batch)
    assert sum(line.award for line in lines) == Decimal(batch.summary["total_award"])
    assert all(sum(Decimal(part["award"]) for part in line.segments) == line.award for line in lines)
    table = db.metadata.tables["pay_line"]
    summed = db.session.scalar(select(func.sum(table.c.award)).where(table.c.batch_id == batch.id))
    assert Decimal(summed) in (Decimal(batch.summary["total_award"]), Decimal(batch.summary["total_award"]) * 100)


def test_no_amount_is_kept_as_a_float_c20(app: Any) -> None:
    from sqlalchemy import Float, Numeric

    kinds = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Float | Numeric) and not isinstance(column.type, Exact)
    }
    assert kinds == set()


def test_the_order_in_which_rows_were_written_does_not_matter_c20(
    operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.kit import seed

    read = seed.read

    def backwards(path: str) -> Any:
        data = read(path)
        if path.startswith("demo/scores_"):
            data = {**data, "villages": [_backwards(village) for village in reversed(data["villages"])]}
        return data

    monkeypatch.setattr(seed, "read", backwards)
    county = make_county()
    assert fingerprint(scores(county)) == SCORES
    assert fingerprint(ranks(publish_ranking(run_ranking(county.round)))) == RANKS


def _backwards(village: dict[str, Any]) -> dict[str, Any]:
    return {**village, "scores": dict(reversed(village["scores"].items()))}


# -- order, case, empty text -----------------------------------------------------------------------

CODES = ("b1", "B1", "a-2", "a1", "A10", "Z", "中1", "10", "9")
NAMES = ("张三", "李四", "阿木", "Ōta", "zhao", "Zhang", "王五", "䶮生")
BY_CODE = sorted(CODES)
BY_NAME = sorted(NAMES)


def make_lists() -> Any:
    """A township whose villages and workers sort differently in every language."""
    county = add_unit("county", "K", "次序县")
    township = add_unit("township", "KT", "次序镇", county)
    for code in CODES:
        add_unit("village", f"KT{code}", f"{code}村", township)
    village = db.session.scalars(select(OrgUnit).where(OrgUnit.code == "KTZ")).one()
    grid = add_unit("sub_grid", "KTZ-G1-01", "第一子网格", add_unit("total_grid", "KTZ-G1", "总网格", village))
    for name in NAMES:
        appoint(add_person(grid, name), Role.GRID_WORKER, grid)
    return township


def lists(township: Any) -> tuple[list[str], list[str]]:
    codes = [unit.code.removeprefix("KT") for unit in children_of(township)]
    return codes, [post.person.name for post in posts_at(township, Role.GRID_WORKER)]


def test_lists_stand_in_the_same_order_f19(operator: Any) -> None:
    assert lists(make_lists()) == (BY_CODE, BY_NAME)


def test_two_codes_that_differ_in_case_are_two_f19(operator: Any) -> None:
    make_lists()
    for code in ("KTb1", "KTB1"):
        assert db.session.scalars(select(OrgUnit).where(OrgUnit.code == code)).one().name == f"{code[2:]}村"


def test_a_name_is_found_by_any_part_of_it_in_either_case_f19(operator: Any) -> None:
    make_lists()
    found = {
        typed: set(db.session.scalars(select(Person.name).where(Person.name.icontains(typed, autoescape=True))))
        for typed in ("ZH", "zh", "三", "%", "_")
    }
    assert found == {"ZH": {"zhao", "Zhang"}, "zh": {"zhao", "Zhang"}, "三": {"张三"}, "%": set(), "_": set()}


def test_nothing_entered_is_kept_as_nothing_and_not_as_an_empty_text_f19(county: County) -> None:
    """'' and NULL are one in some databases and two in others; ours holds no text that says nothing."""
    run_batch(publish_ranking(run_ranking(county.round)))
    empty = []
    for table in db.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String) and not isinstance(column.type, JSON):
                count = db.session.scalar(select(func.count()).select_from(table).where(column == ""))
                empty += [f"{table.name}.{column.name}"] if count else []
    assert [name for name in empty if not name.startswith("ab_")] == []
