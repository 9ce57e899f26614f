"""What every page of the exchange asks first: which sheet, for which unit and period."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for

from app.domain.rights import Verb
from app.features.exchange import fits, queries, services
from app.features.org.queries import units_at
from app.kit import access
from app.kit.download import workbook
from app.kit.exchange import Options
from app.kit.i18n import _
from app.kit.jobs import Job

FILTERS = re.compile(r"state|(q|min|max|from|to)_[A-Za-z][A-Za-z0-9_]{0,49}")  # the arguments of a list of records


def chosen_options() -> Options:
    values = request.values
    options = services.options_from(
        values.get("unit"), values.get("period"), values.get("scheme"), values.get("round"), values.get("variant")
    )
    asked = {name: text for name, text in values.items() if FILTERS.fullmatch(name) and text}
    return replace(options, extra={**options.extra, "filter": asked}) if asked else options


def handed(made: bytes | Job, name: str = "") -> Any:
    """The workbook, or the page of the job that makes it."""
    if isinstance(made, Job):
        flash(_("So many rows take a while. The file will wait for you in the export centre."), "info")
        return redirect(url_for("JobView.show", job_id=made.id))
    return workbook(made, name)


def unit_choices() -> list[Any]:
    return [unit for level in ("county", "township", "village", "total_grid") for unit in units_at(level)]


def form_values(sheet: str, verb: Verb) -> dict[str, Any]:
    """What the page of a sheet shows. Errors: NotAllowed when the door is not open to the actor for the verb."""
    door = queries.door_of(sheet)
    if not queries.is_open(door, verb):
        raise access.NotAllowed(door.resource, verb)
    may_see_whole = door.has_masked and access.holds(door.resource, Verb.UNMASK)
    own_books = [one for one in fits.my_versions(door) if one.state == fits.ACTIVE and one.definition.get("blocks")]
    shown = {"door": door, "units": unit_choices(), "values": request.values, "may_see_whole": may_see_whole}
    shown["asked"] = {name: text for name, text in request.values.items() if FILTERS.fullmatch(name) and text}
    return shown | {"own_books": own_books if verb is Verb.EXPORT else []}
