"""Django's admin over the same rows, in its best case: related rows joined, the scope an indexed column, no full count."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import peers_django
from bench.children import serve
from bench.county import PASSWORD
from bench.web import LOG, Browser, median_ms, pages


def main(database: str) -> None:
    application = peers_django.application(database)
    from django.db import connection

    @contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            yield seen

    people = {who: Browser(application).sign_in("/admin/login/", who, PASSWORD) for who in ("county", "township")}
    writer, fields = people["county"], {**LOG, "code": "x", "unit": "5", "month": "2026-10"}
    numbers = iter(range(os.getpid() * 100_000, (os.getpid() + 1) * 100_000))

    def submit(times: int) -> dict[str, float]:
        writer.keep_token("/admin/bench/monthlylog/add/")
        return {
            "ms": median_ms(
                lambda: writer.send("/admin/bench/monthlylog/add/", {**fields, "code": str(next(numbers))}),
                range(times),
            )
        }

    serve({"page": pages(people, lambda page: f"/admin/bench/post/?p={page + 1}", counted), "submit": submit})


if __name__ == "__main__":
    main(sys.argv[1])
