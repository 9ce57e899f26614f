"""One preview confirmed in two tabs at once is saved once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from factories.installation import own_installation
from factories.rosters import roster
from sqlalchemy import func, select

from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.features.people.models import Person, Post
from app.kit import access
from app.kit.audit import AuditEntry
from app.kit.db import db


def test_a_preview_confirmed_in_two_tabs_at_once_is_saved_once_f06(world_engine: Any, tmp_path: Path) -> None:
    app = own_installation(world_engine, tmp_path)
    with app.app_context(), access.acting_as(access.OPERATOR):
        before = [db.session.scalar(select(func.count()).select_from(model)) for model in (Person, Post)]
        options = services.options_from("C1", None, None, None)
        number = services.preview(queries.door_of("roster"), roster(5), "名册.xlsx", options).id
        db.session.remove()
    ready, counted, failed = threading.Barrier(2), list[int](), list[BaseException]()

    def confirm() -> None:
        try:
            with app.app_context(), access.acting_as(access.OPERATOR):
                batch = db.session.get_one(ImportBatch, number)
                assert batch.state == "previewed"
                db.session.rollback()
                ready.wait(10)
                counted.append(sum(services.confirm(batch).values()))
                db.session.remove()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == [] and sorted(counted) == [0, 5]
    with app.app_context(), access.acting_as(access.OPERATOR):
        after = [db.session.scalar(select(func.count()).select_from(model)) for model in (Person, Post)]
        assert [late - early for early, late in zip(before, after, strict=True)] == [5, 5]
        imported = select(func.count()).where(AuditEntry.kind == "import")
        assert db.session.scalar(imported) == 1
        db.session.remove()
        db.engine.dispose()
