"""The values of records in words: what a history shows instead of codes and ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from app.features.accounts.naming import account_name
from app.features.assessment import words as assessment
from app.features.audit.account_labels import ACCOUNT_LABELS, COUNTED
from app.features.audit.labels import HIDDEN, LABELS
from app.features.bonus import words as bonus
from app.features.checklists import words as checklists
from app.features.duties import words as duties
from app.features.forms import record_words as forms
from app.features.forms import words as designed
from app.features.ranking import words as ranking
from app.kit import access, clock, lookup, masking, names
from app.kit.db import Base, db
from app.kit.i18n import _, chosen

_BY = ("author", "made_by", "scored_by")
_CODES: Mapping[str, Callable[[str], Any]] = {
    "role": names.role,
    "volunteer_kind": names.volunteer_kind,
    "org_unit.level": names.level,
    "certificate_exception.state": lambda code: duties.EXCEPTION_WORDS[code][0],
    "certificate_exception.risk": lambda code: duties.RISKS[code],
    "duty.state": lambda code: duties.DUTY_WORDS[code],
    "lead.state": lambda code: duties.LEAD_WORDS[code],
    "lead.category": duties.category_name,
    "lead_event.action": lambda code: duties.LEAD_ACTIONS[code],
    "fill_roles": names.role,
    "form.purpose": lambda code: designed.PURPOSES[code],
    "form.keeper_level": names.level,
    "form.cycle": lambda code: designed.CYCLES[code],
    "form.per": lambda code: designed.PER[code],
    "form.state": lambda code: designed.FORM_STATES["in_use" if code == "active" else code],
    "form_version.state": lambda code: designed.VERSION_STATES[code],
    "list_change.stage": lambda code: checklists.STAGES[code],
    "list_change.trigger": lambda code: checklists.TRIGGERS[code],
    "list_opinion.compared": lambda code: checklists.COMPARISONS[code],
    "list_opinion.outcome": lambda code: checklists.OUTCOMES[code],
    "list_opinion.stage": lambda code: checklists.STAGES[code],
    "rights_entry.reach": names.reach,
    "rights_entry.resource": names.resource,
    "rights_entry.verb": names.verb,
    "period": names.period_name,
    "month": names.period_name,
    "form_record.state": lambda code: forms.STATES[code][0],
    "ledger_entry.state": lambda code: checklists.STATES[code],
    "governance_list.kind": lambda code: checklists.KINDS[code],
    "governance_list.state": lambda code: checklists.VERSION_STATES[code][0],
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
    "rule_setting.state": lambda code: ranking.VERSION_STATES[code],
}


def label(column: str) -> str:
    """What a column is called."""
    words = LABELS.get(column) or ACCOUNT_LABELS.get(column)
    return str(words) if words else _("Other content")


def shown(table: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The columns of an entry that say something to a reader, in the order of the table."""
    known = db.metadata.tables[table].columns if table in db.metadata.tables else {}
    return (name for name in [*(c.name for c in known if c.name in values)] if name not in HIDDEN | COUNTED)


def value(table: str, column: str, given: Any) -> str:
    """A value as one reads it: names instead of ids and codes, days instead of instants, masked as the register says."""
    if given is None or given == "" or given == [] or given == {}:
        return ""
    if isinstance(given, bool):
        return _("Yes") if given else _("No")
    if column.partition(".")[0] in ("policy", "values"):
        if isinstance(given, Mapping):
            return "; ".join(f"{ranking.PERIODS.get(key, key)}: {ranking.choice(part)}" for key, part in given.items())
        return ranking.choice(given)
    target = _target(table, column)
    if target:
        return _name(target, given)
    masked = masking.value(table, column, given)
    if isinstance(masked, str):
        return _text(table, column, masked)
    if isinstance(masked, list) and _words_for(table, column):
        return ", ".join(_text(table, column, str(part)) for part in masked)
    return _nested(masked)


def _words_for(table: str, column: str) -> Callable[[str], Any] | None:
    return _CODES.get(f"{table}.{column}") or _CODES.get(column)


def _text(table: str, column: str, text: str) -> str:
    words = _words_for(table, column)
    if words is not None:
        try:
            found = words(text)
            return str(found[0] if isinstance(found, tuple) else found)  # some are kept with the tone they are shown in
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
        return "; ".join(
            f"{LABELS.get(key) or duties.certificate_name(key)}: {_nested(part)}" for key, part in given.items()
        )
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
        return called(row) if row is not None else _gone(table, row_id)


def called(row: Any) -> str:
    """What a record is called: its own words, or its kind with the unit it belongs to."""
    if row.__tablename__ == "post":
        return f"{row.person.name} · {names.role(row.role)}"
    if type(row).__str__ is not object.__str__:
        return str(row)
    unit = getattr(row, "unit", None)
    return f"{names.record(row.__tablename__)} {unit.name if unit is not None else row.id}"


def _gone(table: str, row_id: Any) -> str:
    return f"{names.record(table)} {row_id}"
