"""Importing a monthly log: the whole way of the portal beside a raw upsert and beside django-import-export."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import county
from bench.children import measured
from bench.measuring import Report, note, seconds
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

    return seconds(act)


def qingdan(database: str, count: str) -> Callable[[], dict[str, float]]:
    """Read, compare, import, compare again, with rights, scope, per-cell differences and the trail: seconds of each."""
    from app.features.accounts.queries import user_by_name
    from app.features.duties.excel import SHEETS
    from app.kit import access
    from app.kit.excel import read
    from app.kit.exchange import Change, Options, counts

    app, door, number, data = county.make_app(Path(database)), SHEETS[0], int(count), workbook(int(count))

    def act() -> dict[str, float]:
        taken: dict[str, float] = {}
        with app.app_context():
            with access.everything("who imports"):
                who = access.actor_of_user(user_by_name("county").id)  # type: ignore[union-attr]
            with access.acting_as(who):
                options = Options(period=MONTH)
                found: dict[str, Any] = {}

                def reading() -> None:
                    found["read"] = read(door.layout, data, "log.xlsx", door.context(options))

                def saving(dry: bool, expected: Change) -> None:
                    changes = door.save(found["read"].rows, options, dry)
                    if counts(changes)[expected.value] != number:
                        raise RuntimeError(f"{counts(changes)} {[c for c in changes if c.problems][:2]}")

                taken["read"] = seconds(reading)
                taken["compare"] = seconds(lambda: saving(True, Change.NEW))
                taken["import"] = seconds(lambda: saving(False, Change.NEW))
                taken["same again"] = seconds(lambda: saving(False, Change.SAME))
        Path(database).with_suffix(".json").write_text(json.dumps(taken))
        return taken

    return act


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
    """django-import-export over the same table: dry run, then import, the file loaded for each."""
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
        once(True)
        once(False)

    return act


def run(report: Report, folder: Path, quick: bool) -> None:
    """10,000 rows, new to the database."""
    count = 40 if quick else 10_000
    database = folder / f"import-{count}" / "qingdan.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    note(f"making a county with {count:,} sub-grids")
    county.fill(county.make_app(database), count // 20, count, 0)
    flat_workbook(folder / "flat.xlsx", database, count)
    peers = {}
    for mode in ("best", "documented"):
        note(f"django-import-export, {mode}")
        copied = copy_of(database, f"django-{mode}.db")
        peers[mode] = measured("bench.importing:import_export", copied, folder / "flat.xlsx", mode)
    note("Qingdan")
    whole = measured("bench.importing:qingdan", database, count)
    parts: dict[str, float] = json.loads(database.with_suffix(".json").read_text())
    _tell(report, count, parts, whole, peers, raw_upsert(folder, count))


def _tell(
    report: Report, count: int, parts: dict[str, float], whole: dict[str, float], peers: dict[str, Any], limit: float
) -> None:
    report.heading(f"Importing a monthly log of {count:,} rows")
    report.figure("limit: executemany upsert", limit, "s")
    for name, value in parts.items():
        report.figure(f"Qingdan: {name}", value, "s")
    for mode, one in peers.items():
        report.figure(f"django-import-export, {mode}", one["seconds"], "s")
    ours = parts["read"] + parts["compare"] + parts["import"]
    report.ratio("import: Qingdan's saving / limit (executemany upsert)", parts["import"] / limit, "<= 1.67")
    report.ratio("import: django-import-export use_bulk / Qingdan", peers["best"]["seconds"] / ours, ">= 10")
    report.ratio("import: django-import-export as documented / Qingdan", peers["documented"]["seconds"] / ours, ">= 50")
    again = parts["read"] + parts["same again"]
    report.ratio("import: the same file again, use_bulk (first time) / Qingdan", peers["best"]["seconds"] / again)
    report.ratio("import: peak memory, Qingdan / use_bulk", whole["peak"] / peers["best"]["peak"], "<= 1")
