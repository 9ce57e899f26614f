"""What is said when an import cannot be taken back."""

from __future__ import annotations

from app.kit.i18n import _l

UNDO_STAGES = {
    "checking": _l("Looking for what was built on it since"),
    "saving": _l("Putting the rows back"),
}
UNDO_SENTENCES = {
    "undo.changed": _l("“%(label)s” was changed since, on %(on)s by %(by)s."),
    "undo.gone": _l("“%(label)s” was deleted since."),
    "undo.there_again": _l("“%(label)s” was entered again since."),
    "undo.referred_to": _l("Other records (%(table)s) were attached to “%(label)s” since."),
    "undo.frozen": _l("What this import wrote went into a published or approved result, which stays as it is."),
    "exchange.not_applied": _l("Only an import that was saved can be undone."),
    "exchange.way_back_gone": _l(
        "How the rows stood before is not kept any more: imports can be undone for a limited time. Correct the rows instead."
    ),
}
