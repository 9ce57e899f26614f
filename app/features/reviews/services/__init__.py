"""Rating departments, giving star plates, keeping indicators."""

from app.features.reviews.services.indicators import indicator_as_data, load_indicator
from app.features.reviews.services.plates import give_plate, withdraw_plate
from app.features.reviews.services.ratings import rate, set_up_review, shipped_review
from app.features.reviews.services.values import Definition, define_indicator, enter_value, remove_value

__all__ = [
    "Definition",
    "define_indicator",
    "enter_value",
    "give_plate",
    "indicator_as_data",
    "load_indicator",
    "rate",
    "remove_value",
    "set_up_review",
    "shipped_review",
    "withdraw_plate",
]
