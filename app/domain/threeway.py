"""Comparing three ways: what was handed out, what stands now, and what came back.

A change on one side is taken, the same change on both sides is agreed, two different changes are a conflict that somebody
must decide. Nothing is lost without such a choice, and a row that did not come back is never a deletion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = object  # compared by ==; None is an empty cell
Cells = Mapping[str, Value]
Rows = Mapping[str, Cells]


class Outcome(StrEnum):
    """What three values of one cell say."""

    UNCHANGED = "unchanged"
    MINE = "mine"
    THEIRS = "theirs"
    AGREED = "agreed"
    CONFLICT = "conflict"


class Pick(StrEnum):
    """How a conflict is decided."""

    MINE = "mine"
    THEIRS = "theirs"


class Fate(StrEnum):
    """What became of a row: kept on all sides, or added or missing on one of them."""

    KEPT = "kept"
    ADDED_MINE = "added_mine"
    ADDED_THEIRS = "added_theirs"
    ADDED_BOTH = "added_both"
    MISSING_MINE = "missing_mine"
    MISSING_THEIRS = "missing_theirs"
    MISSING_BOTH = "missing_both"


_FATES = {
    (True, True, True): Fate.KEPT,
    (True, True, False): Fate.MISSING_MINE,
    (True, False, True): Fate.MISSING_THEIRS,
    (True, False, False): Fate.MISSING_BOTH,
    (False, True, True): Fate.ADDED_BOTH,
    (False, True, False): Fate.ADDED_THEIRS,
    (False, False, True): Fate.ADDED_MINE,
}


@dataclass(frozen=True)
class Cell:
    """One cell three ways."""

    base: Value
    now: Value
    mine: Value

    @property
    def outcome(self) -> Outcome:
        """Who changed it.

        >>> Cell(1, 1, 2).outcome, Cell(1, 2, 3).outcome, Cell(1, 2, 2).outcome
        (<Outcome.MINE: 'mine'>, <Outcome.CONFLICT: 'conflict'>, <Outcome.AGREED: 'agreed'>)
        """
        if self.now == self.mine:
            return Outcome.UNCHANGED if self.now == self.base else Outcome.AGREED
        if self.now == self.base:
            return Outcome.MINE
        return Outcome.THEIRS if self.mine == self.base else Outcome.CONFLICT

    def settled(self, pick: Pick | None = None) -> Value:
        """The value that will stand. An undecided conflict leaves what stands now."""
        takes_mine = self.outcome is Outcome.MINE or (self.outcome is Outcome.CONFLICT and pick is Pick.MINE)
        return self.mine if takes_mine else self.now


@dataclass(frozen=True)
class Row:
    """One row three ways: what became of it, and its cells where at least two sides have it."""

    key: str
    fate: Fate
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def of(self, outcome: Outcome) -> tuple[str, ...]:
        """The fields with this outcome, in order."""
        return tuple(name for name, cell in self.cells.items() if cell.outcome is outcome)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The fields that need a choice."""
        return self.of(Outcome.CONFLICT)


def compare(base: Rows, now: Rows, mine: Rows, fields: Iterable[str]) -> tuple[Row, ...]:
    """Every row that any side has, in the order now, mine, base, with each of the fields three ways.

    Shape: rows by key; a field a row does not name is empty. A row missing on one side is compared as if that side had
           left it as it was handed out, so that a change of the other side stays visible.
    """
    names = tuple(fields)
    keys = dict.fromkeys([*now, *mine, *base])
    return tuple(_row(key, base.get(key), now.get(key), mine.get(key), names) for key in keys)


def _row(key: str, base: Cells | None, now: Cells | None, mine: Cells | None, names: tuple[str, ...]) -> Row:
    fate = _FATES[base is not None, now is not None, mine is not None]
    given = base or {}
    standing, brought = (given if now is None else now), (given if mine is None else mine)
    cells = {name: Cell(given.get(name), standing.get(name), brought.get(name)) for name in names}
    return Row(key, fate, cells)


def settle(rows: Iterable[Row], picks: Mapping[tuple[str, str], Pick]) -> dict[str, dict[str, Value]]:
    """The rows as they will stand, by key: rows missing now stay away, rows missing from what came back stay.

    Shape: `picks` decides conflicts by (key, field); a conflict nobody decided leaves what stands now.
    """
    gone = (Fate.MISSING_THEIRS, Fate.MISSING_BOTH)
    return {
        row.key: {name: cell.settled(picks.get((row.key, name))) for name, cell in row.cells.items()}
        for row in rows
        if row.fate not in gone
    }


@dataclass(frozen=True)
class Named:
    """A row that came back: the hidden key that stands in it, and what it says it is."""

    key: str
    name: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """Which row a returned one is. `wrong` says why it is none: mixed, twice, or nothing when it is a new row or known."""

    key: str | None
    wrong: str = ""
    foreign: bool = False  # the hidden key is not of this workbook; the name counted


def match(returned: Iterable[Named], known: Mapping[str, tuple[str, ...]]) -> list[Matched]:
    """For each returned row the key of the row it is, in order: by its hidden key, otherwise by its name.

    Shape: `known` maps the keys handed out to names. A key that stands beside another row's name is `mixed` (half of
           the sheet was sorted, or a cell was overwritten); a second row of one key is `twice`.
    """
    by_name = {name: key for key, name in known.items()}
    seen: set[str] = set()
    found = []
    for row in returned:
        one = _matched(row, known, by_name)
        if one.key is not None and one.key in seen:
            one = Matched(None, "twice", one.foreign)
        if one.key is not None:
            seen.add(one.key)
        found.append(one)
    return found


def _matched(row: Named, known: Mapping[str, tuple[str, ...]], by_name: Mapping[tuple[str, ...], str]) -> Matched:
    foreign = bool(row.key) and row.key not in known
    by_key = None if foreign or not row.key else row.key
    named = by_name.get(row.name)
    if by_key is not None and known[by_key] != row.name:
        return Matched(None, "mixed")
    return Matched(by_key or named, "", foreign)
