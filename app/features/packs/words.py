"""The words of packs: parts, and how things stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.packs import Difference
from app.features.packs.queries import Card
from app.kit.i18n import _, _l

PARTS: Mapping[str, Any] = {
    "kinds": _l("Kinds of lists"),
    "lists": _l("Lists"),
    "procedures": _l("Procedures"),
    "forms": _l("Registers"),
    "indicators": _l("Indicators"),
    "items": _l("Named items"),
    "open_places": _l("Open places"),
}
"""The parts of a pack and its counts; at the top of a card those that are not 0."""

STANDINGS: Mapping[Difference, tuple[Any, str]] = {
    Difference.SAME: (_l("As in the pack"), "ok"),
    Difference.ADDED: (_l("Not here yet"), "info"),
    Difference.CHANGED: (_l("Changed in the pack"), "wait"),
    Difference.LOCAL: (_l("Changed here, kept"), "done"),
    Difference.BOTH: (_l("Changed here and in the pack"), "warn"),
    Difference.GONE: (_l("Taken away here"), "off"),
    Difference.REMOVED: (_l("No longer in the pack, kept"), "off"),
}
SOURCES: Mapping[str, Any] = {
    "text": _l("from the source"),
    "reading": _l("as we read the source"),
    "public": _l("from a public page"),
    "derived": _l("proposed by us"),
}


def came_in_words(card: Card) -> str:
    """What of a pack came with the portal; empty where nothing did."""
    if not card.came:
        return ""
    if card.came == card.things:
        return str(_("Came with the portal"))
    params = {"count": card.came, "all": card.things}
    return str(_("Came with the portal: %(count)s of %(all)s; the rest is not loaded", **params))
