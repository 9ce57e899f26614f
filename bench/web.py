"""What the subjects share: signing in through the form, timing a page, counting its statements."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.test import Client

_TOKEN = re.compile(r'name="(csrf_token|csrfmiddlewaretoken)"[^>]*value="([^"]+)"')

LOG = {
    "meetings": "1",
    "patrols": "4",
    "reception_days": "1",
    "reception_visitors": "6",
    "leads_received": "5",
    "leads_accepted": "5",
    "leads_closed": "4",
    "should_attend": "18",
    "attended": "16",
    "visits": "12",
    "main_work": "路灯1处不亮，已报",
}
"""One monthly log, as typed."""


def token_of(text: str) -> dict[str, str]:
    """The token of the page's form, under the name the page gives it."""
    found = _TOKEN.search(text)
    return {found[1]: found[2]} if found else {}


class Browser:
    """A client of a WSGI application, in process, with its cookies."""

    def __init__(self, application: Any) -> None:
        self.client = Client(application)
        self.token: dict[str, str] = {}

    def sign_in(self, path: str, username: str, password: str) -> Browser:
        """Sign in through the page at `path`."""
        page = self.client.get(path)
        answer = self.client.post(
            path, data={"username": username, "password": password, **token_of(page.get_data(True))}
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{username} could not sign in: {answer.status_code}")
        return self

    def read(self, path: str) -> bytes:
        """The page, which must be there."""
        answer = self.client.get(path)
        data = answer.get_data()
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        return bytes(data)

    def send(self, path: str, fields: Mapping[str, str]) -> None:
        """Post a form that must be accepted."""
        answer = self.client.post(path, data={**fields, **self.token})
        if answer.status_code != 302:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.get_data(True)[-3000:]}")

    def keep_token(self, path: str) -> Browser:
        """Fetch the form once, so that what is sent carries its token."""
        self.token = token_of(self.read(path).decode())
        return self


def pages(browsers: Mapping[str, Browser], address: Callable[[int], str], counted: Callable[[], Any]) -> Any:
    """The function `page(who, page, times)` of a subject: milliseconds, statements, kilobytes.

    `counted()` is a context manager that gives the list of statements seen inside it.
    """

    def page(who: str, page: int, times: int) -> dict[str, float]:
        browser, path = browsers[who], address(page)
        browser.read(path)
        with counted() as statements:
            size = len(browser.read(path))
        return {
            "ms": median_ms(lambda: browser.read(path), range(times)),
            "statements": len([s for s in statements if not s.startswith(("BEGIN", "PRAGMA", "SAVEPOINT"))]),
            "kilobytes": size / 1024,
        }

    return page


def median_ms(act: Callable[[], Any], times: Iterable[int], reset: Callable[[], Any] = lambda: None) -> float:
    """The median milliseconds of an act; `reset` runs between, untimed."""
    taken = []
    for _ in times:
        reset()
        begin = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)
