"""The schemes of the Caojing list pack at every top unit that lacks them."""

from __future__ import annotations

from app.features.assessment.services import load_pack_schemes
from app.features.checklists.pack import caojing
from app.features.org.queries import units_at


def load_schemes() -> int:
    """Load the village and the sub-grid scheme at the prefecture, or at each county where there is none; again changes nothing."""
    return load_pack_schemes(caojing()["assessment_list"]["schemes"], units_at("prefecture") or units_at("county"))


STEPS = [("assessment schemes", load_schemes)]
