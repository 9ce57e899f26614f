"""Reading award batches and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import joinedload

from app.domain.rights import Reach, Resource, Verb
from app.features.assessment.queries import round_by_code
from app.features.bonus.models import BonusBatch, PayLine
from app.features.org.models import OrgUnit
from app.features.ranking.models import RankingRun
from app.kit import access
from app.kit.db import db
from app.kit.two_persons import own_side

SETTLED = ("approved", "exported", "paid")


def sees_pay_of_others() -> bool:
    """True when some post of the actor reaches further than his own pay."""
    who = access.actor()
    return who.is_operator or any(reach is not Reach.OWN for _, reach in who.grants(Resource.PAY, Verb.VIEW))


def _in_reach() -> Select[tuple[BonusBatch]]:
    """Batches the actor may see as a whole, and those in which he may see lines: a township in a batch of its county."""
    whole = access.where(BonusBatch)
    if not sees_pay_of_others():
        return select(BonusBatch).where(whole)
    with_lines = select(PayLine.batch_id).where(access.where(PayLine))
    return select(BonusBatch).where(or_(whole, BonusBatch.id.in_(with_lines)))


def batches_in_reach() -> Sequence[BonusBatch]:
    """Batches of which the actor may see all or some lines, newest first."""
    statement = _in_reach().options(joinedload(BonusBatch.ranking_run)).order_by(BonusBatch.id.desc())
    with access.everything("limited by the condition of _in_reach"):
        return db.session.scalars(statement).unique().all()


def find_batch(batch_id: int) -> BonusBatch:
    """The batch with this id, if the actor may see all or some of its lines.

    Errors: NotAllowed (hidden).
    """
    with access.everything("limited by the condition of _in_reach"):
        statement = _in_reach().where(BonusBatch.id == batch_id).options(joinedload(BonusBatch.ranking_run))
        batch = db.session.scalars(statement).unique().one_or_none()
    if batch is None:
        raise access.NotAllowed(Resource.PAY, Verb.VIEW, hidden=True)
    return batch


def find_line(line_id: int) -> PayLine:
    """The pay line with this id within reach; of one's own only once the batch is approved.

    Errors: NotAllowed (hidden).
    """
    line: PayLine = access.find(PayLine, line_id, Verb.VIEW)
    with access.everything("the batch of a line already found"):
        settled = line.batch.state in SETTLED
    if not settled and not sees_pay_of_others():
        raise access.NotAllowed(Resource.PAY, Verb.VIEW, hidden=True)
    return line


def batches_of_run(run: RankingRun) -> Sequence[BonusBatch]:
    """The batches of a ranking run, newest first."""
    statement = access.visible(select(BonusBatch), BonusBatch).where(BonusBatch.ranking_run_id == run.id)
    return db.session.scalars(statement.order_by(BonusBatch.number.desc())).all()


def latest_batch(round_code: str | None, year: int, unit: OrgUnit | None = None) -> BonusBatch | None:
    """The newest batch of a round by its code, else the newest of a year at or above a unit; a settled one goes first.

    Errors: assessment.unknown_round, assessment.ambiguous_round.
    """
    statement = select(BonusBatch).join(BonusBatch.ranking_run)
    if round_code:
        statement = statement.where(RankingRun.round_id == round_by_code(round_code).id)
    else:
        statement = statement.where(BonusBatch.year == year)
        if unit is not None:
            statement = statement.where(BonusBatch.unit_id.in_(list(unit.ancestors().values())))
    with access.everything("the lines of the batch are limited to the actor's reach"):
        found = db.session.scalars(statement.order_by(BonusBatch.id.desc())).all()
    return next((batch for batch in found if batch.state in SETTLED), found[0] if found else None)


def lines_of(batch: BonusBatch, unit: OrgUnit | None = None, verb: Verb = Verb.VIEW) -> Sequence[PayLine]:
    """The pay lines of a batch within reach, by village in the order of the tree and then as the pay roll has them."""
    statement = access.visible(select(PayLine).where(PayLine.batch_id == batch.id), PayLine, verb)
    if unit is not None:
        statement = statement.where(getattr(PayLine, f"{unit.level}_id") == unit.id)
    statement = (
        statement.join(PayLine.unit)
        .options(joinedload(PayLine.person), joinedload(PayLine.unit), joinedload(PayLine.employment))
        .order_by(OrgUnit.sort_order, OrgUnit.code, PayLine.employment_id)
    )
    with access.everything("limited to the lines to which the actor may do the verb"):
        return db.session.scalars(statement).unique().all()


def common_unit_name(lines: Sequence[PayLine]) -> str:
    """The name of the township (or county) that all lines stand in; "" when there is no such one."""
    for level in ("township_id", "county_id"):
        ids = {getattr(line, level) for line in lines}
        if len(ids) == 1 and None not in ids:
            with access.everything("the name above lines within reach"):
                unit = db.session.get(OrgUnit, ids.pop())
            return unit.name if unit else ""
    return ""


def lines_by_person(batch: BonusBatch) -> dict[int, PayLine]:
    """The lines of a batch by person id, whoever asks; the caller limits what he does with them."""
    with access.everything("lines are matched with the rows of a file"):
        return {
            line.person_id: line for line in db.session.scalars(select(PayLine).where(PayLine.batch_id == batch.id))
        }


def own_lines_in(batch: BonusBatch) -> list[PayLine]:
    """The lines of a batch that pay the actor himself, or somebody he stands in for."""
    persons = [one for one in own_side() if isinstance(one, int)]
    statement = select(PayLine).where(PayLine.batch_id == batch.id, PayLine.person_id.in_(persons))
    with access.everything("one's own pay"):
        return list(db.session.scalars(statement.options(joinedload(PayLine.person))).unique())


def settled_batch_before(run: RankingRun, year: int) -> BonusBatch | None:
    """The batch that was approved last for the same round and year: what a new batch corrects."""
    statement = (
        select(BonusBatch)
        .join(BonusBatch.ranking_run)
        .where(RankingRun.round_id == run.round_id, BonusBatch.year == year, BonusBatch.state.in_(SETTLED))
        .order_by(BonusBatch.id.desc())
    )
    with access.everything("the batch a new one corrects"):
        return db.session.scalars(statement.limit(1)).first()


def has_own_lines() -> bool:
    """True when an approved batch has a line of the actor: what every page can afford to ask."""
    person_id = access.actor().person_id
    if person_id is None:
        return False
    with access.everything("one's own award, once it is approved"):
        return db.session.scalar(_own_line(), {"person": person_id}) is not None


@lru_cache(maxsize=1)
def _own_line() -> Select[tuple[int]]:
    mine = select(PayLine.id).join(PayLine.batch).where(PayLine.person_id == bindparam("person"))
    return mine.where(BonusBatch.state.in_(SETTLED)).limit(1)


def own_lines() -> Sequence[PayLine]:
    """The actor's own lines in approved batches, newest first."""
    person_id = access.actor().person_id
    if person_id is None:
        return []
    statement = (
        select(PayLine)
        .join(PayLine.batch)
        .where(PayLine.person_id == person_id, BonusBatch.state.in_(SETTLED))
        .options(joinedload(PayLine.batch), joinedload(PayLine.person), joinedload(PayLine.unit))
        .order_by(PayLine.batch_id.desc())
    )
    with access.everything("one's own award, once it is approved"):
        return db.session.scalars(statement).unique().all()
