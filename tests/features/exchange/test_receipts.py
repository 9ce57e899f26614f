"""The receipt of an import, who may see it, the file itself, and the page that takes the import back."""

from __future__ import annotations

from typing import Any

import pytest
from factories.rosters import roster
from sqlalchemy import select

from app.features.accounts.models import PortalUser
from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.features.people.models import Person
from app.kit import access
from app.kit.audit import AuditEntry
from app.kit.db import db

FILE = roster(3)


@pytest.fixture
def imported(world: Any) -> ImportBatch:
    """A roster of three new persons of the first township, saved by its clerk."""
    with access.everything("the test names an account"):
        user_id = db.session.scalar(select(PortalUser.id).where(PortalUser.username == "county_clerk"))
    with access.acting_as(access.actor_of_user(user_id)):
        options = services.options_from("C1", None, None, None)
        batch = services.preview(queries.door_of("roster"), FILE, "名册.xlsx", options)
        services.confirm(batch)
    return batch


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status
    return str(answer.get_data(as_text=True))


def test_the_receipt_says_what_was_imported_and_hands_the_file_out_again(imported: ImportBatch, sign_in: Any) -> None:
    clerk = sign_in("county_clerk")
    page = text(clerk.get(f"/imports/{imported.id}"))
    assert imported.sha256 in page and "名册.xlsx" in page
    (row, *_others) = queries.rows_of(imported, "new").found
    assert row.label in page
    assert clerk.post(f"/imports/{imported.id}/original").data == FILE
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "exchange.original")).one()
    assert told.changes["sha256"] == imported.sha256
    assert f"/imports/{imported.id}" in text(clerk.get("/imports/"))
    assert f"/imports/{imported.id}" in text(clerk.get(f"/exchange/batch/{imported.id}"))


def test_who_may_import_there_sees_it_and_a_stranger_does_not(imported: ImportBatch, sign_in: Any) -> None:
    address = f"/imports/{imported.id}"
    colleague = sign_in("county_administrator")
    assert "名册.xlsx" in text(colleague.get(address))
    assert address in text(colleague.get("/imports/?sheet=roster&unit=C1&state=applied"))
    assert address not in text(colleague.get("/imports/?month=2001-01"))
    for stranger in (sign_in("evaluator_2"), sign_in("sub_grid_leader"), sign_in("system_administrator")):
        assert stranger.get(address).status_code in (403, 404)
        assert stranger.get(f"{address}/undo").status_code in (403, 404)
        assert stranger.post(f"{address}/undo", data={"reason": "x"}).status_code in (403, 404)
        assert stranger.post(f"{address}/original").status_code in (403, 404)


def test_numbers_masked_on_pages_do_not_leave_with_somebody_elses_file(
    imported: ImportBatch, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, holds = f"/imports/{imported.id}", access.Actor.holds
    monkeypatch.setattr(
        access.Actor, "holds", lambda who, about, verb="view": verb != "unmask" and holds(who, about, verb)
    )
    assert "/original" not in text(sign_in("county_administrator").get(address))
    assert sign_in("county_administrator").post(f"{address}/original").status_code == 403
    assert sign_in("county_clerk").post(f"{address}/original").data == FILE


def test_an_import_is_taken_back_on_its_page_once(imported: ImportBatch, sign_in: Any) -> None:
    clerk, there = sign_in("county_clerk"), db.session.query(Person).count()
    address = f"/imports/{imported.id}"
    assert 'name="reason"' in text(clerk.get(f"{address}/undo"))
    clerk.post(f"{address}/undo", data={"reason": ""})
    assert db.session.get(ImportBatch, imported.id).state == "applied"
    for _click in range(2):
        assert clerk.post(f"{address}/undo", data={"reason": "传错文件"}).status_code == 302
    page = text(clerk.get(address))
    assert "传错文件" in page and "撤销本次导入" not in page.split("<main")[1]
    with access.everything("the test counts"):
        assert db.session.query(Person).count() == there - 3
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "undo")).all()) == 1


def test_what_builds_on_an_import_is_listed_with_links(imported: ImportBatch, sign_in: Any, operator: Any) -> None:
    from app.kit.db import transaction

    person = db.session.query(Person).order_by(Person.id.desc()).first()
    with transaction():
        person.remarks = "后来改的"
    page = text(sign_in("county_clerk").get(f"/imports/{imported.id}/undo"))
    assert person.name in page and 'name="reason"' not in page and f"/{person.id}" in page
