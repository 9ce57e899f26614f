"""The door between workbooks and services: what a feature says so that its sheet can be read, saved and written.

A feature lists its doors in `excel.SHEETS`; the wizard, the export page and `flask exchange` use nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.domain.errors import Problem
from app.domain.rights import Resource, Verb


@dataclass(frozen=True)
class Options:
    """What the clerk chose beside the file: the unit he stands on, the period, a scheme or round by code.

    Shape: in `known` a door may keep, under a key of its own, what it has looked up and is to hold for the whole file,
    however many turns it takes: the form by which its rows are checked. Never rights, locks or stored rows.
    """

    unit: Any = None
    period: str | None = None
    scheme: str | None = None
    round: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


class Change(StrEnum):
    """What saving a row does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class RowChange:
    """One row of a file against what is stored.

    Shape: `sheet` and `row` (or column letter) say where it stands; `label` names the thing for the reader;
    `cells` holds field -> (old, new) as text, only where they differ; `problems` say why it is refused.
    """

    kind: Change
    label: str
    sheet: str = ""
    row: int | str = ""
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Door:
    """One sheet of the exchange.

    `context(options)` gives the reader what it must know (villages, scheme …); `save(rows, options, dry_run)` compares the typed
    rows with what is stored and, unless dry, saves them in one transaction; `rows(options)` gives (rows, meta) to write.
    `variants` are the forms of the layout an export may take, by the name of the layout's variant, the first one usual.
    `has_masked`: the sheet holds numbers that go out masked; with `whole` in `options.extra` `rows` gives those whole
    which the actor may see whole. `independent`: a row is compared and saved without the others, so a long file goes
    through in chunks. `complete`: what the file does not name is taken out, so `save` is told in `options.extra["named"]`
    of all rows of the file, the refused ones included, each as (sheet, row, name). `also`: for a verb the one whose right is
    enough as well: whoever may edit brings in his own. `takes_filter`: `filter` in `options.extra` holds the arguments of the
    list page, and the rows are those it shows.
    """

    code: str
    title: Any
    layout: Any
    resource: Resource
    context: Callable[[Options], Any]
    save: Callable[[Sequence[Any], Options, bool], list[RowChange]]
    rows: Callable[[Options], tuple[Sequence[Any], Mapping[str, Any]]]
    needs_period: bool = False
    needs_scheme: bool = False
    needs_round: bool = False
    variants: Mapping[str, Any] = field(default_factory=dict)
    has_masked: bool = False
    independent: bool = False
    complete: bool = False
    also: Mapping[Verb, Verb] = field(default_factory=dict)
    takes_filter: bool = False

    def verbs(self, verb: Verb) -> tuple[Verb, ...]:
        """The verbs any of which opens the door for a verb."""
        return (verb, self.also[verb]) if verb in self.also else (verb,)


@dataclass(frozen=True)
class MoreDoors:
    """Doors that are not listed but made when asked for: all that concern the actor, or the one with a code.

    `may(verb)` says without making them whether one may be open to the actor: every page asks for its navigation.
    """

    doors: Callable[[], Sequence[Door]]
    find: Callable[[str], Door | None]
    may: Callable[[Verb], bool]


def counts(changes: Sequence[RowChange]) -> dict[str, int]:
    """How many rows are new, changed, same, refused."""
    return {kind.value: sum(change.kind is kind for change in changes) for kind in Change}
