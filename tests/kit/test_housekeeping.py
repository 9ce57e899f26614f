"""The daily round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation

from app.kit import housekeeping
from app.kit.backup import making


def test_a_step_that_fails_stops_none_of_the_others(app: Any, session: Any) -> None:
    def fails() -> None:
        raise OSError("the disk is full\nsecond line")

    first, second = housekeeping.run({"a": fails, "b": lambda: 3})
    assert (first.done, first.words) == (False, "OSError: the disk is full")
    assert (second.done, second.words) == (True, "3")


def test_every_night_the_trail_is_signed_and_a_backup_kept_c41(
    world_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = own_installation(world_engine, tmp_path)
    runner = app.test_cli_runner()
    done = runner.invoke(args=["portal", "daily"])
    assert done.exit_code == 0, done.output
    (file,) = (tmp_path / "backups").glob("qingdan-daily-*")
    with making.archive.opened(file, "") as (manifest, parts):
        assert manifest.chain["digest"] in (parts / "instance" / "anchors.jsonl").read_text()
    monkeypatch.setattr(making, "make", lambda *_a, **_k: (_ for _ in ()).throw(OSError("no space")))
    failed = runner.invoke(args=["portal", "daily"])
    assert failed.exit_code == 1 and "backup: OSError: no space" in failed.output and "anchor:" in failed.output
