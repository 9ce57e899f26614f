"""Writing items into a draft: facets, flow, thresholds, guards; reading and printing the flow."""

from __future__ import annotations

import io
from typing import Any

import pytest
from factories.browsing import of

from app.domain.errors import RuleBroken
from app.features.accounts.queries import user_by_name
from app.features.checklists import services
from app.features.checklists.models import GovernanceList, ListFile, ListItem, ListKindDefinition
from app.features.checklists.queries import items_of_list
from app.features.checklists.queries.changes import change_of
from app.features.checklists.queries.kinds import kinds_at
from app.features.checklists.services import load_kinds, load_list, settle_facets
from app.kit import access

FLOW = [
    {"name": "形成方案", "roles": ["chief_grid_leader"], "key": True},
    {"name": "发布处置公告", "time_limit_days": 7},
    {"name": "公开交易", "risk": "规避进场交易", "key": True},
    {"name": "价款入账", "together": True},
    {"name": "签订合同"},
    {"name": "报镇备案", "roles": ["镇“三资”中心"]},
]
TIER = {"what": "评估总价（元）", "amount": "10000", "at_or_above": "镇交易中心公开交易", "below": "村集体自行公开交易"}


@pytest.fixture
def draft(world: Any) -> GovernanceList:
    load_kinds()
    items = [{"code": "01", "name": "集体资产管理", "steps": FLOW, "thresholds": [TIER], "facets": {"flag": "new"}}]
    base = load_list(world.units["C"], {"code": "L", "kind": "power", "name": {"zh": "小微权力"}, "items": items})[0]
    return services.propose(base, "practice", "完善流程").draft


def assist_draft(world: Any, *, negative: str = "") -> GovernanceList:
    load_kinds()
    if negative:
        data = {"code": "N", "kind": "negative", "name": {"zh": "负面清单"}, "items": [{"name": negative}]}
        load_list(world.units["C"], data)
    return services.propose_list(world.units["C"], "assist", "依法协助", "policy", "准入").draft


def step_fields(steps: list[dict[str, Any]]) -> dict[str, str]:
    form: dict[str, str] = {}
    for number, step in enumerate(steps):
        form[f"step-{number}-name"] = step["name"]
        form[f"step-{number}-roles"] = "、".join(step.get("roles", ()))
        form[f"step-{number}-days"] = str(step.get("time_limit_days", ""))
        form[f"step-{number}-risk"] = step.get("risk", "")
        form |= {f"step-{number}-{flag}": "1" for flag in ("key", "together") if step.get(flag)}
    return form


def test_the_editor_writes_facets_flow_and_thresholds_and_keeps_what_it_does_not_ask_nh_06_cd_11_cd_12_js_09(
    draft: GovernanceList, session: Any, sign_in: Any
) -> None:
    browser, item = sign_in("county_clerk"), items_of_list(draft)[0]
    address = f"/list-drafts/{draft.id}/items/{item.id}"
    page = browser.get(address).text
    for word in ("责任主体", "设定依据", "公开公示", "责任追究", "廉政风险提示", "与上一步同步"):
        assert word in page
    form = {"title": "集体资产处置", "legal_basis": "村民委员会组织法", "time_limit_days": "30"}
    form |= step_fields(FLOW) | {f"tier-0-{name}": value for name, value in TIER.items()}
    assert browser.post(address, data=of(item, **form)).status_code == 302
    session.expire_all()
    assert (item.title, item.steps, item.thresholds) == ("集体资产处置", FLOW, [TIER])
    assert item.facets == {"legal_basis": "村民委员会组织法", "time_limit_days": 30, "flag": "new"}
    assert item.source == "derived"


def test_what_cannot_be_read_is_said_at_its_place_and_nothing_is_lost(draft: GovernanceList, sign_in: Any) -> None:
    browser, item = sign_in("county_clerk"), items_of_list(draft)[0]
    form = {"title": "改名", "step-0-name": "受理", "step-0-days": "三天", "step-1-risk": "截留", "tier-0-what": "总价"}
    answer = browser.post(f"/list-drafts/{draft.id}/items/{item.id}", data=of(item, **form))
    assert answer.status_code == 422
    for words in ("三天", "截留", "改名", "时限请填整数天", "没有写环节名称", "限额须写全"):
        assert words in answer.text
    assert browser.post(f"/list-drafts/{draft.id}/item", data={"title": "集体资产管理"}).status_code == 422


