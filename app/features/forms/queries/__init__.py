"""Reading forms and the records written on them."""

from __future__ import annotations

from app.features.forms.queries.designer import (
    OPEN,
    FormLine,
    Impact,
    form_line,
    forms_listed,
    impact,
    records_by_version,
    versions_of_form,
)
from app.features.forms.queries.roles import AsRole, as_role
from app.features.forms.queries.versions import current_forms, form_version, forms_at, spec_of, versions_of

__all__ = [
    "OPEN",
    "AsRole",
    "FormLine",
    "Impact",
    "as_role",
    "current_forms",
    "form_line",
    "form_version",
    "forms_at",
    "forms_listed",
    "impact",
    "records_by_version",
    "spec_of",
    "versions_of",
    "versions_of_form",
]
