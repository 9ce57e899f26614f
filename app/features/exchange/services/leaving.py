"""Plain tables leaving the portal: a small one at once, a large one as a job whose file waits in the export centre."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import allowance, queries, tables
from app.features.exchange.offered import JOB
from app.features.exchange.services import files
from app.features.exchange.services.reading import options_as_data, options_from_data, require
from app.features.exchange.tables import Table
from app.kit import access, audit, clock, jobs, listing
from app.kit.audit import acting
from app.kit.db import reading, transaction
from app.kit.download import CSV, XLSX, ZIP
from app.kit.excel.plain import Limits, write_plain
from app.kit.exchange import Options
from app.kit.i18n import _
from app.kit.jobs import Job, Progress
from app.kit.listing import Args

MEDIA = {"xlsx": XLSX, "csv": CSV, "zip": ZIP}
FORMS = ("xlsx", "csv")


@dataclass(frozen=True)
class Wanted:
    """What is to leave: the list `code` as a page with `args` shows it, or the rows of the door `code` for `options`.

    With a `reason` masked numbers go out whole where the actor may see them; it is in the trail.
    """

    code: str
    form: str = "xlsx"
    args: Args | None = None
    options: Options = field(default_factory=Options)
    reason: str | None = None


@dataclass(frozen=True)
class File:
    """A file ready to be handed over."""

    name: str
    media: str
    content: bytes
    rows: int


def take(wanted: Wanted) -> File | Job:
    """The file; a job that makes it when it has more rows than the setting EXPORT_AT_ONCE_ROWS.

    Errors: NotAllowed without the export right or, with a reason, without the right to see numbers whole;
        reason_required; exchange.unknown_form; exchange.files_full.
    """
    with reading():
        table = _table(wanted)
        if table.count <= allowance.at_once_rows():
            file, sha256 = _written(wanted, table)
        else:
            file = None
    if file is not None:
        _note(wanted, table, file, sha256)
        return file
    files.check_room()
    return jobs.start(JOB, table.title, _as_params(wanted))


def make(wanted: Wanted) -> File:
    """The file, made here and now however many rows it has: for commands. Errors: as `take`."""
    with reading():
        table = _table(wanted)
        file, sha256 = _written(wanted, table)
    _note(wanted, table, file, sha256)
    return file


def run_job(params: dict[str, Any], progress: Progress) -> Mapping[str, Any]:
    """The job: makes the file and keeps it; the rights are asked again, as they are when it runs."""
    wanted = _from_params(params)
    progress.stage("collecting")
    with reading():
        table = _table(wanted)
        progress.stage("writing", table.count)
        file, sha256 = _written(wanted, table, progress.step)
    progress.stage("finishing")
    with transaction():
        made = files.keep(table.code, file.name, file.media, file.content, file.rows)
        _note(wanted, table, file, sha256)
        file_id = made.id
    return {"url": jobs.address("ExportView.centre"), "file": file_id, "rows": file.rows, "name": file.name}


def _table(wanted: Wanted) -> Table:
    """Errors: as `take`."""
    if wanted.form not in FORMS:
        raise broken("exchange.unknown_form", "form")
    whole = wanted.reason is not None
    if wanted.args is None:
        door = queries.door_of(wanted.code)
        require(door, Verb.EXPORT, wanted.options)
        whole = whole and door.has_masked
        if whole:
            require(door, Verb.UNMASK, wanted.options)
    else:
        found = listing.find(wanted.code)
        whole = whole and bool(found.masks())
        if whole and not found.may_see_whole():
            raise access.NotAllowed(found.resource, Verb.UNMASK)
    if whole and not (wanted.reason or "").strip():
        raise broken("reason_required", "reason")
    if wanted.args is not None:
        return tables.of_list(found, wanted.args, whole)
    return tables.of_door(door, tables.whole(wanted.options) if whole else wanted.options, whole)


def _written(wanted: Wanted, table: Table, step: Callable[[int], None] = lambda _done: None) -> tuple[File, str]:
    limits = Limits(file_rows=allowance.file_rows())
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        written = write_plain(Path(folder), table.plain(), table.rows, wanted.form, limits, step)
        content = written.file.read_bytes()
    name = f"{_name(table)}.{written.kind}"
    return File(name, MEDIA[written.kind], content, written.rows), files.fingerprint(content)


def _name(table: Table) -> str:
    """What, whose, of when, and that numbers are masked, as far as known."""
    about = dict(table.about)
    parts = [table.title, about.get(str(_("Area")), "").split("、")[0].strip("—")]
    parts.append(about.get(str(_("Period")), "") or f"{clock.today():%Y%m%d}")
    if table.masked:
        parts.append(str(_("masked")))
    return "_".join(part for part in parts if part)


def _note(wanted: Wanted, table: Table, file: File, sha256: str) -> None:
    """Who took what, what was asked, and how many rows, in the trail."""
    about = dict(table.about)
    facts: dict[str, Any] = {"rows": file.rows, "file": file.name, "sha256": sha256}
    facts |= {"period": wanted.options.period} if wanted.options.period else {}
    facts |= {"search": about[str(_("Search"))]} if about.get(str(_("Search"))) else {}
    whole = wanted.reason is not None and not table.masked
    facts |= {"reason": (wanted.reason or "").strip()} if whole else {}
    unit = wanted.options.unit
    with transaction(), acting(f"exchange.export.{table.code}"):
        audit.record("unmask" if whole else "export", table.code, unit.code if unit else "", facts)


def _as_params(wanted: Wanted) -> dict[str, Any]:
    args = None if wanted.args is None else [list(pair) for pair in wanted.args.items(multi=True)]
    options = options_as_data(wanted.options)
    return {"code": wanted.code, "form": wanted.form, "args": args, "options": options, "reason": wanted.reason}


def _from_params(params: dict[str, Any]) -> Wanted:
    args = None if params["args"] is None else Args([(name, value) for name, value in params["args"]])
    return Wanted(params["code"], params["form"], args, options_from_data(params["options"]), params["reason"])
