"""Changes of lists: where each stands, what was said of it, and how much shorter lists have become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain.list_change import RUNNING, Outcome, Said, Stage
from app.domain.reduction import Counted, in_all
from app.domain.rights import Verb
from app.features.checklists.models import GovernanceList, ListChange, ListItem, ListOpinion
from app.features.checklists.queries.directory import catalogue_lists
from app.kit import access
from app.kit.db import db
from app.kit.i18n import _


def changes_in_reach() -> Sequence[ListChange]:
    """The changes the actor may see, those that run first, the newest first."""
    statement = access.visible(select(ListChange), ListChange).order_by(ListChange.id.desc())
    rows = db.session.scalars(statement).all()
    return sorted(rows, key=lambda row: row.stage not in RUNNING)


def change_of(draft: GovernanceList) -> ListChange | None:
    """The change a version came by, if it came by one."""
    with access.everything("the procedure of a version the reader has been given"):
        return db.session.scalars(select(ListChange).where(ListChange.draft_id == draft.id)).one_or_none()


def running_change(base: GovernanceList) -> ListChange | None:
    """The change of a list that is on its way."""
    statement = (
        select(ListChange)
        .join(ListChange.draft)
        .where(
            GovernanceList.unit_id == base.unit_id,
            GovernanceList.code == base.code,
            ListChange.stage.in_([stage.value for stage in RUNNING]),
        )
    )
    with access.everything("a list has at most one change on its way, whoever proposed it"):
        return db.session.scalars(statement.order_by(ListChange.id.desc())).first()


def shown_change(draft: GovernanceList) -> ListChange | None:
    """The change a version came by, for whoever may read changes of that unit."""
    change = change_of(draft)
    return change if change is not None and access.can(Verb.VIEW, change) else None


def opinions_on(change: ListChange) -> Sequence[ListOpinion]:
    """What was said of a change, in order."""
    statement = select(ListOpinion).where(ListOpinion.change_id == change.id).order_by(ListOpinion.id)
    with access.everything("the opinions on a change the reader has been given"):
        return db.session.scalars(statement).all()


def said_of(change: ListChange) -> list[Said]:
    """The opinions as the rules of the procedure take them."""
    return [
        Said(Stage(one.stage), one.body, one.item_code or None, Outcome(one.outcome), frozenset(one.compared or ()))
        for one in opinions_on(change)
    ]


@dataclass(frozen=True)
class Reduced:
    """The lists of one unit and origin with their reduction, and all of them together."""

    name: str
    lists: tuple[Counted, ...]

    @property
    def total(self) -> Counted:
        """All of them as one."""
        return in_all(self.lists, str(_("In all")))


def reductions() -> list[Reduced]:
    """How much shorter lists have become between their first and their newest version, group by group; see `in_all`."""
    groups: dict[tuple[int, str], list[Counted]] = {}
    names: dict[tuple[int, str], str] = {}
    by_code: dict[tuple[int, str], list[GovernanceList]] = {}
    for row in catalogue_lists():
        if row.state in ("published", "superseded"):
            by_code.setdefault((row.unit_id, row.code), []).append(row)
    counts = _counts([row for rows in by_code.values() for row in rows])
    for rows in by_code.values():
        history = history_of(rows, counts)
        if len(history) > 1:
            origin = (rows[-1].unit_id, (rows[0].pack or "").split("@")[0])
            names.setdefault(origin, f"{rows[-1].unit.name} {origin[1]}".strip())
            (old_label, old), (new_label, new) = history[0], history[-1]
            groups.setdefault(origin, []).append(Counted(rows[-1].label, old, new, old_label, new_label))
    return [Reduced(names[key], tuple(found)) for key, found in groups.items()]


def history_of(rows: Sequence[GovernanceList], counts: dict[int, int] | None = None) -> list[tuple[str, int]]:
    """The versions of a list with how many items each has: those its source states, then those the portal has held."""
    counts = _counts(rows) if counts is None else counts
    stated = (rows[0].stated or {}).get("versions") or ()
    found = [(str(one.get("label") or ""), one["count"]) for one in stated if isinstance(one.get("count"), int)]
    held = [(row.edition or str(_("version %(number)s", number=row.number)), counts.get(row.id, 0)) for row in rows]
    return [*found, *(held[1:] if found else held)]


def _counts(rows: Sequence[GovernanceList]) -> dict[int, int]:
    statement = select(ListItem.list_id, func.count()).where(ListItem.list_id.in_([row.id for row in rows]))
    with access.everything("the items of lists the reader has been given"):
        return dict(db.session.execute(statement.group_by(ListItem.list_id)).tuples().all())