def test_a_flow_is_drawn_wide_and_narrow_warned_about_above_five_steps_and_says_where_an_amount_goes_nh_07_nh_08_nh_09(
    draft: GovernanceList, sign_in: Any
) -> None:
    item = items_of_list(draft)[0]
    page = sign_in("county_administrator").get(f"/list-directory/{draft.id}/items/{item.id}?amount=10000").text
    assert page.count("<svg") == 2 and "diagram-wide" in page and "diagram-narrow" in page
    assert "规避进场交易" in page and "共 6 步" in page and "与上一步同步" in page
    assert "<td" in page and page.count("镇交易中心公开交易") == 2
    below = sign_in("county_clerk").get(f"/list-directory/{draft.id}/items/{item.id}?amount=9999.99").text
    assert below.count("村集体自行公开交易") == 2
    assert sign_in("county_clerk").get(f"/list-directory/{draft.id}/items/{item.id}?amount=NaN").status_code == 200


def test_delegated_work_without_money_is_refused_by_the_editor_with_its_sentence_mn_12_hc_03(
    world: Any, sign_in: Any
) -> None:
    draft = assist_draft(world)
    form = {"title": "防汛值守", "delegated_authority": "只巡查报告", "consent_document": "县委办〔2026〕5号"}
    browser = sign_in("county_clerk")
    answer = browser.post(f"/list-drafts/{draft.id}/item", data=form)
    assert answer.status_code == 422 and "费随事转" in answer.text and items_of_list(draft) == []
    browser.post(f"/list-drafts/{draft.id}/item", data=form | {"funding_source": "县财政"})
    assert [item.title for item in items_of_list(draft)] == ["防汛值守"]


def test_what_the_negative_list_in_force_names_enters_by_no_door_yu_07_st_12(world: Any, session: Any) -> None:
    draft = assist_draft(world, negative="招商引资")
    facets = {"delegated_authority": "协助", "funding_source": "县财政", "consent_document": "会议纪要"}
    with pytest.raises(RuleBroken, match=r"admission\.on_negative_list"):
        services.save_item(draft, {"title": "协助招商引资工作", "facets": facets})
    session.rollback()
    data = {
        "code": "A",
        "kind": "assist",
        "name": {"zh": "协助清单"},
        "items": [{"name": "招商引资", "facets": facets}],
    }
    with pytest.raises(RuleBroken, match=r"admission\.on_negative_list"):
        load_list(world.units["C"], data, "X@1")


def test_a_certificate_that_is_not_kept_enters_by_the_reason_of_one_who_approves_yu_13_yb_36(
    world: Any, session: Any
) -> None:
    load_kinds()
    kept = {"code": "K", "kind": "certificate_keep", "name": {"zh": "保留证明"}, "items": [{"name": "居住证明"}]}
    load_list(world.units["C"], kept)
    draft = services.propose_list(world.units["C"], "public_service", "服务清单", "practice", "便民").draft
    said = {"title": "出具意外证明"}
    with pytest.raises(RuleBroken, match=r"admission\.certificate_not_kept"):
        services.save_item(draft, said)
    session.rollback()
    said |= {"pass_guard": "admission.certificate_not_kept", "reason": ""}
    with pytest.raises(RuleBroken, match="reason_required"):
        services.save_item(draft, said)
    session.rollback()
    clerk, chief = (access.actor_of_user(user_by_name(name).id) for name in ("county_clerk", "county_administrator"))
    with access.acting_as(clerk), pytest.raises(access.NotAllowed):
        services.save_item(draft, said | {"reason": "已核实"})
    session.rollback()
    with access.acting_as(chief):
        item = services.save_item(draft, said | {"reason": "已核实，保险公司书面要求"})
    kept_reason = item.overrides["admission.certificate_not_kept"]
    assert (kept_reason["reason"], kept_reason["by"]) == ("已核实，保险公司书面要求", "county_administrator")
    with pytest.raises(RuleBroken, match=r"admission\.no_exception"):
        services.save_item(draft, {"title": "x", "pass_guard": "guard.veto", "reason": "领导要求"})


