"""The drill: a backup taken while many write, restored elsewhere, is one instant, verifies, and lets people in."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from factories.installation import digests, empty_installation
from faults.people import report, reported, signed_in
from faults.state import assert_whole, tell

from app.kit import access
from app.kit.backup import archive, making, restoring

WORDS = "einundzwanzig Hasen"
USERS = ("sub_grid_leader", "chief_grid_leader", "sub_grid_leader_2", "chief_grid_leader_2")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_answered_before_a_backup_is_in_it_f15_c41(fresh: Any, tmp_path: Path, kind: str) -> None:
    app, stop, answered = fresh(), threading.Event(), []

    def work(username: str) -> None:
        browser, number = signed_in(app, username), 0
        while not stop.is_set():
            words = f"{username}-{number}"
            if report(browser, words).status_code == 302:
                answered.append(words)
            number += 1

    people = [threading.Thread(target=work, args=(username,)) for username in USERS]
    for one in people:
        one.start()
    made, known = [], []
    for n in range(3):
        while len(answered) < 8 * (n + 1) and all(one.is_alive() for one in people):
            time.sleep(0.05)
        known.append(set(answered))
        with app.app_context():
            made.append(making.make(words=WORDS))
    stop.set()
    for one in people:
        one.join()
    assert len(known[-1]) > len(known[0]) > 0, "nobody wrote meanwhile"
    for n, (backup, before) in enumerate(zip(made, known, strict=True)):
        target = empty_installation(tmp_path / f"restored{n}", kind, f"drill{n}")
        with target.app_context(), access.acting_as(access.OPERATOR):
            done = restoring.restore(backup.file, replace=False, words=WORDS)
        assert done.problems == []
        there = reported(target)
        assert before <= set(there), "answered before the backup and not in it"
        assert len(there) == len(set(there)) == backup.manifest.tables["lead"]
        assert all(f"{name}-{i}" in there for name in USERS for i in range(newest(there, name))), (
            "a hole in what one wrote"
        )
        assert report(signed_in(target, "sub_grid_leader"), "接着用").status_code == 302
        assert_whole(target)
    tell(
        f"F15: 3 backups while {len(USERS)} people wrote {len(answered)} leads, restored on {kind}: {[len(one) for one in known]} answered before, all there"
    )


def newest(there: list[str], name: str) -> int:
    return max((int(words.rsplit("-", 1)[1]) for words in there if words.rsplit("-", 1)[0] == name), default=0)


def test_from_one_kind_of_database_to_the_other_and_back_nothing_changes_f15(fresh: Any, tmp_path: Path) -> None:
    app = fresh()
    before, current, file = digests(app), app, None
    for n, kind in enumerate(["postgresql", "sqlite"]):
        with current.app_context():
            file = making.make(to=tmp_path / f"way{n}.tar.gz").file
        current = empty_installation(tmp_path / f"on{n}", kind, f"way{n}")
        with current.app_context(), access.acting_as(access.OPERATOR):
            restoring.restore(file, replace=False, words="")
    after = digests(current)
    left_out = {"audit_entry", "audit_seal", "web_session"}
    assert {k: v for k, v in after.items() if k not in left_out} == {
        k: v for k, v in before.items() if k not in left_out
    }
    with archive.opened(tmp_path / "way1.tar.gz", "") as (manifest, _parts):
        assert manifest.dialect == "postgresql"
    assert_whole(current)
