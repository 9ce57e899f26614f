"""The house stands: scope, sessions, audit."""

from __future__ import annotations

from typing import Any


def test_a_grid_worker_signs_in_and_out(world: Any, sign_in: Any) -> None:
    browser = sign_in("grid_worker")
    answer = browser.get("/lookup/org_unit?q=")
    assert answer.status_code == 200
    names = {row["text"] for row in answer.get_json()["results"]}
    assert any(name.startswith("第一子网格") for name in names) and not any("乙镇" in name for name in names)
    browser.post("/logout/")
    assert browser.get("/lookup/org_unit?q=").status_code == 302


def test_a_cookie_kept_from_before_the_sign_out_opens_nothing(world: Any, sign_in: Any, app: Any) -> None:
    browser = sign_in("evaluator")
    kept = browser.get_cookie("qingdan_session").value
    browser.post("/logout/")
    thief = app.test_client()
    thief.set_cookie("qingdan_session", kept)
    assert thief.get("/lookup/org_unit?q=").status_code == 302


def test_every_change_is_in_the_trail(world: Any, session: Any) -> None:
    from app.kit.audit import AuditEntry

    entry = session.query(AuditEntry).filter_by(table_name="org_unit", action="org.add_unit").first()
    assert entry is not None and entry.username == "operator"
