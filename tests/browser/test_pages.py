"""The pages each role is led to: in Chinese, whole on a desk and on a phone, without a complaint of the browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser.portal import LivePortal
from browser.visitor import DESK, PHONE, Visitor

from app.kit import seed

pytestmark = pytest.mark.browser

ROLES = [entry["username"] for entry in seed.read("demo/demo_accounts.yaml")]
# Between them they may open every kind of page; they also go one link further than the navigation.
WANDERERS = ("xianguan", "kaohe", "zongwangge", "dudao", "xitong", "shenji", "anquan")
# Here an administrator reads the English and Korean names, or a record or column as it is stored.
IN_ALL_LANGUAGES = (
    "/list-catalogue/show/*",
    "/list-items/show/*",
    "/audit/show/*",
    "/departments/show/*",
    "/personal-data",
)


@pytest.fixture(scope="module")
def walked() -> set[str]:
    """The kinds of pages beyond the navigation that an earlier wanderer has looked at."""
    return set()


@pytest.mark.parametrize("username", ROLES)
def test_every_page_a_role_is_led_to_is_whole(
    username: str, demo_portal: LivePortal, visit: Callable[..., Visitor], walked: set[str]
) -> None:
    visitor = visit(demo_portal).sign_in(username, _demo_password(demo_portal))
    entries = visitor.navigation()
    assert entries
    kinds, further, faults = {_kind(href) for href in entries}, [], []
    for href in entries:
        faults += _faults_of(visitor, href)
        for link in visitor.links():
            if _kind(link) not in kinds | walked:
                kinds.add(_kind(link))
                further.append(link)
    if username in WANDERERS:
        faults += [fault for link in further for fault in _faults_of(visitor, link)]
        walked |= kinds
    assert not faults, "\n".join(faults)


def _demo_password(portal: LivePortal) -> str:
    from app.features.accounts.demo import demo_password

    with portal.app.app_context():
        return demo_password() or ""


def _kind(href: str) -> str:
    """The address without its arguments and numbers: /score-sheets/* for every slip."""
    return re.sub(r"/\d+", "/*", href.partition("?")[0]).rstrip("/")


def _faults_of(visitor: Visitor, href: str) -> list[str]:
    """What is wrong with a page, in words."""
    visitor.page.set_viewport_size(DESK)
    response = visitor.open(href)
    faults: list[str] = [] if response.status == 200 else [f"status {response.status}"]
    if visitor.page.locator("html").get_attribute("lang") != "zh-CN":
        faults.append("is not marked as Chinese")
    if not visitor.page.locator("main h1").count():
        faults.append("has no heading")
    if _kind(href) not in IN_ALL_LANGUAGES and (words := visitor.english()):
        faults.append(f"speaks English: {', '.join(sorted(words))}")
    faults += [f"chart: {chart}" for chart in visitor.charts() if not (chart["drawn"] and chart["told"])]
    faults += [f"too wide on a desk: {wide}" for wide in [visitor.overflow()] if wide]
    visitor.page.set_viewport_size(PHONE)
    faults += [f"too wide on a phone: {wide}" for wide in [visitor.overflow()] if wide]
    return [f"{href}: {fault}" for fault in faults]
