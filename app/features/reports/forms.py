"""Forms of reports: the draft, the limits, the document check."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.reports import CYCLES, LEVELS_ASKED
from app.features.reports import words
from app.kit import names
from app.kit.fields import DateField, WordsField
from app.kit.forms import PortalForm
from app.kit.i18n import _l


class IssueForm(PortalForm):
    """A report to be asked; the choices of unit, form and department are set by the page."""

    title = StringField(_l("Title of the report"), [InputRequired(), Length(max=200)])
    form = SelectField(_l("Form"), coerce=int, description=_l("What is asked stands in the form"))
    department = SelectField(_l("Department"), coerce=int, description=_l("Who wants the report"))
    level = SelectField(_l("Asked of each"), choices=lambda: [(code, names.level(code)) for code in LEVELS_ASKED])
    cycle = SelectField(_l("Cycle"), choices=lambda: [(code, words.CYCLES[code]) for code in CYCLES])
    emergency_reason = StringField(
        _l("What the emergency is"), [Optional(), Length(max=400)], description=_l("Only for a report asked once")
    )
    first_period = StringField(
        _l("First period"),
        [InputRequired(), Length(max=16)],
        description=_l("2026-10, 2026Q4, 2026H2 or 2026, as the cycle is"),
    )
    last_period = StringField(
        _l("Last period"), [Optional(), Length(max=16)], description=_l("Left empty, it runs until it is halted")
    )
    due_day = IntegerField(
        _l("Due on day"), [InputRequired()], default=5, description=_l("Of the month after the period")
    )
    minutes = IntegerField(
        _l("Minutes one filling-in takes"),
        [InputRequired()],
        default=10,
        description=_l("An honest estimate; the burden meter adds it up"),
    )
    approving_body = StringField(
        _l("Approving body"),
        [Optional(), Length(max=120)],
        description=_l("Without body, document and date it cannot be issued"),
    )
    approval_document = StringField(_l("Approval document"), [Optional(), Length(max=120)])
    approved_on = DateField(_l("Approved on"), [Optional()])


class NewIssueForm(IssueForm):
    """The same, with the unit that asks."""

    unit = SelectField(_l("Asked by"), coerce=int)


class LimitsForm(PortalForm):
    """The limits of a unit."""

    most_characters = IntegerField(_l("A document has at most so many characters"), [InputRequired()])
    most_overlap = IntegerField(_l("Percent that may repeat the superior's text"), [InputRequired()])
    free_weekdays = SelectMultipleField(
        _l("Weekdays kept free of meetings"),
        coerce=int,
        choices=lambda: list(words.WEEKDAYS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    field_seconds = IntegerField(
        _l("Seconds a field takes"), [InputRequired()], description=_l("Where nobody says how long a form takes")
    )
    photo_seconds = IntegerField(_l("Seconds a photo takes"), [InputRequired()])
    base_words = WordsField(
        _l("More base data not asked of villages"), description=_l("Words of a field's label, separated by commas")
    )


class PaperForm(PortalForm):
    """A document to be checked; nothing of it is kept."""

    text = TextAreaField(_l("The document"), [InputRequired(), Length(max=60_000)])
    superior = TextAreaField(_l("The superior's text it passes on"), [Optional(), Length(max=200_000)])
