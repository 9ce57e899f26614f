"""The sentences of records."""

from __future__ import annotations

from app.domain.errors import Problem
from app.kit.i18n import _l

_ALREADY = _l("There is a record of this form for this unit, person or period already: open that one and change it.")
SENTENCES = {
    "record.already": _ALREADY,
    "record.retired": _l("The form has been retired; nothing is filled in on it any more."),
    "record.report_by_page": _l("A report is begun on the page of owed reports."),
    "record.no_version": _l("The form has not been published yet."),
    "record.wrong_place": _l("The form is not filled in for this unit. Choose another unit."),
    "record.not_asked": _l("The form is filled in by others; none of your posts there is asked to."),
    "record.wrong_period": _l("“%(period)s” is not a period of this form."),
    "record.no_review": _l("What is handed in on this form is not confirmed by anybody."),
    "record.own": _l("You have handed it in yourself, or stand in for whoever did; another person must decide."),
    "record.not_a_draft": _l("Only a draft can be removed; it has been handed in."),
    "record.not_open": _l("It has been handed in. Take it back before you change its files."),
    "attachment.no_field": _l("The form asks for no file there."),
    "attachment.empty": _l("The file is empty."),
    "attachment.too_large": _l("A file may have %(limit)s MB at most. Make the picture smaller and choose it again."),
    "attachment.too_many_held": _l(
        "Too many files wait for pages that were refused. Choose this one again when you save."
    ),
    "attachment.bad_kind": _l("Only pictures, PDF and Office documents without macros are taken."),
}
CONSTRAINTS = {
    "form_record.form_id, form_record.single": Problem("record.already", ""),
    "uq_form_record_form_id_single": Problem("record.already", ""),
}
