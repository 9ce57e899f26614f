"""What a person may ask for: to be told all, to have it corrected, to have struck off what nothing needs any more."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.accounts import own_data
from app.features.duties.services import open_period
from app.features.people.models import Person
from app.kit import access, personal
from app.kit.audit import AuditEntry
from app.kit.db import db

PHONE = "13900001234"


@pytest.fixture
def worker(world: Any, session: Any) -> Person:
    person = world.persons["grid_worker"]
    person.phone, person.remarks = PHONE, "兼管二组"
    session.commit()
    return person


def acting(world: Any, username: str) -> Any:
    return access.acting_as(access.actor_of_user(world.users[username].id))


def test_a_person_is_told_everything_that_is_kept_about_him_c32(world: Any, worker: Person, session: Any) -> None:
    open_period("2026-10", units=[world.units["C1"]])
    told = own_data.about(worker, "本人申请查阅")
    tables = {part["table"]: part["rows"] for part in told["kept"]}
    assert {"person", "post", "duty", "ab_user", "audit_entry"} <= set(tables)
    assert tables["person"][0]["phone"] == PHONE and tables["ab_user"][0]["username"] == "grid_worker"
    assert {row["person_id"] for row in tables["duty"]} == {worker.id}
    assert all(part["holds"] and part["kept"] for part in told["kept"])
    entry = session.query(AuditEntry).filter_by(kind="disclosure").one()
    assert (entry.row_id, entry.changes["reason"]) == (str(worker.id), "本人申请查阅")


def test_no_column_that_names_a_person_is_forgotten_c32(app: Any) -> None:
    person = db.metadata.tables["person"]
    named = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if any(key.column.table is person for key in column.foreign_keys)
    }
    told = {
        f"{model.__tablename__}.{column.key}" for model, columns in own_data._pointing_at(person) for column in columns
    }
    assert told == named


def test_no_credential_is_told_to_anybody_c32(world: Any, worker: Person, sign_in: Any) -> None:
    browser = sign_in("grid_worker")
    told = own_data.about(worker, "查阅")
    columns = {(part["table"], column) for part in told["kept"] for row in part["rows"] for column in row}
    secret = {(entry.table, entry.column) for entry in personal.all_entries(personal.Level.SECRET)}
    assert ("ab_user", "password") in secret and not columns & secret
    text = json.dumps(told)
    assert world.users["grid_worker"].password not in text
    assert browser.get_cookie("qingdan_session").value not in text


def test_nobody_is_told_of_a_person_whose_number_he_may_not_see_c32(world: Any, worker: Person) -> None:
    for username in ("volunteer", "chief_grid_leader_2", "system_administrator", "audit_administrator"):
        with acting(world, username), pytest.raises(access.NotAllowed):
            own_data.about(worker, "查阅")
    with pytest.raises(RuleBroken):
        own_data.about(worker, " ")


def test_what_was_kept_for_a_post_is_struck_off_after_it_c32(world: Any, worker: Person, session: Any) -> None:
    with pytest.raises(RuleBroken) as refusal:
        own_data.strike_off(worker, "本人申请删除")
    assert refusal.value.problems[0].code == "account.still_needed"
    world.posts["grid_worker"].to_on = date(2026, 1, 31)
    session.commit()
    emptied = own_data.strike_off(worker, "本人申请删除")
    session.expire_all()
    assert {"person.phone", "person.remarks"} <= set(emptied)
    assert (worker.phone, worker.remarks, worker.name) == (None, None, world.persons["grid_worker"].name)
    assert not world.users["grid_worker"].active
    last = session.query(AuditEntry).filter_by(kind="struck off").one()
    assert PHONE not in json.dumps(last.changes)


def test_both_are_commands_c32(app: Any, worker: Person) -> None:
    run = app.test_cli_runner().invoke
    where = [worker.name, "--unit", "C1A", "--reason", "本人申请"]
    told = run(args=["personal", "about", *where, "--json"])
    assert told.exit_code == 0 and PHONE in told.output
    assert PHONE in run(args=["personal", "about", *where]).output
    refused = run(args=["personal", "strike-off", *where])
    assert refused.exit_code == 2 and "兼管二组" not in refused.output
