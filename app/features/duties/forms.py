"""The form by which a village asks for an exception."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.features.duties import words
from app.kit.forms import PortalForm
from app.kit.i18n import _l


class ExceptionForm(PortalForm):
    """A certificate that no list keeps, and why it has to be issued in this case."""

    certificate = StringField(
        _l("Name of the certificate"),
        [InputRequired(), Length(max=60)],
        description=_l("Its name only. Whether it may be issued is said while you type."),
    )
    requesting_body = StringField(
        _l("Who asks for it"), [InputRequired(), Length(max=120)], description=_l("The office, not the villager")
    )
    reason = TextAreaField(
        _l("Facts and reason"),
        [InputRequired(), Length(max=400)],
        description=_l("What was verified and why nothing else serves. No names and numbers of villagers."),
    )
    risk = RadioField(_l("Legal risk"), choices=lambda: list(words.RISKS.items()), default="none")
    minutes_no = StringField(
        _l("Number of the minutes"), [Optional(), Length(max=60)], description=_l("Where a risk was talked over")
    )
