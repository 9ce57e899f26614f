"""Forms of plates and indicators."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.features.reviews import words
from app.kit.fields import ExactField
from app.kit.forms import PortalForm
from app.kit.i18n import _l


class PlateForm(PortalForm):
    """Stars for a village."""

    period = StringField(
        _l("Period of the rating"), [InputRequired(), Length(max=16)], description=_l("2026 or 2026H1")
    )
    stars = SelectField(_l("Stars"), coerce=int, choices=[(n, "★" * n) for n in (5, 4, 3, 2, 1)])
    score = ExactField(_l("Score"), [Optional(), NumberRange(0, 1000)], places=2)
    basis = StringField(
        _l("Basis"),
        [InputRequired(), Length(max=200)],
        description=_l("Which rules, classes and criteria it was rated by"),
    )


class ValueForm(PortalForm):
    """Both counts of an indicator."""

    place = SelectField(_l("Unit"), coerce=int)
    period = StringField(
        _l("Period"), [InputRequired(), Length(max=16)], description=_l("2026-10, 2026Q4, 2026H2 or 2026")
    )
    first = ExactField(_l("First count"), [InputRequired(), NumberRange(-(10**12), 10**12)], places=2)
    second = ExactField(_l("Second count"), [Optional(), NumberRange(-(10**12), 10**12)], places=2)
    note = StringField(_l("Note"), [Optional(), Length(max=400)])


class IndicatorForm(PortalForm):
    """What an indicator is and where it comes from."""

    code = StringField(_l("Code"), [InputRequired(), Length(max=32)])
    title = StringField(_l("Title"), [InputRequired(), Length(max=80)])
    formula = SelectField(_l("Formula"), choices=lambda: list(words.FORMULAS.items()))
    first = StringField(
        _l("First count"), [InputRequired(), Length(max=80)], description=_l("What is counted, in words")
    )
    second = StringField(_l("Second count"), [Optional(), Length(max=80)], description=_l("Empty for a plain count"))
    source = SelectField(_l("Where the values come from"), choices=lambda: list(words.SOURCES.items()))
    form = SelectField(_l("Form"), [Optional()], description=_l("For records of a form with a cycle"))
    form_first = SelectField(_l("First from"), [Optional()])
    form_second = SelectField(_l("Second from"), [Optional()])
    register_first = SelectField(
        _l("First from the register"), [Optional()], choices=lambda: [("", "—"), *words.REGISTER.items()]
    )
    register_second = SelectField(
        _l("Second from the register"), [Optional()], choices=lambda: [("", "—"), *words.REGISTER.items()]
    )
    stars = IntegerField(
        _l("At least so many stars"), [Optional(), NumberRange(1, 5)], default=3, description=_l("For star plates")
    )


class NewIndicatorForm(IndicatorForm):
    """The same, with the unit that keeps it."""

    owner = SelectField(_l("Kept by"), coerce=int)
