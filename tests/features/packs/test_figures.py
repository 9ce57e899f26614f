"""Every figure the twelve systems and the notice print of their lists, read back from what was loaded.

EXPECTED repeats the printed figures, so that a slip in a pack is found; the portal's own figures are read from the database.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from factories.rule_samples import village_scheme

from app.domain.packs import Difference
from app.domain.packs.figures import agrees
from app.domain.scoring import Calc, Fact, Item, item_points
from app.features.checklists.services import load_lists
from app.features.packs import queries, services
from app.features.packs.files import shipped
from app.features.procedures.services import load_procedures

EXPECTED = """
NH-01 36 19 17 3 33 | NH-03 5 | NH-04 28 11 24 | NH-05 45 | NH-06 6 | NH-07 5 | NH-09 10000 | NH-14 2021—2023 | NH-16 15 200000 | NH-17 30
NH-18 20 56 | NH-20 10 1000 | NH-22 18800 1596 5005 2195 216 | NH-23 600 600000
HC-05 6 | HC-06 38 24 61 55 11 10 27 21 8 7 20 2 165 119 | HC-07 27.88 | HC-08 27 | HC-09 25 6 | HC-10 6 | HC-19 5 | HC-23 75 43
HC-24 57 38.7 19.5 | HC-25 710 | HC-26 43 | HC-27 301 130 40000000 | HC-28 45
JY-01 88 | JY-02 48 | JY-03 30 | JY-04 8 | JY-05 5 | JY-18 -59.4
CD-03 16 | CD-04 38 | CD-05 25 21 | CD-06 510 1.5 8 | CD-07 5 14 | CD-08 6 30 | CD-09 13 | CD-18 5 5996 437 249 89000 1556
CD-19 99.5 | CD-20 283 3343 186160000 10930000 | CD-22 47 361 3393 | CD-23 51 46 32 34 613 63 79 473 | CD-24 354 26
LY-01 28 10 3 15 18 | LY-02 32 | LY-04 4 | LY-08 4 | LY-09 4 | LY-10 7 | LY-11 4520 2948 1100000 | LY-13 335200 | LY-15 3806 3801 99.87 1735
LY-16 504 | LY-17 6 | LY-18 9000000 504 10000 | LY-21 51 198 -74.24 | LY-22 3 11
JS-01 139 7 | JS-02 69 | JS-03 6 | JS-04 5 | JS-05 74.2 65 | JS-06 44.3 | JS-07 88.1 | JS-08 42 | JS-11 25 46 5800000 13 40000000 9
JS-14 80000000 85 76 51 | JS-16 99.99 108000
ST-01 5 | ST-02 57 10 17 | ST-08 50 8 | ST-10 47 8 76 13 19 | ST-13 231 252 404 | ST-14 6 36 | ST-16 1086 | ST-17 3 | ST-18 5
YU-02 23 27 7 | YU-03 23 | YU-04 27 | YU-07 7 | YU-08 18 25 | YU-10 35 7 | YU-15 340 50 | YU-19 4 7 20
LJ-01 13 57 10 | LJ-02 62 4 | LJ-04 1 | LJ-05 7 2 | LJ-06 5000 0.50 | LJ-07 3、4 | LJ-08 23 44 89 4 1 3 | LJ-09 6 30000 | LJ-11 5 500
LJ-12 108 51 35 16 | LJ-13 6400 76 | LJ-14 5 50 | LJ-15 3 | LJ-16 3429
CJ-01 14 89 | CJ-02 14 23 | CJ-03 416 | CJ-05 21 | CJ-07 3 | CJ-12 6
PY-02 10 16 | PY-03 7 10 9 | PY-04 7 52 | PY-06 555 | PY-10 5 27 | PY-12 5
YB-07 6 | YB-09 4 | YB-12 3 | YB-27 200 30 0.60 | YB-37 4 | YB-41 20
MN-01 4 | MN-02 8 | MN-03 2 | MN-05 5 | MN-08 3 | MN-09 3 | CD-01 4 | CD-02 3 | CD-13 3 | CD-16 4 | JY-06 6 | ST-03 3 | ST-05 3
ST-11 2019-09、2021-01 | ST-12 3 | YU-11 5 | LJ-17 4 | PY-01 4 | YB-02 9 | YB-05 4
"""
PRINTED = {words[0]: words[1:] for entry in EXPECTED.replace("\n", "|").split("|") if (words := entry.split())}
_held: dict[str, list[queries.Figure]] = {}


def held_of(code: str, world: Any) -> list[queries.Figure]:
    """The figures of one pack, loaded once for all tests of this file and rolled back with the first of them."""
    if code not in _held:
        county = queries.owner(None)
        if code == "CJ":  # every installation has its lists and procedures from the start
            load_lists()
            load_procedures()
        services.load_pack(shipped()[code], county)
        assert {one.difference for one in queries.standing_at(county, shipped()[code])} == {Difference.SAME}
        _held[code] = queries.figures(county, shipped()[code])
    return _held[code]


@pytest.mark.parametrize("capability", sorted(PRINTED))
def test_the_figures_a_source_prints_are_held(world: Any, capability: str) -> None:
    figures = [one for one in held_of(capability[:2], world) if one.capability == capability]
    assert [one for one in figures if not one.agrees] == []
    assert [figure for figure in PRINTED[capability] if not any(agrees(figure, one.stated) for one in figures)] == []


def test_every_figure_of_a_pack_is_among_the_printed_ones() -> None:
    facts = {capability for pack in shipped().values() for capability in pack.facts or {}}
    assert facts == set(PRINTED)


def test_the_assessment_list_of_caojing_has_four_aspects_cj_15() -> None:
    names = [aspect.name for aspect in village_scheme().aspects]
    assert names == ["网格日常运行", "党内组织生活", "收集反馈民情", "参与社会治理和联系服务群众"]


def test_service_work_is_scored_by_the_items_of_the_pack_js_13() -> None:
    (listed,) = [one for one in shipped()["JS"].lists if one["code"] == "JS-L5"]
    ratings, limits = (one["facets"] for one in listed["items"])
    full, fault = Decimal(ratings["full_score"]), Decimal("0.5")
    good = Item("S1", "S", "好评率", full, Calc.RATIO, expected=Decimal(1000))
    kept = Item("S2", "S", "按时办结", Decimal(limits["full_score"]), Calc.PER_FAULT, unit=fault)
    assert item_points(good, Fact(actual=Decimal(997))) == Decimal("4.99")
    assert item_points(kept, Fact(faults=Decimal(3))) == Decimal("3.50")
