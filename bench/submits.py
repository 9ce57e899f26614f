"""One monthly log handed in through HTTP, beside a row added in Flask-AppBuilder as it comes and in Django's admin."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.measuring import Report
from bench.pages import make_county, subjects


def run(report: Report, folder: Path, quick: bool) -> None:
    """The milliseconds of one submit in process, with rights, scope, trail and session on our side."""
    servers = subjects(make_county(folder, 400 if quick else 10_000, quick))
    servers.pop("bare").close()
    taken: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(2 if quick else 5):
        for name, server in servers.items():
            taken[name].append(server.ask("submit", times=3 if quick else 20)["ms"])
    for server in servers.values():
        server.close()
    report.heading("One monthly log handed in (in process, median ms)")
    median = {name: statistics.median(values) for name, values in taken.items()}
    for name, value in median.items():
        report.figure(f"submit: {name}", value, "ms")
    report.ratio("submit: Django admin add / Qingdan", median["Django admin"] / median["Qingdan"], ">= 4")
    report.ratio("submit: stock FAB add / Qingdan", median["stock FAB"] / median["Qingdan"], ">= 2.5")
