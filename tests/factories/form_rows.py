"""Records with repeating rows in the demonstration county, on a form that came with a pack."""

from __future__ import annotations

from typing import Any

FORM, MONTH = "nh_reconciliation", "2026-10"
DOOR = f"form-{FORM}"
LINES = [
    {"matter": "道路养护", "planned": "1200.00", "checked": "1200.00"},
    {"matter": "合计", "planned": "3", "checked": "2.5"},
]


def write_records(app: Any) -> None:
    """Two villages hand their sheet in; once for a county."""
    from sqlalchemy import select

    from app.features.forms.models import Form, FormRecord
    from app.features.forms.services import Entry, save_records
    from app.features.org.queries import unit_by_code
    from app.kit import access
    from app.kit.db import db

    with app.app_context(), access.acting_as(access.OPERATOR):
        form = db.session.scalars(select(Form).where(Form.code == FORM)).one()
        if db.session.scalar(select(FormRecord.id).where(FormRecord.form_id == form.id).limit(1)):
            return
        said = [{"lines": LINES, "explained": "=1+1"}, {"lines": LINES[:1]}]
        units = [unit_by_code("T01"), unit_by_code("T02")]
        entries = [Entry(form, unit, answers, period=MONTH) for unit, answers in zip(units, said, strict=True)]
        save_records(entries, submit=True)
