"""Proposing a change of a list, or a list of a unit's own: a draft, and the procedure it goes through."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.errors import broken
from app.domain.list_change import Trigger
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListChange
from app.features.checklists.queries.changes import running_change
from app.features.checklists.rules import writing
from app.features.checklists.services.changes import withdraw
from app.features.checklists.services.drafting import draft_from, next_number
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature


def propose(base: GovernanceList, trigger: str, reason: str, sources: Sequence[str] = ()) -> ListChange:
    """A change of the list in force: a draft that says the same, to be written to, and its procedure begun.

    Errors: change.already_running, change.unknown_trigger, reason_required, list.not_in_force; NotAllowed.
    """
    access.require(Verb.IMPORT, base)
    if not base.is_published:
        raise broken("list.not_in_force", "list")
    with transaction(), acting("checklists.propose"):
        _require_none_running(base)
        return open_change(draft_from(base), base, trigger, reason, sources)


def propose_list(
    unit: OrgUnit, kind: str, name: str, trigger: str, reason: str, extends: GovernanceList | None = None
) -> ListChange:
    """A list of a unit's own (特色清单), empty and as a draft; `extends` is the list above it that it adds to.

    Errors: required, list.not_above, reason_required, change.unknown_trigger; NotAllowed at the unit.
    """
    access.require_at(Verb.IMPORT, Resource.LISTS, unit)
    if not name.strip():
        raise broken("required", "name")
    if extends is not None and extends.unit_id not in set(unit.ancestors().values()) - {unit.id}:
        raise broken("list.not_above", "unit")
    with transaction(), acting("checklists.propose_list"), writing():
        code = _code(unit, f"{extends.code}+" if extends else kind)
        draft = GovernanceList(
            unit=unit,
            kind=extends.kind if extends else kind,
            code=code,
            number=next_number(unit, code),
            name=name.strip()[:120],
            extends_id=extends.id if extends else None,
            is_published=False,
            state="draft",
        )
        db.session.add(draft)
        db.session.flush()
        draft.made_by = signature(draft)
        return open_change(draft, None, trigger, reason)


def _code(unit: OrgUnit, wanted: str) -> str:
    number = 1
    while next_number(unit, code := wanted if number == 1 else f"{wanted}-{number}") > 1:
        number += 1
    return code[:64]


def open_change(
    draft: GovernanceList,
    base: GovernanceList | None,
    trigger: str = Trigger.PRACTICE,
    reason: str = "",
    sources: Sequence[str] = (),
) -> ListChange:
    """The procedure of a draft begun; the caller holds the right and the transaction.

    Errors: reason_required, change.unknown_trigger.
    """
    if trigger not in set(Trigger):
        raise broken("change.unknown_trigger", "trigger")
    if not reason.strip():
        raise broken("reason_required", "reason")
    change = ListChange(
        unit=draft.unit,
        draft=draft,
        base=base,
        trigger=str(trigger),
        reason=reason.strip()[:1000],
        sources=[str(source)[:60] for source in sources][:20],
    )
    db.session.add(change)
    db.session.flush()
    change.proposed_by = signature(change)
    db.session.flush()
    return change


def _require_none_running(base: GovernanceList) -> None:
    if running_change(base) is not None:
        raise broken("change.already_running", "list", list=base.name)


def end_running(base: GovernanceList, reason: str) -> None:
    """Any change of the list on its way withdrawn, because another takes its place; the caller holds the transaction."""
    running = running_change(base)
    if running is not None:
        withdraw(running, reason)
