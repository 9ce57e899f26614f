"""Checking and storing many rows: the declared checks beside a WTForms form per row, the bulk write beside executemany."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench import county
from bench.importing import clerk
from bench.measuring import Report, cpu_seconds, note
from bench.rows import log_of

MONTHS = 20


def form_class() -> Any:
    """The monthly record as a WTForms form, written as its documentation says."""
    from wtforms import Form, IntegerField, StringField, validators

    most = {"meetings": 31, "patrols": 99, "reception_days": 31}

    class Record(Form):  # type: ignore[misc]
        main_work = StringField(validators=[validators.Optional(), validators.Length(max=1000)])

        def validate_attended(self, field: Any) -> None:
            """Not more than should attend."""
            if field.data > self.should_attend.data:
                raise validators.ValidationError("more")

        def validate_leads_accepted(self, field: Any) -> None:
            """Not more than were received."""
            if field.data > self.leads_received.data:
                raise validators.ValidationError("more")

    for name in log_of(1):
        if name != "main_work":
            rules = [validators.InputRequired(), validators.NumberRange(0, most.get(name, 9999))]
            setattr(Record, name, IntegerField(validators=rules))
    return Record


def checking(report: Report, count: int) -> None:
    """Rows with nothing wrong in them, through the same rules said twice."""
    from werkzeug.datastructures import MultiDict

    from app.domain.formspec import Checker, parse_spec
    from app.features.duties.services.pack import monthly_tasks

    form = next(form for form in monthly_tasks()["forms"] if form["code"] == "monthly_record")
    checker, record = Checker(parse_spec(form)), form_class()
    rows = [log_of(n) for n in range(count) if n % 11]
    typed = [MultiDict({name: str(value) for name, value in row.items()}) for row in rows]

    def ours() -> None:
        if any(checker.check(row)[1] for row in rows):
            raise RuntimeError("a good row was refused")

    def theirs() -> None:
        if not all(record(row).validate() for row in typed):
            raise RuntimeError("a good row was refused")

    found = {"WTForms": cpu_seconds(theirs), "Qingdan": cpu_seconds(ours)}
    report.heading(f"Checking {len(rows):,} rows")
    for name, value in found.items():
        report.figure(name, value, "s of processor")
    report.ratio("check: WTForms per row / Qingdan", found["WTForms"] / found["Qingdan"], ">= 40")


def storing(report: Report, folder: Path, count: int) -> None:
    """New records into the table of duties with all its indexes: by the driver alone, by our tuples, and by the whole bulk write."""
    database = folder / f"store-{count}" / "qingdan.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    for old in database.parent.glob("*.db*"):
        old.unlink()
    note(f"making a county with {count // MONTHS:,} sub-grids")
    county.fill(county.make_app(database), -(-count // MONTHS // 20), count // MONTHS, 0)
    with clerk(str(database)):
        from app.domain.rights import Verb
        from app.features.duties.models import Duty
        from app.kit import bulk
        from app.kit.audit import acting
        from app.kit.db import transaction

        rows = _records(count)

        def ours() -> None:
            with transaction(), acting("bench"):
                bulk.upsert(Duty, rows, Verb.IMPORT)

        whole = cpu_seconds(ours)
        tuples = _tuples_of(rows)
    raw, lines = _bare_copy(database)
    limit = cpu_seconds(_inserting(raw, lines))
    _empty(raw)
    given, act = tuples
    alone = cpu_seconds(lambda: act(raw, given))
    report.heading(f"Storing {count:,} new records")
    report.figure("limit: executemany of ready tuples, same table and indexes", limit, "s of processor")
    report.figure("Qingdan: values bound and written", alone, "s of processor")
    report.figure("Qingdan: with rights, rules, ancestors and the trail", whole, "s of processor")
    report.ratio("store: limit (executemany) / our tuples", limit / alone, ">= 0.6")
    report.ratio("store: limit (executemany) / bulk write with rights, rules and trail", limit / whole)


def _records(count: int) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from app.features.duties.models import DutyTemplate
    from app.features.forms.models import FormVersion
    from app.features.org.models import OrgUnit
    from app.kit import access
    from app.kit.db import LEVELS, db

    with access.everything("bench"):
        template = db.session.scalars(select(DutyTemplate.id).where(DutyTemplate.per == "unit")).first()
        form = db.session.scalars(select(FormVersion.id).where(FormVersion.code == "monthly_record")).first()
        names = (OrgUnit.id, *(getattr(OrgUnit, f"{level}_id") for level in LEVELS))
        units = db.session.execute(select(*names).where(OrgUnit.level == "sub_grid").order_by(OrgUnit.id)).all()
    made = []
    for n in range(count):
        unit = units[n % len(units)]
        row = {"template_id": template, "form_version_id": form, "period": f"{2020 + n // len(units)}-10"}
        row |= {"subject": f"unit:{unit.id}", "unit_id": unit.id, "answers": log_of(n), "due_on": date(2026, 11, 5)}
        made.append(row | {f"{level}_id": getattr(unit, f"{level}_id") for level in LEVELS})
    return made


def _tuples_of(rows: Sequence[dict[str, Any]]) -> tuple[Any, Callable[[Any, Any], None]]:
    """The rows whole, as the bulk write makes them, and the act that binds and writes them past everything else."""
    from sqlalchemy import select

    from app.features.duties.models import Duty
    from app.kit import access
    from app.kit.db import db
    from app.kit.writing import bound

    table = Duty.__table__
    names = [column.name for column in table.columns]
    with access.everything("bench"):
        stored = [list(one) for one in db.session.connection().execute(select(table).order_by(table.c.id))]
    connection = db.session.connection()

    def act(raw: Any, given: Any) -> None:
        marks = ", ".join("?" * len(names))
        raw.executemany(
            f"INSERT INTO duty ({', '.join(names)}) VALUES ({marks})", bound(connection, table, names, given)
        )
        raw.commit()

    return stored, act


def _bare_copy(database: Path) -> tuple[sqlite3.Connection, list[tuple[Any, ...]]]:
    """The table of duties alone in a file of its own, with its indexes, and the rows that were stored."""
    with sqlite3.connect(database) as source:
        lines = source.execute("SELECT * FROM duty ORDER BY id").fetchall()
        made = source.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'duty' AND sql IS NOT NULL ORDER BY type DESC"
        )
        statements = [row[0] for row in made if not row[0].startswith("CREATE TRIGGER")]
    path = database.with_name("raw.db")
    raw = sqlite3.connect(path)
    raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    for statement in statements:
        raw.execute(statement)
    return raw, lines


def _inserting(raw: sqlite3.Connection, lines: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    def act() -> None:
        raw.executemany(f"INSERT INTO duty VALUES ({', '.join('?' * len(lines[0]))})", lines)
        raw.commit()

    return act


def _empty(raw: sqlite3.Connection) -> None:
    raw.execute("DELETE FROM duty")
    raw.commit()


def run(report: Report, folder: Path, quick: bool) -> None:
    """100,000 checks and 100,000 new rows."""
    checking(report, 200 if quick else 20_000)
    storing(report, folder, 200 if quick else 100_000)
