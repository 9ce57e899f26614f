"""Somebody else: saves one log every 50 ms until told to stop, then says how long each save took."""

from __future__ import annotations

import json
import select
import statistics
import sys
import time

from bench.importing import clerk
from bench.rows import log_of

OTHER_MONTH = "2026-09"


def main(database: str) -> None:
    """One record of another month, written over again and again through its service."""
    from app.features.duties.services import save_monthly_logs
    from app.kit.db import db
    from app.kit.exchange import Options

    taken: list[float] = []
    refused = 0

    def save(n: int) -> None:
        row = {"village": "0号村", "sub_grid": "第1网格", "month": OTHER_MONTH, **log_of(1), "patrols": n % 90}
        save_monthly_logs([row], Options(period=OTHER_MONTH), False)

    with clerk(database):
        save(0)
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0.05)[0]:
            begin = time.perf_counter()
            try:
                save(len(taken) + 1)
            except Exception as error:  # the lock was not to be had in time
                db.session.rollback()
                print(error, file=sys.stderr)
                refused += 1
            taken.append(time.perf_counter() - begin)
    p99 = statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0]
    print(json.dumps({"saves": len(taken), "p99": p99, "longest": max(taken), "refused": refused}))


if __name__ == "__main__":
    main(sys.argv[1])
