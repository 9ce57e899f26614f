"""A program in place of the reader that never answers: by waiting, or by computing."""

from __future__ import annotations

import time
from typing import Any

from app.kit.excel.child import serve


def never(request: dict[str, Any]) -> dict[str, Any]:
    while True:
        if request["how"] == "wait":
            time.sleep(60)


if __name__ == "__main__":
    serve(never)
