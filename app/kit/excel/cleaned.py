"""One column of a table, cleaned by its distinct values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.kit.excel.context import key
from app.kit.excel.sheet import Column
from app.kit.excel.values import Bad, Noted

STEP = 256
SEPARATED = re.compile(r"[^、,，;；/／\n]+")


@dataclass
class Cleaned:
    """One column of the data rows: clean values, and which rows were faulty.

    Shape: `distinct` are the verdicts on the different cells of the column, `chosen` which of them each data row has,
    those filled down included.
    """

    column: Column
    place: int
    distinct: Sequence[Any]
    chosen: Sequence[int]
    faulty: set[int] = field(default_factory=set)

    @cached_property
    def clean(self) -> list[Any]:
        """The distinct values as rows take them: a noted one without its note, None for a faulty one."""
        return [v.value if type(v) is Noted else None if type(v) is Bad else v for v in self.distinct]

    def values(self, begin: int = 0, end: int | None = None) -> Iterator[Any]:
        """The clean value of each of the data rows, None for empty or faulty."""
        return map(self.clean.__getitem__, self.chosen[begin:end])

    @cached_property
    def wrong(self) -> list[int]:
        """The faulty rows in order."""
        return sorted(self.faulty)

    @property
    def silent(self) -> bool:
        """Whether no row has a value."""
        return all(value is None or type(value) is Bad for value in self.distinct)

    @property
    def gappy(self) -> bool:
        """Whether a row may have no value."""
        return any(value is None or type(value) is Bad for value in self.distinct)

    @cached_property
    def _numbers(self) -> list[Any]:
        return [value if isinstance(value, int | Decimal) else 0 for value in self.clean]

    def _sum(self, begin: int, end: int) -> Any:
        return sum(map(self._numbers.__getitem__, self.chosen[begin:end]))

    @cached_property
    def _before(self) -> list[Any]:
        """What the values before every STEP-th row come to: a file may hold as many totals as rows."""
        found: list[Any] = [0]
        for start in range(0, len(self.chosen), STEP):
            found.append(found[-1] + self._sum(start, start + STEP))
        return found

    def _up_to(self, end: int) -> Any:
        return self._before[end // STEP] + self._sum(end // STEP * STEP, end)

    def total(self, begin: int, end: int) -> Decimal:
        """The sum of the numbers in a run of rows."""
        return Decimal(self._up_to(end) - self._up_to(begin))


def meant_by(value: Any, meant: Mapping[str, str]) -> Any:
    """The value, with every word in it that the office has settled before in its place."""
    if not isinstance(value, str):
        return value
    whole = meant.get(key(value))
    return whole or SEPARATED.sub(lambda part: meant.get(key(part[0]), part[0]), value)
