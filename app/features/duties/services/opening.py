"""Opening a period gives every post its duties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.periods import Period, PeriodState
from app.domain.rights import Resource, Role, Verb
from app.domain.transitions import DutyState, Kind, initial_state
from app.features.duties.models import Duty, DutyPeriod, DutyTemplate
from app.features.duties.queries.periods import closed_rows, townships_of, townships_where
from app.features.duties.services.pack import has_templates, load_duty_pack
from app.features.forms.models import FormVersion
from app.features.forms.queries import current_forms
from app.features.org.models import OrgUnit
from app.features.people.models import Post
from app.kit import access, clock, roles
from app.kit.audit import acting
from app.kit.db import LEVELS, db, transaction
from app.kit.signing import kept_name


@dataclass(frozen=True)
class OpenedPeriod:
    """What opening a period did: in how many townships, how many duties are new, how many changed hands, how many there are."""

    period: str
    townships: int
    created: int
    reassigned: int
    total: int


def open_period(period: str, *, units: Sequence[Any] | None = None) -> OpenedPeriod:
    """The duties of every post in force in a period, each once: run again, it catches up with new posts.

    Shape:  `units` None means every township the actor may open; other units stand for their townships. A duty not yet
            handed in passes to whoever holds the post last in the period; who stands in for him has it by the dates
            of his acting post (see queries/holding.py).
    Errors: period.*, duties.no_township, duties.period_closed (reopen it first); NotAllowed without the right to publish.
    """
    parsed = Period.parse(period)
    townships = townships_for(units)
    with transaction(), acting("duties.open"):
        rows = [_period_row(str(parsed), township) for township in townships]
        for row in rows:
            access.require(Verb.PUBLISH, row)
            if row.state == PeriodState.CLOSED:
                raise closed(row)
        with access.everything("the posts of the townships whose period is opened"):
            created, reassigned, total = _give_duties(parsed, townships)
    return OpenedPeriod(str(parsed), len(townships), created, reassigned, total)


def closed(row: DutyPeriod) -> Exception:
    """The refusal for a period that is locked, with who locked it and when."""
    when = row.closed_at.astimezone(clock.SHANGHAI).date().isoformat() if row.closed_at else ""
    return broken("duties.period_closed", "period", period=row.period, by=row.closed_by or "", on=when)


def in_closed_months(rows: Sequence[Any]) -> Iterator[tuple[Any, Problem]]:
    """Those of the rows (each with its township and period) whose period is locked, with the refusal of each."""
    found = closed_rows({(row.township_id, row.period) for row in rows}, lock=True)
    for row in rows:
        if period := found.get((row.township_id, row.period)):
            yield row, closed(period).problems[0]  # type: ignore[attr-defined]


def locked_places(places: Sequence[tuple[Any, str]]) -> RuleBroken | None:
    """The refusal where the month of one of these (unit, period) is locked, for forms; its row is held until the end."""
    row = next(iter(closed_rows({(unit.township_id, period) for unit, period in places}, lock=True).values()), None)
    return None if row is None else closed(row)  # type: ignore[return-value]


def townships_for(units: Sequence[Any] | None) -> list[Any]:
    """The townships of these units at which the actor may open and lock periods; without units all of his.

    Errors: duties.no_township; NotAllowed.
    """
    if units is None:
        found = townships_where(Verb.PUBLISH)
    else:
        for unit in units:
            access.require_at(Verb.PUBLISH, Resource.DUTIES, unit)
        found = list(dict.fromkeys(township for unit in units for township in townships_of(unit)))
    if not found:
        raise broken("duties.no_township", "unit")
    return found


def _period_row(period: str, township: Any) -> DutyPeriod:
    statement = select(DutyPeriod).where(DutyPeriod.unit_id == township.id, DutyPeriod.period == period)
    row = db.session.scalar(statement.with_for_update())
    if row is None:
        row = DutyPeriod(unit=township, period=period, state=initial_state(Kind.PERIOD))
        db.session.add(row)
        db.session.flush()  # a new row knows its place only then
        row.opened_by = kept_name(row, Verb.PUBLISH)
    return row


# -- the duties of a period ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claim:
    """A duty that is due: which template and form, of which post or unit, and who holds it."""

    template: DutyTemplate
    form: FormVersion
    subject: str
    post: Any

    @property
    def key(self) -> tuple[int, str]:
        return self.template.id, self.subject


def _give_duties(period: Period, townships: Sequence[OrgUnit]) -> tuple[int, int, int]:
    units = _units_below(townships)  # kept alive, so that each duty finds its ancestors without a query
    claims = {claim.key: claim for township in townships for claim in _claims(period, township, units)}
    standing = {
        (row.template_id, row.subject): row
        for row in db.session.execute(
            select(Duty.id, Duty.template_id, Duty.subject, Duty.person_id, Duty.post_id, Duty.state).where(
                Duty.period == str(period), Duty.township_id.in_([township.id for township in townships])
            )
        )
    }
    new = [_duty(claim, period) for key, claim in claims.items() if key not in standing]
    db.session.add_all(new)
    moved = {
        row.id: claims[key]
        for key, row in standing.items()
        if key in claims and row.state in _UNSENT and row.post_id != claims[key].post.id
    }
    _hand_over(moved)
    return len(new), len(moved), len(standing) + len(new)


_UNSENT = (DutyState.OPEN, DutyState.DRAFT, DutyState.RETURNED)


def _units_below(townships: Sequence[OrgUnit]) -> dict[int, OrgUnit]:
    statement = select(OrgUnit).where(OrgUnit.township_id.in_([township.id for township in townships]))
    return {unit.id: unit for unit in db.session.scalars(statement.order_by(OrgUnit.id))}


def _claims(period: Period, township: OrgUnit, units: dict[int, OrgUnit]) -> Iterable[_Claim]:
    templates = _templates(period, township)
    forms = current_forms(township, {template.form_code for template in templates})
    holders = list(_posts_in_force(period, township, {roles.base_of(template.role) for template in templates}))
    for template in templates:
        form = forms.get(template.form_code)
        if form is None:
            raise broken("duties.no_form", "form", form=template.form_code)
        for subject, post in _subjects(template, holders).items():
            if post.unit_id in units:
                yield _Claim(template, form, subject, post)


def _templates(period: Period, township: OrgUnit) -> list[DutyTemplate]:
    """The templates that hold at a township; of two with the same code the nearer one."""
    if not has_templates(township):
        with access.acting_as(access.OPERATOR):  # reference data of the installation, whoever opens the first period
            load_duty_pack(_top(township))
    return _nearest(period, [township])[township.id]


def _nearest(period: Period, townships: Sequence[OrgUnit]) -> dict[int, list[DutyTemplate]]:
    """By township, the templates that hold there, with one statement for all."""
    above = {township.id: township.ancestors() for township in townships}
    owners = {unit_id for places in above.values() for unit_id in places.values()}
    statement = select(DutyTemplate).where(
        DutyTemplate.unit_id.in_(owners), DutyTemplate.cycle == period.kind, DutyTemplate.is_active.is_(True)
    )
    rows = db.session.scalars(statement).all()
    return {unit_id: _nearest_of(rows, places) for unit_id, places in above.items()}


def _nearest_of(rows: Sequence[DutyTemplate], above: Mapping[str, int]) -> list[DutyTemplate]:
    depth = {above[level]: place for place, level in enumerate(LEVELS) if level in above}
    holding = [row for row in rows if row.unit_id in depth]
    holding.sort(key=lambda row: (depth[row.unit_id], row.sort_order, row.id))
    return sorted({row.code: row for row in holding}.values(), key=lambda row: (row.sort_order, row.id))


def _top(township: OrgUnit) -> OrgUnit:
    above = township.ancestors()
    return db.session.get_one(OrgUnit, next(above[level] for level in LEVELS if level in above))


def _posts_in_force(period: Period, township: OrgUnit, wanted: Iterable[Role]) -> Iterable[Any]:
    """The posts of these roles in force on some day of the period, the one that holds last coming last."""
    columns = (Post.id, Post.person_id, Post.role, Post.unit_id, Post.from_on)
    statement = select(*columns).where(
        Post.township_id == township.id,
        Post.role.in_(roles.codes_of(*wanted)),
        Post.acting_for_id.is_(None),  # a duty stays with the post; whoever stands in has it as long as he does
        or_(Post.from_on.is_(None), Post.from_on < period.end),
        or_(Post.to_on.is_(None), Post.to_on >= period.start),
    )
    return sorted(db.session.execute(statement), key=lambda post: (str(post.from_on or ""), post.id))


def _subjects(template: DutyTemplate, holders: Sequence[Any]) -> dict[str, Any]:
    """Whose the duties of a template are: subject -> the post that holds it last."""
    mine = (post for post in holders if roles.base_of(post.role) is roles.base_of(template.role))
    if template.per == "unit":
        return {f"unit:{post.unit_id}": post for post in mine}
    return {f"post:{post.id}": post for post in mine}


def _duty(claim: _Claim, period: Period) -> Duty:
    return Duty(
        template_id=claim.template.id,
        form_version_id=claim.form.id,
        period=str(period),
        subject=claim.subject,
        unit_id=claim.post.unit_id,
        post_id=claim.post.id,
        person_id=claim.post.person_id,
        state=initial_state(Kind.DUTY),
        due_on=period.due_on(claim.template.due_day),
    )


def _hand_over(moved: dict[int, _Claim]) -> None:
    for duty in db.session.scalars(select(Duty).where(Duty.id.in_(list(moved)))) if moved else ():
        duty.post_id, duty.person_id = moved[duty.id].post.id, moved[duty.id].post.person_id


def record_values(template: DutyTemplate, form_id: int, period: Period) -> dict[str, Any]:
    """The duty of a unit in a period that was never opened, by column: for records that arrive by workbook.

    Shape:  what is the same for all units of a township; `record_place` says the rest.
    """
    return {
        "template_id": template.id,
        "form_version_id": form_id,
        "period": str(period),
        "state": initial_state(Kind.DUTY),
        "due_on": period.due_on(template.due_day),
    }


_ABOVE = tuple(f"{level}_id" for level in LEVELS)


def record_place(unit: Any) -> dict[str, Any]:
    """Where such a duty stands, by column: `unit` has the id of the unit and of its ancestors."""
    return {"subject": f"unit:{unit.id}", "unit_id": unit.id, **{name: getattr(unit, name) for name in _ABOVE}}


def record_templates(form_code: str, townships: Sequence[OrgUnit], period: Period) -> dict[int, DutyTemplate]:
    """By township, the template per unit that asks for a form; townships without one are left out."""
    with access.everything("templates hold for everybody below their owner"):
        found = _nearest(period, townships)
        bare = [township for township in townships if not found[township.id]]
        found |= {township.id: _templates(period, township) for township in bare}
    asked = {
        unit_id: [row for row in rows if row.form_code == form_code and row.per == "unit"]
        for unit_id, rows in found.items()
    }
    return {unit_id: rows[0] for unit_id, rows in asked.items() if rows}


__all__ = [
    "OpenedPeriod",
    "closed",
    "open_period",
    "record_place",
    "record_templates",
    "record_values",
    "townships_for",
]
