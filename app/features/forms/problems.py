"""The sentences of forms."""

from __future__ import annotations

from app.domain.errors import Problem
from app.kit.i18n import _l

SENTENCES = {
    "form.title_missing": _l("Please write the title of the form."),
    "form.code_taken": _l("The code “%(value)s” is taken by another form of this unit; choose another one."),
    "form.bad_setting": _l("“%(value)s” is not one of the choices."),
    "form.not_open": _l(
        "This version is no longer a draft: somebody has published or withdrawn it. Look at the form again."
    ),
    "form.not_a_draft": _l("This version is not being designed now. Go back to designing before you change it."),
    "form.bad_yaml": _l("The text cannot be read as a form: %(reason)s"),
    "form.slot_in_use": _l(
        "More than %(limit)s records show a field on the list page that a new one would replace. Leave the old one listed."
    ),
    "form.retired": _l("The form has been retired. Bring it back before you change it."),
    "chart.title_missing": _l("Please give the chart a title."),
    "chart.bad_choice": _l("Please choose one of what is offered."),
    "chart.measure_missing": _l("Choose the number that is added up or averaged; it must be on the list page."),
    "chart.parts_of_average": _l("Averages are no parts of a whole; choose bars or a line."),
    "chart.too_many": _l("A form has at most %(limit)s charts; take one away first."),
    "form.of_duties": _l("Monthly duties are written on this form. Change the duty templates first."),
}
CONSTRAINTS = {
    "form.unit_id, form.code": Problem("form.code_taken", "code"),
    "uq_form_unit_id_code": Problem("form.code_taken", "code"),
}
