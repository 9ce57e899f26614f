"""What each code says to the clerk: the place, the value, the rule and the way out. The only home of these sentences.

A key is a code, or code:reason where one code has several causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.kit.i18n import _l

if TYPE_CHECKING:
    from app.kit.excel.result import Issue

SENTENCES: dict[str, Any] = {
    "F-01": _l(
        "This file is not an Excel workbook, or it is damaged. Open it in Excel or WPS and save "
        "it again as .xlsx, then upload it."
    ),
    "F-02": _l(
        "The workbook is protected by a password. Remove the password in Excel or WPS, save, and upload it again."
    ),
    "F-03": _l(
        "The file is too large or unpacks to far too much. Delete empty rows, pictures and unused "
        "sheets, save, and upload it again."
    ),
    "F-04": _l(
        "The workbook contains macros, which are not accepted. Save it as .xlsx (without macros) and upload it again."
    ),
    "F-05": _l("Files of the kind %(ending)s cannot be read. Save the workbook as .xlsx and upload it again."),
    "F-06": _l(
        "The workbook has more rows or columns than can be read at once. Split it and upload the "
        "parts one after another."
    ),
    "F-07": _l(
        "The workbook cannot be read reliably. Open it in Excel or WPS, save it again as .xlsx and upload that copy."
    ),
    "F-08": _l(
        "Reading the workbook took too long and was stopped. Delete what is not needed, save it "
        "as .xlsx and upload it again."
    ),
    "F-09": _l("Other workbooks are being read just now. Your file was not read: upload it again in a minute."),
    "E01": _l(
        "No sheet has the header of this form. Check that it is the right form, or download the "
        "template and copy your rows into it."
    ),
    "E01:empty": _l("The workbook is empty: no cell has a value. Check that you chose the right file."),
    "E02": _l("%(place)s: the required column “%(header)s” is missing. Add it under this header, or use the template."),
    "E03": _l("%(place)s: this does not belong to this page. Choose the right page or the right file."),
    "E03:layout": _l("This file was exported as another form (%(layout)s). Choose the page of that form."),
    "E03:period": _l(
        "%(place)s: the title says %(value)s, this page is for %(expected)s. Choose that period, or correct the title."
    ),
    "E03:row": _l(
        "%(place)s: “%(value)s” is not %(expected)s. Correct the month, or import the row on the page of its month."
    ),
    "E03:item": _l(
        "%(place)s: “%(value)s” is not in the scheme “%(scheme)s”. Use the items of the scheme, "
        "with their names unchanged."
    ),
    "E03:aggregated": _l(
        "%(place)s: “%(value)s” adds several deductions up, and the portal needs them one by one. Use a column for each "
        "deduction of the scheme “%(scheme)s”."
    ),
    "E03:items_missing": _l("%(place)s: items of the scheme “%(scheme)s” are missing: %(value)s. Add them."),
    "E03:full_score": _l(
        "%(place)s: the full scores add up to %(value)s, the scheme has %(full_score)s. Correct the column 满分."
    ),
    "E03:max": _l("%(place)s: the full score of “%(item)s” is %(value)s here and %(max)s in the scheme. Correct it."),
    "E11": _l("%(place)s: “%(header)s” must be filled in. Fill it in or delete the row."),
    "E11:months": _l("%(place)s: no month has a wage. Fill in the months served or delete the row."),
    "E12": _l(
        "%(place)s: the formula %(value)s has no saved value. Open the workbook in Excel or WPS, "
        "save it once, and upload it again."
    ),
    "E13": _l("%(place)s: the cell shows the error %(value)s. Correct the formula or type the value."),
    "E21": _l(
        "%(place)s: the title says %(title_unit)s, this column says %(header_unit)s. Make them "
        "agree, so that no amount is read ten thousand times too large or small."
    ),
    "E22": _l("%(place)s: “%(value)s” is not a number. Type a plain number, without words such as 约 or 左右."),
    "E22:whole": _l("%(place)s: “%(value)s” is not a whole number. Type a whole number."),
    "E22:date": _l("%(place)s: “%(value)s” is not a date. Type it as 2026-10-05 or 2026年10月5日."),
    "E22:boolean": _l("%(place)s: “%(value)s” is neither yes nor no. Type √ or ×."),
    "E22:named_counts": _l(
        "%(place)s: “%(value)s” does not give each name with its number. Type them as 甲证明2、乙证明1."
    ),
    "E22:word": _l("%(place)s: “%(value)s” is not one of the words used here: %(choices)s."),
    "E22:level": _l(
        "%(place)s: “%(value)s” does not say the level, and the points depend on it. Type the "
        "points, or fill in the sheet 扣分明细 with the level."
    ),
    "E23": _l("%(place)s: “%(value)s” is out of range. Correct the value."),
    "E23:below_zero": _l("%(place)s: “%(value)s” is below zero; “%(header)s” cannot be negative. Correct the value."),
    "E23:above_max": _l("%(place)s: “%(value)s” is above the full score %(max)s of “%(header)s”. Correct the score."),
    "E23:negative_deduction": _l(
        "%(place)s: “%(value)s” is negative, but deductions are printed as positive numbers here, "
        "so it would add points. Type it without the minus."
    ),
    "E23:not_applicable": _l("%(place)s: “%(header)s” applies to every village; / is not allowed. Type a score."),
    "E23:score": _l("%(place)s: “%(value)s” is not a score between 0 and %(max)s. Correct it."),
    "E23:months": _l("%(place)s: “%(value)s” is more than 12 months. Type 0 to 12."),
    "E23:no_such_day": _l("%(place)s: there is no such day as “%(value)s”. Correct the date."),
    "E23:before_start": _l("%(place)s: “%(value)s” is before the first day, %(start)s. Correct one of the two dates."),
    "E23:more_than": _l("%(place)s: %(value)s is more than “%(whole)s” (%(limit)s). Correct one of the two."),
    "E31": _l(
        "%(place)s: there is no village “%(value)s”. Did you mean %(choices)s? Correct the name, "
        "or settle the spelling once and for all in the import."
    ),
    "E31:nothing_near": _l(
        "%(place)s: there is no village “%(value)s”, and no name like it. Correct the name, or "
        "settle the spelling in the import."
    ),
    "E32": _l("%(place)s: “%(value)s” does not belong to %(village)s. Correct the grid or the village."),
    "E32:line": _l(
        "%(place)s: no record of this file has the number %(value)s. Correct the number or delete the line."
    ),
    "E33": _l(
        "%(place)s: there is nobody of the name “%(value)s”. Correct the name, or enter the person in the roster first."
    ),
    "E33:word": _l("%(place)s: “%(value)s” is not a role of the grid. Type one of: %(choices)s."),
    "E33:grid_leader": _l(
        "%(place)s: “%(value)s” may be 总网格长 or 子网格长. Type which one, or fill in the sub-grid."
    ),
    "E33:holder": _l(
        "%(place)s: “%(value)s” is not %(role)s in %(village)s. Correct the name, or enter the "
        "post in the roster first."
    ),
    "E41:phone": _l(
        "%(place)s: the telephone number “%(value)s” has lost its digits. Format the column as "
        "text and type the number again."
    ),
    "E41:identity": _l(
        "%(place)s: the identity number “%(value)s” has lost its digits or is incomplete. Format "
        "the column as text; the last four characters are enough."
    ),
    "E41:private": _l(
        "%(place)s: “%(value)s” holds an identity or bank-card number. Villagers' private numbers do not "
        "belong here: delete it and upload the file again."
    ),
    "E51": _l(
        "%(place)s: the number “%(value)s” may be %(first)s or %(second)s, because 10 loses its "
        "zero. Type %(first)s or %(second)s as text."
    ),
    "E52": _l("%(place)s: the year is missing in “%(value)s”. Type it with the year."),
    "E52:title": _l("%(place)s: the title says only “%(value)s”. Add the year to the title, for example 2026年10月."),
    "E52:two_digits": _l("%(place)s: the year in “%(value)s” has only two digits. Type all four."),
    "E61": _l(
        "%(place)s: “%(value)s” stands in the file twice, first in row or column %(first_row)s. Keep one of them."
    ),
    "E61:item": _l("%(place)s: the item “%(value)s” stands in the sheet twice. Keep one of them."),
    "E62": _l("%(place)s: the record has been confirmed and cannot be overwritten. Ask for a correction."),
    "E71": _l(
        "%(place)s: your posts do not cover “%(value)s”. Delete its rows, or let the office responsible import them."
    ),
    "W01": _l("%(place)s: “%(value)s” is printed, %(computed)s is what it comes to. The portal uses its own figure."),
    "W01:award": _l(
        "%(place)s: the award is printed as %(value)s; wage × multiplier × months ÷ 12 is %(computed)s. Check it."
    ),
    "W01:parts": _l("%(place)s: %(value)s is printed, its parts add up to %(computed)s. Check it."),
    "W01:rate": _l("%(place)s: the rate is printed as %(value)s; from the counts it is %(computed)s."),
    "W01:categories": _l(
        "%(place)s: “%(value)s” is printed, the list has %(computed)s categories. Check which is right."
    ),
    "W01:items": _l("%(place)s: “%(value)s” is printed, the list has %(computed)s. Check which is right."),
    "W-PL1": _l(
        "%(place)s: “%(certificate)s” is on the list of certificates that villages should not issue. If it had to be "
        "issued, state the reason in the column 备注."
    ),
    "W02": _l(
        "%(place)s: this row is hidden and was not read. Show the row and upload again if it belongs to the data."
    ),
    "W02:column": _l(
        "%(place)s: this column is hidden and was not read. Show the column and upload again if it belongs to the data."
    ),
    "W03": _l("%(place)s: “%(value)s” was rounded to %(rounded)s."),
    "W04": _l("%(place)s: “%(value)s” was read as %(matched)s."),
    "W05": _l("%(place)s: the title is “%(value)s” here and “%(listed)s” in the list. The list is not changed."),
    "W06": _l(
        "%(place)s: above this row five rows are blank, so the table was taken to have ended; this row and %(more)s below it "
        "were not read. Delete the blank rows and upload again if they belong to the data."
    ),
    "W07": _l("%(place)s: %(value)s has not come yet; today is %(last)s. Check the date."),
    "W07:period": _l(
        "%(place)s: %(value)s is after the period of this page, which ends on %(last)s. Check the date, or import the "
        "row on the page of its period."
    ),
}

_PLACES: dict[str, Any] = {
    "cell": _l("Sheet “%(sheet)s”, cell %(cell)s"),
    "sheet": _l("Sheet “%(sheet)s”"),
    "bare": _l("Cell %(cell)s"),
    "file": _l("The file"),
}


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(issue: Issue) -> str:
    """The issue in the reader's language, with its place."""
    words = SENTENCES.get(f"{issue.code}:{issue.reason}") or SENTENCES.get(issue.code)
    if words is None:
        return f"{place(issue)}: {issue.code}"
    return str(words) % _Params(issue.params, place=place(issue), value=_shown(issue.value))


def place(issue: Issue) -> str:
    """Where the issue stands, in words."""
    key = ("cell" if issue.cell else "sheet") if issue.sheet else ("bare" if issue.cell else "file")
    return str(_PLACES[key]) % {"sheet": issue.sheet, "cell": issue.cell}


def _shown(value: Any) -> str:
    from app.kit.excel.values import shown

    return "" if value is None else shown(value).strip()[:80]
