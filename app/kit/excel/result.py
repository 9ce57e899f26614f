"""What reading a workbook gives: rows, issues with their places, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NOT_APPLICABLE = "NA"


class _Unchanged:
    """Stands for a masked value (138****1234) that came back: keep what is stored."""

    def __repr__(self) -> str:
        return "UNCHANGED"

    def __reduce__(self) -> str:
        return "UNCHANGED"


UNCHANGED = _Unchanged()


@dataclass(frozen=True)
class Issue:
    """One finding at one place. `value` is the cell as typed; `params` are what its sentence needs, by name."""

    code: str
    sheet: str | None = None
    cell: str | None = None
    value: Any = None
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """error or warning, by the code."""
        return "warning" if self.code.startswith("W") else "error"

    def to_json(self) -> dict[str, Any]:
        """The issue as `flask exchange import --json` prints it."""
        from app.kit.excel.sentences import sentence

        head = {"severity": self.severity, "code": self.code, "sheet": self.sheet, "cell": self.cell}
        return head | {"value": plain(self.value), "why": sentence(self), **plain(dict(self.params))}


@dataclass(frozen=True)
class Reading:
    """How one sheet was read, so that one of its rows can be read again without the file (rereading.py).

    Shape: `places` is field -> column, in a score sheet item -> row (or column); `first` and `last` bound the rows (in a
    score sheet with items down the columns: `across`) that hold data; `header` is the last line of the header and `width`
    the number of columns; `facts` is what the title states; `items` is item -> (printed maximum, sign), `line` where the
    villages are named.
    """

    variant: str
    places: dict[str, int]
    first: int
    last: int
    header: int = 0
    width: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()  # fields that an empty cell takes from above
    across: bool = False
    line: int = 0
    items: dict[str, tuple[str, int]] = field(default_factory=dict)


Place = tuple[str | None, int | str]  # sheet and row number, or in d1 the letter of the column


@dataclass
class ReadResult:
    """Everything one file gave.

    Shape: `rows` are dicts by field name, an absent field is an empty cell; counts are ints, money and scores
    Decimals of two places, dates "2026-10-05" or "2026-10", not applicable "NA", a masked value UNCHANGED.
    `rejected_rows` are (sheet, row number), in d1 (sheet, column letter). `extras` holds what the layout states
    once per file: unit, village, deduction_detail, total_award_due. `typed` holds what stands in the cells of each
    rejected row, `row_issues` which issues a row has, each with its field.
    """

    layout: str
    outcome: str = "rows"
    period: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected_rows: list[tuple[str | None, int | str]] = field(default_factory=list)
    dropped_rows: list[dict[str, Any]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    skipped_sheets: list[dict[str, Any]] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)  # sheet -> (header row, last column), from 0
    readings: dict[str, Reading] = field(default_factory=dict)  # by sheet, "" for a text file
    typed: dict[Place, dict[str, Any]] = field(default_factory=dict)
    row_issues: dict[Place, list[tuple[str, Issue]]] = field(default_factory=dict)
    line_places: dict[str, int] = field(default_factory=dict)  # by companion, the column of the number of its record
    fitted: int | None = None  # which of the fits of the office the file was read by
    row_places: list[Place] = field(
        default_factory=list
    )  # of the rows of a score sheet, which do not say it themselves

    @property
    def errors(self) -> list[Issue]:
        """The issues that keep a row or the file out."""
        return [issue for issue in self.issues if issue.severity == "error"]

    @property
    def warnings(self) -> list[Issue]:
        """The issues a reader should look at; nothing is kept out by them."""
        return [issue for issue in self.issues if issue.severity == "warning"]

    def settle(self) -> ReadResult:
        """Set the outcome from what was found."""
        if self.outcome not in ("refused", "rejected"):
            self.outcome = "rows_with_errors" if self.errors else "rows"
            if self.errors and not self.rows:
                self.outcome = "rejected"
        return self

    def to_json(self) -> dict[str, Any]:
        """The form of a dry run: outcome, rows, rejected and dropped rows, issues."""
        head: dict[str, Any] = {"layout": self.layout, "outcome": self.outcome}
        if self.period:
            head["period"] = self.period
        return head | {
            **plain(self.extras),
            "row_count": len(self.rows),
            "rejected_rows": [list(place) for place in self.rejected_rows],
            "issues": [issue.to_json() for issue in self.issues],
            "dropped_rows": self.dropped_rows,
            "skipped_sheets": self.skipped_sheets,
            "rows": [plain(row) for row in self.rows],
        }


def plain(value: Any) -> Any:
    """A value made of what JSON has: decimals as they are written, tuples as lists."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is UNCHANGED:
        return "unchanged"
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return str(value)
