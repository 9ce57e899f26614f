"""What every installation has of lists."""

from app.features.checklists.services import load_kinds, load_lists, settle_facets

STEPS = [("kinds", load_kinds), ("lists", load_lists), ("facets", settle_facets)]
