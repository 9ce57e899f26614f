"""Who fills in which form where: the forms of an actor, the places of a form, and what the portal fills in itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.domain.formspec import FormSpec
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Verb
from app.domain.transitions import RecordState
from app.features.forms.models import Form, FormRecord, FormVersion, MissingCopies
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import access, clock
from app.kit.access import Actor, PostFact
from app.kit.db import db

# Duties and ratings of departments have pages of their own; what one village says of a department nobody reads alone.
OWN_PAGES = ("duty", "review")
HANDED_IN = (RecordState.SUBMITTED.value, RecordState.CONFIRMED.value)


@dataclass(frozen=True)
class FormPlace:
    """A form that concerns the actor: whether he fills it in, his drafts, and what was returned to him."""

    form: Form
    version: FormVersion
    may_fill: bool
    drafts: int = 0
    returned: int = 0
    waiting: int = 0  # handed in, waiting for a confirmation that is the actor's to give

    @property
    def needs_me(self) -> bool:
        """True when something is left to do."""
        return bool(self.drafts or self.returned or self.waiting)


def fillable_forms(actor: Actor | None = None) -> list[FormPlace]:
    """The forms in use that hold where the actor stands or below: those he fills in first, by title.

    Duties and reviews have pages of their own.
    """
    who = actor or access.actor()
    statement = (
        select(Form, FormVersion)
        .join(FormVersion, FormVersion.form_id == Form.id)
        .where(Form.state == "active", Form.purpose.not_in(OWN_PAGES), FormVersion.is_current.is_(True))
    )
    if not who.is_operator:
        above = {unit_id for post in who.posts for unit_id in post.ancestors.values()}
        under = [getattr(Form, f"{post.level}_id") == post.unit_id for post in who.posts]
        statement = statement.where(or_(Form.unit_id.in_(above), *under))
    with access.everything("a form holds for everybody below its owner"):
        rows = db.session.execute(statement.order_by(Form.code, Form.id)).all()
    counts = _counts([form.id for form, _version in rows], who)
    waiting = _waiting([form.id for form, _version in rows if form.needs_review])
    places = []
    for form, version in rows:
        state = counts.get(form.id, {})
        fills = may_fill(form, who)
        places.append(
            FormPlace(form, version, fills, state.get("draft", 0), state.get("returned", 0), waiting.get(form.id, 0))
        )
    return sorted(places, key=lambda place: (not place.may_fill, str(place.form)))


def is_any_in_use() -> bool:
    """True when some form that is no duty's or review's is in use anywhere: what every page can afford to ask."""
    statement = select(Form.id).where(Form.state == "active", Form.purpose.not_in(OWN_PAGES)).limit(1)
    with access.everything("whether there is any form at all"):
        return db.session.scalar(statement) is not None


def may_fill(form: Form, who: Actor) -> bool:
    """True when a post of the actor is asked to fill the form in, at some unit of his; no unit is looked up for it.

    A report is begun where it is owed, not here.
    """
    if form.purpose == "report":
        return False
    if who.is_operator:
        return True
    asked = set(form.fill_roles or ())
    posts = [post for post, _reach in who.grants(Resource.RECORDS, Verb.EDIT) if not asked or post.role in asked]
    return _is_near(form, posts)


def _is_near(form: Form, posts: Sequence[PostFact]) -> bool:
    """True when the owner of the form stands at, above or below the unit of one of the posts."""
    return any(
        form.unit_id in post.ancestors.values() or getattr(form, f"{post.level}_id") == post.unit_id for post in posts
    )


def _counts(form_ids: Sequence[int], who: Actor) -> dict[int, dict[str, int]]:
    mine = {who.person_id, *(post.stands_in_for_id for post in who.posts)} - {None}
    statement = (
        select(FormRecord.form_id, FormRecord.state, func.count())
        .where(
            FormRecord.form_id.in_(form_ids),
            FormRecord.person_id.in_(mine),
            FormRecord.state.in_(("draft", "returned")),
            FormRecord.is_test.is_(False),
        )
        .group_by(FormRecord.form_id, FormRecord.state)
    )
    found: dict[int, dict[str, int]] = {}
    for form_id, state, count in db.session.execute(access.visible(statement, FormRecord)):
        found.setdefault(form_id, {})[state] = count
    return found


def _waiting(form_ids: Sequence[int]) -> dict[int, int]:
    if not form_ids or not access.holds(Resource.RECORDS, Verb.CONFIRM):
        return {}
    statement = (
        select(FormRecord.form_id, func.count())
        .where(FormRecord.form_id.in_(form_ids), FormRecord.state == "submitted", FormRecord.is_test.is_(False))
        .group_by(FormRecord.form_id)
    )
    return dict(db.session.execute(access.visible(statement, FormRecord, Verb.CONFIRM)).tuples().all())


def version_in_use(form: Form) -> FormVersion | None:
    """The published version of a form."""
    with access.everything("a form holds for everybody below its owner"):
        return db.session.scalars(
            select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.is_current.is_(True))
        ).one_or_none()


def version_tried(form: Form) -> FormVersion | None:
    """The version of a form that is being tried, if any."""
    with access.everything("whoever may edit the form tries it"):
        return db.session.scalars(
            select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.state == "testing")
        ).one_or_none()


def form_for(form_id: int) -> Form | None:
    """A form that holds where the actor stands, or is owned below him; None for all others, and for duties and reviews."""
    with access.everything("a form holds for everybody below its owner"):
        form = db.session.get(Form, form_id)
    return form if form is not None and _concerns_me(form) else None


def form_in_use(form_id: int) -> tuple[Form, FormVersion | None, Sequence[str] | None] | None:
    """A form as `form_for` gives it, its published version, and the fields not yet filled in for older records."""
    in_use = and_(FormVersion.form_id == Form.id, FormVersion.is_current.is_(True))
    statement = select(Form, FormVersion, MissingCopies.fields).outerjoin(FormVersion, in_use)
    statement = statement.outerjoin(MissingCopies, MissingCopies.form_id == Form.id).where(Form.id == form_id)
    with access.everything("a form holds for everybody below its owner"):
        found = db.session.execute(statement).tuples().one_or_none()
    return found if found is not None and _concerns_me(found[0]) else None


def _concerns_me(form: Form) -> bool:
    if form.purpose in OWN_PAGES:
        return False
    who = access.actor()
    return who.is_operator or _is_near(form, who.posts)


def record_for(record_id: int, verb: Verb = Verb.VIEW) -> FormRecord:
    """A record the actor may do `verb` to. Errors: NotAllowed (hidden) for all others, and for those of duties and reviews."""
    record: FormRecord = access.find(FormRecord, record_id, verb)
    if record.form.purpose in OWN_PAGES:
        raise access.NotAllowed("form_record", verb, hidden=True)
    return record


def default_period(form: Form) -> str | None:
    """The period in which today lies, of the kind the form asks for; None for a form without periods."""
    return str(Period.containing(clock.today(), PeriodKind(form.cycle))) if form.cycle else None


def single_key(
    form: Form,
    unit: Any,
    person_id: int | None,
    period: str | None,
    *,
    is_test: bool = False,
    issue_id: int | None = None,
) -> str | None:
    """What a record is the only one of: a unit or a person, and a period; a report has one a unit. None where many may be."""
    if issue_id:
        return f"issue:{issue_id}:{unit.id}:{period or ''}"
    if form.per == "many":
        return None
    whose = f"unit:{unit.id}" if form.per == "unit" else f"person:{person_id or 0}"
    return f"{'test:' if is_test else ''}{whose}:{period or ''}"


def record_of(form: Form, single: str) -> FormRecord | None:
    """The record that stands under a single key, within the actor's reach."""
    statement = select(FormRecord).where(FormRecord.form_id == form.id, FormRecord.single == single)
    return db.session.scalars(access.visible(statement, FormRecord)).one_or_none()


