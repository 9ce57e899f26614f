"""Ratings of departments by villages: who rates where, and the results, which never point to one village.

Results of a half-year are read when it is over, and only of departments that enough villages have rated: while it runs, a
figure that moves by one rating would tell whose it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select

from app.domain.formspec import FieldType, FormSpec
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormRecord
from app.features.forms.queries import spec_of
from app.features.forms.queries.filling import HANDED_IN, version_in_use
from app.features.forms.queries.versions import nearest_form
from app.features.org.models import Department, OrgUnit
from app.kit import access, clock
from app.kit.db import db
from app.kit.i18n import language

STARS, WORDS = "stars", "words"
RATED_LEVELS = ("county", "township")
_TENTH = Decimal("0.1")


def running_period() -> str:
    """The half-year that runs: the one that may be rated."""
    return str(Period.containing(clock.today(), PeriodKind.HALF_YEAR))


def key_of(department: Department, unit: Any, period: str) -> str:
    """What there is one rating of."""
    return f"department:{department.id}:{unit.id}:{period}"


def review_form(unit: Any) -> Form | None:
    """The form on which departments are rated at a unit: that of the nearest unit up the tree."""
    return nearest_form(unit, Form.purpose == "review", Form.state == "active")


def rating_units() -> list[OrgUnit]:
    """The units for which the actor rates: those of his own posts in villages, where he hands in records."""
    ids = {post.unit_id for post in access.actor().posts if post.ancestors.get("village")}
    with access.everything("the units of one's own posts"):
        units = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids)).order_by(OrgUnit.code)).all()
        forms = {unit.id: review_form(unit) for unit in units}
    return [unit for unit in units if _asks(forms[unit.id], unit)]


def _asks(form: Form | None, unit: OrgUnit) -> bool:
    if form is None:
        return access.can_at(Verb.SUBMIT, Resource.RECORDS, unit) and unit.level == "total_grid"
    roles = set(form.fill_roles or ())
    mine = any(post.unit_id == unit.id and (not roles or post.role in roles) for post in access.actor().posts)
    return mine and access.can_at(Verb.SUBMIT, Resource.RECORDS, unit)


def departments_above(unit: Any) -> list[Department]:
    """The departments of the county and the township above a unit, the county's first."""
    above = unit.ancestors()
    ids = [above[level] for level in RATED_LEVELS if level in above]
    statement = select(Department).where(Department.unit_id.in_(ids), Department.is_active.is_(True))
    with access.everything("the departments above are no secret"):
        rows = db.session.scalars(statement.order_by(Department.sort_order, Department.code)).all()
    return sorted(rows, key=lambda row: ids.index(row.unit_id))


def ratings_of(unit: Any, period: str) -> dict[int, FormRecord]:
    """What a unit has said of each department in a period, by department, within the reader's reach."""
    statement = select(FormRecord).where(
        FormRecord.unit_id == unit.id, FormRecord.period == period, FormRecord.single.like("department:%")
    )
    rows = db.session.scalars(access.visible(statement, FormRecord)).all()
    return {_department_of(row.single): row for row in rows}


def _department_of(single: str | None) -> int:
    return int((single or "department:0").split(":")[1])


@dataclass(frozen=True)
class Told:
    """How often each answer of a question was given."""

    question: str
    answers: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Result:
    """What villages said of a department in a period; only how many, where too few did."""

    department: Department
    raters: int
    average: Decimal | None = None
    told: Sequence[Told] = ()
    words: Sequence[str] = ()

    @property
    def is_shown(self) -> bool:
        """True when enough villages have rated."""
        return self.average is not None


def reading_units() -> list[OrgUnit]:
    """The counties and townships whose results the actor reads, the county first."""
    ids = {
        unit_id
        for post in access.actor().posts
        if post.level in ("prefecture", *RATED_LEVELS)
        for level, unit_id in post.ancestors.items()
        if level in RATED_LEVELS
    }
    reach = access.visible(select(OrgUnit.id), OrgUnit).where(OrgUnit.level.in_(RATED_LEVELS))
    ids |= {*db.session.scalars(reach)} if access.holds(Resource.RECORDS, Verb.CONFIRM) else set()
    with access.everything("the name of a unit above one's own"):
        units = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids)).order_by(OrgUnit.code)).all()
    return sorted(units, key=lambda unit: RATED_LEVELS.index(unit.level))


