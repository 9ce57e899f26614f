"""Forms of assessment."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.kit.fields import DateField
from app.kit.forms import PortalForm
from app.kit.i18n import _l


class RoundForm(PortalForm):
    """A new round."""

    unit = SelectField(_l("Unit"), coerce=int)
    scheme = SelectField(_l("Scheme"), coerce=int)
    period = StringField(_l("Period"), [InputRequired(), Length(max=16)], description=_l("2026, 2026H1 or 2026Q3"))
    code = StringField(_l("Code"), [InputRequired(), Length(max=32)], description=_l("Short and unique, e.g. V2026"))
    name = StringField(
        _l("Name"), [Optional(), Length(max=120)], description=_l("Left empty, it is made of unit, period and scheme")
    )


class DeductionForm(PortalForm):
    """One occurrence of a deduction item."""

    item_code = SelectField(_l("Deduction item"))
    level = SelectField(_l("Level of the circular"), [Optional()], description=_l("Only where the item has levels"))
    happened_on = DateField(_l("Date"), [InputRequired()])
    count = IntegerField(_l("How often"), [InputRequired()], default=1)
    clause = StringField(
        _l("Clause"),
        [Optional(), Length(max=200)],
        description=_l("Which rule it breaks; left empty, the standard of the item"),
    )
    note = TextAreaField(_l("What happened"), [InputRequired(), Length(max=400)])
    is_self_reported = BooleanField(_l("Found and reported by the village itself"))


class DeductionEntryForm(DeductionForm):
    """The same, with the village to choose."""

    sheet = SelectField(_l("Village"), coerce=int)


class DeductionEditForm(PortalForm):
    """A correction of an occurrence."""

    happened_on = DateField(_l("Date"), [Optional()])
    count = IntegerField(
        _l("How often"), [InputRequired()], description=_l("0 removes the entry; it stays in the trail")
    )
    clause = StringField(_l("Clause"), [Optional(), Length(max=200)])
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=200)])
