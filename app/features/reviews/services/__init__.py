"""Keeping indicators."""

from app.features.reviews.services.indicators import indicator_as_data, load_indicator

__all__ = ["indicator_as_data", "load_indicator"]
