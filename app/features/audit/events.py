"""The catalogue of what the trail tells: each kind of event with its meaning; a test does each of them once.

Beside these every change of a record is an entry of kind add, edit or delete under the name of the act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.kit.i18n import _l


@dataclass(frozen=True)
class Event:
    """How an event stands in the trail: its act (`action` ends in a dot where the sheet follows), kind and record kind."""

    code: str
    action: str
    kind: str
    table: str
    meaning: Any

    def is_told_by(self, action: str, kind: str, table: str) -> bool:
        """True for an entry that tells of this event."""
        same = action.startswith(self.action) if self.action.endswith(".") else action == self.action
        return (same or not self.action) and (kind, self.table or table) == (self.kind, table)


EVENTS = (
    Event("sign_in", "accounts.sign_in", "sign-in", "ab_user", _l("Somebody signed in")),
    Event("sign_in_refused", "accounts.sign_in", "sign-in refused", "ab_user", _l("A sign-in was refused")),
    Event("locked", "accounts.sign_in", "account locked", "ab_user", _l("Five wrong passwords locked an account")),
    Event("sign_out", "", "sign-out", "ab_user", _l("Somebody signed out")),
    Event("session_ended", "accounts.end_session", "session ended", "ab_user", _l("Somebody ended a session of his")),
    Event("password_changed", "accounts.change_own_password", "edit", "ab_user", _l("The own password was changed")),
    Event("password_reset", "accounts.reset_password", "edit", "ab_user", _l("An administrator reset a password")),
    Event("factor_reset", "accounts.reset_factor", "edit", "ab_user", _l("A second factor was taken off an account")),
    Event("account_made", "accounts.add", "add", "ab_user", _l("An account was made")),
    Event("account_off", "accounts.deactivate", "edit", "ab_user", _l("An account was switched off")),
    Event("account_on", "accounts.activate", "edit", "ab_user", _l("An account was switched on")),
    Event("unlocked", "accounts.unlock", "edit", "ab_user", _l("An account was unlocked")),
    Event("rights_changed", "accounts.change_rights", "rights change", "rights_entry", _l("Rights were changed")),
    Event("role_copied", "accounts.copy_role", "add", "custom_role", _l("A role was made by copying")),
    Event("seen_as", "accounts.see_as", "see as", "post", _l("Somebody looked at the portal as a post sees it")),
    Event("post_given", "people.appoint", "add", "post", _l("Somebody got a post")),
    Event("post_ended", "people.end_post", "edit", "post", _l("A post ended")),
    Event("substitute", "people.substitute", "add", "post", _l("Somebody stands in for a post")),
    Event("unmasked", "people.unmask", "unmask", "person", _l("A whole number was shown")),
    Event("disclosed", "accounts.about", "disclosure", "person", _l("A person was told what is kept about him")),
    Event("pay_viewed", "bonus.payroll", "view", "bonus_batch", _l("The payroll sheet was opened to print")),
    Event("exported", "exchange.export.", "export", "", _l("A workbook was exported: which, what for, how many rows")),
    Event("pay_exported", "bonus.export", "export", "bonus_batch", _l("The pay workbook was exported")),
    Event("trail_exported", "audit.export", "export", "audit_entry", _l("The audit trail was exported")),
    Event("unmasked_file", "exchange.export.", "unmask", "", _l("Whole numbers went into a file: which, what for")),
    Event("downloaded", "exchange.download", "download", "made_file", _l("A file of the export centre was downloaded")),
    Event("original", "exchange.original", "export", "", _l("An uploaded file was handed out again")),
    Event("imported", "exchange.import.", "import", "", _l("A workbook was imported: which file, how many rows")),
    Event("pack_loaded", "packs.load", "add", "pack_load", _l("A list pack was loaded")),
    Event("pack_handed_out", "packs.export", "export", "pack_file", _l("Own lists were handed out as a pack")),
    Event("undone", "exchange.undo", "undo", "", _l("A workbook import was undone: which file, why, how many rows")),
    Event("taken_along", "exchange.offline.make", "export", "offline", _l("An offline workbook was taken along")),
    Event("brought_back", "exchange.offline.apply", "import", "offline", _l("An offline workbook was saved")),
    Event("read_by_key", "", "read by key", "api_key", _l("A machine read for the first time that day: which request")),
    Event("refused", "", "refused", "page", _l("A page or a record was refused")),
    Event("refused_command", "", "refused", "command", _l("A command was refused")),
    Event("rule_proposed", "ranking.save_settings", "add", "rule_setting", _l("A change of the rules was proposed")),
    Event("rule_approved", "ranking.approve_setting", "edit", "rule_setting", _l("Changed rules were approved")),
    Event("round_published", "assessment.publish_round", "add", "round_snapshot", _l("A round was published")),
    Event("ranking_published", "ranking.publish", "edit", "ranking_run", _l("A ranking was published")),
    Event("pay_approved", "bonus.approve", "edit", "bonus_batch", _l("A batch of awards was approved")),
    Event("month_locked", "duties.close", "edit", "duty_period", _l("A month was locked")),
    Event("reopening_asked", "duties.ask_reopen", "edit", "duty_period", _l("Somebody asked to reopen a locked month")),
    Event("month_reopened", "duties.reopen", "edit", "duty_period", _l("A locked month was opened again")),
    Event("unit_moved", "org.move_unit", "edit", "org_unit", _l("A unit was moved, with what hangs on it")),
    Event("removed", "bin.remove", "delete", "org_unit", _l("A record was deleted")),
    Event("put_back", "bin.restore", "add", "org_unit", _l("A deleted record was put back")),
    Event("restored", "history.restore", "edit", "org_unit", _l("An earlier version of a record was brought back")),
    Event("backup", "portal.backup", "backup", "database", _l("A backup was made")),
    Event("purged", "audit.purge", "purge", "audit_entry", _l("Old entries were moved out of the trail into a file")),
    Event("verified", "audit.verify", "verify", "audit_entry", _l("The trail was verified")),
)
