"""Bonus in words: parts of the wage, states of batches and lines."""

from __future__ import annotations

from typing import Any

from app.kit.i18n import _l

PARTS: dict[str, Any] = {
    "base_allowance": _l("Base allowance"),
    "post_allowance": _l("Post allowance"),
    "title_allowance": _l("Professional-title allowance"),
    "rank_allowance": _l("Rank allowance"),
    "insurance_allowance": _l("Insurance allowance"),
}
STATES: dict[str, Any] = {
    "draft": _l("Returned"),
    "computed": _l("Computed, waiting for approval"),
    "approved": _l("Approved"),
    "exported": _l("Exported for payment"),
    "paid": _l("Paid"),
}
STATE_TONES = {"draft": "warn", "computed": "wait", "approved": "done", "exported": "done", "paid": "ok"}
LINE_STATES: dict[str, Any] = {
    "payable": _l("Payable"),
    "held": _l("Payment on hold"),
    "none": _l("No award"),
}
LINE_TONES = {"payable": "ok", "held": "warn", "none": "off"}
