"""Headless Chromium and live portals. Without Chromium or a Chinese font the tests say what to install and do not run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from browser.chromium import ARGUMENTS, executable, what_is_missing
from browser.portal import LivePortal
from browser.visitor import DESK, Visitor

TODAY = datetime(2026, 11, 20, 1, tzinfo=UTC)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A run without a browser must not look like a run in which the browser tests passed."""
    if any("install them with" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_sep("=", "BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line(what_is_missing())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless Chromium for all tests."""
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
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
def demo_portal(chromium: Any, standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """The portal with the demo county."""
    portal = LivePortal(tmp_path_factory.mktemp("demo"))
    portal.command("portal", "init", "--no-admin")
    portal.command("portal", "demo")
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visitor]]:
    """`visit(portal)` gives a person with a browser of his own; at the end no browser may have complained."""
    visitors: list[Visitor] = []

    def arrive(portal: LivePortal, **settings: Any) -> Visitor:
        context = chromium.new_context(**({"viewport": DESK, "locale": "zh-CN", "reduced_motion": "reduce"} | settings))
        visitors.append(Visitor(context, portal.address))
        return visitors[-1]

    yield arrive
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert not faults, "\n".join(faults)
