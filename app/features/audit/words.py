"""The trail in words: acts, kinds of change and kinds of record; a code nobody has named yet is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kit.i18n import _, _l

AREAS: Mapping[str, Any] = {
    "accounts": _l("Accounts"),
    "assessment": _l("Assessment"),
    "audit": _l("Audit trail"),
    "bonus": _l("Performance awards"),
    "checklists": _l("Lists"),
    "duties": _l("Duties"),
    "exchange": _l("Workbooks"),
    "forms": _l("Forms"),
    "history": _l("Change history"),
    "leads": _l("Leads"),
    "org": _l("Organisation"),
    "bin": _l("Deleted records"),
    "people": _l("Persons"),
    "portal": _l("Portal"),
    "procedures": _l("Procedures"),
    "ranking": _l("Rankings"),
}
ACTS: Mapping[str, Any] = {
    "about": _l("tell what is kept about a person"),
    "accept": _l("accept"),
    "activate": _l("activate"),
    "add": _l("add"),
    "add_person": _l("add a person"),
    "add_unit": _l("add a unit"),
    "appoint": _l("appoint"),
    "approve": _l("approve"),
    "approve_setting": _l("approve changed rules"),
    "ask_reopen": _l("ask to reopen the month"),
    "assign": _l("assign"),
    "cancel": _l("put aside"),
    "change_own_password": _l("change the own password"),
    "change_rights": _l("change rights"),
    "check_round": _l("check a round"),
    "close": _l("lock the month"),
    "comment": _l("comment"),
    "confirm": _l("confirm"),
    "confirm_multipliers": _l("propose multipliers as confirmed"),
    "copy_role": _l("copy a role"),
    "correct_round": _l("correct a round"),
    "deactivate": _l("deactivate"),
    "decide_held": _l("decide about an award on hold"),
    "decide_tie": _l("decide a tie"),
    "demo": _l("load the demonstration"),
    "discuss": _l("discuss"),
    "edit_deduction": _l("edit a deduction"),
    "employ": _l("employ"),
    "end_post": _l("end a post"),
    "end_session": _l("end a session"),
    "end_substitute": _l("end a substitution"),
    "export": _l("export"),
    "import": _l("import"),
    "leads.close": _l("close the lead"),
    "load": _l("load"),
    "load_default_rights": _l("load the rights"),
    "load_pack": _l("load a list pack"),
    "load_scheme": _l("load a scheme"),
    "match_occurrences": _l("take over occurrences"),
    "match_points": _l("take over points"),
    "merge": _l("merge"),
    "nothing": _l("report nothing this period"),
    "map": _l("match the columns of an own workbook"),
    "open": _l("open the month"),
    "open_round": _l("open a round"),
    "payroll": _l("open the payroll sheet"),
    "preview": _l("upload"),
    "publish": _l("publish"),
    "publish_round": _l("publish a round"),
    "publish_version": _l("put a version of a list in force"),
    "purge": _l("move old entries out"),
    "record_deduction": _l("record a deduction"),
    "refuse_reopen": _l("refuse to reopen the month"),
    "refuse_setting": _l("refuse rules"),
    "rename_role": _l("rename a role"),
    "reopen": _l("reopen the month"),
    "report": _l("report"),
    "reset_factor": _l("take off a second factor"),
    "reset_password": _l("reset a password"),
    "restore": _l("bring back"),
    "remove": _l("delete"),
    "retire_mapping": _l("use a mapping no longer"),
    "return": _l("return"),
    "return_round": _l("open a round again"),
    "run": _l("compute"),
    "save": _l("save"),
    "save_directory": _l("draft a version of a list"),
    "save_ledger": _l("save the ledger"),
    "save_registers": _l("save certificates and cases"),
    "save_pay_rows": _l("take in a wage workbook"),
    "save_roster": _l("save the roster"),
    "save_score_rows": _l("take in a score workbook"),
    "save_scores": _l("save scores"),
    "save_settings": _l("propose rules"),
    "save_wages": _l("save wages"),
    "see_as": _l("see as a post"),
    "set_gate": _l("hold or release an award"),
    "set_password": _l("set a password"),
    "set_up_factor": _l("set up a second factor"),
    "sign_in": _l("sign in"),
    "start": _l("start"),
    "strike_off": _l("strike off personal data"),
    "submit": _l("submit"),
    "substitute": _l("let somebody stand in"),
    "switch_role_off": _l("switch a role off"),
    "switch_role_on": _l("switch a role on"),
    "sync": _l("bring in step with the release"),
    "unlock": _l("unlock"),
    "unmask": _l("see a whole number"),
    "urge": _l("urge"),
    "urge_done": _l("attend to an urge"),
    "use_mapping": _l("use a version of a mapping"),
    "verify": _l("verify"),
    "waive_deduction": _l("waive a deduction"),
    "withdraw": _l("take back"),
    "withdraw_version": _l("withdraw a draft of a list"),
    "write_back_paid": _l("take in amounts paid"),
}
KINDS: Mapping[str, Any] = {
    "add": _l("added"),
    "edit": _l("changed"),
    "delete": _l("deleted"),
    "move": _l("moved"),
    "own pay": _l("approved although paid himself"),
    "account locked": _l("account locked"),
    "backup": _l("backup"),
    "disclosure": _l("disclosed to the person"),
    "export": _l("exported"),
    "import": _l("imported"),
    "purge": _l("moved out of the trail"),
    "refused": _l("refused"),
    "restore": _l("restored from a backup"),
    "rights change": _l("rights changed"),
    "see as": _l("seen as"),
    "session ended": _l("session ended"),
    "sign-in": _l("signed in"),
    "sign-in refused": _l("sign-in refused"),
    "sign-out": _l("signed out"),
    "struck off": _l("personal data struck off"),
    "unmask": _l("seen whole"),
    "verify": _l("verified"),
    "view": _l("opened"),
}
RECORDS: Mapping[str, Any] = {
    "ab_permission": _l("Permission"),
    "ab_permission_view": _l("Permission"),
    "ab_role": _l("Role"),
    "ab_user": _l("Account"),
    "ab_view_menu": _l("Permission"),
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
    """What kind of thing the record is."""
    return str(RECORDS.get(code, code))


def facts(given: Any) -> str:
    """What an entry tells that is no column of a record: the rows of an export, the address of a refused page."""
    if not isinstance(given, Mapping):
        return "" if given is None else str(given)
    return "; ".join(f"{FACTS.get(name, name)}: {value}" for name, value in given.items() if value not in (None, ""))


def place(address: str) -> str:
    """From where: an address, or the command line of the server."""
    return _("Command line") if address == "console" else address
