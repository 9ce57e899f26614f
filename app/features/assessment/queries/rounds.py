"""Reading rounds and their sheets as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.domain.errors import Problem, broken
from app.domain.rights import Reach, Resource, Role, Verb
from app.features.assessment.models import AssessmentRound, DeductionEntry, ItemScore, SchemeItem, Sheet
from app.features.assessment.queries.schemes import SchemeParts, parts_of
from app.features.org.models import OrgUnit
from app.features.org.queries import unit_by_code
from app.kit import access, roles
from app.kit.db import db


def rounds_in_reach() -> Sequence[AssessmentRound]:
    """Rounds the actor may see, the newest period first; those of units above only once something is published."""
    statement = access.visible(select(AssessmentRound), AssessmentRound).options(joinedload(AssessmentRound.unit))
    rows = db.session.scalars(statement.order_by(AssessmentRound.period.desc(), AssessmentRound.code)).unique().all()
    return [row for row in rows if row.is_published or takes_part(row)]


def takes_part(row: AssessmentRound) -> bool:
    """True for who works on the round: scores, imports, checks or publishes it, or scores some of its sheets from below."""
    who = access.actor()
    if who.is_operator:
        return True
    for verb in (Verb.EDIT, Verb.IMPORT, Verb.APPROVE, Verb.PUBLISH):
        for post, reach in who.grants(Resource.SCORES, verb):
            if reach is Reach.SUBTREE and (row.unit_id in post.ancestors.values() or access.can(verb, row)):
                return True
    return False


def round_by_code(code: str) -> AssessmentRound:
    """The round with this code, within reach; where several owners use it, write UNIT/CODE.

    Errors: assessment.unknown_round, assessment.ambiguous_round.
    """
    owner, _, name = code.rpartition("/")
    statement = access.visible(select(AssessmentRound).where(AssessmentRound.code == (name or code)), AssessmentRound)
    if owner:
        unit = unit_by_code(owner)
        statement = statement.where(AssessmentRound.unit_id == (unit.id if unit else 0))
    found = db.session.scalars(statement).all()
    if len(found) != 1:
        raise broken("assessment.ambiguous_round" if found else "assessment.unknown_round", "round", round=code)
    return found[0]  # type: ignore[no-any-return]


def rounds_of_period(period: str, unit: OrgUnit | None = None) -> Sequence[AssessmentRound]:
    """The rounds of a period that a unit takes part in: its own, and those of the units above and below it."""
    statement = access.visible(select(AssessmentRound).where(AssessmentRound.period == period), AssessmentRound)
    if unit is not None:
        above = list(unit.ancestors().values())
        below = getattr(AssessmentRound, f"{unit.level}_id") == unit.id
        statement = statement.where(AssessmentRound.unit_id.in_(above) | below)
    return db.session.scalars(statement.order_by(AssessmentRound.code)).all()  # type: ignore[no-any-return]


def sheets_of(round_: AssessmentRound, verb: Verb = Verb.VIEW) -> Sequence[Sheet]:
    """The sheets of a round to which the actor may do `verb`, in the order of the tree, with their units."""
    statement = access.visible(select(Sheet).where(Sheet.round_id == round_.id), Sheet, verb)
    statement = statement.join(Sheet.unit).options(joinedload(Sheet.unit), joinedload(Sheet.round))
    with access.everything("limited to the verb asked for; who may edit need not see every sheet"):
        return db.session.scalars(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).unique().all()  # type: ignore[no-any-return]


def versions_of_sheets(round_: AssessmentRound) -> list[int]:
    """How many sheets a round has and how often they were written: another answer when one of them was touched."""
    with access.everything("a round is checked and published as a whole"):
        counted = select(func.count(), func.coalesce(func.sum(Sheet.version), 0)).where(Sheet.round_id == round_.id)
        return [int(number) for number in db.session.execute(counted).one()]


def township_names(sheets: Iterable[Sheet]) -> dict[int, str]:
    """Names of the townships of sheets, by id."""
    ids = {sheet.township_id for sheet in sheets if sheet.township_id}
    with access.everything("the names above units within reach"):
        return dict(db.session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids))).tuples().all())


@dataclass
class Filled:
    """What stands on one sheet: scores by item code, and deduction entries in the order they were made."""

    scores: dict[str, ItemScore] = field(default_factory=dict)
    entries: list[DeductionEntry] = field(default_factory=list)


def filled(sheets: Iterable[Sheet]) -> dict[int, Filled]:
    """What stands on sheets the actor has found before, by sheet id: two statements, however many sheets."""
    ids = [sheet.id for sheet in sheets]
    found = {sheet_id: Filled() for sheet_id in ids}
    with access.everything("the lines of sheets already found"):
        for score in db.session.scalars(select(ItemScore).where(ItemScore.sheet_id.in_(ids))):
            found[score.sheet_id].scores[score.item_code] = score
        entries = select(DeductionEntry).where(DeductionEntry.sheet_id.in_(ids)).order_by(DeductionEntry.id)
        for entry in db.session.scalars(entries):
            found[entry.sheet_id].entries.append(entry)
    return found


def missing(round_: AssessmentRound) -> tuple[Problem, ...]:
    """What keeps a round from being checked: empty cells and missing reasons, by village.

    Shape: where is `unit code/item code`. A village without any score is not listed: it is not ranked (see `unscored`).
    """
    parts = parts_of(round_.scheme)
    with access.everything("what is missing is told for the whole round"):
        sheets = [sheet for sheet in sheets_of(round_) if not sheet.excluded_reason]
        lines = filled(sheets)
    return tuple(problem for sheet in sheets for problem in _gaps(sheet, lines[sheet.id], parts))


def _gaps(sheet: Sheet, lines: Filled, parts: SchemeParts) -> list[Problem]:
    if not lines.scores:
        return []
    return [problem for item in parts.items if (problem := _gap(sheet, item, lines.scores.get(item.code)))]


def _gap(sheet: Sheet, item: SchemeItem, score: ItemScore | None) -> Problem | None:
    params = {"village": sheet.unit.name, "item": f"{item.code} {item.name}"}
    where = f"{sheet.unit.code}/{item.code}"
    if score is None:
        return Problem("assessment.not_scored", where, params)
    if lacks_reason(item, score):
        return Problem("assessment.reason_missing", where, params)
    return None


def lacks_reason(item: SchemeItem, score: ItemScore) -> bool:
    """True for a manual item below full marks without a reason; a score taken from a workbook has its sheet as evidence."""
    if item.calc != "manual" or score.is_not_applicable or score.reason or score.fact.get("from"):
        return False
    return score.points is not None and score.points < item.maximum


def unscored(round_: AssessmentRound) -> tuple[Sheet, ...]:
    """Sheets without any score and not excluded: they will not be ranked."""
    with access.everything("what is missing is told for the whole round"):
        return tuple(s for s in sheets_of(round_) if s.status == "not_scored" and not s.excluded_reason)


def progress(rounds: Iterable[AssessmentRound]) -> dict[int, tuple[int, int]]:
    """(complete or excluded, all) sheets by round id, counted over the whole round."""
    ids = [row.id for row in rounds]
    done = Sheet.status.in_(("scored", "not_assessable", "excluded"))
    statement = select(Sheet.round_id, func.count().filter(done), func.count()).where(Sheet.round_id.in_(ids))
    with access.everything("counts of rounds already found"):
        rows = db.session.execute(statement.group_by(Sheet.round_id)).tuples().all()
    return {round_id: (complete, every) for round_id, complete, every in rows}


def records_only_its_items(sheet: Sheet, who: access.Actor | None = None) -> bool:
    """True when the right to write on a sheet comes from the village supervision committee alone."""
    who = who or access.actor()
    others = tuple(post for post in who.posts if roles.base_of(post.role) is not Role.SUPERVISION_COMMITTEE)
    if who.is_operator or len(others) == len(who.posts):
        return False
    return not access.can(Verb.EDIT, sheet, replace(who, posts=others))
