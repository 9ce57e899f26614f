"""Every address of the portal, made from the url map: its arguments are filled with rows that are there.

A new route is covered by existing; an argument nobody can fill fails the test that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

from app.domain.rights import Role
from app.kit import access

# Between them they may open every page there is.
OPEN_EVERY_PAGE = (
    Role.COUNTY_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.SYSTEM_ADMINISTRATOR,
    Role.EVALUATOR,
    Role.TOWNSHIP_HEAD,
    Role.CHIEF_GRID_LEADER,
    Role.SUB_GRID_LEADER,
)
ANYWHERE = {
    "static",
    "appbuilder.static",
    "portal_static",
    "SignInView.login",
    "SignInView.logout",
    "UtilView.back",
    "LocaleView.index",
}
PAGES = {"RoundView": "assessment_round", "ScoreView": "assessment_round", "SheetView": "sheet"}
TEXT_ARGUMENTS = {"locale": "en"}


def argument_of(rule: Rule, name: str, rows: dict[str, int], app: Any) -> Any:
    """What stands at one argument of a route: a row of its table, else a text."""
    converter = rule._converters.get(name)
    if name == "pk":
        return rows.get(table_of(app, rule), 1)
    if name in TEXT_ARGUMENTS:
        return TEXT_ARGUMENTS[name]
    if type(converter).__name__ == "IntegerConverter":
        table = name.removesuffix("_id")
        aliases = {
            "unit": "org_unit",
            "village": "org_unit",
            "township": "org_unit",
            "grid": "org_unit",
            "list": "governance_list",
            "item": "list_item",
            "round": "assessment_round",
            "run": "ranking_run",
            "batch": "bonus_batch",
            "line": "pay_line",
            "entry": "deduction_entry",
            "user": "ab_user",
            "procedure": "procedure_definition",
            "version": "form_version",
            "record": "form_record",
            "attachment": "form_attachment",
            "deduction": "deduction_entry",
            "import": "import_batch",
            "bin": "removed_row",
            "snapshot": "round_snapshot",
            "issue": "report_issue",
            "change": "list_change",
            "chart": "form_chart",
            "plate": "star_plate",
            "exception": "certificate_exception",
            "value": "indicator_value",
        }
        table = aliases.get(table, table)
        if table in rows:
            return rows[table]
        if table in (
            "ab_user",
            "import_batch",
            "made_file",
            "import_row",
            "value_meaning",
            "job",
            "sheet_mapping",
            "removed_row",
            "row",
            "session",
            "year",
            "number",
        ):
            return 1
        pytest.fail(f"{rule.rule}: nobody knows what <int:{name}> is; name it after its table")
    return "x"


def table_of(app: Any, rule: Rule) -> str:
    """The table a view's `pk` is about: that of its datamodel, or for pages of ours the one its name says."""
    name = rule.endpoint.split(".")[0]
    view = next(v for v in app.appbuilder.baseviews if v.endpoint == name)
    if hasattr(view, "datamodel"):
        return str(view.datamodel.obj.__tablename__)
    return PAGES[name]


def rules_for(app: Any, method: str) -> Iterator[Rule]:
    """The routes that answer a method, but for those that are everybody's."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in ANYWHERE:
            yield rule


def addresses_of(app: Any, rule: Rule, rows: dict[str, int]) -> Iterator[str]:
    """Every address of a route, one for each thing a text in it may name."""
    values = {name: argument_of(rule, name, rows, app) for name in rule.arguments}
    texts = [name for name in rule.arguments if values[name] == "x"]
    for choice in choices_of(app, rule, texts[0], rows) if texts else [""]:
        chosen = values | {texts[0]: choice} if texts else values
        if texts == ["table"] and "row_id" in values:
            chosen["row_id"] = rows.get(choice, 1)
        yield built(app, rule, chosen)


def choices_of(app: Any, rule: Rule, argument: str, rows: dict[str, int]) -> list[str]:
    if argument == "code" and not rule.endpoint.startswith("ChartView"):
        return ["Z1A", "D", "P1"]
    known = {
        "table": tables_with_a_row(rows),
        "sheet": sheets(),
        "listing": listings(app),
        "code": list(app.extensions["charts"]),
        "action": ["accept", "return", "verify", "close", "assign"],
    }
    return known.get(argument) or ["x"]


# Nobody reaches these through a page that names a table; the others without a row would only be the same refusal again.
UNSCOPED = ("ab_user", "audit_entry", "job")


def tables_with_a_row(rows: dict[str, int]) -> list[str]:
    return [name for name in access.db.metadata.tables if name in rows or name in UNSCOPED]


def sheets() -> list[str]:
    from app.features.exchange.queries import _doors

    return list(_doors)


def listings(app: Any) -> list[str]:
    from app.kit import listing

    with app.app_context():
        return list(listing.all_listings())


def built(app: Any, rule: Rule, values: dict[str, Any]) -> str:
    with app.test_request_context():
        return str(
            app.url_map.bind("localhost").build(
                rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"}))
            )
        )
