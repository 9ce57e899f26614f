"""The lists of certificates in force decide what a village counts: on the page, in the workbook, and by exception."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from factories.browsing import form_to, send

from app.domain.certificates import Outcome
from app.domain.errors import RuleBroken
from app.features.accounts.queries import user_by_name
from app.features.checklists.services import load_list
from app.features.duties import services
from app.features.duties.certificate_sheet import CERTIFICATES
from app.features.duties.models import CertificateException, VillageRegister
from app.features.duties.offline_register import register_sheet
from app.features.duties.queries.registers import certificate_context, certificate_rows, register_line, register_month
from app.kit import access, clock, excel
from app.kit.exchange import Change, Options

PERIOD = "2026-10"
KEEP: dict[str, Any] = {
    "code": "keep",
    "kind": "certificate_keep",
    "name": {"zh": "保留证明清单"},
    "items": [
        {"code": "001", "name": "居住证明", "facets": {"simple_or_complex": "简单证明"}},
        {"code": "002", "name": "农房建设情况证明", "facets": {"simple_or_complex": "复杂证明", "time_limit_days": 5}},
    ],
}
FORBIDDEN: dict[str, Any] = {
    "code": "no",
    "kind": "certificate_forbidden",
    "name": {"zh": "不应出具证明清单"},
    "items": [
        {
            "code": "001",
            "name": "亲属关系证明",
            "facets": {
                "no_need": "能通过本级数据库查询",
                "alternative_channel": "网上核验",
                "serves_instead": "户口簿",
            },
        }
    ],
}
SAID = {"certificate": "收入证明", "requesting_body": "某银行", "reason": "村内核实属实", "risk": "none"}


@pytest.fixture
def lists(world: Any) -> Any:
    return load_list(world.units["C"], KEEP)[0], load_list(world.units["C"], FORBIDDEN)[0]


def person(name: str) -> Any:
    return access.acting_as(access.actor_of_user(user_by_name(name).id))


def row(**certificates: int) -> dict[str, Any]:
    return {
        "village": "甲东村",
        "month": PERIOD,
        "certificates": certificates,
        "accepted": 5,
        "closed": 5,
        "sheet": "g",
        "row": 5,
    }


def saved(world: Any, **certificates: int) -> Any:
    return services.save_registers([row(**certificates)], Options(world.units["C1"], PERIOD), False)[0]


def place(world: Any) -> Any:
    line = register_line(world.units["C1A"].id, PERIOD)
    assert line is not None
    return line.place


def codes(act: Any) -> set[str]:
    with pytest.raises(RuleBroken) as refusal:
        act()
    return {problem.code for problem in refusal.value.problems}


def test_the_page_offers_what_is_kept_and_says_why_a_certificate_is_not_issued_yb_32_yb_33_js_04(
    lists: Any, world: Any, session: Any, sign_in: Any
) -> None:
    leader = sign_in("chief_grid_leader")
    page, action = (f"/registers/{world.units['C1A'].id}{end}" for end in (f"?period={PERIOD}", "/save"))
    shown = leader.get(page).text
    assert "named:农房建设情况" in shown and "“亲属关系证明”" in shown
    typed = {"residence": "2", "named:农房建设情况": "1", "accepted": "4", "closed": "4"}
    refused = send(leader, page, action, **typed, kinship="1", reason="群众要求")
    assert refused.status_code == 422
    for said in ("不应出具证明清单", "能通过本级数据库查询", "网上核验；户口簿"):
        assert said in refused.text
    assert form_to(refused.text, action).values["named:农房建设情况"] == "1"
    assert session.query(VillageRegister).all() == []
    assert send(leader, page, action, **typed).status_code == 302
    session.expire_all()
    (kept,) = session.query(VillageRegister).all()
    assert (kept.certificates["residence"], kept.certificates["农房建设情况证明"], kept.certificate_total) == (2, 1, 3)
    assert register_month(PERIOD).now.certificates == 3
    answer = leader.get(f"/certificate-exceptions/villages/{world.units['C1A'].id}/decision?name=亲属证明").json
    assert answer["outcome"] == "forbidden" and "网上核验" in answer["sentence"]


def test_the_workbook_is_held_to_the_same_lists_and_brings_back_what_is_kept_cd_05_yu_10(
    lists: Any, world: Any
) -> None:
    assert [problem.code for problem in saved(world, 亲属=1).problems] == ["certificate.forbidden_because_instead"]
    assert [problem.code for problem in saved(world, 贫困=1).problems] == ["certificate.outside"]
    assert [problem.code for problem in saved(world, 张三证明=1).problems] == ["certificate.unknown"]
    assert saved(world, 居住=2, 农房建设情况证明=1).kind is Change.NEW
    options = Options(world.units["C1"], PERIOD)
    rows, meta = certificate_rows(options)
    result = excel.read(CERTIFICATES, excel.write(CERTIFICATES, rows, meta), "g.xlsx", certificate_context(options))
    assert (result.outcome, result.issues) == ("rows", [])
    assert [change.kind for change in services.save_registers(result.rows, options, True)] == [Change.SAME]


def test_an_exception_is_asked_by_the_village_and_decided_by_another_person_of_the_township_yu_13_yb_36(
    lists: Any, world: Any, session: Any, sign_in: Any
) -> None:
    leader = sign_in("chief_grid_leader")
    new = f"/certificate-exceptions/villages/{world.units['C1A'].id}/new"
    assert send(leader, new, new, **SAID, period=PERIOD).status_code == 302
    (asked,) = session.query(CertificateException).all()
    approve = f"/certificate-exceptions/{asked.id}/approve"
    assert (
        leader.post(approve, data={"csrf_token": form_to(leader.get(new).text, new).values["csrf_token"]}).status_code
        == 403
    )
    month = f"/certificate-exceptions/?period={PERIOD}"
    assert approve not in leader.get(month).text
    assert approve not in sign_in("township_head_2").get(month).text
    asked.asked_by = "township_head"
    session.flush()
    with person("township_head"):
        assert codes(lambda: services.approve_exception(asked)) == {"certificate.same_person"}
    session.rollback()
    asked.asked_by = "chief_grid_leader"
    session.flush()
    assert [problem.code for problem in saved(world, 收入证明=1).problems] == ["certificate.unknown"]
    head = sign_in("township_head")
    assert "/certificate-exceptions/" in head.get("/home/").text and approve in head.get(month).text
    assert send(head, month, approve).status_code == 302
    session.expire_all()
    assert (asked.state, asked.decided_by) == ("approved", "township_head")
    assert saved(world, 收入证明=1).kind is Change.NEW
    assert [problem.code for problem in saved(world, 收入证明=2).problems] == ["certificate.outside"]
    assert register_month(PERIOD, world.units["C1"]).now.certificates == 1


def test_what_is_kept_or_forbidden_is_no_exception_and_a_refusal_says_why(lists: Any, world: Any) -> None:
    with person("chief_grid_leader"):
        for name, code in (
            ("居住证明", "certificate.needs_none"),
            ("亲属证明", "certificate.forbidden_because_instead"),
        ):
            assert codes(
                lambda name=name: services.ask_exception(place(world), PERIOD, SAID | {"certificate": name})
            ) == {code}
        asked = services.ask_exception(place(world), PERIOD, SAID)
    with person("township_head"):
        assert codes(lambda: services.refuse_exception(asked, " ")) == {"transition.reason_required"}
        services.refuse_exception(asked, "收入由单位出具")
    assert (asked.state, asked.decision_reason) == ("refused", "收入由单位出具")
    assert [problem.code for problem in saved(world, 收入证明=1).problems] == ["certificate.unknown"]


def test_a_later_version_of_a_list_decides_from_its_day_on_yb_34(lists: Any, world: Any, session: Any) -> None:
    keep, _forbidden = lists
    keep.is_published, keep.state, keep.effective_to = False, "superseded", date(2026, 11, 1)
    session.flush()
    later = KEEP | {"code": "keep-2", "items": KEEP["items"][1:]}
    load_list(world.units["C"], later)[0].effective_from = date(2026, 11, 1)
    session.flush()
    with clock.at(clock.now().replace(year=2026, month=11, day=20)):
        decided = [
            services.certificate_decision(place(world), month, "居住证明").outcome for month in (PERIOD, "2026-11")
        ]
    assert decided == [Outcome.KEPT, Outcome.OUTSIDE]


def test_the_offline_workbook_takes_a_certificate_out_that_its_cell_no_longer_names(lists: Any, world: Any) -> None:
    saved(world, 居住=1, 农房建设情况证明=2)
    sheet = register_sheet(world.units["C1"], PERIOD)
    assert sheet is not None
    (mine,) = (row for row in sheet.page.rows if row["village"] == "甲东村")
    assert mine["others"] == "农房建设情况证明2"
    sheet.save([{**mine, "others": None}], False)
    assert register_month(PERIOD, world.units["C1"]).now.certificates == 1
