"""How a rule says no: a Problem names the place, the code and the values; it never holds a sentence.

Sentences, and their translations, belong to app/kit/problems.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at one place.

    Shape: `code` is `area.reason` (e.g. `scoring.above_max`) or a workbook code (`E31`);
    `where` is a field name, a cell address or an item code, empty when the whole input is meant;
    `params` are the values a sentence needs, by name.
    """

    code: str
    where: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


class RuleBroken(Exception):
    """Raised by a rule or a service that refuses; carries every problem, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(f"{p.code}@{p.where}" if p.where else p.code for p in self.problems))


def broken(code: str, where: str = "", /, **params: object) -> RuleBroken:
    """The exception for one problem, ready to raise."""
    return RuleBroken(Problem(code, where, params))


UNREADABLE = (ArithmeticError, LookupError, RuleBroken, TypeError, ValueError)
"""What it raises to read frozen data that somebody wrote over: it may be anything."""
