"""Somebody in front of a browser: what he does, what he sees, and what he must never see."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Response, TimeoutError, expect

from app.kit import seed

# What has no Chinese name: file formats, keys, the languages by their own names, commands, user names.
KNOWN = frozenset({"excel", "xlsx", "csv", "ctrl", "esc", "shift", "tab", "english", "flask", "portal", "sync"}) | {
    entry["username"] for entry in seed.read("demo/demo_accounts.yaml")
}
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


class Visitor:
    """One person with a browser of his own. `faults` collects what the browser complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        context.on("request", self._on_request)

    def _on_console(self, message: Any) -> None:
        """Errors of scripts, refusals by the content policy, resources that did not load."""
        if message.type == "error":
            self.faults.append(f"{self.page.url}: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:")):
            self.faults.append(f"{self.page.url}: asked {request.url}")

    # -- going about -------------------------------------------------------------------------------

    def open(self, path: str) -> Response:
        response = self.page.goto(self.address + path, wait_until="load")
        assert response is not None
        return response

    def sign_in(self, username: str, password: str) -> Visitor:
        self.open("/login/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.locator("nav.sidenav")).to_be_attached()
        return self

    def first_sign_in(self, username: str, given: str, own: str) -> Visitor:
        """Sign in with the password that was handed over, and choose an own one, as the portal demands."""
        self.sign_in(username, given)
        self.sees("请先设置您自己的密码。")
        self.page.get_by_label("当前密码").fill(given)
        self.page.locator("#password").fill(own)
        self.page.locator("#again").fill(own)
        self.press("修改密码")
        self.sees("新密码已生效。")
        return self

    def sign_out(self) -> None:
        self.page.locator(".topbar details").last.locator("summary").click()
        self.page.get_by_role("button", name="退出").click()
        expect(self.page.get_by_role("button", name="登录")).to_be_visible()

    def navigation(self) -> dict[str, str]:
        """The entries of the side navigation: address -> label."""
        links = self.page.locator("nav.sidenav a").all()
        return {str(link.get_attribute("href")): link.inner_text().strip() for link in links}

    def choose(self, entry: str) -> None:
        """Take an entry of the side navigation."""
        self.page.locator("nav.sidenav").get_by_role("link", name=entry, exact=True).click()
        self.page.wait_for_load_state()

    def press(self, label: str, within: Locator | None = None) -> None:
        """Press a button, and say yes where the portal asks first."""
        (within or self.page.locator("main")).get_by_role("button", name=label, exact=True).first.click()
        asked = self.page.locator("#confirm-dialog[open]")
        if asked.count():
            asked.get_by_role("button", name="确定").click()
        self.page.wait_for_load_state()

    def follow(self, label: str) -> None:
        """Take a link of the page."""
        self.page.locator("main").get_by_role("link", name=label).first.click()
        self.page.wait_for_load_state()

    def select(self, selector: str, label: str) -> None:
        """Choose an entry of a list by its words; their indentation does not matter."""
        field = self.page.locator(selector)
        words = field.locator("option").all_inner_texts()
        field.select_option(index=[word.strip() for word in words].index(label))

    def upload(self, file: Path, button: str) -> None:
        self.page.locator("input[type=file]").set_input_files(file)
        self.press(button)

    def paste(self, block: str) -> None:
        """Paste what a spreadsheet puts on the clipboard."""
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.address)
        self.page.evaluate("text => navigator.clipboard.writeText(text)", block)
        self.page.keyboard.press("Control+V")

    def download(self, label: str, into: Path) -> Path:
        with self.page.expect_download() as coming:
            self.page.locator("main").get_by_role("button", name=label).first.click()
        target = into / coming.value.suggested_filename
        coming.value.save_as(target)
        return target

    # -- seeing ------------------------------------------------------------------------------------

    def sees(self, *texts: str) -> None:
        """The texts stand on the page, and nothing on it is English."""
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).locator("visible=true").first).to_be_visible()
        self.faults += [f"{self.page.url} speaks English: {word}" for word in sorted(self.english())]

    def figure(self, label: str) -> str:
        """The number that stands under a label in the row of figures."""
        named = self.page.locator(".stat-label", has_text=re.compile(f"^{label}$"))
        return self.page.locator("main .stat").filter(has=named).locator(".stat-value").inner_text().strip()

    def cell(self, village: str, item: str) -> Locator:
        """A cell of the scoring grid."""
        return self.page.locator(f"tr[data-village='{village}'] td[data-item='{item}']")

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def links(self) -> list[str]:
        """Where the links of the page lead, files to download left out."""
        links = self.page.locator("main a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        return [link for link in links if not re.search(r"\.(xlsx|json|png)\b|/template/", link)]

    def english(self) -> set[str]:
        """Words a reader of Chinese stumbles over: three letters and more with a small one, and placeholders left open."""
        text = self.text()
        words = re.findall(r"(?<![\w.@/-])[A-Za-z]*[a-z][A-Za-z]+(?![\w@/-])", text)
        codes = set(re.findall(r"[A-Za-z]+", " ".join(self.page.locator("code").all_inner_texts())))  # said to be codes
        return {word for word in words if len(word) > 2 and word.lower() not in KNOWN and word not in codes} | set(
            re.findall(r"%\(\w+\)", text)
        )

    def overflow(self) -> str:
        """What is wider than the window; empty when the page is as wide as the window, after charts have followed it."""
        with suppress(TimeoutError):
            self.page.wait_for_function(f"() => ({_OVERFLOW})() === ''", timeout=2_000)
        return str(self.page.evaluate(_OVERFLOW))

    def charts(self) -> list[dict[str, bool]]:
        """For every chart of the page whether it was drawn, and whether its figures stand below it."""
        figures = self.page.locator("figure[data-chart]")
        if not figures.count():
            return []
        self.page.wait_for_function(_DRAWN)
        return list(figures.evaluate_all(_CHARTS))


_OVERFLOW = """() => {
  const width = window.innerWidth;
  if (document.documentElement.scrollWidth <= width + 1) return "";
  const clipped = (node) => { for (let up = node.parentElement; up && up !== document.body; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== "visible") return true; return false; };
  const wide = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > width + 1 && !clipped(node));
  const name = (node) => node.tagName.toLowerCase() + (node.className && node.className.split ? "." + node.className.trim().split(/\\s+/).join(".") : "");
  return `${document.documentElement.scrollWidth} > ${width}: ` + wide.slice(0, 4).map(name).join(", ");
}"""
_DRAWN = """() => [...document.querySelectorAll("figure[data-chart]")].every((figure) =>
  figure.querySelector("canvas") || !figure.querySelector(".chart-message").hidden)"""
_CHARTS = """(figures) => figures.map((figure) => {
  const canvas = figure.querySelector("canvas");
  return {
    name: figure.dataset.name,
    drawn: !!canvas && canvas.width > 0 && canvas.height > 0,
    told: figure.querySelectorAll("table tbody tr").length > 0,
  };
})"""
