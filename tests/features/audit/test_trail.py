"""The trail is read by the audit administrator alone."""

from __future__ import annotations

from typing import Any


def test_the_audit_administrator_reads_the_trail(world: Any, sign_in: Any) -> None:
    page = sign_in("audit_administrator").get("/audit/list/")
    assert page.status_code == 200
    assert "账号 · 新增" in page.get_data(as_text=True)


def test_nobody_else_reads_it_and_nobody_changes_it_c15(world: Any, sign_in: Any) -> None:
    for username in ("county_administrator", "system_administrator", "security_administrator", "chief_grid_leader"):
        browser = sign_in(username)
        assert browser.get("/audit/list/").status_code == 403
        assert browser.get("/audit/1").status_code == 403
        assert browser.post("/audit/export").status_code == 403
        assert browser.post("/audit/verify").status_code == 403
    browser = sign_in("audit_administrator")
    assert browser.post("/audit/delete/1").status_code in (404, 405)
    assert browser.post("/audit/add").status_code in (404, 405)


def shown(browser: Any, **wanted: str) -> str:
    return str(browser.get("/audit/list/", query_string=wanted).get_data(as_text=True))


def rows(page: str) -> int:
    return page.count("<tr>") - 1


def test_the_trail_is_searched_by_day_person_act_kind_record_and_address(world: Any, sign_in: Any) -> None:
    from app.kit import clock

    leader = world.persons["chief_grid_leader"]
    sign_in("chief_grid_leader")
    browser = sign_in("audit_administrator")
    today = clock.today().isoformat()
    assert rows(shown(browser, person=leader.name, kind="sign-in")) == 1
    assert rows(shown(browser, person="chief_grid_leader", kind="sign-in", since=today, until=today)) == 1
    assert rows(shown(browser, kind="sign-in", area="accounts", address="127.0.0.1")) == 2
    assert rows(shown(browser, record="person", row_id=str(leader.id))) == 1
    for nothing in ({"address": "10.1.1.1"}, {"since": "2999-01-01"}, {"until": "2001-01-01"}, {"person": "%"}):
        assert "没有符合条件的记录" in shown(browser, **nothing), nothing
    assert browser.get("/audit/list/?since=nonsense&page=-3").status_code == 200


def test_an_entry_shows_before_and_after_in_words(world: Any, session: Any, sign_in: Any) -> None:
    from app.kit.audit import AuditEntry
    from app.kit.db import transaction

    with transaction():
        world.units["C1A"].name = "甲东新村"
    entry = session.query(AuditEntry).filter_by(table_name="org_unit", kind="edit").one()
    page = sign_in("audit_administrator").get(f"/audit/{entry.id}").get_data(as_text=True)
    assert "名称" in page and "甲东村" in page and "甲东新村" in page


def test_the_trail_is_taken_away_as_a_file_and_that_stands_in_it_c23(world: Any, session: Any, sign_in: Any) -> None:
    from app.kit.audit import AuditEntry

    browser = sign_in("audit_administrator")
    answer = browser.post("/audit/export", data={"format": "csv", "kind": "sign-in"})
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert answer.mimetype == "text/csv" and len(lines) == 3 + 1 and "audit_administrator" in lines[-1]
    workbook = browser.post("/audit/export", data={"format": "xlsx"})
    assert workbook.data.startswith(b"PK")
    entries = session.query(AuditEntry).filter_by(kind="export", table_name="audit_entry").order_by(AuditEntry.id).all()
    assert [entry.changes["format"] for entry in entries] == ["csv", "xlsx"] and entries[0].changes["rows"] == 1


def test_the_audit_administrator_verifies_from_the_page_c24(world: Any, session: Any, sign_in: Any) -> None:
    page = sign_in("audit_administrator").post("/audit/verify").get_data(as_text=True)
    assert "审计日志完整" in page


def test_a_workbook_of_a_form_is_called_by_its_title(world: Any, session: Any, sign_in: Any) -> None:
    from app.features.forms.services import publish_form
    from app.kit import audit

    field = {"code": "n", "label": {"zh": "数量"}, "type": "integer"}
    section = {"code": "main", "title": {"zh": "内容"}, "fields": [field]}
    spec = {"code": "visits", "version": 1, "title": {"zh": "走访记录"}, "sections": [section]}
    publish_form(spec, world.units["C"], settings={"keeper_level": "village"})
    for code in ("form-visits", "form-gone"):
        audit.record("export", code, "C1", {"rows": 3})
    session.commit()
    page = sign_in("audit_administrator").get("/audit/list/").text
    assert "“走访记录”表格" in page and "form-visits" not in page
    assert "form-gone" in page, "a form that is no more leaves its code"
