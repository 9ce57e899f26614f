"""Sending a form as a browser does: with everything the page put into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class PageForm:
    """One form of a page: where it leads, how, and what it carries before anybody types."""

    action: str
    method: str
    names: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.by_id: dict[str, PageForm] = {}
        self.loose: list[tuple[str, dict[str, str]]] = []
        self.open: PageForm | None = None
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.open = PageForm(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.open)
            if "id" in given:
                self.by_id[given["id"]] = self.open
        elif tag == "input" and "name" in given:
            if "form" in given:
                self.loose.append((given["form"], given))
            elif self.open is not None:
                self._put(self.open, given)
        elif tag == "button" and given.get("formaction"):
            target = PageForm(given["formaction"], "post")
            self.forms.append(target)
            self.loose.append((given.get("form", ""), {"button": given["formaction"]}))
            target.values = self.open.values if self.open is not None else {}
            if self.open is not None:
                target.names = self.open.names
        elif tag == "select" and self.open is not None:
            self.select = given.get("name")
            if self.select:
                self.open.names.append(self.select)
        elif tag == "option" and self.select and "selected" in given and self.open is not None:
            self.open.values[self.select] = given.get("value", "")
        elif tag == "textarea" and self.open is not None:
            self.area = given.get("name")
            if self.area:
                self.open.names.append(self.area)
                self.open.values[self.area] = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.open is not None:
            self.open.values[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    @staticmethod
    def _put(form: PageForm, given: dict[str, str]) -> None:
        form.names.append(given["name"])
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        form.values[given["name"]] = given.get("value", "on" if given.get("type") == "checkbox" else "")


def forms_of(html: str) -> list[PageForm]:
    """Every form of a page; inputs that stand outside their form are in it all the same."""
    parser = _Forms()
    parser.feed(html)
    for owner, given in parser.loose:
        form = parser.by_id.get(owner)
        if "button" in given:
            for target in parser.forms:
                if target.action == given["button"] and form is not None:
                    target.values, target.names = form.values, form.names
        elif form is not None:
            parser._put(form, given)
    return parser.forms


def form_to(html: str, action: str) -> PageForm:
    """The POST form of a page that leads to an address."""
    found = [form for form in forms_of(html) if form.method == "post" and form.action == action]
    assert found, f"the page has no form that leads to {action}"
    return found[0]


def send(browser: Any, page: str, action: str = "", **typed: Any) -> Any:
    """Open a page, fill in the form that leads to `action` (the page itself when not given), send it."""
    html = browser.get(page).text
    forms = forms_of(html)
    action = action or next(form.action for form in forms if form.method == "post" and form.action in ("", page))
    return browser.post(action or page, data={**form_to(html, action).values, **typed})


def of(row: Any, **typed: Any) -> dict[str, Any]:
    """What is typed in a form about a row, with the version of the row as the page would carry it now."""
    from app.kit.versions import stamp

    return {"row_version": stamp(row), **typed}
