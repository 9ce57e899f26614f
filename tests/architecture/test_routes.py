"""Every address names its right: the matrix of routes and roles, generated from the url map.

A new route is covered by existing. One without a right fails until it stands in one of the two lists, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from app.domain.rights import DEFAULT_RIGHTS, Resource, Role, Verb
from app.domain.rights_change import verbs_of

PUBLIC = {
    "appbuilder.static": "files of the framework",
    "portal_static": "files of the release",
    "IndexView.index": "leads to the first page or to the sign-in",
    "UtilView.back": "leads back to a page that asks for itself",
    "LocaleView.index": "the language of the reader",
    "SignInView.login": "signing in",
    "SignInView.second_step": "signing in",
    "SignInView.logout": "signing out",
}
SELF_SERVICE = {
    "OwnAccountView": "one's own account, password, sessions",
    "ApiKeyView": "one's own keys for machines",
    "HomeView": "the first page: every card on it asks for its own right",
    "LookupView": "choices of related rows, each within the reach of whoever asks",
    "ChartView": "each chart asks for the right of its own resource",
    "ExchangeView": "each workbook asks for the right of its own sheet",
    "ExportView": "each sheet and list asks for its own right to leave",
    "MappingView": "an office's reading of a sheet is for whoever may import it there",
    "MeaningView": "the words of an office are for whoever may import for it",
    "OfflineView": "each sheet of the workbook asks for its own right",
    "ReceiptView": "imports of one's own, and where one may import the sheet",
    "JobView": "jobs of one's own; that there are others is for whoever edits settings",
    "HistoryView": "the history of a record is for whoever sees the record",
    "BinView": "deleted records, each within the reach of whoever may edit such",
}


def rules(app: Any) -> Iterator[tuple[Rule, Any, str]]:
    """Every address with its view (None for plain functions) and the name of the method that answers."""
    views = {view.endpoint: view for view in app.appbuilder.baseviews}
    for rule in app.url_map.iter_rules():
        name, _dot, method = rule.endpoint.partition(".")
        yield rule, views.get(name), method


def right_of(view: Any, method: str) -> tuple[Resource, Verb] | None:
    """The right an address asks for before anything else; None when it asks for none."""
    function = getattr(type(view), method, None)
    if hasattr(function, "__guard__"):
        about = function.__about__ or view.resource
        return None if about is None else (about, Verb(function.__guard__))
    if hasattr(view, "datamodel") and method in view.method_permission_name:
        return Resource(view.class_permission_name), Verb(view.method_permission_name[method])
    return None


def test_every_route_asks_for_a_right_or_says_why_not_c12(app: Any) -> None:
    open_doors = [
        f"{rule.rule} ({rule.endpoint})"
        for rule, view, method in rules(app)
        if rule.endpoint not in PUBLIC
        and not (view is not None and right_of(view, method))
        and not (rule.endpoint.split(".")[0] in SELF_SERVICE and hasattr(getattr(type(view), method), "__guard__"))
    ]
    assert open_doors == [], "say @guarded(verb, resource), or enter them in one of the lists above with a reason"


def test_the_lists_hold_nothing_that_is_not_there_c12(app: Any) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(PUBLIC) <= endpoints
    assert set(SELF_SERVICE) <= {endpoint.split(".")[0] for endpoint in endpoints}
    assert not {view.endpoint for view in app.appbuilder.baseviews if getattr(view, "resource", None)} & set(
        SELF_SERVICE
    )


def test_no_route_asks_for_a_right_nobody_can_be_given_c12(app: Any) -> None:
    asked = {right for _rule, view, method in rules(app) if view is not None and (right := right_of(view, method))}
    assert [(resource, verb) for resource, verb in asked if verb not in verbs_of(resource)] == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_right_is_sent_away_at_every_address_c12(
    role: Role, app: Any, world: Any, sign_in: Any
) -> None:
    browser, let_in, asked, turn = sign_in(role.value), [], 0, list(Role).index(role)
    for number, (rule, view, method) in enumerate(rules(app)):
        right = right_of(view, method) if view is not None else None
        if right is None or (role.value, *right) in DEFAULT_RIGHTS or (number + turn) % 3:
            continue  # the same guard answers every role: each address is asked by a third of those without the right
        for verb in sorted(rule.methods & {"GET", "POST"}):
            values = {name: 1 if "Integer" in type(kind).__name__ else "1" for name, kind in rule._converters.items()}
            address = app.url_map.bind("localhost").build(rule.endpoint, values, method=verb)
            asked += 1
            status = browser.open(address, method=verb).status_code
            if status not in (403, 404):
                let_in.append((verb, address, right, status))
    assert let_in == []
    assert asked > 10
