"""One row of a roster against the person and the posts it means."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.errors import Problem
from app.domain.rights import Role
from app.features.org.models import OrgUnit
from app.features.people.models import Person, Post
from app.features.people.places import Village
from app.kit import masking, names
from app.kit.excel import UNCHANGED
from app.kit.exchange import Change, RowChange


@dataclass
class Plan:
    """What saving one row would do."""

    row: Mapping[str, Any]
    village: Village | None = None
    role: Role | None = None
    targets: list[OrgUnit] = field(default_factory=list)
    covers: list[int] = field(default_factory=list)
    posts: dict[int, Post] = field(default_factory=dict)  # by unit id: the posts the row names
    gone: list[Post] = field(default_factory=list)  # posts of the row key that the row names no more
    person: Person | None = None
    person_values: dict[str, Any] = field(default_factory=dict)
    post_values: dict[int, dict[str, Any]] = field(default_factory=dict)
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def kind(self) -> Change:
        if self.problems:
            return Change.REFUSED
        if not self.posts:
            return Change.NEW
        return Change.CHANGED if self.cells else Change.SAME

    def change(self) -> RowChange:
        village = self.village.unit.name if self.village else str(self.row.get("village") or "")
        label = " · ".join(
            part for part in (village, names.role(self.role), str(self.row.get("person_name") or "")) if part
        )
        place = {"sheet": str(self.row.get("sheet") or ""), "row": self.row.get("row", "")}
        return RowChange(self.kind, label, cells=self.cells, problems=tuple(self.problems), **place)


def phone_of(row: Mapping[str, Any]) -> str | None:
    phone = row.get("phone")
    return None if phone is UNCHANGED or not phone or masking.is_masked(phone) else str(phone)


def _day(text: Any, last: bool = False) -> date | None:
    """The day of a date as text; of a month its first or last day."""
    if not text or text == "open":
        return None
    if isinstance(text, date):
        return text
    year, month, *day = (int(part) for part in str(text).split("-"))
    return date(year, month, day[0] if day else (monthrange(year, month)[1] if last else 1))


def _same_day(text: Any, stored: date | None) -> bool:
    if stored is not None and isinstance(text, str) and text.count("-") == 1:
        return stored.isoformat().startswith(text)
    return False


def is_that_one(row: Mapping[str, Any], post: Post) -> bool:
    """True when a row means this ended post: it names its last day, or the same first day."""
    left, begun = row.get("left_on"), row.get("appointed_on")
    return bool(left and left != "open") or (begun is not None and _day(begun) == post.from_on)


_PERSON_FIELDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "name": lambda row: row["person_name"],
    "gender": lambda row: row.get("gender"),
    "phone": phone_of,
    "certificate_no": lambda row: row.get("certificate_no"),
    "volunteer_kind": lambda row: names.volunteer_kind_code(row.get("volunteer_kind")),
    "training_date": lambda row: _day(row.get("training_date")),
    "record_book_no": lambda row: row.get("record_book_no"),
}


def _remarks(plan: Plan) -> str | None:
    """Remarks without what is a fact of its own: the kind of volunteer, the number of the certificate."""
    row, person = plan.row, plan.person
    facts = [row.get("certificate_no"), row.get("volunteer_kind")]
    if person is not None:
        facts += [person.certificate_no, names.volunteer_kind_word(person.volunteer_kind)]
    return None if row.get("remarks") in facts else row.get("remarks")


def compare(plan: Plan) -> None:
    """Fill in what differs: values of the person, values of each post, and the cells for the reader."""
    for name, read in _PERSON_FIELDS.items():
        value, stored = read(plan.row), getattr(plan.person, name) if plan.person else None
        if value is not None and value != stored:
            plan.person_values[name] = value
            if plan.posts:
                plan.cells[name] = _cell(name, stored, value)
    for unit in plan.targets:
        post = plan.posts.get(unit.id)
        values = plan.post_values[unit.id] = _post_values(plan, post)
        if post is None and plan.posts:
            plan.cells["sub_grids"] = ("", unit.name)
        elif post is not None:
            plan.cells |= {name: _cell(name, getattr(post, name), value) for name, value in values.items()}
    for post in plan.gone:
        plan.cells["sub_grids"] = (post.unit.name, "、".join(unit.name for unit in plan.targets))


def _post_values(plan: Plan, post: Post | None) -> dict[str, Any]:
    row = plan.row
    stated: dict[str, Any] = {}
    if row.get("appointed_on") and not (post and _same_day(row["appointed_on"], post.from_on)):
        stated["from_on"] = _day(row["appointed_on"])
    if row.get("left_on") and not (post and _same_day(row["left_on"], post.to_on)):
        stated["to_on"] = _day(row["left_on"], last=True)
    if "certified" in row and row["certified"] is not None:
        stated["is_certified"] = bool(row["certified"])
    if remarks := _remarks(plan):
        stated["remarks"] = remarks
    if plan.role is Role.GRID_INSTRUCTOR and plan.covers:
        stated["covers"] = plan.covers
    if post is None:
        return stated
    return {name: value for name, value in stated.items() if not _equal(name, value, getattr(post, name))}


def _equal(name: str, value: Any, stored: Any) -> bool:
    return sorted(value) == sorted(stored or ()) if name == "covers" else value == stored


def _cell(name: str, stored: Any, value: Any) -> tuple[str, str]:
    if name == "phone":
        return masking.phone(stored), masking.phone(value)
    if name == "covers":
        return str(len(stored or ())), str(len(value))
    return tuple("" if part is None else str(part) for part in (stored, value))  # type: ignore[return-value]
