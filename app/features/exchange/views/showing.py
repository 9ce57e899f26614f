"""What the preview of an upload shows, made out of what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import Problem
from app.domain.rights import Verb
from app.features.exchange import fits, queries, services
from app.features.exchange.models import ImportBatch, ImportRow
from app.features.exchange.services import mapping, refilling
from app.kit import access, excel, masking
from app.kit.i18n import _, _l
from app.kit.problems import sentence

CELL = "cell-"
STATES = {
    "reading": (_l("Being read"), "wait"),
    "previewed": (_l("Waiting for confirmation"), "wait"),
    "saving": (_l("Being saved"), "wait"),
    "applied": (_l("Saved"), "done"),
    "undone": (_l("Undone"), "off"),
    "cancelled": (_l("Put aside"), "off"),
}
UNUSABLE = (_l("Not usable"), "bad")


def state_of(batch: ImportBatch) -> tuple[Any, str]:
    """The state of an upload in words, with its tone; a file nothing of which can be used waits for nobody."""
    usable = batch.outcome not in ("refused", "rejected") or batch.state != "previewed"
    return STATES[batch.state] if usable else UNUSABLE


KINDS = {
    "refused": (_l("Refused"), "bad"),
    "changed": (_l("Changed"), "info"),
    "new": (_l("New"), "ok"),
    "same": (_l("Same"), "off"),
    queries.WARNED: (_l("With notes"), "warn"),
}
SKIPPED = {
    "hidden": _l("hidden"),
    "no header": _l("no header of this form"),
    "another layout": _l("another form"),
}
# What a service calls a thing that the layout heads under another name.
HEADED_AS = {"from_on": "appointed_on", "to_on": "left_on", "is_certified": "certified", "name": "person_name"}
TOLD = ("exchange.changed_row", "record.computed_differs")  # said of a row without refusing it
YES_NO = {"True": "√", "False": "×"}


@dataclass
class Input:
    """A cell of a refused row as an input: what stands in it, and what may be meant."""

    name: str
    label: str
    text: str
    choices: Sequence[str] = ()


@dataclass
class Line:
    """A row of the preview as it is shown."""

    row: ImportRow
    place: str
    kind: tuple[Any, str]
    cells: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)  # code, tone, sentence
    faulty: list[Input] = field(default_factory=list)
    others: list[Input] = field(default_factory=list)
    asked_above: bool = False  # all that is wrong is a word the page asks about for all rows at once


def preview(batch: ImportBatch, tab: str, text: str, page: int) -> dict[str, Any]:
    """The values of the page of an upload."""
    door, counts = queries.door_of(batch.sheet), batch.changes.get("counts", {})
    shown = batch.result.get("shown", {})
    rows = queries.rows_of(batch, tab, text, page)
    waits = batch.state == "previewed"
    unknown = services.unknown_words(batch) if waits and counts.get("refused") else []
    names = services.field_names(batch) if rows.found else {}
    return {
        "batch": batch,
        "door": door,
        "counts": counts,
        "shown": shown,
        "statement": _statement(batch, shown),
        "whole": [_problem(data) for data in shown.get("issues", ())],
        "unknown": unknown,
        "unknown_names": names,
        "unusable": batch.outcome in ("refused", "rejected") and not any(counts.values()),
        "may_save": waits and any(counts.get(kind) for kind in ("new", "changed")),
        "all_good": batch.outcome == "rows" and not counts.get("refused"),
        "earlier": queries.earlier_import(batch),
        "mapping": fits.mapping_of(batch),
        "to_fill": refilling.fields_to_fill(batch) if access.holds(door.resource, Verb.EXPORT) else [],
        "can_map": waits and bool(mapping.tables_of(door)),
        "rows": rows,
        "tabs": [(name, *KINDS[name], counts.get(name, 0)) for name in queries.TABS],
        "text": text,
        "lines": [_line(batch, row, names, unknown, waits) for row in rows.found],
        "cell_prefix": CELL,
    }


def lines(batch: ImportBatch, rows: Sequence[ImportRow]) -> list[Line]:
    """Rows of a saved upload as its receipt shows them."""
    names = services.field_names(batch) if rows and batch.sheet != queries.OFFLINE else {}
    return [_line(batch, row, names, (), False) for row in rows]


def broken_off(batch: ImportBatch) -> dict[str, Any]:
    """The values of the page of an upload whose job ended without an end."""
    job = queries.job_of(batch)
    problems = job.problems if job is not None else ()
    said = [sentence(Problem(data["code"], data["where"], data["params"])) for data in problems]
    return {"batch": batch, "door": queries.door_of(batch.sheet), "said": said}


def _statement(batch: ImportBatch, shown: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the file says of itself, and what of it was not read."""
    options = batch.options
    pairs: list[tuple[str, Any]] = [
        (_("Unit"), options.get("unit_name") or options.get("unit")),
        (_("Period"), shown.get("period") or options.get("period")),
        (_("Village"), shown.get("village")),
        (_("Unit of money"), shown.get("money")),
        (
            _("Character encoding"),
            {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030"}.get(shown.get("encoding") or ""),
        ),
        (_("Sheets read"), "、".join(shown.get("sheets", ()))),
        (_("Sheets not read"), "、".join(_skipped(one) for one in shown.get("skipped_sheets", ()))),
        (_("Summary rows, checked and left out"), shown.get("summary_rows")),
        (_("Hidden rows, not read"), shown.get("hidden_rows")),
        (_("Hidden columns, not read"), shown.get("hidden_columns")),
        (_("Exported from the portal"), shown.get("exported_at")),
        (_("Fingerprint of the file"), batch.sha256[:16]),
    ]
    return [(label, value) for label, value in pairs if value]


def _skipped(one: Mapping[str, Any]) -> str:
    return f"{one['sheet']}（{SKIPPED.get(one['why'], one['why'])}）"


def _line(batch: ImportBatch, row: ImportRow, names: Mapping[str, str], unknown: Sequence[Any], waits: bool) -> Line:
    reading = services.reading_of(batch, row.sheet) if batch.result.get("readings") else None
    line = Line(row, _place(row, reading), KINDS[row.kind])
    line.cells = _cells(batch, row, reading, names)
    line.problems = [_problem(data) for data in row.problems]
    if waits and row.kind == "refused" and reading is not None:
        _inputs(line, row, reading, names, unknown, queries.door_of(batch.sheet))
    return line


def _place(row: ImportRow, reading: Any) -> str:
    where = _("column %(name)s", name=row.row) if reading and reading.across else _("row %(name)s", name=row.row)
    return " ".join(part for part in (row.sheet, where if row.row else "") if part)


def _cells(batch: ImportBatch, row: ImportRow, reading: Any, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(header, old, new) of what a row changes; of a new one what it brings."""
    if row.cells:
        pairs = ((HEADED_AS.get(name, name), pair) for name, pair in row.cells.items())
        return [(names.get(name, name), _value(name, pair[0]), _value(name, pair[1])) for name, pair in pairs]
    if row.kind != "new" or row.typed is None or reading is None:
        return []
    brought = excel.cells_of_row(queries.door_of(batch.sheet).layout, reading, row.typed)
    return [(names[name], "", _value(name, value)) for name, value in brought.items() if name in names and value != ""]


def _value(name: str, value: Any) -> str:
    text = services.cell_text(value)
    return masking.phone(text) if name == "phone" and not masking.is_masked(text) else YES_NO.get(text, text)


def _problem(data: Mapping[str, Any]) -> tuple[str, str, str]:
    if "cell" in data:
        issue = services.issue_of(data)
        return issue.code, "bad" if issue.severity == "error" else "warn", excel.sentence(issue)
    tone = "warn" if data["code"] in TOLD else "bad"
    return "", tone, sentence(Problem(data["code"], data["where"], data["params"]))


def _inputs(
    line: Line, row: ImportRow, reading: Any, names: Mapping[str, str], unknown: Sequence[Any], door: Any
) -> None:
    """The faulty cells of a refused row as inputs, the others behind a fold."""
    cells = services.cells_of(row, reading, door)
    asked = {(one.field, one.typed) for one in unknown}
    line.asked_above = all((data.get("field"), services.word_of(data)) in asked for data in row.problems)
    faulty = {data.get("field") or data.get("where") or "": data for data in row.problems}
    fields = (
        list(reading.places)
        if queries.VILLAGE in reading.places or not reading.items
        else [queries.VILLAGE, *reading.places]
    )
    for name in fields:
        one = Input(name, names.get(name, name), services.cell_text(cells.get(name, "")))
        if name in faulty:
            one.choices = _choices(faulty[name], one.text, unknown)
            line.faulty.append(one)
        elif name in names:
            line.others.append(one)
    if not line.faulty and not any("cell" in data for data in row.problems):
        line.others = []  # what is wrong is about no cell of the row: a closed month, a round that is not open


def _choices(data: Mapping[str, Any], text: str, unknown: Sequence[Any]) -> Sequence[str]:
    """What may be meant by a cell: both months of an ambiguous one, the names or words known here."""
    params = data.get("params", {})
    if data["code"] == "E51":
        return [params["first"], params["second"]]
    known = next(
        (one for one in unknown if (one.field, one.typed) == (data.get("field"), services.word_of(data))), None
    )
    return known.choices if known else [part for part in str(params.get("choices") or "").split("、") if part]
