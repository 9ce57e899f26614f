"""Sentences of indicators."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "indicator.unknown_formula": _l("“%(formula)s” is no formula of an indicator."),
    "indicator.bad_number": _l("“%(value)s” is not a number."),
}
