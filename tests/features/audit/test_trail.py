"""The trail is read by the audit administrator alone."""

from __future__ import annotations

from typing import Any


def test_the_audit_administrator_reads_the_trail(world: Any, sign_in: Any) -> None:
    page = sign_in("audit_administrator").get("/audit/list/")
    assert page.status_code == 200
    assert "账号 · 新增" in page.get_data(as_text=True)


def test_nobody_else_reads_it_and_nobody_changes_it(world: Any, sign_in: Any) -> None:
    for username in ("county_administrator", "system_administrator", "chief_grid_leader"):
        assert sign_in(username).get("/audit/list/").status_code == 403
    browser = sign_in("audit_administrator")
    assert browser.post("/audit/delete/1").status_code in (404, 405)
    assert browser.post("/audit/add").status_code in (404, 405)
