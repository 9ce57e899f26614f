"""What the offline workbook says when it is not taken, or not all of it."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "exchange.offline_no_right": _l("Your posts do not let you take workbooks home at “%(unit)s”."),
    "exchange.offline_nothing": _l(
        "There is nothing for you to fill in at “%(unit)s” in %(period)s: no duty of yours is open and no round is scored."
    ),
    "exchange.offline_unreadable": _l("The file cannot be read: %(why)s"),
    "exchange.offline_no_stamp": _l(
        "This is no offline workbook of this portal: its stamp is missing. Ordinary workbooks are imported on “Workbooks in and out”."
    ),
    "exchange.offline_unknown": _l(
        "This portal has not made this workbook, or its stamp was changed. Make a new one and copy what you typed."
    ),
    "exchange.offline_other_unit": _l(
        "This workbook was made for “%(unit)s”, where you have no right to fill in. Send it back to whoever made it."
    ),
    "exchange.offline_page_unit": _l(
        "This workbook was made for “%(unit)s”, not for “%(here)s”. Upload it at its own unit, or make one for this unit."
    ),
    "exchange.offline_tampered": _l(
        "The hidden sheet of this workbook names another unit or period than it was made for. Make a new one and copy what you typed."
    ),
    "exchange.offline_old": _l(
        "This workbook was made on %(on)s, more than %(days)s days ago. Make a new one and copy what you typed."
    ),
    "exchange.offline_sheet_closed": _l(
        "“%(sheet)s” is not open to you any more: the round was closed, the form was handed in, or your post ended. Nothing of it is taken."
    ),
    "exchange.offline_version": _l(
        "The list, form or scheme of “%(sheet)s” was changed since (%(was)s is now %(now)s). Make a new workbook and copy what you typed."
    ),
    "exchange.offline_sheet_missing": _l(
        "The sheet “%(sheet)s” is missing or hidden in the file. Nothing of it is taken, and nothing is deleted."
    ),
    "exchange.offline_sheet_unreadable": _l("The sheet “%(sheet)s” cannot be read: %(why)s"),
    "exchange.offline_cell": _l("%(why)s"),
    "exchange.offline_mixed": _l(
        "The hidden key of this row belongs to another row: only some columns were sorted, or a cell was pasted over. The row is not taken."
    ),
    "exchange.offline_twice": _l("This row stands in the sheet a second time. Only the first one is taken."),
    "exchange.offline_foreign": _l(
        "The hidden key of this row is not of this workbook; the row was found by its name instead."
    ),
    "exchange.offline_gone": _l("This row has been removed from the portal meanwhile; what you typed has no place."),
    "exchange.offline_no_such_row": _l("Rows cannot be added to this sheet: each row is somebody's duty."),
    "exchange.offline_not_asked": _l(
        "This is asked only under a condition that is not met here. Empty the cell, or change the answer it hangs on."
    ),
    "exchange.offline_score_emptied": _l(
        "A score cannot be emptied in a workbook. Type another one, or / for not applicable."
    ),
    "exchange.offline_undecided": _l(
        "%(count)s conflicts wait for your choice. Choose for each of them: mine or theirs."
    ),
    "exchange.offline_moved": _l(
        "Somebody has saved meanwhile. The workbook was compared again: look at it and save once more."
    ),
}
