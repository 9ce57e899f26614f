"""Copies of fields that were listed lately, put beside the records that were written before.

A copy is an index, not a fact: the record keeps its answers, its version and its trail. Each step is a transaction of its
own and says how far it came, so that a job that was stopped, or whose worker died, goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.formspec import Checker
from app.features.forms.copies import copied
from app.features.forms.models import Form, FormRecord, FormVersion, MissingCopies
from app.features.forms.queries.versions import spec_of
from app.kit import access, bulk, jobs
from app.kit.audit import acting
from app.kit.db import db, give_way, reading, transaction

JOB = "forms.copy_answers"
AT_ONCE = 2_000
"""Records copied within the transaction that publishes; with more a job follows."""
STEP = 2_000
"""Records copied in one transaction, which others wait for."""
_INDEX = "copies of answers for the list; no answer is shown or changed"


def copy_older(form: Form, fields: Sequence[str]) -> None:
    """Have the answers of newly listed fields copied beside the older records: at once where they are few, else by a job."""
    session, held = db.session, db.session.get(MissingCopies, form.id)
    wanted = sorted(({*fields} | {*(held.fields if held else ())}) & (form.slots or {}).keys())
    with access.everything(_INDEX):
        ids = session.scalars(select(FormRecord.id).where(FormRecord.form_id == form.id).limit(AT_ONCE + 1)).all()
    if len(ids) <= AT_ONCE:
        bulk.write_copies(FormRecord, _lacking(form.id, wanted, 0, AT_ONCE)[1])
        if held:
            session.delete(held)
        return
    if held:
        held.fields, held.after = wanted, 0
    else:
        session.add(MissingCopies(form_id=form.id, fields=wanted, after=0))
    _start(form)


def _start(form: Form) -> None:
    jobs.start(JOB, str(form), {"form": form.id})


def copy_in_job(params: Mapping[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """The job: step by step until no older record lacks a copy. Shape: {"url": the list of the form}."""
    form_id, done = int(params["form"]), 0
    progress.stage("copying")
    while taken := _step(form_id):
        done += taken
        progress.step(done)
        give_way()
    return {"url": jobs.address("RecordView.index", form_id=form_id)}


def resume_copies() -> int:
    """How many forms still lack copies, because a job was stopped or given up: it is begun anew for each."""
    with access.everything(_INDEX):
        forms = db.session.scalars(
            select(Form).join(MissingCopies, MissingCopies.form_id == Form.id).order_by(Form.id)
        ).all()
    running = db.session.scalars(
        select(jobs.Job.params).where(jobs.Job.kind == JOB, jobs.Job.state.in_(("waiting", "running")))
    ).all()
    busy = {int(params["form"]) for params in running}
    left = [form for form in forms if form.id not in busy]
    for form in left:
        _start(form)
    return len(left)


def _step(form_id: int) -> int:
    """How many records were gone through; 0 when all have their copies."""
    with reading() as session, access.everything(_INDEX):
        held = session.get(MissingCopies, form_id, populate_existing=True)
        if held is None:
            return 0
        seen = (list(held.fields), held.after)
        ids, rows = _lacking(form_id, *seen, STEP)
    with transaction() as session, acting("forms.copy_answers"):
        held = session.get(MissingCopies, form_id, populate_existing=True, with_for_update=True)
        if held is None:
            return 0
        if (list(held.fields), held.after) != seen:  # published once more meanwhile: the next step begins anew
            return 1
        bulk.write_copies(FormRecord, rows)
        if ids:
            held.after = ids[-1]
        else:
            session.delete(held)
    return len(ids)


def _lacking(form_id: int, fields: Sequence[str], after: int, limit: int) -> tuple[Sequence[int], list[dict[str, Any]]]:
    """The next records of a form by id, and of those whose copies are others the columns as they should be."""
    form = db.session.get(Form, form_id)
    held = (form.slots or {}) if form else {}
    slots = {code: held[code] for code in fields if code in held}
    columns = [getattr(FormRecord, slot) for slot in slots.values()]
    keys = (FormRecord.id, FormRecord.version, FormRecord.form_version_id, FormRecord.answers)
    statement = select(*keys, *columns).where(FormRecord.form_id == form_id, FormRecord.id > after)
    with access.everything(_INDEX):
        found = db.session.execute(statement.order_by(FormRecord.id).limit(limit)).all()
        checkers = _checkers({row.form_version_id for row in found})
    rows = []
    for row in found:
        clean = checkers[row.form_version_id].check(row.answers or {}, draft=True)[0]
        right = {slot: value for slot, value in copied(slots, clean).items() if slot in slots.values()}
        if any(getattr(row, slot) != value for slot, value in right.items()):
            rows.append({"id": row.id, "version": row.version, **right})
    return [row.id for row in found], rows


def _checkers(version_ids: set[int]) -> dict[int, Checker]:
    """A record is read by the version it was written on."""
    versions = db.session.scalars(select(FormVersion).where(FormVersion.id.in_(version_ids)))
    return {version.id: Checker(spec_of(version)) for version in versions}
