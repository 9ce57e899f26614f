"""Reports: what an issue must say, what two forms ask in common, what all together weigh; inspections, meetings, papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import burden, inspections, report_forms, reports
from app.domain.burden import Ask, Estimate, Limits
from app.domain.formspec import FormSpec, parse_spec, spec_as_data
from app.domain.periods import Period
from app.domain.reports import BaseDatum, Issue

ISSUE = Issue("防汛物资月报", "village", "month", "2026-01", "2026-12")
BASE = (BaseDatum("population", ("人口", "户籍"), unless=("走访",)), BaseDatum("land", ("土地面积",)))


def form(*labels: str, **more: object) -> FormSpec:
    fields = [{"code": f"q{n}", "label": {"zh": label}, "type": "integer", **more} for n, label in enumerate(labels)]
    return parse_spec(
        {
            "code": "f",
            "title": {"zh": "表"},
            "sections": [{"code": "s", "title": {"zh": "一"}, "fields": fields}],
        }
    )


def codes(problems: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in problems]  # type: ignore[attr-defined]


SPEC = form("沙袋数量", "救生衣数量")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"cycle": "week"}, [("reports.cycle", "cycle")]),
        ({"cycle": "quarter"}, [("reports.period", "first_period"), ("reports.period", "last_period")]),
        ({"last_period": "2025-12"}, [("reports.periods_reversed", "last_period")]),
        ({"level": "township"}, [("reports.level", "level")]),
        ({"cycle": "once", "last_period": None}, [("reports.emergency_reason", "emergency_reason")]),
        ({"cycle": "once", "last_period": None, "emergency_reason": "台风"}, []),
        ({"title": " ", "due_day": 32, "minutes": 0}, [("required", "title"), ("reports.due_day", "due_day"), ("reports.minutes", "minutes")]),
    ],
)  # fmt: skip
def test_reports_are_monthly_quarterly_half_yearly_or_yearly_and_an_emergency_says_why_yb_12(
    change: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert codes(reports.check_issue(replace(ISSUE, **change), SPEC, BASE)) == expected  # type: ignore[arg-type]


def test_body_document_and_date_are_three_things_lj_05_yb_13() -> None:
    assert {where for _code, where in codes(reports.approval_problems(ISSUE))} == {
        "approving_body",
        "approval_document",
        "approved_on",
    }
    whole = replace(ISSUE, approving_body="县委办", approval_document="〔2026〕3号", approved_on=date(2026, 1, 3))
    assert reports.approval_problems(whole) == []


@pytest.mark.parametrize(("label", "refused"), [("常住人口（人）", True), ("土地 面积", True), ("户籍人数", True), ("流动人口走访次数", False), ("沙袋数量", False)])  # fmt: skip
def test_base_data_is_not_asked_of_villages_yb_14_hc_22(label: str, refused: bool) -> None:
    assert bool(reports.base_data_problems(form(label), BASE)) is refused
    assert reports.base_data_problems(form(label, known="unit.households"), BASE) == []  # filled in by the portal


def test_the_same_question_is_found_whatever_the_brackets_hc_22() -> None:
    pairs = report_forms.overlap(form("走访户数（户）", "会议次数"), form("走访 户数：", "培训人数"))
    assert [(bool(pair.first), bool(pair.second)) for pair in pairs] == [(True, True), (True, False), (False, True)]


labels = st.lists(
    st.sampled_from(["走访户数", "会议次数", "培训人数", "巡查次数", "沙袋数量"]), min_size=1, unique=True
)


@given(labels, labels)
def test_the_union_asks_everything_once_and_can_be_read_back_hc_22(first: list[str], second: list[str]) -> None:
    one, other = form(*first), form(*second)
    union = report_forms.union(one, other, code="u", title="合并表")
    assert parse_spec(spec_as_data(union)) == union
    asked = [str(field.label) for field in union.fields()]
    assert sorted(asked) == sorted({*first, *second})


def test_formulas_of_the_second_form_follow_the_codes_of_the_union() -> None:
    def with_sum(first: str, second: str) -> FormSpec:
        data = spec_as_data(form(first, second))
        total = {"code": "total", "label": {"zh": f"{second}合计"}, "type": "decimal", "computed": "q0 + q1"}
        data["sections"][0]["fields"].append(total)  # type: ignore[index]
        return parse_spec(data)

    union = report_forms.union(
        with_sum("走访户数", "会议次数"), with_sum("会议次数", "培训人数"), code="u", title="合并表"
    )
    assert {field.code: field.computed for field in union.fields() if field.computed} == {
        "total": "q0 + q1",
        "total_2": "q1 + q1_2",
    }
    parse_spec(spec_as_data(union))


def test_a_period_is_asked_from_its_first_day_until_the_report_ends() -> None:
    def asked(**more: object) -> list[str]:
        return [str(p) for p in reports.periods_asked(replace(ISSUE, **more), date(2026, 4, 1), ended_on=ended)]  # type: ignore[arg-type]

    ended = None
    assert asked() == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert asked(cycle="once", last_period=None) == ["2026-01"]
    ended = date(2026, 2, 10)
    assert asked() == ["2026-01", "2026-02"]


# -- the burden meter ------------------------------------------------------------------------------

FIELDS = form("甲", "乙", "丙").fields()
ASK = Ask("表", "report", ("chief_grid_leader",), "quarter", FIELDS, date(2026, 1, 1))


def test_a_month_is_asked_its_share_exactly_hc_22() -> None:
    load = burden.load(ASK, Estimate(field_seconds=30))
    assert (load.fields_a_month, load.minutes_a_month, load.photos_a_month) == (Decimal("1.0"), Decimal("0.5"), 0)
    said = burden.load(replace(ASK, cycle="month", minutes=7), Estimate())
    assert (said.fields_a_month, said.minutes_a_month) == (Decimal("3.0"), Decimal("7.0"))
    assert burden.load(replace(ASK, cycle=None), Estimate()).fields_a_month == 0


@given(st.lists(st.sampled_from(["month", "quarter", "half_year", "year"]), max_size=8))
def test_the_meter_adds_up_over_forms_without_rounding(cycles: list[str]) -> None:
    asks = [replace(ASK, cycle=cycle) for cycle in cycles]
    sums = burden.by_role(asks, date(2026, 5, 1), Estimate())
    assert sums.get("chief_grid_leader", burden.Load()).fields == sum(
        3 * burden.times_a_year(cycle) for cycle in cycles
    )


def test_what_was_halted_counts_as_before_and_what_was_merged_counts_once_lj_05_hc_07() -> None:
    end = date(2026, 3, 1)
    asks = [
        ASK,
        replace(ASK, end=end, ended="halted"),
        replace(ASK, end=end, ended="merged"),
        replace(ASK, end=end, ended="merged"),
        replace(ASK, start=end, is_union=True),
    ]
    found = burden.reduction(asks, date(2026, 6, 1), Estimate())
    assert (found.before.fields, found.now.fields, found.percent) == (48, 24, Decimal("50.00"))
    assert found.ended == {"halted": 1, "merged": 2}


def test_questions_asked_elsewhere_are_named_with_where_hc_22() -> None:
    others = [replace(ASK, name="日志", fields=form("乙（次）", "丁").fields())]
    twice = burden.asked_twice(FIELDS, others)
    assert [(str(one.field.label), one.elsewhere[0][0].name) for one in twice] == [("乙", "日志")]


def test_limits_keep_what_differs_from_the_release() -> None:
    limits = Limits(most_characters=3000, free_weekdays=(1,))
    assert burden.limits_as_values(limits) == {"most_characters": 3000, "free_weekdays": [1]}
    assert burden.limits_from(burden.limits_as_values(limits)) == limits
    assert codes(burden.check_limits(Limits(most_overlap=0, free_weekdays=(9,)))) == [
        ("reports.limit", "most_overlap"),
        ("reports.weekday", "free_weekdays"),
    ]


# -- inspections, meetings, documents --------------------------------------------------------------


def test_one_comprehensive_inspection_a_department_and_year_lj_04() -> None:
    plan = inspections.Inspection(1, 2026, "comprehensive", "〔2026〕1号", number=1)
    other = replace(plan, number=2)
    assert codes(inspections.check_inspection(plan, [other])) == [("inspections.one_a_year", "kind")]
    for free in (replace(other, year=2025), replace(other, department=2), replace(other, kind="special"), plan):
        assert inspections.check_inspection(plan, [free]) == []
    assert codes(inspections.check_inspection(replace(plan, approval_document=" "), [])) == [
        ("inspections.not_approved", "approval_document")
    ]


def test_a_department_assesses_villages_only_with_the_consent_of_the_county_yb_20() -> None:
    plan = inspections.Inspection(1, 2026, "assessment", "〔2026〕1号")
    assert codes(inspections.check_inspection(plan, [])) == [("inspections.consent", "consent_document")]
    assert inspections.check_inspection(replace(plan, consent_document="县委办〔2026〕2号"), []) == []


def test_wednesday_and_thursday_are_free_of_meetings_and_a_matter_has_one_lj_07() -> None:
    def check(day: int, matter: str, reason: str = "", *others: inspections.Meeting) -> list[tuple[str, str]]:
        meeting = inspections.Meeting(date(2026, 11, day), matter)
        return codes(
            inspections.check_meeting(meeting, others, free_weekdays=Limits().free_weekdays, exception_reason=reason)
        )

    held = inspections.Meeting(date(2026, 3, 2), "防汛 部署", 7)
    assert [day for day in range(23, 30) if check(day, "换届")] == [25, 26]  # a Wednesday and a Thursday
    assert check(25, "换届", "上级临时部署") == []
    assert check(24, "防汛部署", "", held) == [("meetings.same_matter", "matter")]
    assert check(24, "防汛部署", "", replace(held, held_on=date(2025, 3, 2))) == []


def test_a_document_is_at_most_5000_characters_and_at_most_half_of_it_repeats_lj_06() -> None:
    def check(text: str, superior: str = "") -> tuple[int, Decimal, list[tuple[str, str]]]:
        paper = inspections.check_document(text, superior, most_characters=5000, most_overlap=50)
        return paper.characters, paper.overlap, codes(paper.problems)

    own, above = "本镇实际安排如下第一步", "各镇要认真组织学习贯彻"
    assert len(own) == len(above) == 11
    assert check("字" * 5000)[2] == []
    assert check("字" * 5001)[2] == [("papers.too_long", "text")]
    assert check(own + above, above) == (22, Decimal("50.0"), [])
    assert check(own + above + "通知", above + "通知") == (24, Decimal("54.2"), [("papers.too_alike", "superior")])
    assert check("", above) == (0, 0, [])


@given(st.text(alphabet="甲乙丙丁，。 ", max_size=60), st.text(alphabet="甲乙丙丁，。 ", max_size=60))
def test_the_overlap_lies_between_nothing_and_everything(text: str, superior: str) -> None:
    paper = inspections.check_document(text, superior, most_characters=5000, most_overlap=50)
    assert 0 <= paper.overlap <= 100
    whole = inspections.check_document(text, f"头{text}尾", most_characters=5000, most_overlap=50)
    assert whole.overlap == (100 if len(inspections.normalised_text(text)) >= inspections.RUN else 0)


def test_periods_are_those_of_the_cycle() -> None:
    assert reports.months_in_force(replace(ISSUE, cycle="quarter", first_period="2026Q1", last_period="2026Q2")) == (
        date(2026, 1, 1),
        Period.parse("2026Q2").end,
    )
