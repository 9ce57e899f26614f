"""The only list of features, lowest first. What a feature offers is found by the names of its modules."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

FEATURES = (
    "org",
    "people",
    "accounts",
    "forms",
    "checklists",
    "duties",
    "procedures",
    "reports",
    "reviews",
    "packs",
    "assessment",
    "ranking",
    "bonus",
    "dashboards",
    "exchange",
    "audit",
)


def _module(feature: str, part: str) -> ModuleType | None:
    path = f"app.features.{feature}.{part}"
    return import_module(path) if find_spec(path) else None


def _collect(part: str, name: str) -> list[Any]:
    found: list[Any] = []
    for feature in FEATURES:
        module = _module(feature, part)
        found.extend(getattr(module, name, ()) if module else ())
    return found


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for part in ("sessions", "audit", "idempotency", "removed", "roles", "effects", "jobs.models"):
        import_module(f"app.kit.{part}")
    for feature in FEATURES:
        _module(feature, "models")


def register_providers() -> None:
    """Let features tell the kit what it asks for: actors, ancestors, sentences."""
    for feature in FEATURES:
        module = _module(feature, "providers")
        if module:
            module.register()


def screens() -> list[Any]:
    """Every `Screen` of every `views.VIEWS`."""
    ours = [*import_module("app.kit.pages").VIEWS, *import_module("app.kit.jobs.pages").VIEWS]
    return [*ours, *_collect("views", "VIEWS")]


def sheets() -> list[Any]:
    """Every workbook layout of every `excel.SHEETS`, with the service that saves its rows."""
    return _collect("excel", "SHEETS")


def register_doors() -> None:
    """Hand every sheet, and what can be filled in without a network, to the exchange, which knows no other feature."""
    import_module("app.features.exchange.queries").register_doors(sheets(), _collect("excel", "MORE_DOORS"))
    import_module("app.features.exchange.sources").register(_collect("offline", "OFFLINE"))


def listings() -> list[Any]:
    """Every `Listing` of every `listings.LISTINGS`: the tables of pages of ours that can be taken along as files."""
    return _collect("listings", "LISTINGS")


def charts() -> list[Any]:
    """Every `Chart` of every `charts.CHARTS`."""
    return _collect("charts", "CHARTS")


def commands() -> list[Any]:
    """Every click group or command of every `commands.COMMANDS`."""
    return _collect("commands", "COMMANDS")


def demo_steps() -> list[Any]:
    """What `flask portal demo` runs, in order: `(name, function)` of every `demo.STEPS`."""
    return _collect("demo", "STEPS")


def reference_steps() -> list[Any]:
    """What `flask portal init` and `sync` load: `(name, function)` of every `reference.STEPS`; each idempotent."""
    return _collect("reference", "STEPS")
