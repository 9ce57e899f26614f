"""What was refused stands in the trail; what the trail cannot hold is not done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from app.kit.audit import AuditEntry


def last(session: Any, kind: str) -> AuditEntry:
    return session.scalars(select(AuditEntry).where(AuditEntry.kind == kind).order_by(AuditEntry.id.desc())).first()


def refusals(session: Any) -> int:
    return session.query(AuditEntry).filter_by(kind="refused").count()


def test_a_page_that_is_not_yours_is_noted_with_who_and_what_c23(world: Any, session: Any, sign_in: Any) -> None:
    browser = sign_in("grid_worker")
    assert browser.get("/audit/list/").status_code == 403
    entry = last(session, "refused")
    assert (entry.username, entry.row_id, entry.changes["status"]) == ("grid_worker", "/audit/list/", 403)


def test_a_row_of_another_village_is_noted_c23(world: Any, session: Any, sign_in: Any) -> None:
    browser = sign_in("chief_grid_leader")
    stranger = world.persons["grid_worker_2"].id
    assert browser.get(f"/person/{stranger}").status_code == 404
    assert last(session, "refused").changes["path"] == f"/person/{stranger}"


def test_a_wrong_address_and_a_stranger_are_no_refusals(world: Any, session: Any, client: Any, sign_in: Any) -> None:
    sign_in("grid_worker").get("/nothing-of-the-kind")
    client.get("/audit/list/")
    assert refusals(session) == 0


def test_a_command_that_runs_as_somebody_without_the_right_is_noted_c23(world: Any, session: Any, app: Any) -> None:
    answer = app.test_cli_runner().invoke(args=["audit", "verify", "--as", "grid_worker"])
    assert answer.exit_code == 2
    assert (last(session, "refused").username, last(session, "refused").row_id) == ("grid_worker", "audit")


def test_when_the_trail_cannot_be_written_nothing_is_saved_c26(world: Any, session: Any, sign_in: Any) -> None:
    from app.features.org.models import OrgUnit

    browser = sign_in("county_administrator")
    session.execute(text("ALTER TABLE audit_entry RENAME TO audit_entry_gone"))
    session.commit()
    before = session.query(OrgUnit).count()
    form = {"level": "village", "code": "C1Z", "name": "新村", "parent": str(world.units["C1"].id), "sort_order": "0"}
    answer = browser.post("/units/add", data=form)
    assert answer.status_code == 503
    assert "没有保存" in answer.get_data(as_text=True)
    assert session.query(OrgUnit).count() == before
    session.execute(text("ALTER TABLE audit_entry_gone RENAME TO audit_entry"))
    session.commit()
    assert browser.post("/units/add", data=form).status_code == 302
    assert session.query(OrgUnit).count() == before + 1


def test_nobody_is_let_in_while_the_trail_cannot_be_written_c26(world: Any, session: Any, client: Any) -> None:
    from factories.world import PASSWORD

    session.execute(text("ALTER TABLE audit_entry RENAME TO audit_entry_gone"))
    session.commit()
    answer = client.post("/login/", data={"username": "grid_worker", "password": PASSWORD})
    assert answer.status_code == 503
    assert client.get("/").status_code == 302


def test_a_form_that_comes_back_because_the_row_lies_outside_is_noted_c23(
    world: Any, session: Any, sign_in: Any
) -> None:
    form = {
        "name": "新人",
        "unit": str(world.units["C1A"].id),
    }  # he sees the village, and writes in his total grid alone
    answer = sign_in("chief_grid_leader").post("/persons/add", data=form)
    assert answer.status_code == 200 and "职责范围" in answer.text
    assert last(session, "refused").row_id == "/persons/add"
