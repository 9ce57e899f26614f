"""What somebody wrote on a form, and who it is that fills it in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormRecord
from app.features.forms.queries import places
from app.kit import access


@dataclass(frozen=True)
class Entry:
    """What somebody wrote on a form for a unit; `record` is the one it changes, `version` how that one stood on the page.

    Shape: `answers` as typed, as in a cell or as JSON; `single` names what there is only one of, where the form itself
           does not say; `once` by what one is known that must not come twice; `issue_id` the report issue it answers; `is_test` tries the version that is being tested;
           `is_import`: out of a workbook, which whoever may import records there brings in for others.
    """

    form: Form
    unit: Any
    answers: Mapping[str, Any]
    period: str | None = None
    record: FormRecord | None = None
    version: int | None = None
    issue_id: int | None = None
    single: str | None = None
    once: str | None = None
    is_test: bool = False
    is_import: bool = False


def writer_of(entry: Entry, verb: Verb) -> int | None:
    """The person who fills the form in: the actor, or whom he stands in for where only that post lets him.

    Errors: record.retired, record.report_by_page, record.wrong_place, record.not_asked.
    """
    who, form = access.actor(), entry.form
    if form.state != "active":
        raise broken("record.retired", "unit")
    if form.purpose == "report" and entry.issue_id is None and not entry.is_test:
        raise broken("record.report_by_page", "unit")
    posts = [] if who.is_operator else places.writing_posts(form, entry.unit, who, verb)
    if entry.is_test or entry.single:  # whoever tries it, or a department's review, stands at no place of its own
        fit = places.holds_at(form, entry.unit)
    elif entry.is_import and access.can_at(Verb.IMPORT, Resource.RECORDS, entry.unit):
        fit = places.holds_at(form, entry.unit) and entry.unit.level == form.keeper_level
    elif not who.is_operator and not posts:
        raise broken("record.not_asked", "unit")
    else:
        fit = places.fits(form, entry.unit, posts)
    if not fit:
        raise broken("record.wrong_place", "unit")
    acting = [post for post in posts if post.stands_in_for_id is not None]
    return acting[0].stands_in_for_id if acting and len(acting) == len(posts) else who.person_id
