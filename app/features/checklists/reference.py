"""What every installation has of lists."""

from app.features.checklists.services import load_lists

STEPS = [("lists", load_lists)]
