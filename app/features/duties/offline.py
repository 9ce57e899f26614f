"""Duties in the offline workbook: the monthly log of an office, and every form somebody has to fill in a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import check_answers
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, next_state
from app.features.duties.excel import SHEETS
from app.features.duties.models import Duty
from app.features.duties.offline_register import register_sheet
from app.features.duties.queries.periods import closed_row, townships_of
from app.features.duties.queries.work import MONTHLY_RECORD, duties_below, references_for
from app.features.duties.services import Entry as Written
from app.features.duties.services import save_draft
from app.features.duties.services.opening import closed
from app.features.forms.queries import form_version, spec_of
from app.kit import access, clock
from app.kit.excel import clean
from app.kit.excel.context import ReadContext
from app.kit.excel.formsheet import FormSheet, form_sheet, row_of
from app.kit.excel.offline import Limit, Page
from app.kit.excel.sheet import Column, ExportMeta, Row
from app.kit.exchange import Change, Options, RowChange
from app.kit.i18n import _l
from app.kit.offline import Entry, OfflineSheet, OfflineSource, of_door

MONTHLY_LOG = next(door for door in SHEETS if door.code == "monthly-log")
COUNTS = tuple(c.field for c in MONTHLY_LOG.layout.columns if c.summed)
WHO = (
    Column("village", ("村（居）",), clean.text, width=14),
    Column("place", ("网格",), clean.text, width=16),
    Column("duty", ("事项",), clean.text, required=True, width=20),
    Column("holder", ("责任人",), clean.text, width=10),
)
KEY = ("village", "place", "duty", "holder")


def sheets(unit: Any, period: str) -> list[OfflineSheet]:
    """The monthly log where the actor brings workbooks in, and the forms he may write in himself."""
    is_month = Period.parse(period).kind is PeriodKind.MONTH
    brings_in = is_month and access.can_at(Verb.IMPORT, Resource.DUTIES, unit)
    found = [_monthly_log(unit, period)] if brings_in else []
    if is_month and (register := register_sheet(unit, period)):
        found.append(_locked(register, unit, period))
    duties = [
        d for d in duties_below(unit, period, Verb.EDIT) if not (brings_in and d.form_version.code == MONTHLY_RECORD)
    ]
    duties.sort(key=lambda duty: duty.form_version_id)
    for _version, part in groupby(duties, key=lambda duty: duty.form_version_id):
        found.append(_form(unit, period, list(part)))
    return [sheet for sheet in found if sheet.page.rows]


def _monthly_log(unit: Any, period: str) -> OfflineSheet:
    form = form_version(MONTHLY_RECORD, unit)
    limits = dict.fromkeys(COUNTS, Limit(Decimal(0), Decimal(9999), whole=True, not_applicable=True))
    entry = Entry((*COUNTS, "main_work", "remarks"), limits=limits, required=frozenset(COUNTS), spare=3)
    version = f"{form.code}-{form.number}" if form else ""
    made = of_door(MONTHLY_LOG, Options(unit, period), entry, name="月度工作记录", version=version)
    return _locked(made, unit, period)


def _locked(sheet: OfflineSheet, unit: Any, period: str) -> OfflineSheet:
    """The sheet with the reason why nothing can be saved, where the period is locked in every township it is about."""
    rows = [closed_row([(township.id, period)]) for township in townships_of(unit)]
    return replace(sheet, closed=_why(rows[0])) if rows and all(rows) else sheet


def _why(row: Any) -> Problem:
    return closed(row).problems[0]  # type: ignore[attr-defined, no-any-return]


# -- forms -----------------------------------------------------------------------------------------


def _form(unit: Any, period: str, duties: list[Duty]) -> OfflineSheet:
    """One form with the duties on it, a row each."""
    version = duties[0].form_version
    spec = spec_of(version)
    references = dict(pair for duty in duties for pair in references_for(spec, duty.unit))
    made = form_sheet(
        spec,
        WHO,
        KEY,
        title=spec.title.zh,
        subtitle="填报单位：{owner}            {label}",
        references=references,
    )
    with access.everything("the villages of duties found before"):
        rows = [_row(duty) for duty in duties]
    by_id = {duty.id: duty for duty in duties}

    def save(changed: Sequence[Row], dry_run: bool) -> list[RowChange]:
        return _save(changed, by_id, made, dry_run)

    sheet = OfflineSheet(
        code=f"form-{version.code}-{version.id}",
        title=version.name,
        page=Page(
            name=spec.title.zh,
            sheet=made.sheet,
            context=ReadContext(page_period=period),
            meta=ExportMeta(
                owner=unit.name,
                period=period,
                org_code=unit.code,
                exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
            ),
            rows=rows,
            entry=made.entry,
            required=made.required,
            limits=made.limits,
            notes=made.notes,
        ),
        version=f"{version.code}-{version.number}",
        save=save,
        fields=tuple(field.code for field in spec.fields() if field.code in made.entry),
    )
    return _locked(sheet, unit, period)


def _row(duty: Duty) -> Row:
    above = duty.unit
    while above is not None and above.level != "village":
        above = above.parent
    head = {
        "village": above.name if above is not None else None,
        "place": duty.unit.name,
        "duty": str(duty.template),
        "holder": duty.person.name if duty.person else None,
    }
    return {name: value for name, value in head.items() if value} | row_of(duty.answers) | {"duty_id": duty.id}


def _save(rows: Sequence[Row], duties: Mapping[int, Duty], form: FormSheet, dry_run: bool) -> list[RowChange]:
    """What each row changes; unless dry, the rows are kept as drafts, all or none: handing in stays an act of the holder.

    Errors: (in the rows) exchange.offline_no_such_row, answer.*, transition.not_allowed, duties.period_closed;
            raised when written: those of save_draft.
    """
    changes = [_change(row, duties.get(row.get("duty_id", 0)), form) for row in rows]
    if not dry_run:
        written = [
            Written(duties[row["duty_id"]], _answers(row, form))
            for row, change in zip(rows, changes, strict=True)
            if change.kind is Change.CHANGED
        ]
        if written:
            save_draft(written)
    return changes


def _answers(row: Row, form: FormSheet) -> dict[str, Any]:
    return {code: row.get(code) for code in form.entry if row.get(code) is not None}


def _change(row: Row, duty: Duty | None, form: FormSheet) -> RowChange:
    label = " ".join(str(row[name]) for name in KEY if row.get(name))
    if duty is None:
        return RowChange(Change.REFUSED, label, problems=(Problem("exchange.offline_no_such_row"),))
    clean_answers, problems = check_answers(spec_of(duty.form_version), _answers(row, form), draft=True)
    problems += [
        Problem("exchange.offline_not_asked", code)
        for code, value in _answers(row, form).items()
        if clean_answers.get(code) is None and not any(problem.where == code for problem in problems)
    ]
    try:
        next_state(Kind.DUTY, duty.state, "save")
    except RuleBroken as refused:
        problems += refused.problems
    if row_closed := closed_row([(duty.township_id, duty.period)]):
        problems.append(_why(row_closed))
    return RowChange(Change.REFUSED if problems else Change.CHANGED, label, problems=tuple(problems))


OFFLINE = [OfflineSource("duties", _l("Duties of the month"), sheets, order=10)]
