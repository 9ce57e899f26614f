"""The registers of every pack take plain entries and reckon what is reckoned; named by the capabilities they show."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.formspec import Checker, FieldType, FormSpec, parse_spec
from app.domain.rights import DEFAULT_RIGHTS, Resource, Verb
from app.features.forms.services import load_form
from app.features.forms.services.entries import Entry
from app.features.forms.services.records import save_records
from app.features.packs import queries
from app.features.packs.files import shipped

FORMS = {str(data["code"]): data for pack in shipped().values() for data in pack.forms}
DAY = date(2026, 9, 1)  # before every day of a plain entry
PLAIN: dict[FieldType, Any] = {
    FieldType.TEXT: "修路",
    FieldType.LONG_TEXT: "按规定办理。",
    FieldType.BOOLEAN: True,
    FieldType.MONTH: "2026-10",
    FieldType.UNIT_REF: 1,
    FieldType.PERSON_REF: 1,
    FieldType.LIST_ITEM: 1,
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "yu_signboards": {"dedicated": False},
    "js_optimised": {"at_once": False},
    "py_spot_check": {"at_once": False},
    "nh_service_case": {"mode": "limited"},
}


def spec_of(code: str) -> FormSpec:
    data = FORMS[code]
    return parse_spec({"code": code, "title": data["title"], **data["spec"]})


def plain(fields: Any) -> dict[str, Any]:
    """An answer to each question, days in the order in which they are asked."""
    answers: dict[str, Any] = {}
    for number, field in enumerate(fields):
        if field.computed or field.type in (FieldType.HEADING, FieldType.ATTACHMENT):
            continue
        if field.type is FieldType.DATE:
            answers[field.code] = date(2026, 10, 1) + timedelta(days=number)
        elif field.type in (FieldType.CHOICE, FieldType.CHOICES):
            chosen = field.choices[0].code
            answers[field.code] = chosen if field.type is FieldType.CHOICE else (chosen,)
        elif field.type is FieldType.ROWS:
            answers[field.code] = [plain(field.columns), plain(field.columns)]
        else:
            answers[field.code] = PLAIN.get(field.type, "10")
    return answers


def reckoned(code: str, **answers: Any) -> tuple[dict[str, Any], set[str]]:
    """The clean answers, and where something is wrong."""
    clean, problems = Checker(spec_of(code)).check({**plain(spec_of(code).fields()), **answers})
    return clean, {problem.where for problem in problems}


def named(code: str) -> str:
    return " ".join([code, *FORMS[code].get("shows", ())])


@pytest.mark.parametrize("code", FORMS, ids=named)
def test_a_register_takes_a_plain_entry_and_reckons_it(code: str) -> None:
    spec = spec_of(code)
    wanted = {field.code for field in spec.fields() if not field.condition}
    clean, wrong = reckoned(code, **UNUSUAL.get(code, {}))
    assert wrong == set()
    assert [name for name in wanted if clean[name] is None] == []
    assert all((role, Resource.RECORDS, Verb.SUBMIT) in DEFAULT_RIGHTS for role in FORMS[code].get("fill_roles", ()))
    assert FORMS[code]["keeper_level"] in ("county", "township", "village", "total_grid", "sub_grid")


@pytest.mark.parametrize(
    ("area", "households", "activity", "per_hundred", "share", "met", "warned"),
    [
        ("200", "600", "120", "33.33", "60.00", 3, set()),
        ("199.99", "666", "120", "30.03", "60.00", 2, {"area"}),
        ("200", "667", "119.99", "29.99", "60.00", 2, {"area"}),
        ("300", "200", "179", "150.00", "59.67", 2, {"activity_area"}),
    ],
)
def test_the_three_facility_standards_are_reckoned_yb_27(
    area: str, households: str, activity: str, per_hundred: str, share: str, met: int, warned: set[str]
) -> None:
    clean, wrong = reckoned("yb_facility", area=area, households=households, activity_area=activity)
    assert wrong == set()
    assert (clean["per_hundred"], clean["activity_share"]) == (Decimal(per_hundred), Decimal(share))
    assert clean["met"] == met
    assert {problem.where for problem in Checker(spec_of("yb_facility")).warnings(clean)} == warned


def test_an_integrity_deposit_is_never_withheld_beyond_what_was_paid_nh_23() -> None:
    assert reckoned("nh_integrity_deposit", deposit="1000", withheld="200", times="1")[0]["left"] == Decimal("800.00")
    assert "withheld" in reckoned("nh_integrity_deposit", deposit="1000", withheld="1000.01")[1]


def test_a_reconciliation_adds_up_its_lines_and_asks_why_they_differ_nh_20() -> None:
    lines = [{"matter": "甲", "planned": "100", "checked": "90"}, {"matter": "乙", "planned": "50", "checked": "50"}]
    clean, wrong = reckoned("nh_reconciliation", lines=lines, explained=None)
    assert (clean["difference"], wrong) == (Decimal("-10.00"), {"explained"})


def test_the_month_is_published_with_its_balance_cd_21() -> None:
    income, spent = [{"item": "租金", "amount": "12000.50"}], [{"item": "修路", "amount": "2000.25"}]
    assert reckoned("cd_monthly_accounts", income=income, expenditure=spent)[0]["balance"] == Decimal("10000.25")


def test_certificates_of_a_month_are_added_up_by_type_cd_06() -> None:
    lines = [{"type": 1, "issued": "2"}, {"type": 2, "issued": "3"}]
    assert reckoned("cd_certificates", lines=lines)[0]["total"] == 5


def test_an_item_made_simpler_shows_its_three_rates_js_05_js_06_js_07() -> None:
    counts = {"materials_before": 10, "materials_now": 2, "steps_before": 9, "steps_now": 5, "days_before": 30}
    clean, wrong = reckoned("js_optimised", **counts, days_now=3, at_once=False)
    assert wrong == set()
    assert [str(clean[name]) for name in ("material_rate", "step_rate", "time_rate")] == ["80.00", "44.44", "90.00"]


@pytest.mark.parametrize(
    ("code", "answers", "wrong"),
    [
        pytest.param("nh_accountability", {"subject": "department", "department": None}, {"department"}, id="HC-04"),
        pytest.param("nh_accountability", {"subject": "cadre", "person": None}, {"person"}, id="NH-13 LY-20 ST-07"),
        pytest.param("nh_service_case", {"mode": "once"}, {"done_on"}, id="NH-27"),
        pytest.param("nh_service_case", {"mode": "limited", "answered_on": DAY}, {"answered_on"}, id="NH-27 answered"),
        pytest.param("hc_questions", {"due_on": DAY}, {"due_on"}, id="HC-20 JY-13"),
        pytest.param("js_optimised", {"at_once": True, "days_now": "1"}, {"days_now"}, id="JS-08"),
        pytest.param("js_data", {"incidents": "1", "incident": None}, {"incident"}, id="JS-12"),
        pytest.param("ly_appeals", {"state": "done", "replied_on": None}, {"replied_on"}, id="LY-14"),
        pytest.param("cd_project", {"state": "completed", "posted_on": None}, {"posted_on"}, id="CD-15"),
        pytest.param("py_spot_check", {"at_once": True}, {"corrected_on"}, id="PY-08"),
        pytest.param("yb_matters", {"kind": "personal", "way": "vote"}, {"way"}, id="YB-10 personal"),
        pytest.param("yb_matters", {"kind": "village_affair", "way": "agent"}, {"way"}, id="YB-10 village"),
        pytest.param("yb_matters", {"way": "entrusted", "support": None}, {"support"}, id="YB-10 support"),
        pytest.param("yb_organisations", {"term_ends_on": DAY}, {"term_ends_on"}, id="YB-01"),
        pytest.param("lj_cadres", {"graded_on": DAY}, {"graded_on"}, id="LJ-10"),
        pytest.param("nh_result_use", {"uses": ()}, {"uses"}, id="NH-12"),
        pytest.param("py_full_check", {"poor": "9"}, {"listed"}, id="PY-14"),
        pytest.param("yb_commitment", {"review": None}, {"reviewed_on"}, id="YB-30"),
        pytest.param("mn_platform", {"covered": "11"}, {"covered"}, id="MN-14"),
        pytest.param("lj_public_voice", {"reply": None}, {"reply"}, id="LJ-19"),
        pytest.param("mn_training", {"should_attend": "9"}, {"attended"}, id="MN-17 ST-09"),
        pytest.param("jy_knowledge_test", {"passed": "11"}, {"passed"}, id="JY-11"),
        pytest.param("jy_township_check", {"done": "11"}, {"done"}, id="JY-14"),
        pytest.param("lj_committee_report", {"corrected": "11"}, {"corrected"}, id="LJ-23"),
        pytest.param("lj_rectification", {"due_on": DAY}, {"due_on"}, id="LJ-24"),
    ],
)
def test_a_register_refuses_what_cannot_be(code: str, answers: dict[str, Any], wrong: set[str]) -> None:
    assert reckoned(code, **answers)[1] == wrong


@pytest.mark.parametrize(
    ("code", "answers", "field", "value", "warned"),
    [
        pytest.param(
            "cd_project",
            {
                "completed_by": date(2026, 12, 31),
                "stages": [
                    {"stage": "开工", "days_before": "60", "done_on": date(2026, 11, 4)},
                    {"stage": "验收", "days_before": "5", "done_on": date(2026, 12, 20)},
                ],
            },
            "late_days",
            3,
            {"stages"},
            id="CD-15",
        ),
        pytest.param(
            "nh_service_case",
            {"mode": "limited", "asked_on": DAY, "answered_on": DAY, "done_on": date(2026, 9, 5), "days_allowed": "3"},
            "days_used",
            4,
            {"done_on"},
            id="NH-27",
        ),
        pytest.param(
            "hc_questions",
            {"asked_on": DAY, "due_on": date(2026, 9, 8), "answered_on": date(2026, 9, 10)},
            "late",
            2,
            {"answered_on"},
            id="HC-20 JY-13",
        ),
        pytest.param(
            "lj_rectification",
            {"found_on": DAY, "due_on": date(2026, 9, 8), "done_on": date(2026, 9, 9)},
            "late",
            1,
            set(),
            id="LJ-24",
        ),
        pytest.param("lj_finance_review", {"cash": "1"}, "cash", 1, {"cash"}, id="LJ-22"),
        pytest.param(
            "yu_purchased_service",
            {"terms": [{"term": "甲", "rating": one} for one in ("good", "basic", "bad")]},
            "rate",
            Decimal("66.67"),
            set(),
            id="YU-14",
        ),
        pytest.param(
            "lj_disclosure",
            {"majors": [{"matter": "修路", "decided_on": DAY, "posted_on": date(2026, 9, 4)}]},
            "longest",
            3,
            {"majors"},
            id="LJ-21",
        ),
        pytest.param("py_full_check", {"villages": "40"}, "coverage", Decimal("25.00"), {"checked"}, id="PY-14"),
        pytest.param("st_five_standards", {"during": False}, "met", 5, {"after"}, id="ST-19"),
        pytest.param(
            "yb_commitment",
            {"commitments": [{"what": "修路", "kept": True}, {"what": "植树", "kept": False}]},
            "fulfilled",
            1,
            set(),
            id="YB-30",
        ),
        pytest.param(
            "ly_board_check", {"on_platform": "10", "on_board": "8", "matching": "8"}, "missing", 2, set(), id="YB-29"
        ),
        pytest.param("ly_visit", {"online": "30", "on_site": "35", "handling": "20"}, "score", 85, set(), id="LY-19"),
        pytest.param("cj_two_indices", {"first": "90", "second": "85"}, "average", Decimal("87.50"), set(), id="CJ-18"),
        pytest.param("st_five_standards", {"place": False}, "met", 4, set(), id="ST-18"),
    ],
)
def test_a_register_reckons_and_warns(
    code: str, answers: dict[str, Any], field: str, value: Any, warned: set[str]
) -> None:
    clean, wrong = reckoned(code, **answers)
    assert (wrong, clean[field]) == (set(), value)
    assert {problem.where for problem in Checker(spec_of(code)).warnings(clean)} == warned


def test_missing_materials_are_named_with_a_day_they_are_due_js_10() -> None:
    clean, _ = reckoned("js_missing_materials", missing=[{"material": "身份证"}, {"material": "照片"}])
    assert clean["how_many"] == 2
    assert "due_on" in reckoned("js_missing_materials", due_on=date(2020, 1, 1))[1]


def test_a_credit_note_ends_unless_it_is_reviewed_js_17() -> None:
    assert "review_on" in reckoned("js_credit", noted_on=date(2026, 10, 1), review_on=date(2026, 10, 1))[1]


def test_the_villages_opinion_weighs_as_much_as_is_set_yb_11() -> None:
    clean, _ = reckoned("yb_third_party", department_score="100", village_score="50", village_weight="60")
    assert clean["total"] == Decimal("70.00")


def test_three_comparisons_and_a_simulation_come_before_adoption_jy_09() -> None:
    assert "result" in reckoned("jy_three_comparisons", simulated=False)[1]
    assert reckoned("jy_three_comparisons", simulated=False, result="amend")[1] == set()


def test_boards_say_their_names_in_both_languages_yb_28() -> None:
    fields = {field.code: field for field in spec_of("yu_signboards").fields()}
    assert fields["name_zh"].required and fields["name_ko"].type is FieldType.TEXT
    assert {choice.code for choice in fields["outcome"].choices} >= {"merge", "remove", "replace"}


def test_a_register_of_a_pack_stands_among_the_records_of_whoever_fills_it_in_js_15(
    world: Any, sign_in: Any, session: Any
) -> None:
    county = queries.owner(None)
    form, _new = load_form(county, FORMS["js_feedback_book"], "JS@1")
    assert "意见反馈簿" in sign_in("chief_grid_leader").get("/records/").get_data(as_text=True)
    grid = world.units["C1A-G1"]
    (record,) = save_records(
        [Entry(form, grid, {"given_on": "2026-10-08", "by": "villager", "opinion": "窗口排队久"})], submit=True
    )
    assert record.answers["opinion"] == "窗口排队久" and record.state == "submitted"
