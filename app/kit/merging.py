"""The page of whoever saved second: field by field what he saw, what stands now, what he typed, and his choice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.kit import lookup, versions
from app.kit.fields import RemoteSelectField
from app.kit.i18n import _

SEEN = "row_was"
CHOICE = "choose-"
MERGE = "merge"
Raw = Mapping[str, Sequence[str]]


def raw(field: Any) -> list[str]:
    """What a browser would send for a field as it stands."""
    if field.type == "BooleanField":
        return ["y"] if field.data else []
    if isinstance(field, RemoteSelectField):
        return [] if field.data is None else [str(field.datamodel.get_pk_value(field.data))]
    if hasattr(field, "_value"):
        return [field._value() or ""]
    return [] if field.data is None else [str(field.data)]


def shown(field: Any) -> str:
    """A field in words."""
    if field.type == "BooleanField":
        return str(_("Yes") if field.data else _("No"))
    if isinstance(field, RemoteSelectField):
        return "" if field.data is None else lookup.label(field.data)
    if field.type == "SelectField":
        return next((str(choice[1]) for choice in field.iter_choices() if str(choice[0]) == str(field.data)), "")
    return "".join(raw(field))


def row_inputs(row: Any, form: Any) -> Markup:
    """The hidden inputs of a form on a row: the version it was made from, and what stood in it then."""
    seen = {field.name: raw(field) for field in form if field.type not in ("CSRFTokenField", "HiddenField")}
    return _inputs(versions.stamp(row), json.dumps(seen, ensure_ascii=False))


def sent_inputs() -> Markup:
    """The same inputs as the browser sent them: a form shown again still belongs to the version it was made from."""
    return _inputs(versions.sent_stamp(), request.form.get(SEEN, ""))


def _inputs(stamp: str, seen: str) -> Markup:
    line = Markup('<input type="hidden" name="%s" value="%s">')
    return line % (versions.FIELD, stamp) + line % (SEEN, seen)


def seen() -> dict[str, list[str]]:
    """What stood in the form when it was opened; empty when the browser sent nothing one can read."""
    try:
        found = json.loads(request.form.get(SEEN, "") or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): [str(v) for v in value] for name, value in found.items() if isinstance(value, list)}


@dataclass(frozen=True)
class Line:
    """One field that differs: in words as it was, as it is, as typed; `choice` is mine, theirs or empty (he must say)."""

    name: str
    label: str
    was: str
    now: str
    mine: str
    choice: str


@dataclass(frozen=True)
class Merge:
    """All the page needs: the fields that differ, and what goes back with it unseen."""

    lines: list[Line]
    mine: list[tuple[str, str]]
    inputs: Markup
    undecided: bool


def merge(form_class: Any, row: Any, names: Iterable[str], sent: MultiDict[str, str]) -> Merge:
    """What to ask whoever saved second. `row` is the row as it is now."""
    now, mine = form_class(formdata=None, obj=row), form_class(formdata=sent, obj=None)
    before = seen()
    was = form_class(formdata=MultiDict([(k, v) for k, values in before.items() for v in values]), obj=None)
    lines, hidden = [], []
    for name in names:
        typed = sent.getlist(name)
        hidden += [(name, value) for value in typed]
        line = _line(name, before.get(name), raw(now[name]), typed, (was[name], now[name], mine[name]))
        if line is not None:
            lines.append(line)
    return Merge(lines, hidden, row_inputs(row, now), undecided(sent))


def _line(name: str, was: list[str] | None, now: list[str], mine: list[str], fields: Sequence[Any]) -> Line | None:
    if _same(now, mine):
        return None
    choice = "mine" if was is not None and _same(was, now) else "theirs" if was is not None and _same(was, mine) else ""
    words = [shown(field) for field in fields]
    return Line(name, str(fields[1].label.text), words[0] if was is not None else "", words[1], words[2], choice)


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    def flat(values: Sequence[str]) -> list[str]:
        return [value.replace("\r\n", "\n").strip() for value in values if value.strip()]

    return flat(one) == flat(other)


def undecided(sent: Mapping[str, str]) -> bool:
    """True when a merge page came back with a field left open."""
    asked = [name for name in sent.get("asked", "").split(",") if name]
    return sent.get(MERGE) == "1" and any(sent.get(CHOICE + name) not in ("mine", "theirs") for name in asked)


def chosen(form_class: Any, row: Any, sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """The input as decided on the merge page: fields left to the other person hold what the row holds now."""
    decided = MultiDict(sent)
    now = form_class(formdata=None, obj=row)
    for field in now:
        if sent.get(CHOICE + field.name) == "theirs":
            decided.setlist(field.name, raw(field))
    return decided
