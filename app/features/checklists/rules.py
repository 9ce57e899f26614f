"""What holds for lists and items whenever they are saved or deleted: what the source says is not edited away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event, inspect

from app.domain.checklists import ListKind, SourceTag, item_problems
from app.domain.errors import Problem, RuleBroken
from app.features.checklists.models import GovernanceList, ListItem
from app.kit import saving

_STATED_OF_LIST = ("kind", "code", "number", "name", "name_en", "name_ko", "question", "source", "unit_id")
_STATED_OF_ITEM = ("code", "role", "title", "title_en", "category", "requirement", "cycle", "evidence", "facets")
_NEVER = ("source", "source_phrase", "derived_fields", "list_id")
# What a list in force says of an item; requirement, cycle, evidence and order are proposals of ours, which may be improved.
_IN_FORCE = ("code", "role", "title", "title_en", "category", "facets", "steps", "thresholds", "files")
_writing: ContextVar[bool] = ContextVar("a list is being loaded or brought in force", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """While a list is loaded, drafted or brought in force: what its source and its items say is written, not edited."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def before_lists(rows: Sequence[GovernanceList]) -> None:
    """Errors: list.stated_by_source, list.dates_reversed, list.needs_approval."""
    problems = []
    for row in rows:
        if row.effective_from and row.effective_to and row.effective_to < row.effective_from:
            problems.append(Problem("list.dates_reversed", "effective_to"))
        if row.is_published and row.state not in (None, "published"):
            problems.append(Problem("list.needs_approval", "is_published"))
        if _is_stored(row) and row.source != SourceTag.DERIVED.value and not _writing.get():
            problems += [
                Problem("list.stated_by_source", name) for name in _STATED_OF_LIST if saving.changed(row, name)
            ]
    _refuse(problems)


def before_items(rows: Sequence[ListItem]) -> None:
    """Errors: list.stated_by_source, list.in_force, and those of `item_problems` for a new item."""
    problems = []
    for row in rows:
        if not _is_stored(row):
            row.source = row.source or SourceTag.DERIVED.value
            problems += _lacking(row) or _in_force(row)
        elif not _writing.get():
            problems += [Problem("list.stated_by_source", name) for name in _kept_of(row) if saving.changed(row, name)]
            problems += (
                [] if problems else [one for name in _IN_FORCE if saving.changed(row, name) for one in _in_force(row)]
            )
    _refuse(problems)


def _in_force(row: ListItem) -> list[Problem]:
    """A list that holds, or has held, is changed by a new version of it, never in place."""
    parent = row.governance_list
    if _writing.get() or parent is None or parent.state == "draft":
        return []
    return [Problem("list.in_force", "governance_list")]


def _kept_of(row: ListItem) -> list[str]:
    return [*_NEVER, *(name for name in _STATED_OF_ITEM if row.source_of(name) != SourceTag.DERIVED.value)]


def _lacking(row: ListItem) -> list[Problem]:
    parent = row.governance_list
    if _writing.get() or parent is None or parent.kind != ListKind.RESPONSIBILITY.value:
        return []
    said = {"code": row.code, "role": row.role, "title": row.title, "source": row.source}
    return [
        Problem(problem.code, str(problem.params.get("facet") or problem.where), problem.params)
        for problem in item_problems(ListKind.RESPONSIBILITY, said)
    ]


def _is_stored(row: Any) -> bool:
    return bool(inspect(row).persistent)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RuleBroken(problems)


def _before_delete(_mapper: Any, _connection: Any, row: Any) -> None:
    if _writing.get():
        return
    if isinstance(row, ListItem) and _in_force(row):
        raise RuleBroken(Problem("list.in_force"))
    if row.source != SourceTag.DERIVED.value:
        raise RuleBroken(Problem("list.stated_not_deleted"))


def install() -> None:
    """Put the rules on both models; once per process."""
    saving.register(GovernanceList, before_lists)
    saving.register(ListItem, before_items)
    for model in (GovernanceList, ListItem):
        if not event.contains(model, "before_delete", _before_delete):
            event.listen(model, "before_delete", _before_delete)