def last_answers(form: Form, unit: Any, person_id: int | None) -> Mapping[str, Any]:
    """The answers last handed in for the form at a unit, by the person himself if he handed in any."""
    statement = (
        select(FormRecord.answers)
        .where(
            FormRecord.form_id == form.id,
            FormRecord.unit_id == unit.id,
            FormRecord.state.in_(HANDED_IN),
            FormRecord.is_test.is_(False),
        )
        .order_by((FormRecord.person_id == person_id).desc(), FormRecord.id.desc())
        .limit(1)
    )
    return db.session.scalar(access.visible(statement, FormRecord)) or {}


# -- what the portal knows ---------------------------------------------------------------------------

KNOWN = (
    "unit.name",
    "unit.code",
    "unit.households",
    "village.name",
    "township.name",
    "county.name",
    "person.name",
    "period",
    "today",
)


def known_values(unit: Any, person_id: int | None, period: str | None) -> dict[str, Any]:
    """What the portal knows itself, by its name (see KNOWN); None where it does not."""
    above = unit.ancestors()
    wanted = {above[level] for level in ("village", "township", "county") if level in above}
    with access.everything("the names above a unit, and of whoever fills in"):
        names = dict(db.session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(wanted))).tuples().all())
        person = db.session.scalar(select(Person.name).where(Person.id == person_id)) if person_id else None
    return {
        "unit.name": unit.name,
        "unit.code": unit.code,
        "unit.households": unit.households,
        **{f"{level}.name": names.get(above.get(level, 0)) for level in ("village", "township", "county")},
        "person.name": person,
        "period": period,
        "today": clock.today().isoformat(),
    }


def known_answers(spec: FormSpec, known: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """By field the answers the portal gives itself; a field whose value it does not know is left to be typed.

    `before` are the answers that stand already: the day on which a record was begun stays.
    """
    stays = {field.code for field in spec.fields() if field.known == "today" and (before or {}).get(field.code)}
    found = {field.code: known.get(field.known) for field in spec.fields() if field.known}
    kept = {code: before[code] for code in stays} if before else {}
    return {code: value for code, value in found.items() if value is not None} | kept
