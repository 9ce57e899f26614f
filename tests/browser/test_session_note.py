"""The session ends while somebody types, or what he typed is refused: he is told, and nothing he typed is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.portal import LivePortal
from browser.visitor import Visitor
from factories.world import PASSWORD, make_world
from playwright.sync_api import expect

from app.kit import access

pytestmark = pytest.mark.browser

MINUTE = 60 * 1000


@pytest.fixture
def county(standing_clock: None, tmp_path: Path) -> Iterator[LivePortal]:
    """The portal with the small county of the tests."""
    portal = LivePortal(tmp_path)
    portal.command("portal", "init", "--no-admin")
    with portal.app.app_context(), access.acting_as(access.OPERATOR):
        make_world()
    portal.start()
    yield portal
    portal.stop()


def end_all_sessions(portal: LivePortal) -> None:
    with sqlite3.connect(portal.app.config["INSTANCE_DIR"].parent / "portal.db", timeout=10) as connection:
        connection.execute("UPDATE web_session SET seen_at = '2026-01-01 00:00:00'")


def typing(visitor: Visitor, words: str, row: int) -> None:
    visitor.open("/persons/list/")
    visitor.page.locator("tbody a.row-action", has_text="编辑").nth(row).click()
    visitor.page.locator("#remarks").fill(words)


def test_what_was_typed_outlives_the_session_c06(county: LivePortal, visit: Callable[..., Visitor]) -> None:
    visitor = visit(county)
    visitor.sign_in("county_administrator", PASSWORD)
    visitor.page.clock.install()
    note = visitor.page.locator(".session-note")

    typing(visitor, "写了很久的话", 0)
    visitor.page.clock.fast_forward(28 * MINUTE + 30_000)
    expect(note).to_contain_text("两分钟后")
    note.get_by_role("button", name="继续使用").click()
    expect(note).to_be_hidden()
    visitor.page.clock.fast_forward(31 * MINUTE)
    expect(note).to_contain_text("登录已失效")

    end_all_sessions(county)
    visitor.press("保存")  # he did not read it
    visitor.sees("您填写的内容没有丢失", "写了很久的话")
    elsewhere = Visitor(visitor.context, visitor.address).sign_in("county_administrator", PASSWORD)
    visitor.press("再次提交")
    expect(visitor.page.locator("nav.sidenav")).to_be_attached()
    visitor.open("/persons/list/")
    visitor.page.locator("tbody a.row-action", has_text="编辑").nth(0).click()
    expect(visitor.page.locator("#remarks")).to_have_value("写了很久的话")

    # signed in again in time, the page that was left open goes on by itself
    typing(visitor, "另一段话", 1)
    visitor.page.clock.fast_forward(31 * MINUTE)
    end_all_sessions(county)
    elsewhere.sign_in("county_administrator", PASSWORD)
    expect(note).to_be_hidden()
    visitor.press("保存")
    visitor.open("/persons/list/")
    visitor.page.locator("tbody a.row-action", has_text="编辑").nth(1).click()
    expect(visitor.page.locator("#remarks")).to_have_value("另一段话")
    # the browser notes the status of the page that held the words
    visitor.faults[:] = [fault for fault in visitor.faults if "401" not in fault]


def test_what_was_typed_for_a_refused_act_stands_in_its_form_again(
    county: LivePortal, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(county).sign_in("county_administrator", PASSWORD)
    visitor.open("/list-changes/new")
    reason = visitor.page.locator("#reason")
    visitor.page.locator("#name").fill("  ")
    reason.fill("村民议事会提出，写了很久")
    visitor.page.locator("#trigger").select_option(index=2)
    chosen = visitor.page.locator("#trigger").input_value()
    visitor.press("提出")
    expect(visitor.page.locator(".alert-danger")).to_be_visible()
    expect(reason).to_have_value("村民议事会提出，写了很久")
    assert visitor.page.locator("#trigger").input_value() == chosen
    visitor.open("/list-changes/new")  # opened anew it is empty
    expect(reason).to_have_value("")
