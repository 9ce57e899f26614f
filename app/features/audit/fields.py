"""The columns of records in words, and their values: what a history shows instead of names of columns, codes and ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from app.features.accounts.naming import account_name
from app.features.assessment import words as assessment
from app.features.bonus import words as bonus
from app.features.checklists import words as checklists
from app.features.duties import words as duties
from app.features.ranking import words as ranking
from app.kit import access, clock, lookup, masking, names
from app.kit.db import LEVELS, Base, db
from app.kit.i18n import _, _l, chosen

HIDDEN = frozenset(
    {"id", "created_at", "updated_at", "version", "digest", "sort_order", "last_request"}
    | {f"{level}_id" for level in LEVELS}
)
"""What says nothing to a reader: keys of the row itself and what is kept for the machine."""

LABELS: Mapping[str, Any] = {
    "acting_for_id": _l("Stands in for"),
    "action": _l("Act"),
    "aliases": _l("Other names"),
    "answers": _l("Answers"),
    "applicable": _l("Points that apply"),
    "approved_at": _l("Approved on"),
    "approved_by": _l("Approved by"),
    "aspect_code": _l("Aspect"),
    "aspects": _l("Points by aspect"),
    "author": _l("Who"),
    "award": _l("Award"),
    "band": _l("Band"),
    "base": _l("Base score"),
    "base_allowance": _l("Basic allowance"),
    "basis": _l("Basis"),
    "batch_id": _l("Batch of awards"),
    "before_budget": _l("Award before the budget"),
    "calc": _l("How it is scored"),
    "cap": _l("At most"),
    "category": _l("Kind"),
    "certificate_issued_on": _l("Certificate issued on"),
    "certificate_no": _l("Certificate number"),
    "checked_at": _l("Checked on"),
    "checked_by": _l("Checked by"),
    "clause": _l("Clause"),
    "closed_at": _l("Locked on"),
    "closed_by": _l("Locked by"),
    "closed_on": _l("Closed on"),
    "code": _l("Code"),
    "corrects_id": _l("Corrects"),
    "count": _l("Number"),
    "covers": _l("Covers"),
    "cycle": _l("Cycle"),
    "decided_at": _l("Decided on"),
    "decided_by": _l("Decided by"),
    "decision_reason": _l("Reason of the decision"),
    "derived_fields": _l("Set by the portal"),
    "done_at": _l("Done on"),
    "done_count": _l("Number done"),
    "done_on": _l("Done on"),
    "due_day": _l("Due day"),
    "due_on": _l("Due on"),
    "duty_id": _l("Duty"),
    "earlier_award": _l("Award paid before"),
    "earned": _l("Points earned"),
    "effective": _l("Effective score"),
    "effective_from": _l("In force from"),
    "effective_to": _l("In force until"),
    "employment_id": _l("Employment"),
    "evidence": _l("Evidence"),
    "excluded_reason": _l("Why it is left out"),
    "facets": _l("Details"),
    "fact": _l("What was entered"),
    "final": _l("Final score"),
    "finding": _l("Finding"),
    "floor_total": _l("Lowest total"),
    "form_code": _l("Form"),
    "form_version_id": _l("Form"),
    "from_items": _l("List items"),
    "from_on": _l("From"),
    "full_score": _l("Full score"),
    "gender": _l("Gender"),
    "happened_on": _l("Happened on"),
    "hold": _l("Award on hold"),
    "holders": _l("Holders"),
    "households": _l("Households"),
    "inputs": _l("Data it was computed from"),
    "insurance_allowance": _l("Insurance allowance"),
    "is_active": _l("Active"),
    "is_certified": _l("Holds the certificate"),
    "is_current": _l("In use"),
    "is_late": _l("Late"),
    "is_not_applicable": _l("Not applicable"),
    "is_nothing": _l("Nothing to report"),
    "is_primary": _l("Main employment"),
    "is_published": _l("Published"),
    "is_self_reported": _l("Reported by oneself"),
    "is_tie_undecided": _l("Tie not decided"),
    "is_urgent": _l("Urgent"),
    "is_waived": _l("Waived"),
    "item_capped": _l("After the caps of items"),
    "item_code": _l("Item"),
    "item_id": _l("List item"),
    "kind": _l("Kind"),
    "lead_id": _l("Lead"),
    "level": _l("Level"),
    "levels": _l("Levels"),
    "linked": _l("Linked item"),
    "list_id": _l("List"),
    "maximum": _l("Full points"),
    "merged_into_id": _l("Merged into"),
    "min_applicable": _l("Least points that apply"),
    "mitigation": _l("Mitigation"),
    "month": _l("Month"),
    "monthly_wage": _l("Monthly wage"),
    "months": _l("Months"),
    "multiplier": _l("Multiplier"),
    "na_allowed": _l("May not apply"),
    "name": _l("Name"),
    "name_en": _l("Name in English"),
    "name_ko": _l("Name in Korean"),
    "note": _l("Note"),
    "number": _l("Version"),
    "opened_by": _l("Opened by"),
    "paid": _l("Paid"),
    "params": _l("Values of the rule"),
    "parent_id": _l("Unit above"),
    "payable_now": _l("Payable now"),
    "payload": _l("Published content"),
    "payroll_eligible": _l("On the payroll"),
    "per": _l("Counted by"),
    "period": _l("Period"),
    "person_id": _l("Person"),
    "phone": _l("Telephone"),
    "place": _l("Place"),
    "points": _l("Points"),
    "policy": _l("Rules it was computed by"),
    "position": _l("Position"),
    "post_allowance": _l("Post allowance"),
    "post_id": _l("Post"),
    "published_at": _l("Published on"),
    "published_by": _l("Published by"),
    "purpose": _l("Purpose"),
    "question": _l("Question"),
    "rank": _l("Rank"),
    "rank_allowance": _l("Rank allowance"),
    "ranking_run_id": _l("Ranking"),
    "raw": _l("Raw score"),
    "reason": _l("Reason"),
    "record_book_no": _l("Record book"),
    "recorded_by": _l("Recorded by"),
    "remarks": _l("Remarks"),
    "reopen_asked_at": _l("Reopening asked on"),
    "reopen_asked_by": _l("Reopening asked by"),
    "reopen_reason": _l("Reason for reopening"),
    "reopen_refusal": _l("Reason of the refusal"),
    "reopen_refused_by": _l("Reopening refused by"),
    "reopened_at": _l("Reopened on"),
    "reopened_by": _l("Reopened by"),
    "reported_on": _l("Reported on"),
    "reporter_id": _l("Reported by"),
    "requirement": _l("Requirement"),
    "responsible_id": _l("Responsible"),
    "responsible_office": _l("Office responsible"),
    "result": _l("Result"),
    "return_reason": _l("Reason of the return"),
    "reviewed_at": _l("Reviewed on"),
    "reviewed_by": _l("Reviewed by"),
    "role": _l("Role"),
    "round_id": _l("Assessment round"),
    "round_unit_id": _l("Unit of the round"),
    "rule_version": _l("Version of the rules"),
    "run_by": _l("Computed by"),
    "run_id": _l("Ranking"),
    "made_by": _l("Made by"),
    "same_fact": _l("Same fact"),
    "scheme_id": _l("Scheme"),
    "scored_by": _l("Scored by"),
    "segments": _l("Segments"),
    "sheet_id": _l("Score sheet"),
    "solution": _l("Solution"),
    "source": _l("Source"),
    "source_phrase": _l("Words of the source"),
    "spec": _l("Content"),
    "standard": _l("Standard"),
    "state": _l("State"),
    "status": _l("State"),
    "subject": _l("Subject"),
    "submitted_at": _l("Submitted on"),
    "submitted_by": _l("Submitted by"),
    "summary": _l("Summary"),
    "template_id": _l("Duty template"),
    "time_limit": _l("Time limit"),
    "title": _l("Title"),
    "title_allowance": _l("Title allowance"),
    "title_en": _l("Title in English"),
    "to_on": _l("Until"),
    "total_cap": _l("Highest total"),
    "training_date": _l("Trained on"),
    "unfloored": _l("Before the lowest total"),
    "unit_id": _l("Unit"),
    "urged_by": _l("Urged by"),
    "valid_from": _l("In force from"),
    "valid_to": _l("In force until"),
    "values": _l("Rules"),
    "village_unit_id": _l("Village"),
    "volunteer_kind": _l("Kind of volunteer"),
    "wage_parts": _l("Parts of the wage"),
    "waive_reason": _l("Reason of the waiver"),
    "waived_by": _l("Waived by"),
    "words": _l("Words"),
    "year": _l("Year"),
}

_BY = ("author", "made_by", "scored_by")
_CODES: Mapping[str, Callable[[str], Any]] = {
    "role": names.role,
    "volunteer_kind": names.volunteer_kind,
    "org_unit.level": names.level,
    "duty.state": lambda code: duties.DUTY_WORDS[code][0],
    "lead.state": lambda code: duties.LEAD_WORDS[code][0],
    "lead.category": duties.category_name,
    "lead_event.action": lambda code: duties.LEAD_ACTIONS[code],
    "period": duties.period_name,
    "month": duties.period_name,
    "ledger_entry.state": lambda code: checklists.STATES[code],
    "governance_list.kind": lambda code: checklists.KINDS[code],
    "list_item.cycle": lambda code: checklists.CYCLES[code],
    "scheme_item.cycle": lambda code: assessment.CYCLES[code],
    "scheme_item.calc": lambda code: assessment.CALC_KINDS[code],
    "scheme.subject": lambda code: assessment.SUBJECTS[code],
    "scheme_deduction.recorded_by": lambda code: assessment.RECORDERS[code],
    "source": lambda code: checklists.SOURCES[code],
    "assessment_round.state": lambda code: assessment.ROUND_STATES[code],
    "sheet.status": lambda code: assessment.SHEET_STATES[code],
    "bonus_batch.state": lambda code: bonus.STATES[code],
    "pay_line.status": lambda code: bonus.LINE_STATES[code],
    "band": lambda code: ranking.BANDS[code],
    "rule_setting.state": lambda code: ranking.VERSION_STATES[code][0],
}


def label(column: str) -> str:
    """What a column is called."""
    return str(LABELS[column]) if column in LABELS else _("Other content")


def shown(table: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The columns of an entry that say something to a reader, in the order of the table."""
    known = db.metadata.tables[table].columns if table in db.metadata.tables else {}
    return (name for name in [*(c.name for c in known if c.name in values)] if name not in HIDDEN)


