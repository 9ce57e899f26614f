"""Reading schemes, and turning a stored scheme into the one the rules work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.domain import scoring
from app.domain.errors import Problem, broken
from app.domain.rights import Resource
from app.features.assessment.models import Scheme, SchemeAspect, SchemeDeduction, SchemeItem
from app.features.assessment.reckoning import domain_scheme, standards_of
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db


@dataclass(frozen=True)
class SchemeParts:
    """The aspects, items and deduction items of a scheme, in order."""

    aspects: tuple[SchemeAspect, ...]
    items: tuple[SchemeItem, ...]
    deductions: tuple[SchemeDeduction, ...]

    @property
    def by_code(self) -> dict[str, SchemeItem]:
        """The items by code."""
        return {item.code: item for item in self.items}

    @property
    def deduction_by_code(self) -> dict[str, SchemeDeduction]:
        """The deduction items by code."""
        return {item.code: item for item in self.deductions}


def parts_of(scheme: Scheme) -> SchemeParts:
    """The parts of a scheme the actor has come by rightly: his own to see, or that of a round he works on."""
    with access.everything("the parts of a scheme already found"):
        return SchemeParts(
            *(
                tuple(
                    db.session.scalars(
                        select(model).where(model.scheme_id == scheme.id).order_by(model.sort_order, model.id)
                    )
                )
                for model in (SchemeAspect, SchemeItem, SchemeDeduction)
            )
        )


def to_domain(scheme: Scheme) -> scoring.Scheme:
    """A stored scheme as the rules know it."""
    parts = parts_of(scheme)
    return domain_scheme(scheme, parts.aspects, parts.items, parts.deductions)


def schemes_at(unit: OrgUnit, subject: str | None = None) -> Sequence[Scheme]:
    """Current schemes that hold at a unit: its own and those of the units above, the nearest first."""
    above = list(unit.ancestors().values())
    statement = select(Scheme).where(Scheme.unit_id.in_(above), Scheme.is_current.is_(True))
    if subject:
        statement = statement.where(Scheme.subject == subject)
    with access.everything("a scheme above holds below"):
        rows = db.session.scalars(statement.order_by(Scheme.code)).all()
    return sorted(rows, key=lambda row: -above.index(row.unit_id))


def scheme_by_name(text: str, unit: OrgUnit | None = None) -> Scheme:
    """The current scheme of that code or name: the nearest at or above a unit, else the only one within reach.

    Errors: assessment.unknown_scheme.
    """
    if unit is not None:
        found = [scheme for scheme in schemes_at(unit) if text in (scheme.code, scheme.name)]
    else:
        named = select(Scheme).where(or_(Scheme.code == text, Scheme.name == text), Scheme.is_current.is_(True))
        found = list(db.session.scalars(access.visible(named, Scheme).order_by(Scheme.id)))
    if not found:
        raise broken("assessment.unknown_scheme", "scheme", scheme=text)
    return found[0]


def schemes_that_hold() -> Sequence[Scheme]:
    """Current schemes of the units the actor's posts stand in or under; all within reach for the operator and administrators."""
    above = {unit_id for post in access.actor().posts for unit_id in post.ancestors.values()}
    reach = access.where(Scheme)
    statement = select(Scheme).where(Scheme.is_current.is_(True), or_(Scheme.unit_id.in_(above), reach))
    with access.everything("the assessment list of the own county is open to everybody in it"):
        return db.session.scalars(statement.order_by(Scheme.subject.desc(), Scheme.code, Scheme.id)).all()  # type: ignore[no-any-return]


def scheme_that_holds(scheme_id: int) -> Scheme:
    """One of `schemes_that_hold`, or an earlier version within reach; NotAllowed (hidden) otherwise."""
    for scheme in schemes_that_hold():
        if scheme.id == scheme_id:
            return scheme
    return access.find(Scheme, scheme_id)  # type: ignore[no-any-return]


def scheme_problems(scheme: Scheme) -> tuple[Problem, ...]:
    """What the rules have to say against a scheme as it is stored now."""
    parts = parts_of(scheme)
    rules = domain_scheme(scheme, parts.aspects, parts.items, parts.deductions)
    return tuple(scoring.check_scheme(rules, standards_of(parts.items, parts.deductions)))


def has_list_to_read() -> bool:
    """True for who stands in the tree and may read lists."""
    return access.holds(Resource.LISTS) and (bool(access.actor().posts) or access.actor().is_operator)
