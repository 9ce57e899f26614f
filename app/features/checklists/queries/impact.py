"""What a change of a list would touch, told before anybody approves it; other features say what rests on their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, select

from app.domain.checklists import ListKind
from app.domain.errors import Problem
from app.domain.periods import Period
from app.features.checklists.models import GovernanceList, LedgerEntry, ListItem
from app.features.checklists.queries.admission import around, barred
from app.features.checklists.queries.kinds import kind_of
from app.features.checklists.queries.packing import named_items, open_places_of
from app.kit import access
from app.kit.db import db
from app.kit.i18n import _l


@dataclass(frozen=True)
class Resting:
    """So many things of a sort rest on a version of a list."""

    what: Any
    count: int

    @property
    def in_words(self) -> str:
        """What rests, and how many."""
        return f"{self.what} {self.count}"


Counting = Callable[[GovernanceList], "list[Resting]"]
_counting: list[Counting] = []


def register_impact(function: Counting) -> None:
    """Let a feature say what of its own rests on a version of a list: open duties, sheets half scored, runs of a procedure.

    It is asked before a change is approved (for the version in force), and before a version is rolled back (for that one:
    where anything rests on it, it has been used).
    """
    if function not in _counting:
        _counting.append(function)


def resting_on(row: GovernanceList) -> list[Resting]:
    """Everything that rests on a version of a list; on one that has never held, nothing does."""
    if row.state == "draft":
        return []
    with access.everything("whether a list is used does not depend on who asks"):
        return [one for function in _counting for one in function(row) if one.count]


def ledger_lines(row: GovernanceList) -> list[Resting]:
    """The lines of the ledger of responsibilities that are about items of this version."""
    statement = select(func.count()).select_from(LedgerEntry).join(LedgerEntry.item).where(ListItem.list_id == row.id)
    return [Resting(_l("Lines in the ledger of responsibilities"), db.session.scalar(statement) or 0)]


@dataclass(frozen=True)
class Impact:
    """What stands in the way of a draft, and what it will touch."""

    resting: tuple[Resting, ...]
    barred: tuple[tuple[ListItem, Problem], ...]  # new or changed items admission keeps out: they hold up the change
    older: tuple[tuple[ListItem, Problem], ...]  # unchanged ones that say too little: told, not held up
    without_owner: tuple[ListItem, ...]
    open_places: int
    total: Decimal | None  # of the points of an assessment list
    splits_year: str  # the year in which both versions would hold, so that its figures do not compare


def impact_of(draft: GovernanceList, base: GovernanceList | None, period: str | None = None) -> Impact:
    """What bringing a draft in force means, looked at from the version in force."""
    kind = kind_of(draft)
    items = named_items(draft)
    older = {_fingerprint(item) for item in named_items(base)} if base else set()
    found = barred(items, kind.behaviour, around(draft.unit))
    asks_owner = {facet.code for facet in kind.facets} & {"responsible_party", "role", "lead_department"}
    return Impact(
        resting=tuple(resting_on(base)) if base else (),
        barred=tuple(one for one in found if _fingerprint(one[0]) not in older),
        older=tuple(one for one in found if _fingerprint(one[0]) in older),
        without_owner=tuple(item for item in items if asks_owner and not _owner(item)),
        open_places=len(open_places_of(draft)),
        total=_total(items) if kind.behaviour is ListKind.ASSESSMENT else None,
        splits_year=_split(base, period),
    )


def _fingerprint(item: ListItem) -> tuple[str, str]:
    facets = {key: value for key, value in sorted((item.facets or {}).items()) if value not in (None, "", [])}
    return item.title, f"{item.category} {item.role} {item.requirement} {facets}"


def _owner(item: ListItem) -> str:
    facets = item.facets or {}
    return item.role or facets.get("responsible_party") or facets.get("lead_department") or ""


def _total(items: Sequence[ListItem]) -> Decimal | None:
    try:
        points = [Decimal(str(item.facets["full_score"])) for item in items if item.facets.get("full_score")]
    except InvalidOperation:
        return None
    return sum(points, Decimal(0)) if points else None


def _split(base: GovernanceList | None, period: str | None) -> str:
    if base is None or not period:
        return ""
    start = Period.parse(period).start
    return "" if (start.month, start.day) == (1, 1) else str(start.year)