def value(table: str, column: str, given: Any) -> str:
    """A value as one reads it: names instead of ids and codes, days instead of instants, masked as the register says."""
    if given is None or given == "" or given == [] or given == {}:
        return ""
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    target = _target(table, column)
    if target:
        return _name(target, given)
    masked = masking.value(table, column, given)
    if isinstance(masked, str):
        return _text(table, column, masked)
    return _nested(masked)


def _text(table: str, column: str, text: str) -> str:
    words = _CODES.get(f"{table}.{column}") or _CODES.get(column)
    if words is not None:
        try:
            return str(words(text))
        except (KeyError, ValueError):
            return text
    if column.endswith("_by") or column in _BY:
        return account_name(text)
    return _moment(text) or text


def _moment(text: str) -> str:
    """An instant as a time in Shanghai, a date as it is; empty for any other text."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        if len(text) > 18 and text[10] in "T ":
            return datetime.fromisoformat(text).astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        pass
    return ""


def _nested(given: Any) -> str:
    if isinstance(given, Mapping):
        if set(given) <= {"zh", "en", "ko"}:
            return chosen(given)
        return "; ".join(f"{key}: {_nested(part)}" for key, part in given.items())
    if isinstance(given, list | tuple):
        return ", ".join(_nested(part) for part in given)
    return "" if given is None else str(given)


def _target(table: str, column: str) -> str:
    """The table a column refers to, also where no foreign key says so."""
    known = db.metadata.tables.get(table)
    if known is None or column not in known.columns:
        return ""
    key = next(iter(known.columns[column].foreign_keys), None)
    if key is not None:
        return key.column.table.name
    return {"village_unit_id": "org_unit", "round_unit_id": "org_unit", "unit_id": "org_unit"}.get(column, "")


def _name(table: str, row_id: Any) -> str:
    """What the row is called; names of units and posts are no secret of those who may see the record itself."""
    try:
        return lookup.name(table, int(row_id)) or _gone(table, row_id)
    except KeyError:
        model = next(m.class_ for m in Base.registry.mappers if m.local_table.name == table)
        with access.everything("the name of a row that a history names"):
            row = db.session.get(model, int(row_id))
        return str(row) if row is not None and type(row).__str__ is not object.__str__ else _gone(table, row_id)


def _gone(table: str, row_id: Any) -> str:
    return f"{names.record(table)} {row_id}"
