"""One column of a table, cleaned by its distinct values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import Any

from app.kit.excel.context import key
from app.kit.excel.sheet import Column
from app.kit.excel.values import Bad, Noted

SEPARATED = re.compile(r"[^、,，;；/／\n]+")


@dataclass
class Cleaned:
    """One column of the data rows: clean values (None for empty or faulty), and which rows were faulty.

    Shape: `distinct` are the verdicts on the different cells of the column, `chosen` which of them each data row has,
    those filled down included.
    """

    column: Column
    place: int
    values: list[Any]
    distinct: Sequence[Any]
    chosen: Sequence[int]
    faulty: set[int] = field(default_factory=set)

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
    def sums(self) -> list[Any]:
        """What the values before each row come to: a file may hold as many totals as rows."""
        taken = (value.value if type(value) is Noted else value for value in self.distinct)
        numbers = [value if isinstance(value, int | Decimal) else 0 for value in taken]
        return list(accumulate(map(numbers.__getitem__, self.chosen), initial=0))

    def total(self, begin: int, end: int) -> Decimal:
        """The sum of the numbers in a run of rows."""
        return Decimal(self.sums[end] - self.sums[begin])


def meant_by(value: Any, meant: Mapping[str, str]) -> Any:
    """The value, with every word in it that the office has settled before in its place."""
    if not isinstance(value, str):
        return value
    whole = meant.get(key(value))
    return whole or SEPARATED.sub(lambda part: meant.get(key(part[0]), part[0]), value)
