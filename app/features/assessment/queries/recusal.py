"""Recusal (回避): nobody scores a village in which he holds a post himself, at it or below it, or is employed."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.errors import Problem
from app.features.assessment.models import Sheet
from app.features.people.queries import ties_of
from app.kit import access


def own_villages(who: access.Actor | None = None) -> Mapping[int, str]:
    """By village id, what ties the actor to it, in words; empty for the operator."""
    who = who or access.actor()
    return {} if who.person_id is None else ties_of(who.person_id)


def recused(sheet: Sheet, own: Mapping[int, str] | None = None) -> Problem | None:
    """Why the actor may not score this sheet: assessment.own_village with the post he holds; None when he may.

    Shape:  `own` are his villages where many sheets are asked (see `own_villages`).
    """
    post = (own_villages() if own is None else own).get(sheet.village_id or 0)
    params = {"village": sheet.unit.name, "post": post}
    return Problem("assessment.own_village", str(sheet.unit_id), params) if post else None
