"""Changing forms and the records written on them."""

from __future__ import annotations

from app.features.forms.services.publishing import publish_form

__all__ = ["publish_form"]
