"""`flask audit verify | anchor | purge` as the operator runs them."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.kit import clock


def run(portal: Any, *words: str) -> Any:
    return portal.app.test_cli_runner().invoke(args=["audit", *words])


def long_ago(portal: Any, days: int, count: int = 1) -> None:
    with clock.at(datetime.now(UTC) - timedelta(days=days)):  # noqa: TID251 — the database's clock decides
        portal.act(count)


def test_verify_says_that_the_trail_is_whole_and_stands_in_it_c24(portal: Any) -> None:
    portal.act(3)
    answer = run(portal, "verify", "--json")
    said = json.loads(answer.output)
    assert answer.exit_code == 0 and said["whole"] and (said["entries"], said["seals"]) == (3, 3)
    assert portal.rows("SELECT action, kind FROM audit_entry ORDER BY id DESC LIMIT 1") == [("audit.verify", "verify")]
    assert json.loads(run(portal, "verify", "--json").output)["entries"] == 4


def test_verify_leaves_with_1_and_names_the_first_broken_row_f21(portal: Any) -> None:
    portal.act(5)
    portal.owner("UPDATE audit_entry SET username = 'x' WHERE id >= 3")
    answer = run(portal, "verify", "--json")
    said = json.loads(answer.output)
    assert answer.exit_code == 1 and not said["whole"] and said["broken"] == 3
    assert (said["first"]["code"], said["first"]["entry"]) == ("audit.edited", 3)
    assert "3" in run(portal, "verify").output.splitlines()[0]


def test_verify_runs_the_checks_that_features_registered(portal: Any, monkeypatch: Any) -> None:
    from app.kit import audit

    monkeypatch.setitem(audit._checks, "frozen results", lambda: ["run 7 is not as it was published"])
    answer = run(portal, "verify")
    assert answer.exit_code == 1 and "run 7 is not as it was published" in answer.output


def test_an_anchor_is_printed_and_can_be_held_against_the_chain_c24(portal: Any) -> None:
    portal.act(3)
    printed = run(portal, "anchor").output.split()[1]
    assert run(portal, "verify", "--against", printed).exit_code == 0
    assert run(portal, "verify", "--against", "2:" + "0" * 64).exit_code == 1


def test_entries_of_179_days_stay_and_those_of_181_go_by_policy_c25(portal: Any) -> None:
    portal.app.config["AUDIT_RETENTION_DAYS"] = 180
    long_ago(portal, 400, 2)
    long_ago(portal, 181, 2)
    long_ago(portal, 179, 2)
    portal.act(1)
    said = json.loads(run(portal, "purge", "--json").output)
    assert (said["first"], said["last"], said["entries"]) == (1, 4, 4)
    assert portal.rows("SELECT id FROM audit_entry ORDER BY id")[0] == (5,)
    verdict = portal.verify()
    assert verdict.whole and (verdict.purged, verdict.entries) == (4, 4)
    assert json.loads(run(portal, "purge", "--json").output) == {"entries": 0}


def test_what_is_purged_stands_in_a_file_whose_hash_stands_in_the_trail_c25(portal: Any) -> None:
    portal.app.config["AUDIT_RETENTION_DAYS"] = 180
    long_ago(portal, 300, 3)
    portal.act(1)
    file = Path(json.loads(run(portal, "purge", "--json").output)["file"])
    kept = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    assert [row["changes"]["username"][1] for row in kept] == ["村民0", "村民1", "村民2"]
    changes = portal.rows("SELECT changes FROM audit_entry WHERE kind = 'purge'")[0][0]
    noted = json.loads(changes) if isinstance(changes, str) else changes
    assert noted["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest() and (noted["from"], noted["to"]) == (1, 3)


def test_a_purge_that_nobody_signed_hides_no_deletion_f21(portal: Any) -> None:
    long_ago(portal, 300, 3)
    portal.act(2)
    portal.owner(
        "INSERT INTO audit_entry (id, at, username, address, action, kind, table_name, row_id, changes) "
        "SELECT 50, at, username, address, 'audit.purge', 'purge', 'audit_entry', '1-3', "
        '\'{"from": 1, "to": 3, "hmac": "00"}\' FROM audit_entry WHERE id = 5',
        "DELETE FROM audit_entry WHERE id <= 3",
    )
    first = portal.verify().problems[0]
    assert (first.code, first.params["entry"]) == ("audit.deleted", 1)


def test_the_database_lets_go_of_nothing_younger_than_180_days_c25(portal: Any) -> None:
    long_ago(portal, 181)
    long_ago(portal, 179)
    with pytest.raises(DBAPIError, match="180 days"):
        portal.owner("DELETE FROM audit_entry WHERE id = 2", guards=True)
    portal.owner("DELETE FROM audit_entry WHERE id = 1", guards=True)


def test_a_wrong_clock_of_the_portal_purges_nothing_c25(portal: Any) -> None:
    portal.app.config["AUDIT_RETENTION_DAYS"] = 180
    portal.act(2)
    with clock.at(datetime.now(UTC) + timedelta(days=4000)):  # noqa: TID251
        assert isinstance(run(portal, "purge").exception, DBAPIError)
    assert portal.rows("SELECT count(*) FROM audit_entry") == [(2,)]
    assert list((Path(portal.app.config["INSTANCE_DIR"]) / "audit-archive").iterdir()) == []


def test_less_than_six_months_are_refused_at_the_start_c25(monkeypatch: Any) -> None:
    from app import config

    monkeypatch.setenv("QINGDAN_AUDIT_DAYS", "179")
    with pytest.raises(config.UnsafeConfiguration, match="six months"):
        config.settings("testing")
    monkeypatch.setenv("QINGDAN_AUDIT_DAYS", "180")
    assert config.settings("testing")["AUDIT_RETENTION_DAYS"] == 180


def test_no_path_through_the_models_changes_or_deletes_an_entry_c24(portal: Any) -> None:
    from app.kit.audit import AuditEntry
    from app.kit.db import db

    portal.act(1)
    with portal.app.app_context():
        db.session.get(AuditEntry, 1).username = "x"
        with pytest.raises(RuntimeError, match="append-only"):
            db.session.flush()
        db.session.rollback()
        db.session.delete(db.session.get(AuditEntry, 1))
        with pytest.raises(RuntimeError, match="append-only"):
            db.session.flush()
        db.session.rollback()


def test_a_session_that_holds_the_lock_keeps_no_sealer_waiting(portal: Any) -> None:
    from sqlalchemy import text

    from app.kit import audit, chain
    from app.kit.db import db
    from app.kit.verify import verify

    portal.act(2)
    with portal.app.app_context():
        db.session.execute(text("SELECT 1"))  # outside a request this begins a transaction that may write
        chain.seal()
        assert verify().whole
        with db.engine.begin() as other:
            other.execute(text("DELETE FROM sign_in_failure"))
        assert audit.checks()
