"""Headless Chromium, live portals, and people who visit them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from browser.chromium import ARGUMENTS, executable
from browser.portal import LivePortal
from browser.visitor import DESK, Visitor

TODAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One headless Chromium for the tests of a module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def standing_clock() -> Iterator[None]:
    """It is a Friday in November 2026 in every thread of the portal."""
    from contextvars import ContextVar

    from app.kit import clock

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_set", ContextVar("clock", default=TODAY))
        yield


@pytest.fixture(scope="session")
def demo_portal(standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """The portal with the demo county."""
    portal = LivePortal(tmp_path_factory.mktemp("demo"))
    portal.command("portal", "init", "--no-admin")
    portal.command("portal", "demo")
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def visit(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """`visit(portal)` gives a person with a browser of his own; at the end no browser may have complained.

    QINGDAN_PICTURES names a folder for a picture of the last page of each.
    """
    visitors: list[Visitor] = []
    pictures = os.environ.get("QINGDAN_PICTURES")

    def arrive(portal: LivePortal, **settings: Any) -> Visitor:
        context = chromium.new_context(**({"viewport": DESK, "locale": "zh-CN", "reduced_motion": "reduce"} | settings))
        visitors.append(Visitor(context, portal.address))
        return visitors[-1]

    yield arrive
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for number, visitor in enumerate(visitors):
        if pictures:
            visitor.page.screenshot(path=f"{pictures}/{request.node.name}-{number}.png")
        visitor.context.close()
    assert not faults, "\n".join(faults)
