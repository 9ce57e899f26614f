"""What happens to a computed batch: approved or sent back, exported, paid; held awards decided."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.domain.bonus import check_approvable
from app.domain.config import from_data
from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, next_state, transition
from app.features.bonus.models import BonusBatch, PayLine
from app.features.bonus.queries import batches as reading
from app.features.bonus.queries.paybook import batch_rows
from app.features.ranking.queries import current_settings
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.excel import ExportMeta
from app.kit.signing import signature
from app.kit.two_persons import require_other

CONFIRMED = ("middle_multiplier", "bottom_multiplier", "bottom_mode")
CENT = Decimal("0.01")


def approve_batch(batch: BonusBatch) -> BonusBatch:
    """The batch as approved: it may be exported and paid, and persons see their own award.

    Whoever is paid out of it himself may approve it, which the page says before and the trail afterwards.
    Errors: bonus.multipliers_unconfirmed, bonus.multipliers_differ (computed with others than those confirmed),
            bonus.same_person, bonus.superseded_ranking, bonus.newer_batch, transition.not_allowed; NotAllowed.
    """
    access.require(Verb.APPROVE, batch)
    state = next_state(Kind.BONUS, batch.state, "approve")
    require_other([batch.run_by], "bonus.same_person", "run_by")
    _multipliers_confirmed(batch)
    if batch.ranking_run.state != "published":
        raise broken("bonus.superseded_ranking", "run")
    with access.everything("a newer batch takes the place of an older one"):
        if reading.batches_of_run(batch.ranking_run)[0].number > batch.number:
            raise broken("bonus.newer_batch", "batch")
    with transaction(), acting("bonus.approve"):
        batch.state, batch.approved_by, batch.approved_at = str(state), signature(batch, Verb.APPROVE), clock.now()
        if own := reading.own_lines_in(batch):
            audit.record("own pay", "bonus_batch", batch.id, {"persons": [line.person.name for line in own]})
    return batch


def _multipliers_confirmed(batch: BonusBatch) -> None:
    """Confirmed at the time of the batch or since: what counts is that the confirmed ones are those it was computed with."""
    now, then = current_settings(batch.unit), from_data(batch.policy)
    problems = check_approvable(now)
    if problems:
        raise RuleBroken(problems)
    if any(now[name] != then[name] for name in CONFIRMED):
        raise RuleBroken(Problem("bonus.multipliers_differ", "batch"))


def return_batch(batch: BonusBatch, reason: str) -> BonusBatch:
    """The batch sent back with a reason: a computed one to be computed anew, an approved one to be approved again.

    Errors: transition.reason_required, transition.not_allowed; NotAllowed without the right to approve.
    """
    access.require(Verb(transition(Kind.BONUS, batch.state, "return").verb), batch)
    with transaction(), acting("bonus.return"):
        batch.state = str(next_state(Kind.BONUS, batch.state, "return", reason=reason))
        batch.reason, batch.approved_by, batch.approved_at = reason.strip()[:400], None, None
    return batch


def exported(batch: BonusBatch, owner: str = "") -> tuple[list[dict[str, Any]], ExportMeta]:
    """The pay lines within reach as rows of the pay workbook, and what the file states; the export is in the trail.

    An approved batch exported as a whole is marked so; one not approved goes out as a draft and stays as it is.
    Errors: NotAllowed without the right to export any line.
    """
    rows = batch_rows(batch)
    whole = access.can(Verb.EXPORT, batch)
    if not whole and not rows:
        raise access.NotAllowed(Resource.PAY, Verb.EXPORT)
    with transaction(), acting("bonus.export"):
        audit.record("export", "bonus_batch", batch.id, {"rows": len(rows), "state": batch.state})
        if whole and batch.state == "approved":
            batch.state = str(next_state(Kind.BONUS, batch.state, "export"))
    return rows, ExportMeta(owner=owner or batch.unit.name, period=str(batch.year), unit="元", org_code=batch.unit.code)


# -- after approval --------------------------------------------------------------------------------


def write_back_paid(batch: BonusBatch, paid: Mapping[tuple[int, int, int], Decimal]) -> int:
    """What was paid, written to the lines of an approved batch; the number of lines changed.

    Shape:  amounts by (person id, village id, which segment of the person in that village, from 0).
    Errors: bonus.not_settled, bonus.paid_negative; NotAllowed without the right to import or edit the line.
    """
    if batch.state not in reading.SETTLED:
        raise broken("bonus.not_settled", "award_paid")
    if any(amount < 0 for amount in paid.values()):
        raise broken("bonus.paid_negative", "award_paid")
    lines = reading.lines_by_person(batch)
    changed = {person_id: lines[person_id] for person_id, _, _ in paid if person_id in lines}
    with transaction(), acting("bonus.write_back_paid"):
        for person_id, line in changed.items():
            if not any(access.can(verb, line) for verb in (Verb.IMPORT, Verb.EDIT)):
                access.require(Verb.IMPORT, line)
            _write_paid(line, {key[1:]: amount for key, amount in paid.items() if key[0] == person_id})
        if batch.state == "exported" and all(_settled(line) for line in lines.values()):
            batch.state = str(next_state(Kind.BONUS, batch.state, "pay"))
    return len(changed)


def _write_paid(line: PayLine, amounts: Mapping[tuple[int, int], Decimal]) -> None:
    seen: dict[int, int] = {}
    segments = []
    for segment in line.segments:
        number = seen.get(segment["village_id"], 0)
        seen[segment["village_id"]] = number + 1
        amount = amounts.get((segment["village_id"], number))
        segments.append(segment if amount is None else {**segment, "paid": str(amount.quantize(CENT))})
    line.segments = segments
    line.paid = sum((Decimal(segment["paid"]) for segment in segments if "paid" in segment), Decimal(0))


def _settled(line: PayLine) -> bool:
    return line.payable_now == 0 or line.paid is not None


def decide_held(line: PayLine, amount: Decimal, reason: str) -> PayLine:
    """A held award decided: paid in full, in part or not at all, with the reason on the line.

    Errors: bonus.not_held, bonus.more_than_award, bonus.paid_negative, bonus.wage_places, reason_required; NotAllowed.
    """
    access.require(Verb.APPROVE, line)
    if line.status != "held" or line.batch.state not in reading.SETTLED:
        raise broken("bonus.not_held", "amount", name=line.person.name)
    if amount < 0:
        raise broken("bonus.paid_negative", "amount")
    if amount > line.award:
        raise broken("bonus.more_than_award", "amount", award=str(line.award))
    if amount != amount.quantize(CENT):
        raise broken("bonus.wage_places", "amount")
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction(), acting("bonus.decide_held"):
        line.payable_now, line.remarks = amount, reason.strip()[:400]
        line.status = "payable" if amount else "none"
    return line
