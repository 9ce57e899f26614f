"""Reading forms and the records written on them."""

from __future__ import annotations

from app.features.forms.queries.versions import current_forms, form_version, forms_at, spec_of, versions_of

__all__ = ["current_forms", "form_version", "forms_at", "spec_of", "versions_of"]
