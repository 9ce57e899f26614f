"""A door of the exchange for every form: made when it is asked for, out of what the form asks and who asks.

A form is `form-<code>`; where two units have a form of the same code, the later ones are `form-<code>@<unit>`. A name too
long for the history of imports is `form-<number of the form>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormVersion
from app.features.forms.queries.filling import fillable_forms, form_for, is_any_in_use, version_in_use
from app.features.forms.queries.workbooks import Workbook, context_of, form_named, owners_behind_code, rows_of
from app.features.forms.services.workbooks import save_rows
from app.kit import access
from app.kit.exchange import Door, MoreDoors

START, LONGEST = "form-", 32
ALSO = {Verb.IMPORT: Verb.EDIT}  # whoever may edit records brings in his own
NOT_HERE = ("duty", "review")  # these hang on duties and on departments, and have pages and workbooks of their own


def doors() -> list[Door]:
    """The doors of the forms that concern the actor."""
    places = [place for place in fillable_forms() if place.form.purpose not in NOT_HERE]
    codes = codes_of([place.form for place in places])
    return [door_of(place.form, place.version, codes[place.form.id]) for place in places]


def find(code: str) -> Door | None:
    """The door with this code, if it is of a form that concerns the actor."""
    form = form_named(code.removeprefix(START)) if code.startswith(START) else None
    near = form_for(form.id) if form is not None and form.purpose not in NOT_HERE else None
    version = version_in_use(near) if near is not None else None
    return door_of(near, version, codes_of([near])[near.id]) if near is not None and version is not None else None


def may(verb: Verb) -> bool:
    """True when the actor may import (or export) records somewhere, and some form is in use."""
    enough = {verb, ALSO.get(verb, verb)}
    return any(access.holds(Resource.RECORDS, one) for one in enough) and is_any_in_use()


def codes_of(forms: Sequence[Form]) -> dict[int, str]:
    """By form the code of its door."""
    owners = owners_behind_code(forms)
    found = {}
    for form in forms:
        name = START + form.code + (f"@{owners[form.id]}" if form.id in owners else "")
        found[form.id] = name if len(name) <= LONGEST else f"{START}{form.id}"
    return found


def door_of(form: Form, version: FormVersion, code: str) -> Door:
    """The door of a form."""
    workbook = Workbook(form, version)
    return Door(
        code,
        str(form),
        workbook.book.layout,
        Resource.RECORDS,
        context=partial(context_of, workbook),
        save=partial(save_rows, workbook),
        rows=partial(rows_of, workbook),
        needs_period=bool(form.cycle),
        independent=form.per == "many",
        also=ALSO,
        takes_filter=True,
    )


MORE_DOORS = [MoreDoors(doors, find, may)]
