"""What templates may call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_babel import format_decimal
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from app.domain.rights import Resource, Verb
from app.kit import access, audit, clock, listing, masking, names, sessions, versions
from app.kit.fab import fixed_address, may_edit_row, navigation
from app.kit.i18n import _
from app.kit.jobs import news


def side_navigation() -> Any:
    """The side navigation of the actor."""
    return navigation(current_app.extensions["screens"])


def actor_line() -> str:
    """Where the actor stands: unit and role of his first post, and how many more he holds."""
    posts = access.actor().posts
    if not posts:
        return ""
    first = f"{posts[0].unit_name} · {names.role(posts[0].role)}"
    return first if len(posts) == 1 else str(_("%(first)s and %(count)s more", first=first, count=len(posts) - 1))


def asset(name: str, endpoint: str = "portal_static") -> str:
    """The address of a static file, one of our own unless the endpoint of another owner is named."""
    return fixed_address(request.script_root, endpoint, name)


def holds(resource: str, verb: str = "view") -> bool:
    """True when the actor has the right somewhere."""
    return access.holds(Resource(resource), Verb(verb))


def can(verb: str, row: Any) -> bool:
    """True when the actor may do the verb to the row."""
    return access.can(Verb(verb), row)


def page_address(number: int) -> str:
    """The address of this page with another `page`; what else it carries stays, and is no argument of ours."""
    carried = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{request.script_root}{request.path}?{urlencode([*carried, ('page', number)])}"


def export_address(code: str, shown: Mapping[str, Any]) -> str:
    """Where the list of this page is taken along, in the filter, search and order of this page; `shown` is what it adds."""
    carried = [(name, value) for name, value in request.args.items(multi=True) if name not in shown]
    asked = urlencode([*carried, *shown.items()])
    return url_for("ExportView.take_list", listing=code) + (f"?{asked}" if asked else "")


def cell(value: Any) -> Any:
    """A value as a table shows it: a dash for nothing, a word for yes and no, dates and numbers the Chinese way."""
    if value is None or value == "" or value == []:
        return Markup('<span class="muted">—</span>')
    if isinstance(value, bool):
        return Markup('<span class="badge-{}">{}</span>').format(
            "yes" if value else "no", _("Yes") if value else _("No")
        )
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    if isinstance(value, dict):
        return "；".join(f"{key} {part}" for key, part in value.items())
    return value


def number(value: Decimal | None, places: int = 2) -> str:
    """A number with thousands separators and fixed places; a dash for none."""
    return "—" if value is None else str(format_decimal(value, format="#,##0." + "0" * places))


def init_app(app: Flask) -> None:
    """Templates of the kit and of each feature; our globals and filters."""
    features = app.root_path + "/features"
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]
        [FileSystemLoader([app.root_path + "/kit/templates", features])]
    )
    app.jinja_env.globals.update(
        side_navigation=side_navigation,
        actor_line=actor_line,
        asset=asset,
        holds=holds,
        can=can,
        today=clock.today,
        session_left=sessions.seconds_left,
        actor=access.actor,
        row_stamp=versions.stamp,
        may_edit_row=may_edit_row,
        has_history=audit.may_see_history,
    )
    app.jinja_env.globals.update(exportable=listing.offered, export_address=export_address)
    app.jinja_env.globals.update(role_name=names.role, level_name=names.level, masked_phone=masking.phone)
    app.jinja_env.filters.update(cell=cell, number=number)
    app.jinja_env.globals.update(job_news=news.take)
    app.jinja_env.globals.update(cell=cell, page_address=page_address)
    app.add_url_rule("/static/<path:filename>", endpoint="portal_static", view_func=_send_static, methods=["GET"])


def _send_static(filename: str) -> Any:
    from flask import send_from_directory

    return send_from_directory(f"{current_app.root_path}/kit/static", filename)
