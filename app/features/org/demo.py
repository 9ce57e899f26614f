"""The units of the demonstration: a town of 14 villages and a county of 43, in one prefecture. All are fictional."""

from __future__ import annotations

from app.features.org.services import load_units
from app.kit import seed

PREFECTURE = {"prefecture": "澜海州", "prefecture_code": "LHZ"}


def load_demo_units() -> None:
    """Both counties, each under the prefecture."""
    for name in ("org_town", "org_county43"):
        load_units(seed.read(f"demo/{name}.json") | PREFECTURE, file_name=name)


STEPS = [("units", load_demo_units)]
