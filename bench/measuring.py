"""Repeats in turn, medians, and the lines that are printed."""

from __future__ import annotations

import operator
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_SIGNS = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Ratio:
    """One ratio with the goal it is held to; `goal` is a comparison such as `<= 2`, empty where none is set."""

    name: str
    value: float
    goal: str = ""

    @property
    def is_reached(self) -> bool:
        """True when the ratio is as good as the goal, or none is set."""
        if not self.goal:
            return True
        sign, number = self.goal.split()
        return bool(_SIGNS[sign](self.value, float(number)))

    def __str__(self) -> str:
        verdict = "" if not self.goal else f"goal {self.goal}" if self.is_reached else f"goal {self.goal}  MISSED"
        return f"  {self.value:10.2f}  {self.name:<88} {verdict}".rstrip()


class Report:
    """What one part of the benchmark found, printed as it comes; small sizes are held to no goal."""

    def __init__(self, with_goals: bool = True) -> None:
        self.with_goals = with_goals
        self.ratios: list[Ratio] = []

    def heading(self, text: str) -> None:
        """A new table."""
        print(f"\n{text}", flush=True)

    def figure(self, name: str, value: float, unit: str) -> None:
        """A figure of this machine, to judge the ratios by."""
        print(f"  {value:10.3f}  {name} ({unit})", flush=True)

    def ratio(self, name: str, value: float, goal: str = "") -> None:
        """A ratio, which is what counts."""
        self.ratios.append(Ratio(name, value, goal if self.with_goals else ""))
        print(self.ratios[-1], flush=True)


def seconds(act: Callable[[], Any]) -> float:
    """How long an act takes."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def cpu_seconds(act: Callable[[], Any]) -> float:
    """How much processor time an act takes, its children included: what neighbours on the machine change least."""
    begin = _used()
    act()
    return _used() - begin


def _used() -> float:
    return sum(
        one.ru_utime + one.ru_stime
        for one in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def medians(acts: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """The median seconds of each act, run in turn so that a busy moment meets all of them."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(repeats):
        for name, act in acts.items():
            taken[name].append(seconds(act))
    return {name: statistics.median(values) for name, values in taken.items()}


def note(text: str) -> None:
    """Say on the side what is being done."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)
