"""Every page a role finds in its navigation: in Chinese, whole on a desk and on a phone, without a complaint of the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser.portal import LivePortal
from browser.visitor import DESK, PHONE, Visitor

from app.kit import seed

pytestmark = pytest.mark.browser

ROLES = [entry["username"] for entry in seed.read("demo/demo_accounts.yaml")]


@pytest.mark.parametrize("username", ROLES)
def test_every_entry_of_the_navigation_is_a_whole_page(
    username: str, demo_portal: LivePortal, visit: Callable[..., Visitor]
) -> None:
    visitor = _demo_visitor(username, demo_portal, visit)
    entries = visitor.navigation()
    assert entries
    faults = [fault for href, label in entries.items() for fault in _faults_of(visitor, href, label)]
    assert not faults, "\n".join(faults)


def _demo_visitor(username: str, portal: LivePortal, visit: Callable[..., Visitor]) -> Visitor:
    from app.features.accounts.demo import demo_password

    with portal.app.app_context():
        password = demo_password()
    assert password
    return visit(portal).sign_in(username, password)


def _faults_of(visitor: Visitor, href: str, label: str) -> list[str]:
    """What is wrong with a page, in words."""
    visitor.page.set_viewport_size(DESK)
    response = visitor.open(href)
    faults: list[str] = [] if response.status == 200 else [f"status {response.status}"]
    if visitor.page.locator("html").get_attribute("lang") != "zh-CN":
        faults.append("is not marked as Chinese")
    if not visitor.page.locator("main h1").count():
        faults.append("has no heading")
    faults += [f"speaks English: {', '.join(sorted(words))}" for words in [visitor.english()] if words]
    faults += [f"chart: {chart}" for chart in visitor.charts() if not (chart["drawn"] and chart["told"])]
    faults += [f"too wide on a desk: {wide}" for wide in [visitor.overflow()] if wide]
    visitor.page.set_viewport_size(PHONE)
    faults += [f"too wide on a phone: {wide}" for wide in [visitor.overflow()] if wide]
    return [f"{label} {href}: {fault}" for fault in faults]
