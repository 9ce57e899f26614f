"""Forms of people."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms import DateField as WTDateField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.rights import GRID_ROLES
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import names, roles
from app.kit.datamodel import ScopedInterface
from app.kit.db import db
from app.kit.fields import RemoteSelectField
from app.kit.forms import PortalForm
from app.kit.i18n import _, _l
from app.kit.masking import MaskedField

HOLDS = {"none": _l("Paid"), "hold": _l("Held back"), "zero": _l("Nothing due")}


def role_choices() -> list[tuple[str, str]]:
    """Every role with its name; a copy that is switched off says so, because posts that have ended may hold it."""
    choices = names.roles().items()
    return [(code, name if roles.is_offered(code) else _("%(name)s (off)", name=name)) for code, name in choices]


def _grid_role_choices() -> list[tuple[str, str]]:
    return [(code, names.role(code)) for code in roles.codes_of(*GRID_ROLES) if roles.is_offered(code)]


def kind_choices() -> list[tuple[str, str]]:
    """Every kind of volunteer, and none."""
    return [("", ""), *names.volunteer_kinds().items()]


def empty_is_none(value: str | None) -> str | None:
    """Nothing chosen is nothing stored."""
    return value or None


PERSON_FIELDS: dict[str, Any] = {
    "phone": MaskedField(_l("Telephone"), [Optional(), Length(max=40)]),
    "gender": SelectField(
        _l("Gender"), choices=[("", ""), ("男", _l("male")), ("女", _l("female"))], coerce=empty_is_none
    ),
    "volunteer_kind": SelectField(_l("Kind of volunteer"), choices=kind_choices, coerce=empty_is_none),
}
POST_FIELDS: dict[str, Any] = {"role": SelectField(_l("Role"), choices=role_choices)}
EMPLOYMENT_FIELDS: dict[str, Any] = {"hold": SelectField(_l("Award"), choices=list(HOLDS.items()))}


class AppointForm(PortalForm):
    """A new post of a person."""

    role = SelectField(_l("Role"), choices=_grid_role_choices)
    unit = RemoteSelectField(_l("Unit"), [InputRequired()], datamodel=ScopedInterface(OrgUnit, db.session))
    from_on = WTDateField(_l("From"), [InputRequired()])
    is_certified = BooleanField(_l("Holds the certificate"))


class SubstituteForm(PortalForm):
    """Who stands in for a post, and how long."""

    person = RemoteSelectField(_l("Who stands in"), [InputRequired()], datamodel=ScopedInterface(Person, db.session))
    from_on = WTDateField(_l("From"), [InputRequired()])
    to_on = WTDateField(
        _l("Until"), [InputRequired()], description=_l("One year at most; the post goes back by itself.")
    )
    reason = StringField(
        _l("Reason"), [InputRequired(), Length(max=200)], description=_l("E.g. leave, training, illness.")
    )


class EndPostForm(PortalForm):
    """The last day of a post."""

    to_on = WTDateField(_l("Last day"), [InputRequired()])


class UnmaskForm(PortalForm):
    """Why a whole number must be seen."""

    reason = StringField(_l("Reason"), [InputRequired(), Length(max=200)])
