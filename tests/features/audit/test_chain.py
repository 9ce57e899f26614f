"""The chain over the trail, and what an owner of the database cannot do unseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.kit.audit import AuditEntry

VALUES = {
    "at": "'2026-01-05 08:00:00.000001'",
    "user_id": "77",
    "username": "'somebody'",
    "on_behalf_of": "'李四'",
    "address": "'10.9.8.7'",
    "request_id": "'0123'",
    "action": "'org.move'",
    "kind": "'delete'",
    "table_name": "'org_unit'",
    "row_id": "'9999'",
    "changes": '\'{"username": ["", "another"]}\'',
}


def test_an_entry_is_sealed_when_the_act_that_wrote_it_ends_c24(portal: Any) -> None:
    portal.act(5)
    assert portal.rows("SELECT count(*) FROM audit_seal") == [(5,)]
    verdict = portal.verify()
    assert verdict.whole and (verdict.entries, verdict.seals, verdict.unsealed) == (5, 5, 0)


def test_every_column_of_an_entry_is_covered_by_the_cases_below() -> None:
    assert set(VALUES) == {column.name for column in AuditEntry.__table__.columns} - {"id"}


def test_an_edit_of_any_column_is_found_and_named_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner("CREATE TABLE before AS SELECT * FROM audit_entry")
    for column, value in VALUES.items():
        portal.owner(f"UPDATE audit_entry SET {column} = {value} WHERE id = 3")
        first = portal.verify().problems[0]
        assert (column, first.code, first.params) == (column, "audit.edited", {"number": 3, "entry": 3})
        portal.owner(f"UPDATE audit_entry SET {column} = (SELECT {column} FROM before WHERE id = 3) WHERE id = 3")
        assert portal.codes() == []


def test_an_entry_that_holds_nonsense_is_named_f21(portal: Any) -> None:
    portal.act(6)
    broken = "'{\"a\": '" if portal.uri.startswith("sqlite") else "'[]'"
    portal.owner(f"UPDATE audit_entry SET changes = {broken} WHERE id = 4")
    assert portal.verify().problems[0].params["entry"] == 4


def test_an_entry_with_another_id_is_found_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner("UPDATE audit_entry SET id = 900 WHERE id = 3")
    assert portal.verify().problems[0].params == {"number": 3, "entry": 3}


def test_a_deleted_entry_is_found_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner("DELETE FROM audit_entry WHERE id = 2")
    first = portal.verify().problems[0]
    assert (first.code, first.params["entry"]) == ("audit.deleted", 2)


def test_an_entry_deleted_with_its_seal_is_found_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner("DELETE FROM audit_entry WHERE id = 2", "DELETE FROM audit_seal WHERE number = 2")
    assert portal.verify().problems[0].code == "audit.seal_missing"
    portal.owner(*(f"UPDATE audit_seal SET number = {n - 1} WHERE number = {n}" for n in range(3, 7)))
    first = portal.verify().problems[0]
    assert (first.code, first.params["number"]) == ("audit.seal_edited", 2)


def test_entries_that_changed_places_are_found_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner(
        "UPDATE audit_entry SET id = 900 WHERE id = 2",
        "UPDATE audit_entry SET id = 2 WHERE id = 4",
        "UPDATE audit_entry SET id = 4 WHERE id = 900",
    )
    assert portal.verify().problems[0].params["entry"] == 2
    assert portal.verify().broken == 2


def test_seals_that_changed_places_are_found_f21(portal: Any) -> None:
    portal.act(6)
    portal.owner(
        "UPDATE audit_seal SET number = 900 WHERE number = 2",
        "UPDATE audit_seal SET number = 2 WHERE number = 4",
        "UPDATE audit_seal SET number = 4 WHERE number = 900",
    )
    assert portal.verify().problems[0].params["number"] == 2


def test_a_tail_cut_off_is_found_by_the_anchor_f21(portal: Any) -> None:
    portal.act(6)
    with portal.app.app_context():
        from app.kit.chain import anchor

        anchor()
    portal.owner("DELETE FROM audit_entry WHERE id > 4", "DELETE FROM audit_seal WHERE number > 4")
    first = portal.verify().problems[0]
    assert (first.code, first.params["number"], first.params["last"]) == ("audit.truncated", 6, 4)
    portal.act(4)
    assert portal.codes() == ["audit.rewritten"]


def test_an_entry_put_in_between_is_found_f21(portal: Any) -> None:
    portal.act(4)
    portal.owner(
        "INSERT INTO audit_entry (id, at, username, address, action, kind, table_name, row_id, changes) "
        "SELECT -5, '2026-01-05 08:00:00.000001', username, address, action, kind, table_name, row_id, changes "
        "FROM audit_entry WHERE id = 3"
    )
    first = portal.verify().problems[0]
    assert (first.code, first.params) == ("audit.inserted", {"entry": -5})
    portal.act(2)
    assert portal.codes() == ["audit.inserted"]


def test_a_whole_chain_computed_anew_is_found_by_the_anchor_f21(portal: Any) -> None:
    portal.act(4)
    with portal.app.app_context():
        from app.kit.chain import anchor

        kept = anchor()
    portal.owner("UPDATE audit_entry SET username = 'x' WHERE id = 2", "DELETE FROM audit_seal")
    first = portal.verify().problems[0]
    assert (first.code, first.params["number"], first.params["after"]) == ("audit.rewritten", 4, 1)
    (Path(portal.app.config["INSTANCE_DIR"]) / "anchors.jsonl").unlink()
    assert portal.codes() == []
    assert portal.verify((kept["number"], kept["digest"])).problems[0].code == "audit.rewritten"


def test_an_edited_anchor_is_found_f21(portal: Any) -> None:
    portal.act(3)
    file = Path(portal.app.config["INSTANCE_DIR"]) / "anchors.jsonl"
    line = json.loads(file.read_text())
    file.write_text(json.dumps(line | {"number": 99}) + "\n")
    first = portal.verify().problems[0]
    assert (first.code, first.params["line"]) == ("audit.anchor_edited", 1)


def test_a_day_has_one_anchor_and_the_next_day_another_c24(portal: Any) -> None:
    import time_machine

    file = Path(portal.app.config["INSTANCE_DIR"]) / "anchors.jsonl"
    for day, anchors in (("2026-10-01", 1), ("2026-10-01", 1), ("2026-10-02", 2)):
        with time_machine.travel(f"{day} 02:00:00+00:00", tick=False):
            portal.act(2)
        assert len(file.read_text().splitlines()) == anchors
    assert portal.verify().whole


def test_the_database_itself_refuses_c24(portal: Any) -> None:
    portal.act(2)
    for statement in (
        "UPDATE audit_entry SET username = 'x' WHERE id = 1",
        "DELETE FROM audit_entry WHERE id = 1",
        "UPDATE audit_seal SET digest = 'x' WHERE number = 1",
        "DELETE FROM audit_seal WHERE number = 1",
    ):
        with pytest.raises(DBAPIError, match="append-only|180 days"):
            portal.owner(statement, guards=True)
    assert portal.verify().whole


def test_missing_triggers_are_found_c24(portal: Any) -> None:
    portal.act(1)
    portal.owner()
    assert [problem.code for problem in portal.verify().problems] == ["audit.unguarded"]


def test_what_the_sealer_missed_is_counted_and_sealed_by_verify(portal: Any, monkeypatch: Any) -> None:
    from app.kit import chain

    with monkeypatch.context() as patch:
        patch.setattr(chain, "seal", lambda since=None: 0)
        portal.act(3)
    assert portal.verify().unsealed == 3
    assert portal.verify().unsealed == 0


def test_a_sealer_that_fails_does_not_break_the_act(portal: Any, monkeypatch: Any) -> None:
    from app.kit import chain

    def broken(since: Any = None) -> int:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(chain, "seal", broken)
        portal.act(1)
    assert portal.rows("SELECT count(*) FROM audit_entry") == [(1,)]


def test_anchors_of_a_former_key_hold_while_it_is_named_c24(portal: Any) -> None:
    portal.act(2)
    former, portal.app.config["SECRET_KEY"] = portal.app.config["SECRET_KEY"], "another-key-0123456789abcdef0123456789"
    assert portal.codes() == ["audit.anchor_edited"]
    portal.app.config["SECRET_KEY_FALLBACKS"] = [former]
    assert portal.codes() == []


def test_sealers_that_run_at_once_make_one_chain_c24(portal: Any) -> None:
    from threading import Thread

    threads = [Thread(target=portal.act, args=(5,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = portal.verify()
    assert verdict.whole and (verdict.entries, verdict.seals, verdict.unsealed) == (20, 20, 0)


def test_an_entry_of_a_transaction_that_commits_late_is_sealed_after_younger_ones_c24(portal: Any) -> None:
    if portal.uri.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: nothing commits late")
    from app.kit import access, audit
    from app.kit.db import transaction

    with portal.app.app_context(), access.acting_as(access.OPERATOR), transaction():
        audit.record("sign-in", "ab_user", 1, {"username": "late"})
        from threading import Thread

        other = Thread(target=portal.act, args=(2,))
        other.start()
        other.join()
    assert portal.rows("SELECT entry_id FROM audit_seal ORDER BY number") == [(2,), (3,), (1,)]
    assert portal.verify().whole


def test_verify_reads_the_trail_once_in_pieces(portal: Any, monkeypatch: Any) -> None:
    from sqlalchemy import event

    from app.kit import access, audit, chain
    from app.kit.db import db, transaction

    monkeypatch.setattr(chain, "CHUNK", 10)
    seen: list[str] = []
    with portal.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    counts = []
    for _ in range(2):
        with portal.app.app_context(), access.acting_as(access.OPERATOR), transaction():
            for n in range(50):
                audit.record("sign-in", "ab_user", n, {})
        seen.clear()
        assert portal.verify().whole
        counts.append(sum("audit_entry" in statement for statement in seen))
    assert counts[1] - counts[0] <= 6  # fifty entries more are five pieces more
