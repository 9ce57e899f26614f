"""A form with a condition, repeating rows, a computed value, files and a reference, and how it is filled in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.features.forms.services import Entry, publish_form
from app.kit import access

FORM = {
    "code": "patrol",
    "version": 1,
    "title": {"zh": "巡查记录"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "巡查"},
            "fields": [
                {"code": "village", "label": {"zh": "村"}, "type": "text", "known": "village.name", "is_listed": True},
                {"code": "kind", "label": {"zh": "类别"}, "type": "choice", "choices": ["fire", "flood"], "required": True,
                 "is_listed": True},
                {"code": "cost", "label": {"zh": "费用"}, "type": "money", "condition": "kind == 'fire'"},
                {"code": "parts", "label": {"zh": "明细"}, "type": "rows", "columns": [
                    {"code": "name", "label": {"zh": "名称"}, "type": "text", "required": True},
                    {"code": "amount", "label": {"zh": "金额"}, "type": "money"},
                ]},
                {"code": "total", "label": {"zh": "合计"}, "type": "money", "computed": "sum(parts.amount)",
                 "is_listed": True},
                {"code": "files", "label": {"zh": "照片"}, "type": "attachment"},
                {"code": "who", "label": {"zh": "负责人"}, "type": "person_ref"},
            ],
        }
    ],
}  # fmt: skip
ANSWERS = {"kind": "fire", "cost": "12.50", "parts": [{"name": "水带", "amount": "3.10"}, {"name": "桶", "amount": 4}]}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@contextmanager
def as_(world: Any, username: str) -> Iterator[Any]:
    """Somebody of the county acts."""
    with access.acting_as(access.actor_of_user(world.users[username].id)) as who:
        yield who


SETTINGS = {"fill_roles": ["grid_worker"], "cycle": "month", "needs_review": True}


def patrol_form(world: Any) -> Any:
    """The form published by the county."""
    return publish_form(FORM, world.units["C"], settings=SETTINGS).form


def patrol_entry(world: Any, form: Any, **more: Any) -> Entry:
    """What the grid worker writes on it."""
    return Entry(form, world.units["C1A-G1-01"], {**ANSWERS, **more.pop("answers", {})}, **more)
