"""Changing forms and the records written on them."""

from __future__ import annotations

from app.features.forms.services.adopting import adopt_versions
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
from app.features.forms.services.publishing import form_as_data, load_form, publish, publish_form
from app.features.forms.services.settings import SETTINGS, checked_settings

__all__ = [
    "SETTINGS",
    "adopt_versions",
    "back_to_design",
    "bring_back",
    "change_settings",
    "checked_settings",
    "draft_of",
    "form_as_data",
    "load_form",
    "new_form",
    "publish",
    "publish_form",
    "retire",
    "save_draft",
    "start_testing",
    "suggested_code",
    "withdraw",
]
