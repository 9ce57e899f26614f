"""The trail in words: acts, kinds of change and kinds of record; a code nobody has named yet is shown as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.features.audit.acts import ACTS
from app.features.forms.queries.workbooks import form_named
from app.kit.i18n import _, _l

OF_FORM = "form-"  # how the doors of forms are called
AREAS: Mapping[str, Any] = {
    "accounts": _l("Accounts"),
    "assessment": _l("Assessment"),
    "audit": _l("Audit trail"),
    "bonus": _l("Performance awards"),
    "checklists": _l("Lists"),
    "duties": _l("Duties"),
    "exchange": _l("Workbooks"),
    "forms": _l("Forms"),
    "job": _l("Long work"),
    "history": _l("Change history"),
    "leads": _l("Leads"),
    "org": _l("Organisation"),
    "packs": _l("List packs"),
    "bin": _l("Deleted records"),
    "people": _l("Persons"),
    "portal": _l("Portal"),
    "procedures": _l("Procedures"),
    "ranking": _l("Rankings"),
    "reports": _l("Report forms"),
    "reviews": _l("Reviews and indicators"),
}
KINDS: Mapping[str, Any] = {
    "add": _l("added"),
    "edit": _l("changed"),
    "delete": _l("deleted"),
    "move": _l("moved"),
    "own pay": _l("approved although paid himself"),
    "account locked": _l("account locked"),
    "backup": _l("backup"),
    "download": _l("downloaded"),
    "disclosure": _l("disclosed to the person"),
    "export": _l("exported"),
    "import": _l("imported"),
    "purge": _l("moved out of the trail"),
    "read by key": _l("read by a machine"),
    "refused": _l("refused"),
    "restore": _l("restored from a backup"),
    "rights change": _l("rights changed"),
    "see as": _l("seen as"),
    "session ended": _l("session ended"),
    "sign-in": _l("signed in"),
    "sign-in refused": _l("sign-in refused"),
    "sign-out": _l("signed out"),
    "struck off": _l("personal data struck off"),
    "undo": _l("import undone"),
    "unmask": _l("seen whole"),
    "verify": _l("verified"),
    "view": _l("opened"),
}
RECORDS: Mapping[str, Any] = {
    "burden_setting": _l("Limits on burdens"),
    "department": _l("Department"),
    "form": _l("Form"),
    "form_attachment": _l("File with a record"),
    "form_chart": _l("Chart of a form"),
    "form_record": _l("Record on a form"),
    "indicator": _l("Indicator"),
    "held_file": _l("File of a page that was refused"),
    "indicator_value": _l("Value of an indicator"),
    "inspection_plan": _l("Planned inspection"),
    "missing_copies": _l("Newly listed fields"),
    "list_change": _l("Change of a list"),
    "list_file": _l("File with an item of a list"),
    "list_kind": _l("Kind of list"),
    "list_opinion": _l("Opinion on a list"),
    "meeting_plan": _l("Planned meeting"),
    "pack_file": _l("Pack of lists"),
    "pack_load": _l("Pack loaded"),
    "report_issue": _l("Report issued"),
    "star_plate": _l("Star plate"),
    "ab_permission": _l("Permission"),
    "ab_permission_view": _l("Permission"),
    "ab_role": _l("Role"),
    "ab_user": _l("Account"),
    "ab_view_menu": _l("Permission"),
    "api_key": _l("Key for machines"),
    "assessment_round": _l("Assessment round"),
    "audit_entry": _l("Audit trail"),
    "bonus_batch": _l("Batch of awards"),
    "certificates": _l("Workbook of certificates and cases"),
    "command": _l("Command"),
    "custom_role": _l("Role"),
    "database": _l("Database"),
    "deduction_entry": _l("Deduction"),
    "duty": _l("Duty"),
    "duty_comment": _l("Comment"),
    "duty_period": _l("Month"),
    "duty_template": _l("Duty template"),
    "employment": _l("Employment"),
    "form_version": _l("Form"),
    "governance_list": _l("Lists"),
    "import_batch": _l("Import"),
    "made_file": _l("File made for download"),
    "item_score": _l("Score"),
    "lead": _l("Lead"),
    "lead_event": _l("Step of a lead"),
    "ledger_entry": _l("Ledger row"),
    "list-directory": _l("Workbook of the catalogue of lists"),
    "list_item": _l("List item"),
    "monthly-log": _l("Workbook of monthly logs"),
    "org_unit": _l("Unit"),
    "page": _l("Page"),
    "pay": _l("Workbook of wages"),
    "pay_line": _l("Pay line"),
    "person": _l("Person"),
    "post": _l("Post"),
    "procedure_definition": _l("Procedure"),
    "ranking_line": _l("Ranking line"),
    "ranking_run": _l("Ranking"),
    "responsibility-list": _l("Workbook of responsibilities"),
    "rights_entry": _l("Right"),
    "offline": _l("Offline workbook"),
    "roster": _l("Workbook of the roster"),
    "round_snapshot": _l("Published version"),
    "rule_setting": _l("Rules"),
    "score-sheet": _l("Workbook of scores"),
    "scheme": _l("Scheme"),
    "scheme_aspect": _l("Aspect"),
    "scheme_deduction": _l("Deduction item"),
    "scheme_item": _l("Item"),
    "sheet": _l("Score sheet"),
    "urge": _l("Urge"),
    "village_register": _l("Certificates and cases of a village"),
    "certificate_exception": _l("Certificate by exception"),
    "wage": _l("Wage"),
}

FACTS: Mapping[str, Any] = {
    "address": _l("From where"),
    "area": _l("Area"),
    "columns": _l("Columns"),
    "column": _l("Column"),
    "entries": _l("Entries"),
    "file": _l("File"),
    "format": _l("File format"),
    "found": _l("Found"),
    "from": _l("From number"),
    "kind": _l("Kind of change"),
    "method": _l("Method"),
    "path": _l("Page"),
    "period": _l("Period"),
    "person": _l("Person"),
    "reason": _l("Reason"),
    "record": _l("Record kind"),
    "row_id": _l("Record number"),
    "rows": _l("Rows"),
    "since": _l("From"),
    "status": _l("Answer"),
    "to": _l("To number"),
    "until": _l("Until"),
    "username": _l("User name"),
    "verb": _l("Right"),
    "whole": _l("Whole"),
}


def act(code: str) -> str:
    """An act as one reads it, e.g. 任务 · 提交 for `duties.submit`."""
    area, _dot, rest = code.partition(".")
    words = ACTS.get(code) or ACTS.get(rest.partition(".")[0])
    if words and area in AREAS:
        return f"{AREAS[area]} · {words}"
    if area.endswith("View"):  # no act of a service: a generated form, or a page that was refused
        return _("In the form") if rest in ("add", "edit", "delete") else _("On a page")
    return code


def kind(code: str) -> str:
    """What happened to the record."""
    return str(KINDS.get(code, code))


def record(code: str) -> str:
    """What kind of thing the record is; a workbook made of a form by the form's title."""
    if code.startswith(OF_FORM) and (form := form_named(code.removeprefix(OF_FORM))):
        return _("Workbook of the form “%(form)s”", form=form)
    return str(RECORDS.get(code, code))


def records(codes: Iterable[str]) -> dict[str, str]:
    """The same for many entries: each code is looked up once."""
    return {code: record(code) for code in set(codes)}


def facts(given: Any) -> str:
    """What an entry tells that is no column of a record: the rows of an export, the address of a refused page."""
    if not isinstance(given, Mapping):
        return "" if given is None else str(given)
    return "; ".join(f"{FACTS.get(name, name)}: {value}" for name, value in given.items() if value not in (None, ""))


def place(address: str) -> str:
    """From where: an address, or the command line of the server."""
    return _("Command line") if address == "console" else address
