"""The duties every installation starts from: the monthly tasks of the Caojing pack and their forms."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.formspec import parse_spec
from app.domain.rights import Resource, Verb
from app.features.duties.models import DutyTemplate
from app.features.forms.services import publish_form
from app.features.org.queries import units_at
from app.kit import access, seed
from app.kit.audit import acting
from app.kit.db import db, transaction


@functools.cache
def monthly_tasks() -> Mapping[str, Any]:
    """The monthly tasks of the pack: templates and forms."""
    tasks: Mapping[str, Any] = seed.read("packs/caojing.yaml")["monthly_tasks"]
    return tasks


def load_missing_packs() -> None:
    """Give every tree that has no duties yet the pack at its top: each prefecture, and each county that has none above."""
    tops = [*units_at("prefecture"), *(county for county in units_at("county") if county.prefecture_id is None)]
    for top in tops:
        load_duty_pack(top)


def load_duty_pack(top: Any) -> int:
    """Forms and duty templates of the pack at a unit, for all below it; how many templates are new.

    Shape:  nothing is changed where the unit, or one above it, has duty templates already.
    Errors: NotAllowed without the right to edit forms at the unit.
    """
    access.require_at(Verb.EDIT, Resource.FORMS, top)
    if has_templates(top):
        return 0
    tasks = monthly_tasks()
    with transaction() as session, acting("duties.load_pack"):
        for form in tasks["forms"]:
            publish_form(parse_spec(form), top, settings={"purpose": "duty"})
        templates = _templates(tasks["templates"], tasks["due_day_next_month"], top)
        session.add_all(templates)
    return len(templates)


def has_templates(unit: Any) -> bool:
    """True when a unit has duty templates of its own or of one above it."""
    with access.everything("templates hold for everybody below their owner"):
        found = db.session.scalar(
            select(DutyTemplate.id).where(DutyTemplate.unit_id.in_(unit.ancestors().values())).limit(1)
        )
    return found is not None


def _templates(entries: Sequence[Mapping[str, Any]], due_day: int, top: Any) -> list[DutyTemplate]:
    """One template per form of a role: the tasks of a sub-grid leader are sections of one record per unit."""
    by_form: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_form.setdefault((entry["role"], entry["form"]), []).append(entry)
    return [_template(tasks, due_day, top, place) for place, tasks in enumerate(by_form.values())]


def _template(tasks: Sequence[Mapping[str, Any]], due_day: int, top: Any, place: int) -> DutyTemplate:
    first, is_record = tasks[0], "section" in tasks[0]
    title = next(form["title"] for form in monthly_tasks()["forms"] if form["code"] == first["form"])
    return DutyTemplate(
        unit=top,
        code=first["code"] if len(tasks) == 1 else f"{first['code']}-{tasks[-1]['code']}",
        role=first["role"],
        title=title if is_record else {key: first[f"name_{key}"] for key in ("zh", "en", "ko")},
        cycle=first["cycle"],
        per="unit" if is_record else "post",
        form_code=first["form"],
        from_items=sorted({item for task in tasks for item in task["responsibilities"]}),
        due_day=due_day,
        sort_order=place,
    )