def test_an_administrator_adds_a_kind_on_its_page_and_a_list_of_it_asks_its_facets(
    world: Any, session: Any, sign_in: Any
) -> None:
    browser = sign_in("county_administrator")
    form = {"unit": world.units["C"].id, "code": "village_honours", "name_zh": "荣誉清单", "behaviour": "other"}
    bad = browser.post("/list-kinds/new", data=form)
    assert bad.status_code == 422 and "事项名称" in bad.text and "荣誉清单" in bad.text
    for number, (code, label, kind) in enumerate((("item_name", "荣誉名称", "text"), ("rank", "级别", "choice"))):
        form |= {f"facet-{number}-code": code, f"facet-{number}-zh": label, f"facet-{number}-type": kind}
    form["facet-1-choices"] = "县级\n州级"
    assert browser.post("/list-kinds/new", data=form).status_code == 302
    row = session.query(ListKindDefinition).one()
    assert [kind.label for kind in kinds_at(world.units["C1"])] == ["荣誉清单"]
    draft = services.propose_list(world.units["C"], "village_honours", "荣誉", "practice", "试行").draft
    page = browser.get(f"/list-drafts/{draft.id}/item").text
    assert "级别" in page and "<option>州级</option>" in page
    assert sign_in("county_clerk").get(f"/list-kinds/{row.id}").status_code in (302, 403, 404)


def test_facets_of_an_older_installation_come_under_the_names_of_the_kinds(world: Any, session: Any) -> None:
    facets = {"responsible": "村委会", "steps": ["提议", "公示"], "supervision": "村监会"}
    items = [{"code": "01", "name": "村务公开", "facets": facets}]
    row = load_list(world.units["C"], {"code": "L", "kind": "power", "name": {"zh": "小微权力"}, "items": items})[0]
    assert settle_facets() == 1 and settle_facets() == 0
    item = session.query(ListItem).filter_by(list_id=row.id).one()
    assert item.facets == {"responsible_party": "村委会", "supervisor": "村监会"}
    assert item.steps == [{"name": "提议"}, {"name": "公示"}]


PDF = b"%PDF-1.4 basis"


def test_files_of_an_item_are_read_where_the_list_is_stay_in_later_versions_and_go_with_the_last_jy_07(
    draft: GovernanceList, session: Any, sign_in: Any
) -> None:
    clerk, item = sign_in("county_clerk"), items_of_list(draft)[0]
    address = f"/list-drafts/{draft.id}/items/{item.id}"
    for name, content in (("依据.exe", b"MZ"), ("大.pdf", b"%PDF-" + bytes(5 * 1024 * 1024)), ("", b"")):
        clerk.post(f"{address}/files", data=of(item, kind="basis", file=(io.BytesIO(content), name)))
    assert session.query(ListFile).count() == 0
    clerk.post(f"{address}/files", data=of(item, kind="form", file=(io.BytesIO(PDF), "../公示表.pdf")))
    (file,) = item.files
    assert (file["kind"], file["name"]) == ("form", "公示表.pdf")
    place = f"/list-directory/{draft.id}/items/{item.id}/files/{file['id']}"
    got = clerk.get(place)
    assert (got.data, got.mimetype) == (PDF, "application/pdf") and "attachment" in got.headers["Content-Disposition"]
    leader = sign_in("chief_grid_leader")
    assert leader.get(place).status_code == 404 and clerk.get(place + "9").status_code == 404
    draft.state, draft.is_published = "published", True
    change = change_of(draft)
    assert change is not None
    change.stage = "filed"
    session.commit()
    assert leader.get(place).data == PDF and "公示表.pdf" in leader.get(place.rpartition("/files/")[0]).text
    assert clerk.post(f"{address}/files/{file['id']}/remove", data=of(item)).status_code == 302 and item.files
    later = services.propose(draft, "practice", "再完善")
    copy = items_of_list(later.draft)[0]
    assert copy.files == item.files
    services.detach_file(copy, file["id"])
    assert copy.files == [] and session.query(ListFile).count() == 1
    services.attach_file(copy, "chart", "图.pdf", PDF)
    services.roll_back(later)
    assert [one.id for one in session.query(ListFile)] == [file["id"]]


def test_a_file_of_another_list_is_not_taken_away_by_its_number(
    world: Any, draft: GovernanceList, session: Any
) -> None:
    other = assist_draft(world)
    facets = {"delegated_authority": "协助", "funding_source": "县财政", "consent_document": "会议纪要"}
    theirs = services.attach_file(services.save_item(other, {"title": "防汛", "facets": facets}), "basis", "a.pdf", PDF)
    with pytest.raises(access.NotAllowed):
        services.detach_file(items_of_list(draft)[0], theirs.id)
    assert session.query(ListFile).one() is theirs
