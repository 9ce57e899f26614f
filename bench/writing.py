"""Writing a workbook of many rows beside tablib, each in a process of its own, so that memory can be compared."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.children import measured
from bench.measuring import Report
from bench.rows import MONTH, rows


def qingdan(count: str) -> Callable[[], bytes]:
    """The portal's export of so many rows."""
    from app.features.duties.excel import MONTHLY_LOG
    from app.kit.excel import write

    given = rows(int(count))
    return lambda: write(MONTHLY_LOG, given, {"owner": "试验县", "period": MONTH})


def plain(count: str) -> Callable[[], bytes]:
    """The portal's plain table of the same rows, as every list leaves."""
    from app.kit.excel.plain import Plain, write_plain

    given = rows(int(count))

    def act() -> bytes:
        with TemporaryDirectory() as folder:
            table = Plain("bench", list(given[0]))
            return write_plain(Path(folder), table, (tuple(row.values()) for row in given)).file.read_bytes()

    return act


def tablib(count: str) -> Callable[[], bytes]:
    """tablib's export of the same rows."""
    import tablib as library

    given = rows(int(count))

    def act() -> bytes:
        data = library.Dataset(*(tuple(row.values()) for row in given), headers=list(given[0]))
        return bytes(data.export("xlsx"))

    return act


def run(report: Report, folder: Path, quick: bool) -> None:
    """Seconds, and the memory the export needs on top of the rows."""
    count, repeats = (500, 1) if quick else (100_000, 3)
    ours = [measured("bench.writing:qingdan", count) for _ in range(repeats)]
    plains = [measured("bench.writing:plain", count) for _ in range(repeats)]
    theirs = [measured("bench.writing:tablib", count) for _ in range(1 if quick else 2)]
    median = {
        (name, key): statistics.median(one[key] for one in found)
        for name, found in (("Qingdan", ours), ("Qingdan, plain table", plains), ("tablib", theirs))
        for key in ("seconds", "megabytes")
    }
    whole = "Qingdan, plain table"
    report.heading(f"Writing a workbook of {count:,} rows")
    for (name, key), value in median.items():
        report.figure(name, value, "s" if key == "seconds" else "MB above the rows")
    report.ratio("write: tablib / Qingdan, time", median["tablib", "seconds"] / median["Qingdan", "seconds"], ">= 2")
    memory = median["Qingdan", "megabytes"] / max(median["tablib", "megabytes"], 0.1)
    report.ratio("write: Qingdan / tablib, memory", memory, "<= 0.25")
    ratio = median["tablib", "seconds"] / median[whole, "seconds"]
    report.ratio("write a plain table: tablib / Qingdan, time", ratio, ">= 2")
    memory = median[whole, "megabytes"] / max(median["tablib", "megabytes"], 0.1)
    report.ratio("write a plain table: Qingdan / tablib, memory", memory, "<= 0.25")
