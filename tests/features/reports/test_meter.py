"""The burden meter, the limits, inspections and meetings, the check of documents: through their pages and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from factories.browsing import send
from sqlalchemy import select

from app.domain import burden as meter
from app.domain.burden import Limits
from app.domain.errors import RuleBroken
from app.features.forms.services import publish_form
from app.features.reports.models import BurdenSetting, InspectionPlan, MeetingPlan
from app.features.reports.queries import burden
from app.features.reports.queries.limits import limits_at
from app.features.reports.services import halt_report, save_limits
from app.kit import clock
from app.kit.db import db
from app.kit.idempotency import RequestKey


def codes(caught: Any) -> set[tuple[str, str]]:
    return {(problem.code, problem.where) for problem in caught.value.problems}


def test_the_meter_adds_reports_and_registers_and_tells_what_halting_took_off_hc_22_hc_21(
    form: Any, issued: Any, world: Any, as_: Any
) -> None:
    kept, halted = issued(form("走访户数", "会议次数", "培训人数")), issued(form("走访户数"), title="重复月报")
    spec = {"code": "ledger", "title": {"zh": "台账"}, "sections": [{"code": "s", "title": {"zh": "一"}, "fields": [
        {"code": "a", "label": {"zh": "培训 人数（人）"}, "type": "integer"},
        {"code": "p", "label": {"zh": "照片"}, "type": "attachment"},
    ]}]}  # fmt: skip
    settings = {"purpose": "register", "keeper_level": "total_grid", "cycle": "quarter"}
    publish_form(spec, world.units["C"], settings=settings)
    with as_("county_administrator_b"):
        halt_report(halted, "与民政月报重复")
    asks = burden.asks_at(world.units["C1"])
    load = meter.by_role(asks, clock.today(), Limits().estimate)["chief_grid_leader"]
    assert load.fields_a_month == Decimal("3.7")  # three a month, and two a quarter
    assert load.photos_a_month == Decimal("0.3")
    assert load.minutes_a_month == Decimal("10.8")  # ten as the issuer says, and two and a half a quarter
    taken_off = meter.reduction(asks, clock.today(), Limits().estimate)
    assert (taken_off.percent, taken_off.ended) == (Decimal("21.43"), {"halted": 1, "merged": 0})
    assert kept.state == "issued"


def test_what_others_ask_already_is_shown_before_issuing_hc_22(
    form: Any, issued: Any, drafted: Any, english: Any
) -> None:
    issued(form("走访户数", "会议次数"), title="农业月报")
    row = drafted(form("走访户数（户）", "沙袋数量"))
    assert [(str(one.field.label), one.elsewhere[0][0].name) for one in burden.duplicates(row)] == [
        ("走访户数（户）", "农业月报")
    ]
    page = english("county_administrator_b").get(f"/reports/{row.id}").text
    assert "Asked elsewhere already: 1 of 2 fields" in page and "农业月报" in page


def test_the_meter_has_its_page_with_a_chart_and_its_table(form: Any, issued: Any, world: Any, english: Any) -> None:
    issued(form("走访户数"), first_period=clock.today().strftime("%Y-%m"))
    browser = english("township_head")
    page = browser.get("/burden/").text
    assert "民政月报" in page and "Fields a month asks of each role" in page
    for chart in ("reports.burden", "reports.owners"):
        assert browser.get(f"/charts/{chart}.json?unit={world.units['C1'].id}").status_code == 200
        assert browser.get(f"/charts/{chart}.json?unit={world.units['C2'].id}").status_code in (403, 404)


def test_the_limits_of_the_county_hold_below_it_and_are_set_on_a_page_lj_06_lj_07(world: Any, sign_in: Any) -> None:
    typed = {
        "most_characters": 3000,
        "most_overlap": 40,
        "free_weekdays": ["1", "5"],
        "field_seconds": 30,
        "photo_seconds": 120,
        "base_words": "宅基地面积",
    }
    assert send(sign_in("county_administrator"), "/burden-limits/", **typed).status_code == 302
    assert limits_at(world.units["C1A"]) == Limits(3000, 40, (1, 5), base_words=("宅基地面积",))
    assert sign_in("evaluator").get("/burden-limits/").status_code == 200
    assert sign_in("evaluator").post("/burden-limits/", data=typed | {"most_overlap": 90}).status_code in (302, 403)
    assert db.session.scalars(select(BurdenSetting)).one().values["most_overlap"] == 40


def test_words_an_administrator_adds_are_not_asked_of_villages_yb_14(
    form: Any, drafted: Any, world: Any, as_: Any
) -> None:
    one = form("宅基地面积")
    assert drafted(one).state == "draft"
    with as_("county_administrator"):
        save_limits(world.units["C"], Limits(base_words=("宅基地",)))
    with pytest.raises(RuleBroken, match=r"reports\.base_data"):
        drafted(one, title="又一张")


def test_consent_to_the_portal_is_shown_or_asked_for_yb_16(app: Any, english: Any, monkeypatch: Any) -> None:
    assert "No consent of prefecture and county" in english("county_administrator").get("/burden-limits/").text
    monkeypatch.setitem(app.config, "CONSENT_DOCUMENT", "延州办〔2026〕8号")
    assert "延州办〔2026〕8号" in english("county_administrator").get("/burden-limits/").text


def test_one_comprehensive_inspection_and_no_assessment_without_consent_lj_04_yb_20(world: Any, bureau: Any) -> None:
    county = world.units["C"]

    def plan(**more: Any) -> InspectionPlan:
        said = {"kind": "comprehensive", "subject": "督查", "approval_document": "〔2026〕1号"} | more
        row = InspectionPlan(**{"unit": county, "department": bureau, "year": 2026} | said)
        db.session.add(row)
        db.session.flush()
        return row

    first = plan()
    for change, problem in (
        ({}, ("inspections.one_a_year", "kind")),
        ({"kind": "assessment"}, ("inspections.consent", "consent_document")),
        ({"kind": "special", "approval_document": ""}, ("inspections.not_approved", "approval_document")),
        ({"kind": "special", "unit": world.units["C1A"]}, ("reports.not_from_here", "unit")),
    ):
        with pytest.raises(RuleBroken) as caught, db.session.begin_nested():
            plan(**change)
        assert codes(caught) == {problem}
    plan(year=2027)
    plan(kind="assessment", consent_document="县委办〔2026〕2号")
    first.state = "cancelled"
    plan(subject="另一次")


def test_meetings_keep_wednesdays_and_thursdays_free_unless_a_reason_is_given_lj_07(
    world: Any, bureau: Any, english: Any
) -> None:
    browser = english("evaluator")
    typed = {
        "unit": world.units["C1"].id,
        "department": bureau.id,
        "held_on": "2026-11-25",
        "matter": "防火部署",
        "state": "planned",
    }
    refused = send(browser, "/meetings/add", **typed)
    assert "kept free of meetings" in refused.text and "防火部署" in refused.text
    assert send(browser, "/meetings/add", **typed | {"exception_reason": "寒潮预警"}).status_code == 302
    again = send(browser, "/meetings/add", **typed | {"held_on": "2026-11-27"})
    assert "had a meeting on 2026-11-25 already" in again.text
    assert db.session.scalars(select(MeetingPlan)).one().exception_reason == "寒潮预警"


def test_a_document_is_measured_and_nothing_of_it_is_kept_lj_06(english: Any) -> None:
    browser = english("evaluator")
    above = "各镇要认真组织学习贯彻会议精神并抓好落实"
    answer = send(browser, "/document-check/", text=above + "另行通知", superior=above)
    assert "Not to be issued: more than 50%" in answer.text and "83.3 %" in answer.text
    assert "It may be issued" in send(browser, "/document-check/", text="本镇安排如下", superior=above).text
    assert "longer than 5000 characters" in send(browser, "/document-check/", text="字" * 5001).text
    assert not any(db.session.scalars(select(RequestKey.body).where(RequestKey.path == "/document-check/")))


def test_a_month_is_measured_on_its_last_day() -> None:
    with clock.at(datetime(2026, 3, 10, tzinfo=UTC)):
        assert [burden.day_of(month) for month in burden.months_shown(count=2)] == [
            date(2026, 2, 28),
            date(2026, 3, 10),
        ]
