"""The inputs for what a form is for and who fills it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, validators, widgets

from app.domain.rights import THREE_ADMINISTRATORS
from app.features.forms import services, words
from app.features.forms.models import Form
from app.kit import access, names
from app.kit.forms import PortalForm
from app.kit.i18n import _, _l


class _Ticks(SelectMultipleField):  # type: ignore[misc]
    """Several choices as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class SettingsForm(PortalForm):
    """What holds over all versions of a form."""

    purpose = SelectField(_l("What the form is for"), choices=lambda: list(words.PURPOSES.items()), default="register")
    keeper_level = SelectField(
        _l("Records hang on"),
        description=_l("The level of the units whose records these are."),
        choices=lambda: list(names.levels().items()),
        default="village",
    )
    cycle = SelectField(
        _l("Cycle"),
        choices=lambda: list(words.CYCLES.items()),
        default="",
        description=_l("How often it is filled in."),
    )
    per = SelectField(_l("How many records"), choices=lambda: list(words.PER.items()), default="many")
    fill_roles = _Ticks(
        _l("Who fills it in"),
        description=_l("Nobody ticked: whoever may write records there."),
        choices=lambda: [(code, name) for code, name in names.roles().items() if code not in THREE_ADMINISTRATORS],
    )
    needs_review = BooleanField(
        _l("What is submitted is reviewed"), description=_l("Somebody confirms it or sends it back.")
    )

    @classmethod
    def of(cls, form: Form) -> SettingsForm:
        """The inputs with the settings of a form."""
        return cls(data={key: getattr(form, key) or "" for key in services.SETTINGS})

    def settings(self) -> dict[str, Any]:
        """What was chosen."""
        chosen = {key: self._fields[key].data for key in services.SETTINGS}
        return chosen | {"cycle": chosen["cycle"] or None, "fill_roles": chosen["fill_roles"] or []}


class NewFormForm(SettingsForm):
    """A form that is to be made."""

    title = StringField(_l("Title of the form"), [validators.InputRequired(), validators.Length(max=60)])
    code = StringField(
        _l("Code"), [validators.Length(max=50)], description=_l("Made from the title; letters, digits and _. It stays.")
    )
    unit = SelectField(_l("Owner"), coerce=int, description=_l("The form holds for this unit and everything below it."))

    def offer_units(self, units: Sequence[Any]) -> None:
        """Say at which units the form may be made."""
        self.units = {unit.id: unit for unit in units}
        self.unit.choices = [(unit.id, unit.name) for unit in units]
        own = [post.unit_id for post in access.actor().posts if post.unit_id in self.units]
        if self.unit.data is None and own:
            self.unit.data = own[0]

    def make(self) -> Form:
        """The form that was asked for. Errors: those of `new_form`."""
        unit = self.units[self.unit.data]
        return services.new_form(unit, self.code.data or "", {"zh": self.title.data}, self.settings())


def facts_of(form: Form) -> list[tuple[Any, Any]]:
    """The settings of a form in words."""
    roles = "、".join(names.role(code) for code in form.fill_roles)
    return [
        (_("What the form is for"), words.PURPOSES[form.purpose]),
        (_("Records hang on"), names.level(form.keeper_level)),
        (_("Cycle"), words.CYCLES[form.cycle or ""]),
        (_("How many records"), words.PER[form.per]),
        (_("Who fills it in"), roles or _("whoever may write records there")),
        (_("What is submitted is reviewed"), form.needs_review),
    ]
