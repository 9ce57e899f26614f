"""What a sheet says beyond its values, and the addresses it says it with."""

from __future__ import annotations

import re

from app.kit.excel.child import Refused


class Hidden:
    """What the XML of one sheet says beyond the values. Rows and columns count from 0."""

    def __init__(self) -> None:
        self.faults: dict[tuple[int, int], tuple[str, str]] = {}
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.merges: list[tuple[int, int, int, int]] = []
        self.valued = 0  # cells that carry a value, an inline text or a fault


_ADDRESS = re.compile(r"([A-Za-z]{1,3})(\d{1,7})$")


def position(address: str) -> tuple[int, int]:
    match = _ADDRESS.match(address.replace("$", ""))
    if not match:
        raise Refused("unreadable", address)
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def area(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    top, left = position(first)
    bottom, right = position(last or first)
    return top, left, bottom, right


def true(value: str | None) -> bool:
    return value in ("1", "true", "TRUE", "on")
