"""List packs: reading one with every mistake at its place, comparing two, and the figures a pack states of itself."""

from app.domain.packs.comparing import Change, Difference, Standing, compare_packs, fingerprint, standing
from app.domain.packs.counting import ListCount, count_of, list_counts
from app.domain.packs.figures import Held, figure_of, readable_figures
from app.domain.packs.reading import PARTS, Pack, parse_pack

__all__ = [
    "PARTS",
    "Change",
    "Difference",
    "Held",
    "ListCount",
    "Pack",
    "Standing",
    "compare_packs",
    "count_of",
    "figure_of",
    "fingerprint",
    "list_counts",
    "parse_pack",
    "readable_figures",
    "standing",
]
