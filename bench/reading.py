"""Reading a workbook: typed and checked rows beside the time to inflate and scan the file, and beside plain readers."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.parsers import expat

from bench.measuring import Report, medians, note, seconds
from bench.rows import context, workbook


def scan(data: bytes) -> None:
    """The limit: unpack each part and let expat walk it."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                with package.open(name) as part:
                    expat.ParserCreate().ParseFile(part)


def calamine(data: bytes) -> None:
    """The plain values, without a check."""
    from python_calamine import load_workbook

    load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def openpyxl(data: bytes) -> None:
    """The plain values by openpyxl, read only."""
    from openpyxl import load_workbook

    for _row in load_workbook(io.BytesIO(data), read_only=True).worksheets[0].iter_rows(values_only=True):
        pass


def run(report: Report, folder: Path, quick: bool) -> None:
    """Rows cleaned, typed and checked against names, cell by cell."""
    from app.features.duties.excel import MONTHLY_LOG
    from app.kit.excel import read

    count = 200 if quick else 100_000
    note(f"writing a workbook of {count:,} rows")
    data, names = workbook(count), context(count)

    def qingdan() -> None:
        result = read(MONTHLY_LOG, data, "log.xlsx", names)
        if len(result.rows) != count:
            raise RuntimeError(f"{len(result.rows)} rows read, {[str(issue) for issue in result.issues[:3]]}")

    acts = {"limit": lambda: scan(data), "calamine": lambda: calamine(data), "Qingdan": qingdan}
    found = medians(acts, 1 if quick else 5)
    found["openpyxl read_only"] = seconds(lambda: openpyxl(data))
    report.heading(f"Reading a monthly log of {count:,} rows")
    for name, value in found.items():
        report.figure(name, value, "s")
    report.ratio("read: Qingdan / limit (inflate + XML scan)", found["Qingdan"] / found["limit"], "<= 4")
    report.ratio("read: Qingdan / calamine alone", found["Qingdan"] / found["calamine"])
    report.ratio("read: openpyxl read_only / Qingdan", found["openpyxl read_only"] / found["Qingdan"])
