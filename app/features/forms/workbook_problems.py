"""What the workbooks of forms say to whoever imports them."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "record.not_asked_now": _l("No report that runs asks this of %(unit)s for %(period)s."),
    "record.asked_twice": _l(
        "Several reports ask this of %(unit)s for %(period)s: begin each on the page of owed reports."
    ),
    "record.unit_stays": _l("This record belongs to %(unit)s and stays there. Add a new row for another unit."),
    "record.period_stays": _l("This record is of %(period)s and stays there. Add a new row for another period."),
    "record.no_mark": _l("The row has no record number: put it into one of the empty rows at the end of the sheet."),
    "record.rule": _l("%(message)s"),
    "record.line": _l("Sheet “%(sheet)s”, row %(row)s, “%(header)s”: %(message)s"),
    "record.lines": _l("Sheet “%(sheet)s”: %(message)s"),
    "record.lines_unread": _l(
        "Lines of this record on the sheet “%(sheet)s” could not be read. Mend them in the file."
    ),
    "record.computed_differs": _l(
        "“%(header)s”: the file says %(value)s, the portal computes %(computed)s and keeps its own figure."
    ),
}
