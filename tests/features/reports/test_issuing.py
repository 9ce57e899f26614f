"""Reports: two persons, an approval, cycles, base data, halting and merging."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.forms.models import FormVersion
from app.features.forms.services import draft_of, publish
from app.features.reports.models import ReportIssue
from app.features.reports.queries import issues
from app.features.reports.services import halt_report, issue_report, merge_reports
from app.kit import access
from app.kit.db import db


def refused(act: Any) -> set[tuple[str, str]]:
    with pytest.raises(RuleBroken) as caught:
        act()
    return {(problem.code, problem.where) for problem in caught.value.problems}


def test_nothing_is_issued_without_body_document_and_date_lj_05_yb_13(form: Any, drafted: Any, as_: Any) -> None:
    row = drafted(form("沙袋数量"), approving_body=" ", approval_document="", approved_on=None)
    with as_("county_administrator_b"):
        assert refused(lambda: issue_report(row)) == {
            ("reports.not_approved", where) for where in ("approving_body", "approval_document", "approved_on")
        }
    assert row.state == "draft"


def test_another_person_issues_what_one_has_made(form: Any, drafted: Any, as_: Any) -> None:
    row = drafted(form("沙袋数量"))
    with as_("county_administrator"):
        assert refused(lambda: issue_report(row)) == {("reports.same_person", "made_by")}
    with as_("county_administrator_b"):
        assert issue_report(row).state == "issued"
        assert refused(lambda: issue_report(row)) == {("transition.not_allowed", "state")}


def test_a_township_asks_too_but_a_village_asks_nothing_yb_13(form: Any, drafted: Any, as_: Any) -> None:
    row = drafted(form("沙袋数量"), unit="C1", by="evaluator")
    with as_("township_head"):
        assert issue_report(row).state == "issued"
    assert refused(lambda: drafted(form("沙袋数量"), unit="C1A-G1", by="chief_grid_leader")) == {
        ("reports.not_from_here", "unit")
    }
    with pytest.raises(access.NotAllowed):
        drafted(form("沙袋数量"), unit="C1", by="chief_grid_leader")


def test_villages_are_not_asked_for_population_households_and_land_yb_14_hc_22(form: Any, drafted: Any) -> None:
    for label in ("常住人口", "户籍人数", "土地面积（亩）"):
        assert refused(lambda label=label: drafted(form(label))) == {("reports.base_data", "form")}
    assert drafted(form("常住人口", known="unit.households")).state == "draft"


def test_only_an_emergency_is_asked_outside_the_cycles_yb_12(form: Any, drafted: Any) -> None:
    one = form("受灾情况数", cycle=None)
    assert refused(lambda: drafted(one, cycle="once", first_period="2026-10")) == {
        ("reports.emergency_reason", "emergency_reason")
    }
    assert refused(lambda: drafted(one, cycle="week")) == {("reports.cycle", "cycle")}
    monthly = form("走访次数")
    assert refused(lambda: drafted(monthly, cycle="year", first_period="2026")) == {("reports.other_cycle", "cycle")}
    row = drafted(one, cycle="once", first_period="2026-10", emergency_reason="台风过境")
    assert (row.emergency_reason, row.last_period) == ("台风过境", None)


def test_seven_were_issued_and_those_of_two_departments_halted_lj_05(
    form: Any, issued: Any, bureau: Any, world: Any, as_: Any
) -> None:
    from app.features.org.models import Department

    other = Department(unit=world.units["C"], code="SF", name="司法局")
    db.session.add(other)
    rows = [issued(form(f"第{n}项数"), title=f"报表{n}", department=other if n == 6 else bureau) for n in range(7)]
    with as_("county_administrator_b"):
        for row in (rows[5], rows[6]):
            assert refused(lambda row=row: halt_report(row, " ")) == {("reason_required", "reason")}
            halt_report(row, "未经预审")
        counted = issues.counts()
        departments = {str(one): counts for one, counts in issues.counts_by_department()}
    assert (counted["ever_issued"], counted["issued"], counted["halted"]) == (7, 5, 2)
    assert departments == {"民政局": {"issued": 5, "halted": 1}, "司法局": {"halted": 1}}
    assert [row.ended_reason for row in rows if row.state == "halted"] == ["未经预审"] * 2


def test_overlapping_reports_run_on_until_the_merged_one_is_issued_hc_22(form: Any, issued: Any, as_: Any) -> None:
    first, second = issued(form("走访户数", "会议次数")), issued(form("走访户数（户）", "培训人数"), title="农业月报")
    with as_("county_administrator"):
        merged = merge_reports(first, second, "民政农业合并月报")
        assert [str(field.label) for field in issues.spec_of_form(merged.form).fields()] == [
            "走访户数",
            "会议次数",
            "培训人数",
        ]
        assert refused(lambda: merge_reports(first, second, "再来")) >= {("reports.merging_already", "")}
    assert (first.state, second.state, merged.state) == ("issued", "issued", "draft")
    merged.approving_body, merged.approval_document, merged.approved_on = "县委办", "〔2026〕9号", first.approved_on
    db.session.commit()
    with as_("county_administrator_b"):
        assert refused(lambda: issue_report(merged)) == {("reports.form_not_published", "form")}
        version = db.session.scalars(select(FormVersion).where(FormVersion.form_id == merged.form_id)).one()
        publish(version)
        issue_report(merged)
    assert (first.state, second.state, merged.state) == ("merged", "merged", "issued")
    assert first.merged_into is merged


def test_a_halted_union_lets_its_reports_go_on(form: Any, issued: Any, as_: Any) -> None:
    first, second = issued(form("走访户数")), issued(form("培训人数"))
    with as_("county_administrator"):
        merged = merge_reports(first, second, "合并")
    with as_("county_administrator_b"):
        halt_report(merged, "不合并了")
    assert (first.merged_into, first.state, merged.state) == (None, "issued", "halted")


def test_the_pages_lead_from_a_draft_to_a_report_and_to_its_end(
    world: Any, form: Any, bureau: Any, english: Any
) -> None:
    from factories.browsing import send

    one, clerk, second = form("走访户数"), english("county_administrator"), english("county_administrator_b")
    typed = {
        "unit": world.units["C"].id,
        "title": "民政月报",
        "form": one.id,
        "department": bureau.id,
        "level": "total_grid",
        "cycle": "month",
        "first_period": "2026-01",
        "due_day": 5,
        "minutes": 8,
    }
    answer = send(clerk, "/reports/new", **typed | {"cycle": "quarter"})
    assert "does not fit the cycle" in answer.text
    page = send(clerk, "/reports/new", **typed).headers["Location"]
    row = db.session.scalars(select(ReportIssue)).one()
    assert page.endswith(f"/reports/{row.id}")
    approval = {"approving_body": "县委办", "approval_document": "〔2026〕3号", "approved_on": "2026-01-03"}
    assert send(clerk, f"{page}/edit", **typed | approval).status_code == 302
    assert "must issue it" in clerk.get(page).text
    send(second, page, f"{page}/issue")
    db.session.refresh(row)
    assert (row.state, row.minutes, row.approval_document) == ("issued", 8, "〔2026〕3号")
    assert "民政局" in second.get("/reports/").text
    assert "民政月报" in english("chief_grid_leader").get("/reports-due/").text
    assert english("chief_grid_leader").get(f"{page}/edit").status_code in (302, 403)


def test_the_merge_page_shows_what_both_ask_hc_22(form: Any, issued: Any, english: Any) -> None:
    first, second = issued(form("走访户数", "会议次数")), issued(form("走访户数（户）", "培训人数"), title="农业月报")
    page = english("county_administrator").get(f"/report-merging/{first.id}?with={second.id}").text
    assert "1 of 3 fields are asked by both" in page
    assert "asked once instead of twice" in page


def test_a_draft_form_that_cannot_be_read_yet_is_no_form(form: Any, drafted: Any, world: Any, as_: Any) -> None:
    from app.features.forms.services import new_form

    with as_("county_administrator"):
        empty = new_form(world.units["C"], "", {"zh": "空表"}, {"purpose": "report"})
        draft_of(empty)
    assert issues.spec_of_form(empty) is None or not issues.spec_of_form(empty).fields()
