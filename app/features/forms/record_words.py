"""Words for the states of records, with the look of their badges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.transitions import RecordState
from app.kit.i18n import _l

STATES: Mapping[str, tuple[Any, str]] = {
    RecordState.DRAFT: (_l("Draft"), "wait"),
    RecordState.SUBMITTED: (_l("Submitted"), "info"),
    RecordState.RETURNED: (_l("Returned"), "bad"),
    RecordState.CONFIRMED: (_l("Confirmed"), "done"),
}
