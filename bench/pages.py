"""List pages: Qingdan's generated list of posts beside the bare limit, Django's admin and Flask-AppBuilder as it comes."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bench import county
from bench.children import Server
from bench.measuring import Report, note
from bench.peers_django import copy_of

DEEP = {"county": 400, "township": 200}


def subjects(database: Path) -> dict[str, Server]:
    """The four servers, each on its own copy of the rows."""
    return {
        "bare": Server("bench.subjects.bare", database),
        "Qingdan": Server("bench.subjects.qingdan", database),
        "Django admin": Server("bench.subjects.django_admin", copy_of(database, "django.db")),
        "stock FAB": Server("bench.subjects.stock_fab", copy_of(database, "fab.db")),
    }


def make_county(folder: Path, posts: int, quick: bool) -> Path:
    """Our database with so many posts."""
    database = folder / f"posts-{posts}" / "qingdan.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        note(f"making a county with {posts:,} posts")
        county.fill(county.make_app(database), *((20, 80) if quick else (500, 4000)), posts)
    return database


def run(report: Report, folder: Path, quick: bool) -> None:
    """Page 1 and a deep page, for the whole county and for one township, at two sizes."""
    sizes = (400, 800) if quick else (10_000, 100_000)
    for posts in sizes:
        servers = subjects(make_county(folder, posts, quick))
        report.heading(f"List page of posts, {posts:,} rows (median ms, statements, KB)")
        for who in ("county", "township"):
            deep = min(DEEP[who], posts // (20 if who == "county" else 400) - 1)
            for page in dict.fromkeys((0, max(deep, 0))):
                found = _one_page(servers, who, page, 2 if quick else 7)
                _tell(report, f"{posts:,} posts, {who}, page {page + 1}", found)
        for server in servers.values():
            server.close()
    _growth(report, [make_county(folder, posts, quick) for posts in sizes], sizes, 1 if quick else 7)


def _growth(report: Report, databases: list[Path], sizes: tuple[int, int], times: int) -> None:
    """Page 1 at both sizes, in turn."""
    servers = [Server("bench.subjects.qingdan", database) for database in databases]
    report.heading("List page, growth with the rows")
    for who in ("county", "township"):
        taken = [[server.ask("page", who=who, page=0, times=times)["ms"] for server in servers] for _ in range(3)]
        small, large = (statistics.median(column) for column in zip(*taken, strict=True))
        report.ratio(f"list page, {who}, page 1: {sizes[1]:,} rows / {sizes[0]:,} rows", large / small, "<= 1.2")
    for server in servers:
        server.close()


def _one_page(servers: dict[str, Server], who: str, page: int, times: int) -> dict[str, dict[str, float]]:
    """Each subject three times in turn, the median of the medians; the stock page, which takes seconds, is asked once."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    for turn in range(3):
        for name, server in servers.items():
            if name != "stock FAB" or turn == 0:
                seen[name].append(server.ask("page", who=who, page=page, times=1 if name == "stock FAB" else times))
    return {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]} for name, found in seen.items()
    }


def _tell(report: Report, where: str, found: dict[str, Any]) -> None:
    for name, one in found.items():
        report.figure(
            f"{where}: {name}, {one['statements']:.0f} statements, {one['kilobytes']:.0f} KB", one["ms"], "ms"
        )
    ours = found["Qingdan"]
    report.ratio(f"{where}: Qingdan / bare Flask + SQL + Jinja", ours["ms"] / found["bare"]["ms"], "<= 2")
    report.ratio(f"{where}: Django admin / Qingdan", found["Django admin"]["ms"] / ours["ms"], ">= 1")
    report.ratio(f"{where}: stock FAB / Qingdan", found["stock FAB"]["ms"] / ours["ms"], ">= 15")
    report.ratio(f"{where}: statements of Qingdan", ours["statements"], "<= 10")
    report.ratio(f"{where}: kilobytes of Qingdan", ours["kilobytes"], "<= 40")
