"""Two packs above the first demo county: the prefecture's own document, and a list of powers with places left open."""

from __future__ import annotations

from app.features.org.queries import unit_by_code
from app.features.packs.files import shipped
from app.features.packs.services import load_pack

CODES = ("YB", "NH")


def load_packs() -> None:
    """The packs at the prefecture; loading them again changes nothing."""
    county = unit_by_code("LH")
    if county is not None:
        for code in CODES:
            load_pack(shipped()[code], county.parent or county)


STEPS = [("packs", load_packs)]
