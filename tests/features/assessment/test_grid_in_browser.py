"""The scoring grid in a real browser: by the keyboard alone, with a block pasted from a workbook."""

from __future__ import annotations

import shutil
import threading
from typing import Any

import pytest
from factories.world import PASSWORD, make_world

pytestmark = pytest.mark.browser
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def portal(tmp_path: Any) -> Any:
    """A portal of its own with an open round, served on a free port: (address, round id, unit ids by code)."""
    from flask_migrate import upgrade
    from werkzeug.serving import make_server

    from app import create_app
    from app.cli import sync
    from app.features.assessment import queries, services
    from app.features.assessment.reference import load_schemes
    from app.kit import access

    flask_app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'grid.db'}", "INSTANCE_DIR": tmp_path})
    with flask_app.app_context(), access.acting_as(access.OPERATOR):
        upgrade()
        sync()
        world = make_world()
        load_schemes()
        scheme = queries.scheme_by_name("CJ-VILLAGE-DEMO", world.units["C"])
        round_id = services.open_round("V2026", scheme, "2026", world.units["C1"]).id
        units = {code: unit.id for code, unit in world.units.items()}
    server = make_server("127.0.0.1", 0, flask_app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}", round_id, units
    server.shutdown()


@pytest.fixture
def page(portal: Any) -> Any:
    """The grid, opened by the evaluator."""
    from playwright.sync_api import sync_playwright

    address, round_id, _units = portal
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/login/")
        page.fill("#username", "evaluator")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        page.goto(f"{address}/assessment-scores/{round_id}")
        yield page
        assert faults == []
        browser.close()


def cell(page: Any, unit: int, item: str) -> Any:
    return page.locator(f'tr[data-unit="{unit}"] td[data-item="{item}"]')


def stored(page: Any, unit: int, item: str, text: str) -> None:
    page.wait_for_selector(f'tr[data-unit="{unit}"] td[data-item="{item}"][data-stored="{text}"]')


def paste(page: Any, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_a_village_is_scored_by_the_keyboard_and_by_a_pasted_block(page, portal):
    _address, _round_id, units = portal
    first, second = units["C1A"], units["C1B"]
    keys = page.keyboard

    # Type, Enter moves down, Shift+Enter up, Tab right; arrows move.
    keys.type("3.5")
    keys.press("Enter")
    stored(page, first, "A1", "3.50")
    keys.type("-2")
    keys.press("Shift+Enter")
    stored(page, second, "A1", "-2")
    keys.press("Tab")
    keys.type("11/12")
    keys.press("ArrowDown")
    stored(page, first, "A2", "11/12")
    assert page.evaluate("document.activeElement.dataset.item") == "A2"
    assert page.evaluate("document.activeElement.parentElement.dataset.unit") == str(second)
    assert "8.08" in page.locator(f'tr[data-unit="{first}"] [data-total="final"]').inner_text()

    # Esc gives back what stood there; F2 edits it.
    keys.press("ArrowUp")
    keys.type("9")
    keys.press("Escape")
    assert cell(page, first, "A2").inner_text() == "11/12"
    keys.press("F2")
    keys.press("Backspace")
    keys.type("1")
    keys.press("Enter")
    stored(page, first, "A2", "11/11")

    # A fault is told at its cell, in words; what was typed stays.
    keys.press("Home")
    keys.type("7")
    keys.press("Tab")
    page.wait_for_selector(f'tr[data-unit="{second}"] td[data-item="A1"].bad')
    assert "7" in cell(page, second, "A1").inner_text()
    assert cell(page, second, "A1").locator(".cell-error").inner_text()

    # 24 cells from a workbook, looked at before they are saved.
    keys.press("Home")
    full = [
        "4",
        "5",
        "4",
        "5",
        "4",
        "4",
        "4",
        "6",
        "4",
        "5",
        "/",
        "5",
        "2",
        "4",
        "5",
        "6",
        "3",
        "2",
        "5",
        "4",
        "A",
        "4",
        "5",
        "96%",
    ]
    paste(page, "\t".join(full) + "\r\n")
    page.wait_for_selector("dialog.paste-dialog[open]")
    assert page.locator("dialog.paste-dialog tbody tr").count() == 24
    keys.press("Enter")
    stored(page, second, "D6", "96%")
    final = page.locator(f'tr[data-unit="{second}"] [data-total="final"]')
    page.wait_for_function("cell => cell.textContent === '100.00'", arg=final.element_handle())
    assert page.locator("td.bad").count() == 0

    # Everything is there after a reload.
    page.reload()
    assert cell(page, second, "B4").inner_text() == "/"
    assert page.locator(f'tr[data-unit="{second}"] [data-total="final"]').inner_text() == "100.00"


def test_on_a_phone_one_village_is_shown(page, portal):
    _address, _round_id, units = portal
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    assert page.locator("tr.here").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.select_option(".village-choice select", str(units["C1B"]))
    cell(page, units["C1B"], "A2").click()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    stored(page, units["C1B"], "A2", "4.00")
    assert page.evaluate("document.activeElement.dataset.item") == "A3"
