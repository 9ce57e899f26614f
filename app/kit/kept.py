"""What a request carried that could not be saved: shown on the page that says so, to read and to copy."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from app.kit.i18n import _

# What the page put in itself, what opens a door, and what was chosen from a list: none of it was typed.
_FRAME = re.compile(
    r"_.*|csrf_token|request_key|row_was|merge|asked|choose-.*|.*version.*|seen.*|.*(password|secret|token|otp).*"
    r"|unit|parent|category|period|scheme|round|run|sheet|act|rowid|show|village|year|first|last|next",
    re.I,
)
_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+|on|y")
SHOWN = 60


def _label(name: str, number: int) -> str:
    """What the page called a field: a generated form knows, for the others the usual names; a number where all else fails."""
    view = (request.endpoint or "").split(".")[0]
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    labels: Mapping[str, object] = next((v.label_columns for v in views if v.endpoint == view and _names(v)), {})
    if name in labels:
        return str(labels[name])
    known = {
        "words": _("Words"),
        "reason": _("Reason"),
        "name": _("Name"),
        "note": _("Note"),
        "remarks": _("Remarks"),
        "place": _("Place"),
        "finding": _("Finding"),
        "solution": _("Solution"),
        "result": _("Result"),
    }
    return str(known.get(name) or _("Input %(number)s", number=number))


def _names(view: object) -> bool:
    return hasattr(view, "label_columns")


def kept_input() -> list[tuple[str, str]]:
    """What was typed, as (label, value), without passwords and without what the page itself had put in.

    Shape: at most 60 values, empty ones left out; nothing when the body was too large or could not be read.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return []
    try:
        sent = [(name, value) for name, value in request.form.items(multi=True) if value.strip()]
    except HTTPException:
        return []
    typed = [(name, value) for name, value in sent if not _FRAME.fullmatch(name) and not _CODE.fullmatch(value)]
    return [(_label(name, number), value) for number, (name, value) in enumerate(typed[:SHOWN], 1)]
