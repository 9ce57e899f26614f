"""Importing a monthly log the whole way users go, preview and confirmation, beside a raw upsert and django-import-export.

Seconds are those of the processor, the child that opens the file included: neighbours on the machine change them least.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import county
from bench.children import ROOT, measured
from bench.measuring import Report, cpu_seconds, note
from bench.peers_django import copy_of
from bench.rows import MONTH, flat, log_of, workbook

FIELDS = ("code", "unit", "month", *log_of(0))


def raw_upsert(folder: Path, count: int) -> float:
    """The limit: seconds of one executemany upsert of the same rows, committed to disk."""
    path = folder / "raw.db"
    path.unlink(missing_ok=True)
    raw = sqlite3.connect(path)
    raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    raw.execute(f"CREATE TABLE log ({', '.join(FIELDS)}, UNIQUE (code))")
    updates = ", ".join(f"{name} = excluded.{name}" for name in FIELDS[1:])
    marks = ", ".join("?" * len(FIELDS))
    statement = f"INSERT INTO log VALUES ({marks}) ON CONFLICT (code) DO UPDATE SET {updates}"
    given = list(flat(count))

    def act() -> None:
        raw.executemany(statement, given)
        raw.commit()

    return cpu_seconds(act)


@contextmanager
def clerk(database: str) -> Iterator[Any]:
    """The portal on a file, with the administrator of the county acting."""
    from app.features.accounts.queries import user_by_name
    from app.features.duties.services import load_missing_packs
    from app.kit import access

    app = county.make_app(Path(database))
    with app.app_context():
        with access.acting_as(access.OPERATOR):
            load_missing_packs()  # reference data, read once in the life of an installation
        with access.everything("who imports"):
            who = access.actor_of_user(user_by_name("county").id)  # type: ignore[union-attr]
        with access.acting_as(who):
            yield app


class _Quiet:
    """Nobody watches the progress."""

    def stage(self, _name: str, _total: int) -> None:
        """A new stage."""

    def step(self, _done: int) -> None:
        """So many rows done."""


def previewed(data: bytes) -> Any:
    """The upload previewed: the job of a long file is done here and now."""
    from app.features.duties.excel import SHEETS
    from app.features.exchange import services
    from app.features.exchange.services import importing
    from app.kit.exchange import Options

    batch = services.preview(SHEETS[0], data, "log.xlsx", Options(period=MONTH))
    if batch.state == "reading":
        importing.read_in_job({"batch": batch.id}, _Quiet())
    return batch


def confirmed(batch: Any, kind: str, count: int) -> None:
    """The preview confirmed, with as many rows of one kind as expected."""
    from app.features.exchange import services
    from app.features.exchange.services import confirming

    services.confirm(batch)
    if batch.state == "saving":
        confirming.save_in_job({"batch": batch.id, "only_good": False}, _Quiet())
    if batch.state != "applied" or batch.changes["counts"][kind] != count:
        raise RuntimeError(f"{batch.state} {batch.changes}")


def qingdan(database: str, path: str, count: str) -> Callable[[], None]:
    """Preview, confirm and seal the trail, then the same file again; the seconds of each are left beside the database."""
    data = Path(path).read_bytes()

    def act() -> None:
        from app.kit.chain import seal_what_was_written

        taken: dict[str, float] = {}

        def through(name: str, kind: str) -> None:
            found: dict[str, Any] = {}
            taken[f"preview{name}"] = cpu_seconds(lambda: found.update(batch=previewed(data)))
            taken[f"confirm{name}"] = cpu_seconds(lambda: confirmed(found["batch"], kind, int(count)))
            taken[f"seal{name}"] = cpu_seconds(seal_what_was_written)

        with clerk(database):
            through("", "new")
            through(" of the same again", "same")
        Path(database).with_suffix(".json").write_text(json.dumps(taken))

    return act


def waits(database: Path, data: bytes, count: int) -> dict[str, Any]:
    """How long another process waits that saves one log every 50 ms, alone and while the import is confirmed."""
    from app.kit.db import db

    with clerk(str(database)):
        batch = previewed(data)
        db.session.rollback()
        alone = _saver(database, lambda: time.sleep(3))
        return {"alone": alone, "beside": _saver(database, lambda: confirmed(batch, "new", count))}


def _saver(database: Path, act: Callable[[], None]) -> dict[str, float]:
    from app.kit.db import db

    command = [sys.executable, "-m", "bench.saver", str(database)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout and child.stdin
    child.stdout.readline()  # ready
    act()
    db.session.rollback()  # what was read after the commit holds nobody up
    said = child.communicate("stop\n", timeout=60)[0]
    found: dict[str, float] = json.loads(said)
    return found


def flat_workbook(path: Path, database: Path, count: int) -> None:
    """The same rows as one plain table, as django-import-export reads them: units by code, one header line."""
    import xlsxwriter

    with sqlite3.connect(database) as raw:
        codes = [row[0] for row in raw.execute("SELECT code FROM org_unit WHERE level = 'sub_grid' ORDER BY id")]
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, FIELDS)
    for n, row in enumerate(flat(count), 1):
        sheet.write_row(n, 0, [row[0], codes[row[1] - 1], *row[2:]])
    book.close()


def import_export(database: str, path: str, mode: str) -> Callable[[], None]:
    """django-import-export over the same table: dry run, then import, the file loaded for each.

    Shape: in `best` mode once more, with the rows there already; the seconds are left beside the database.
    """
    import tablib

    from bench import peers_django

    found = peers_django.set_up(database)
    from import_export import fields, instance_loaders, resources, widgets

    class Known(widgets.ForeignKeyWidget):  # type: ignore[misc]
        known: dict[str, Any] = {}

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            if not self.known:
                self.known.update((unit.code, unit) for unit in found["Unit"].objects.all())
            return self.known[value]

    best = mode == "best"
    widget = (Known if best else widgets.ForeignKeyWidget)(found["Unit"], "code")
    meta: dict[str, Any] = {"model": found["MonthlyLog"], "import_id_fields": ("code",), "fields": FIELDS}
    if best:
        meta |= {"use_bulk": True, "skip_diff": True, "batch_size": 1000}
        meta["instance_loader_class"] = instance_loaders.CachedInstanceLoader
    unit = fields.Field(column_name="unit", attribute="unit", widget=widget)
    resource = type("LogResource", (resources.ModelResource,), {"unit": unit, "Meta": type("Meta", (), meta)})
    data = Path(path).read_bytes()

    def once(dry: bool) -> None:
        dataset = tablib.Dataset().load(io.BytesIO(data), format="xlsx")
        resource().import_data(dataset, dry_run=dry, raise_errors=True)

    def act() -> None:
        taken = {"import": cpu_seconds(lambda: (once(True), once(False)))}
        if best:
            taken["again"] = cpu_seconds(lambda: (once(True), once(False)))
        Path(database).with_suffix(".json").write_text(json.dumps(taken))

    return act


def run(report: Report, folder: Path, quick: bool, full: bool = False) -> None:
    """10,000 rows and 100,000, new to the database; as documented at 100,000 only when asked for in full."""
    if quick:
        _compare(report, folder, 40, ("best", "documented"))
        return
    _compare(report, folder, 10_000, ("best", "documented"))
    _compare(report, folder, 100_000, ("best", "documented") if full else ("best",))


def _compare(report: Report, folder: Path, count: int, modes: tuple[str, ...]) -> None:
    database = folder / f"import-{count}" / "qingdan.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    for old in database.parent.glob("qingdan.db*"):
        old.unlink()
    note(f"making a county with {count:,} sub-grids")
    county.fill(county.make_app(database), -(-count // 20), count, 0)
    beside, plain, ours = database.with_name("beside.db"), folder / "flat.xlsx", folder / "log.xlsx"
    with sqlite3.connect(database) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(database, beside)
    flat_workbook(plain, database, count)
    ours.write_bytes(workbook(count))
    peers = {}
    for mode in modes:
        note(f"django-import-export, {mode}")
        copied = copy_of(database, f"django-{mode}.db")
        peers[mode] = measured("bench.importing:import_export", copied, plain, mode)
        peers[mode] |= json.loads(copied.with_suffix(".json").read_text())
    note("Qingdan")
    whole = measured("bench.importing:qingdan", database, ours, count)
    parts: dict[str, float] = json.loads(database.with_suffix(".json").read_text())
    note("Qingdan, with somebody else saving")
    _tell(report, count, parts, whole, peers, raw_upsert(folder, count))
    _tell_waits(report, count, waits(beside, ours.read_bytes(), count))


def _tell(
    report: Report, count: int, parts: dict[str, float], whole: dict[str, float], peers: dict[str, Any], limit: float
) -> None:
    report.heading(f"Importing a monthly log of {count:,} rows")
    report.figure("limit: executemany upsert", limit, "s of processor")
    for name, value in parts.items():
        report.figure(f"Qingdan: {name}", value, "s of processor")
    for mode, one in peers.items():
        report.figure(f"django-import-export, {mode}: dry run and import", one["import"], "s of processor")
        report.figure(f"django-import-export, {mode}: peak", one["peak"], "MB")
    report.figure("Qingdan: peak", whole["peak"], "MB")
    ours, best = sum(parts[name] for name in ("preview", "confirm", "seal")), peers["best"]
    named = f"import {count:,}"
    report.ratio(f"{named}: Qingdan's confirming / limit (executemany upsert)", parts["confirm"] / limit)
    report.ratio(f"{named}: django-import-export use_bulk / Qingdan", best["import"] / ours, ">= 10")
    if "documented" in peers:
        documented = peers["documented"]["import"]
        report.ratio(f"{named}: django-import-export as documented / Qingdan", documented / ours, ">= 50")
    again = sum(parts[f"{name} of the same again"] for name in ("preview", "confirm", "seal"))
    report.ratio(f"{named}: the same file again, use_bulk / Qingdan", best["again"] / again, ">= 20")
    report.ratio(f"{named}: peak memory, Qingdan / use_bulk", whole["peak"] / best["peak"], "<= 1")


def _tell_waits(report: Report, count: int, found: dict[str, Any]) -> None:
    for name, words in (("alone", "with nothing else"), ("beside", f"while {count:,} rows are confirmed")):
        one = found[name]
        report.figure(f"somebody else's save {words}: p99 of {one['saves']:.0f}", one["p99"] * 1000, "ms")
        report.figure(f"somebody else's save {words}: longest", one["longest"] * 1000, "ms")
        report.figure(f"somebody else's save {words}: refused", one["refused"], "saves")
    report.ratio(f"import {count:,}: longest wait of a save, ms", found["beside"]["longest"] * 1000, "<= 200")
