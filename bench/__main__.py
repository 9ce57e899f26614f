"""`python -m bench [--quick] [--only pages,submits] [--folder DIR]`: print the ratios of one run."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import tempfile
from pathlib import Path

from bench.measuring import Report

PARTS = ("reading", "importing", "storing", "ranking", "writing", "pages", "records", "submits", "clients")


def main() -> None:
    """Run the parts that were asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: shows that everything runs, says nothing about speed"
    )
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, with commas: {', '.join(PARTS)}")
    parser.add_argument("--full", action="store_true", help="the slowest peers at the largest sizes too")
    parser.add_argument(
        "--folder", type=Path, help="where the databases are made and kept (a temporary folder by default)"
    )
    chosen = parser.parse_args()
    os.environ.setdefault("QINGDAN_PROFILE", "testing")
    report = Report(with_goals=not chosen.quick)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, {'quick' if chosen.quick else 'full'} sizes"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        for part in chosen.only.split(","):
            act = importlib.import_module(f"bench.{part}").run
            act(report, folder, chosen.quick, **({"full": chosen.full} if part == "importing" else {}))
    missed = [ratio for ratio in report.ratios if not ratio.is_reached]
    print(f"\n{len(report.ratios)} ratios, {len(missed)} short of their goal")
    for ratio in missed:
        print(ratio)


if __name__ == "__main__":
    main()
