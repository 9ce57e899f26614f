"""Changing forms and the records written on them."""

from __future__ import annotations

from app.features.forms.services.adopting import adopt_versions
from app.features.forms.services.attaching import attach, remove_unnamed
from app.features.forms.services.charting import move_chart, remove_chart, save_chart
from app.features.forms.services.copying import resume_copies
from app.features.forms.services.designing import (
    back_to_design,
    bring_back,
    change_settings,
    draft_of,
    new_form,
    retire,
    save_draft,
    start_testing,
    suggested_code,
    withdraw,
)
from app.features.forms.services.entries import Entry
from app.features.forms.services.handling import remove_draft, review_records, withdraw_record
from app.features.forms.services.holding import held_files, hold, let_go_of, purge_held
from app.features.forms.services.publishing import form_as_data, load_form, publish, publish_form
from app.features.forms.services.records import save_records
from app.features.forms.services.settings import SETTINGS, checked_settings

__all__ = [
    "SETTINGS",
    "Entry",
    "adopt_versions",
    "attach",
    "back_to_design",
    "bring_back",
    "change_settings",
    "checked_settings",
    "draft_of",
    "form_as_data",
    "held_files",
    "hold",
    "let_go_of",
    "load_form",
    "move_chart",
    "new_form",
    "publish",
    "publish_form",
    "purge_held",
    "remove_chart",
    "remove_draft",
    "remove_unnamed",
    "resume_copies",
    "retire",
    "review_records",
    "save_chart",
    "save_draft",
    "save_records",
    "start_testing",
    "suggested_code",
    "withdraw",
    "withdraw_record",
]
