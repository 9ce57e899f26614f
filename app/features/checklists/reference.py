"""What every installation has of lists."""

from app.features.checklists.services import load_kinds, load_lists

STEPS = [("kinds", load_kinds), ("lists", load_lists)]
