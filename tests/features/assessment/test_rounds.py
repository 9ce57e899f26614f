"""From a scheme to a published round, by services."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.errors import RuleBroken
from app.features.assessment import queries, services
from app.features.assessment.services import CellInput
from app.features.org.services import add_unit
from app.kit import access
from app.kit.db import db

FULL = {
    "A1": "4",
    "A2": "12/12",
    "A3": "24/24",
    "A4": "95/100",
    "A5": "-0",
    "A6": "40/40",
    "A7": "+2",
    "B1": "12/12",
    "B2": "80/100",
    "B3": "4/4",
    "B4": "3/3",
    "B5": "-0",
    "B6": "2/2",
    "C1": "24/24",
    "C2": "9/9",
    "C3": "98/100",
    "C4": "96%",
    "C5": "24/24",
    "D1": "98/100",
    "D2": "5/5",
    "D3": "A,A",
    "D4": "80/100",
    "D5": "30/30",
    "D6": "95%",
}


def acting(username):
    from app.features.accounts.queries import user_by_name

    return access.acting_as(access.actor_of_user(user_by_name(username).id))


def fill(round_, unit, texts=FULL):
    return services.save_scores(round_, [CellInput(unit.id, item, text) for item, text in texts.items()])


def code_of(refused):
    return refused.value.problems[0].code


def test_the_pack_gives_two_schemes_once(world, schemes):
    from app.features.assessment.reference import load_schemes

    assert set(schemes) == {"CJ-VILLAGE-DEMO", "CJ-SUBGRID-DEMO"}
    assert load_schemes() == 0
    village = queries.to_domain(schemes["CJ-VILLAGE-DEMO"])
    assert len(village.items) == 24
    assert [int(aspect.max) for aspect in village.aspects] == [30, 25, 20, 25]
    assert len(village.deductions) == 10
    assert len(queries.to_domain(schemes["CJ-SUBGRID-DEMO"]).items) == 10


def test_a_full_sheet_scores_one_hundred(world, round_):
    sheet = fill(round_, world.units["C1A"])[0]
    assert (sheet.status, sheet.earned, sheet.base, sheet.final) == ("scored", 100, 100, 100)
    assert sheet.aspects["A"] == {"earned": "30.00", "applicable": "30.00"}


def test_caps_are_kept_apart(world, round_):
    unit = world.units["C1A"]
    sheet = fill(round_, unit)[0]
    for item, count, level in (
        ("X3", 4, None),
        ("X4", 3, None),
        ("X5", 1, "county"),
        ("X5", 1, "city"),
        ("X8", 1, None),
        ("X6", 1, None),
        ("X2", 1, None),
    ):
        services.record_deduction(sheet, item, count=count, level=level, note="测试")
    assert (sheet.raw, sheet.item_capped, sheet.effective, sheet.final) == tuple(
        map(Decimal, ("27.5", "24.5", "20", "80"))
    )


def test_a_round_goes_from_open_to_published_by_two_persons(world, round_):
    with acting("evaluator"):
        fill(round_, world.units["C1A"])
        fill(round_, world.units["C1B"], FULL | {"B4": "/"})
        services.check_round(round_)
    with acting("evaluator"), pytest.raises(access.NotAllowed):
        services.publish_round(round_)
    with acting("township_head"):
        snapshot = services.publish_round(round_)
    assert round_.is_published and snapshot.number == 1
    results = {r.unit_code: r for r in queries.round_results(round_)}
    assert results["C1B"].applicable == 97 and results["C1B"].final == 100
    assert queries.aspect_medians(round_)["B"] == Decimal("23.50")


def test_who_scored_does_not_publish(world, round_, monkeypatch):
    with acting("evaluator"):
        fill(round_, world.units["C1A"])
        fill(round_, world.units["C1B"])
        services.check_round(round_)
    round_.checked_by = "township_head"
    db.session.flush()
    with acting("township_head"), pytest.raises(RuleBroken) as refused:
        services.publish_round(round_)
    assert code_of(refused) == "assessment.two_persons"


def test_checking_lists_what_is_missing_by_village(world, round_):
    fill(round_, world.units["C1A"], {"A1": "4", "A2": "5"})
    with pytest.raises(RuleBroken) as refused:
        services.check_round(round_)
    assert len(refused.value.problems) == 22
    assert refused.value.problems[0].where == "C1A/A3"
    assert [sheet.unit.code for sheet in queries.unscored(round_)] == ["C1B"]


def test_a_published_snapshot_stays_while_a_correction_is_made(world, round_):
    fill(round_, world.units["C1A"])
    fill(round_, world.units["C1B"])
    services.check_round(round_)
    first = services.publish_round(round_)
    frozen, digest = dict(first.payload), first.digest
    services.correct_round(round_, "复核后更正")
    services.save_scores(round_, [CellInput(world.units["C1A"].id, "A1", "3")])
    assert {r.unit_code: r.final for r in queries.round_results(round_)}["C1A"] == 100
    services.check_round(round_)
    second = services.publish_round(round_)
    assert (second.number, first.digest, first.payload) == (2, digest, frozen)
    assert {r.unit_code: r.final for r in queries.round_results(round_)}["C1A"] == 99
    assert services.recomputed(first) and services.recomputed(second)


def test_an_excluded_village_is_shown_without_counting(world, round_):
    fill(round_, world.units["C1A"])
    sheet = next(s for s in queries.sheets_of(round_) if s.unit.code == "C1B")
    with pytest.raises(RuleBroken) as refused:
        services.exclude_village(sheet, " ")
    assert code_of(refused) == "reason_required"
    services.exclude_village(sheet, "年内新设")
    services.check_round(round_)
    assert {r.unit_code: r.status for r in queries.round_results(round_)} == {"C1A": "scored", "C1B": "excluded"}


def test_expected_figures_follow_the_months_of_the_round(world, schemes):
    half = services.open_round("H1", schemes["CJ-VILLAGE-DEMO"], "2026H1", world.units["C1"])
    sheet = services.save_scores(
        half, [CellInput(world.units["C1A"].id, "A2", "6/"), CellInput(world.units["C1A"].id, "A3", "6/")]
    )[0]
    from app.features.assessment.queries.rounds import filled

    scores = filled([sheet])[sheet.id].scores
    assert (scores["A2"].fact, scores["A2"].points) == ({"actual": "6", "expected": "6"}, 5)
    assert (scores["A3"].fact, scores["A3"].points) == ({"actual": "6", "expected": "12"}, 2)


def test_a_scheme_that_does_not_add_up_is_refused_and_nothing_is_stored(world, schemes):
    data = {
        "name_zh": "坏方案",
        "aspects": [{"code": "A", "name": "甲", "max": 100}],
        "total_cap": "20",
        "deductions": [],
        "items": [{"code": "A1", "aspect": "A", "name": "甲一", "max": 99}],
    }
    with pytest.raises(RuleBroken) as refused:
        services.load_scheme(data, world.units["C"])
    assert {p.code for p in refused.value.problems} == {"scoring.aspect_sum", "scoring.full_sum"}
    assert all(s.name != "坏方案" for s in queries.schemes_at(world.units["C"]))


def test_a_scheme_without_calc_kinds_is_entered_by_hand_and_asks_for_reasons(world):
    data = {
        "name_zh": "县自定方案",
        "aspects": [{"code": "A", "name": "甲", "max": 100}],
        "total_cap": "20",
        "deductions": [],
        "items": [
            {"code": "A1", "aspect": "A", "name": "甲一", "max": 60, "unit": "党建办"},
            {"code": "A2", "aspect": "A", "name": "甲二", "max": 40},
        ],
    }
    scheme = services.load_scheme(data, world.units["C"])
    round_ = services.open_round("M", scheme, "2026", world.units["C1"], [world.units["C1A"]])
    unit = world.units["C1A"].id
    services.save_scores(round_, [CellInput(unit, "A1", "50"), CellInput(unit, "A2", "40")])
    with pytest.raises(RuleBroken) as refused:
        services.check_round(round_)
    assert [(p.code, p.where) for p in refused.value.problems] == [("assessment.reason_missing", "C1A/A1")]
    services.save_scores(round_, [CellInput(unit, "A1", "50", reason="两次例会未开")])
    assert services.check_round(round_).state == "checked"


def test_nobody_scores_a_village_where_he_holds_a_post(world, round_):
    from app.domain.rights import Role
    from app.features.people.services import appoint

    appoint(world.persons["evaluator"], Role.GRID_WORKER, world.units["C1A-G1-01"])
    with acting("evaluator"), pytest.raises(RuleBroken) as refused:
        fill(round_, world.units["C1A"])
    assert code_of(refused) == "assessment.own_village"
    with acting("evaluator"):
        fill(round_, world.units["C1B"])


def test_the_committee_records_its_own_items_and_nothing_else(world, round_):
    sheet = next(s for s in queries.sheets_of(round_) if s.unit.code == "C1A")
    with acting("village_supervision_committee"):
        services.record_deduction(sheet, "X9", note="决议结果未公开")
        with pytest.raises(RuleBroken) as refused:
            services.record_deduction(sheet, "X3", note="虚报")
        with pytest.raises(access.NotAllowed):
            fill(round_, world.units["C1A"])
    assert code_of(refused) == "assessment.not_your_item"
    assert sheet.raw == 1


def test_a_waived_deduction_stays_on_record_and_counts_nothing(world, round_):
    sheet = fill(round_, world.units["C1A"])[0]
    entry = services.record_deduction(sheet, "X6", note="投诉属实")
    assert sheet.final == 99
    with acting("township_head"):
        services.waive_deduction(entry, "容错免责")
    assert (sheet.final, entry.is_waived, entry.waived_by) == (100, True, "township_head")
    assert queries.current_slip(sheet)["deduction_lines"][0]["occurrences"][0]["waive_reason"] == "容错免责"


def test_the_printed_lines_sum_to_the_totals(world, round_):
    sheet = fill(round_, world.units["C1A"], FULL | {"A1": "3.37", "B4": "/", "A2": "11/12"})[0]
    services.record_deduction(sheet, "X2", count=8, note="超期")
    slip = queries.current_slip(sheet)
    earned = sum(Decimal(line["points"]) for line in slip["lines"] if line["points"])
    assert str(earned) == slip["result"]["earned"]
    assert sum(Decimal(d["counted"]) for d in slip["deduction_lines"]) == Decimal(slip["result"]["item_capped"]) == 3
    assert slip["deduction_lines"][0]["raw"] == "4.00"
    assert next(line for line in slip["lines"] if line["code"] == "A2")["formula"].startswith("5 × 11 ÷ 12")


def test_reading_does_not_grow_with_the_villages_saved(world, schemes, statements):
    villages = [add_unit("village", f"C1-{n:02}", f"村{n:02}", world.units["C1"]) for n in range(41)]
    round_ = services.open_round("BIG", schemes["CJ-VILLAGE-DEMO"], "2026", world.units["C1"], villages)
    cells = [CellInput(v.id, item, "1") for v in villages for item in FULL]
    with statements() as seen:
        services.save_scores(round_, cells)
    assert len([sql for sql in seen if sql.startswith("SELECT")]) < 20


def test_nobody_scores_a_village_where_he_is_employed_or_waives_there_c16(world, round_):
    from app.features.people.services import employ

    sheet = next(s for s in queries.sheets_of(round_) if s.unit.code == "C1A")
    entry = services.record_deduction(sheet, "X6", note="投诉属实")
    employ(world.persons["evaluator"], world.units["C1A"], title="会计")
    employ(world.persons["township_head"], world.units["C1A"], title="顾问")
    with acting("evaluator"), pytest.raises(RuleBroken) as refused:
        fill(round_, world.units["C1A"])
    assert refused.value.problems[0].params["post"] == "甲东村 会计"
    with acting("township_head"), pytest.raises(RuleBroken) as refused:
        services.waive_deduction(entry, "容错")
    assert code_of(refused) == "assessment.own_village"


def test_whoever_stands_in_for_the_one_who_scored_may_not_publish_c16(world, round_):
    from app.features.people.services import substitute
    from app.kit import clock

    with acting("evaluator"):
        for unit in ("C1A", "C1B"):
            fill(round_, world.units[unit])
        services.check_round(round_)
    today = clock.today()
    substitute(world.posts["evaluator"], world.persons["county_administrator"], today, today, reason="病假")
    with acting("county_administrator"), pytest.raises(RuleBroken) as refused:
        services.publish_round(round_)
    assert code_of(refused) == "assessment.two_persons"
    with acting("township_head"):
        services.publish_round(round_)


def test_scores_entered_in_the_stead_of_another_show_both_names(world, round_):
    from app.features.assessment.queries import people_of
    from app.features.people.services import substitute
    from app.kit import clock

    today = clock.today()
    substitute(world.posts["evaluator"], world.persons["volunteer_2"], today, today, reason="病假")
    with acting("volunteer_2"):
        fill(round_, world.units["C1B"])
    name, other = world.persons["volunteer_2"].name, world.persons["evaluator"].name
    assert people_of(round_)[f"volunteer_2|{world.persons['evaluator'].id}"] in (
        f"{name}（代{other}）",
        f"{name} (for {other})",
    )
