"""While a workbook is read or written the database is free: on SQLite everybody else would wait for it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from factories.rosters import roster
from factories.world import PASSWORD

from app.features.exchange.models import ImportBatch
from app.kit import excel
from app.kit.db import db


@pytest.mark.parametrize("name", ["read", "write"])
def test_no_lock_is_held_while_a_file_is_made_or_read_f04(
    name: str, world_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = own_installation(world_engine, tmp_path)
    browser, held = app.test_client(), list[bool]()
    real = getattr(excel, name)

    def watched(*arguments: Any, **named: Any) -> Any:
        held.append(db.session().in_transaction())
        return real(*arguments, **named)

    monkeypatch.setattr(excel, name, watched)
    assert browser.post("/login/", data={"username": "county_clerk", "password": PASSWORD}).status_code == 302
    if name == "read":
        form = {"file": (io.BytesIO(roster(3)), "r.xlsx"), "unit": "C1", "request_key": "a-key-of-this-one-upload"}
        answers = [browser.post("/exchange/import/roster", data=form)]
    else:
        answers = [browser.post("/exchange/export/roster.xlsx", data={"unit": "C1"})]
    assert answers[0].status_code in (200, 302) and held == [False]
    with app.app_context():
        assert db.session.query(ImportBatch).count() == (name == "read")
        db.session.remove()
        db.engine.dispose()