def periods_rated(unit: OrgUnit) -> list[str]:
    """The half-years in which departments of a unit were rated, the newest first; the running one always."""
    statement = _records(unit).with_only_columns(FormRecord.period).distinct()
    with access.everything("whether there is anything to read"):
        found = {period for period in db.session.scalars(statement) if period}
    return sorted(found | {running_period()}, reverse=True)


def results(unit: OrgUnit, period: str, fewest: int) -> list[Result]:
    """What villages said of the departments of a unit; of a running half-year only how many have rated.

    Shape: the figures are of all villages below the unit of the department, never of a part of them; the words are sorted,
           so that their order tells nothing.
    """
    statement = _records(unit).where(FormRecord.period == period)
    departments = (
        select(Department).where(Department.unit_id == unit.id).order_by(Department.sort_order, Department.code)
    )
    with access.everything("results are of all villages, whoever reads them"):
        rows = db.session.scalars(statement).all()
        listed = db.session.scalars(departments).all()
        specs = {row.form_version_id: spec_of(row.form_version) for row in rows}
    by_department: dict[int, list[FormRecord]] = {}
    for row in rows:
        by_department.setdefault(_department_of(row.single), []).append(row)
    over = Period.parse(period) < Period.parse(running_period())
    return [
        _result(department, by_department.get(department.id, []), specs, fewest if over else None)
        for department in listed
        if department.is_active or by_department.get(department.id)
    ]


def villages_below(unit: OrgUnit) -> int:
    """How many villages may rate the departments of a unit; where they are too few, results are never shown."""
    statement = select(func.count()).select_from(OrgUnit).where(OrgUnit.level == "village")
    with access.everything("how many villages a unit has is no secret"):
        return db.session.scalar(statement.where(getattr(OrgUnit, f"{unit.level}_id") == unit.id)) or 0


def _records(unit: OrgUnit) -> Any:
    return select(FormRecord).where(
        getattr(FormRecord, f"{unit.level}_id") == unit.id,
        FormRecord.single.like("department:%"),
        FormRecord.state.in_(HANDED_IN),
        FormRecord.is_test.is_(False),
    )


def _result(
    department: Department, rows: Sequence[FormRecord], specs: Mapping[int, FormSpec], fewest: int | None
) -> Result:
    raters = len({row.village_id or row.unit_id for row in rows})
    stars = [Decimal(said) for row in rows if (said := str(row.answers.get(STARS, ""))).isdecimal()]
    if fewest is None or raters < fewest or not stars:
        return Result(department, raters)
    average = (sum(stars, Decimal(0)) / len(stars)).quantize(_TENTH, ROUND_HALF_UP)
    words = sorted(text for row in rows if (text := str(row.answers.get(WORDS) or "").strip()))
    return Result(department, raters, average, _told(rows, specs), words)


def _told(rows: Sequence[FormRecord], specs: Mapping[int, FormSpec]) -> list[Told]:
    """The questions with choices, each with how often an answer was given: those of the newest version."""
    newest = specs[max(row.form_version_id for row in rows)]
    told = []
    for field in newest.fields():
        if field.type not in (FieldType.CHOICE, FieldType.CHOICES):
            continue
        given = Counter(code for row in rows for code in _codes(row.answers.get(field.code)))
        answers = [(choice.label.in_language(language()), given[choice.code]) for choice in field.choices]
        told.append(Told(field.label.in_language(language()), answers))
    return told


def _codes(answer: Any) -> Iterable[str]:
    return map(str, answer) if isinstance(answer, list | tuple) else [str(answer)] if answer else []


def average_by_period(department: Department, unit: OrgUnit, fewest: int) -> list[tuple[str, Decimal, int]]:
    """The average of a department half-year by half-year, with how many villages it is of; only what may be shown."""
    found = []
    for period in reversed(periods_rated(unit)):
        result = next((one for one in results(unit, period, fewest) if one.department.id == department.id), None)
        if result is not None and result.average is not None:
            found.append((period, result.average, result.raters))
    return found


def has_version(form: Form | None) -> bool:
    """True when the form can be filled in."""
    return form is not None and version_in_use(form) is not None
