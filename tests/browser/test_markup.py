"""A real browser opens pages whose data are markup: no script runs, no dialog comes, nobody else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.portal import LivePortal
from browser.visitor import Visitor
from factories.world import PASSWORD, make_world

pytestmark = pytest.mark.browser
PAYLOAD = '</script><script>window.ran=1;alert(1)</script><img src=x onerror="window.ran=1;alert(1)">'


@pytest.fixture(scope="module")
def poisoned(standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A small county whose units and persons are called by markup."""
    folder: Path = tmp_path_factory.mktemp("poisoned")
    portal = LivePortal(folder)
    portal.command("portal", "init", "--no-admin")
    with portal.app.app_context():
        from app.kit import access
        from app.kit.db import transaction

        with access.acting_as(access.OPERATOR), transaction():
            world = make_world()
            for person in world.persons.values():
                person.remarks = PAYLOAD * 3
                person.name = PAYLOAD[:60]
                person.certificate_no = PAYLOAD[:40]
            world.units["C1A"].name = PAYLOAD
            world.units["C1A-G1-01"].aliases = [PAYLOAD]
    portal.start()
    yield portal
    portal.stop()


def test_nothing_that_was_typed_runs_in_a_browser_c35(poisoned: LivePortal, visit: Callable[..., Visitor]) -> None:
    visitor = visit(poisoned).sign_in("chief_grid_leader", PASSWORD)
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    opened = 0
    for address in ["/roster/", "/persons/list/", "/posts/list/", "/units/list/", *_persons(visitor), "/"]:
        answer = visitor.open(address)
        opened += answer.status == 200
        assert visitor.page.evaluate("() => window.ran === undefined"), address
    assert opened > 5 and dialogs == []
    visitor.open(_persons(visitor)[0])
    assert "<script>window.ran=1" in visitor.text(), "what was typed is read as it was typed"


def _persons(visitor: Visitor) -> list[Any]:
    visitor.open("/roster/")
    links = visitor.page.locator("main a[href^='/person/']").evaluate_all(
        "links => links.map(l => l.getAttribute('href'))"
    )
    return list(dict.fromkeys(links))[:3]
