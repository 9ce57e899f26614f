"""The people of the demonstration: the roster of the town, and the paid staff of both counties. All are fictional."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.features.org.models import OrgUnit
from app.features.org.queries import unit_by_code, units_at
from app.features.people.roster import load_roster
from app.features.people.services import employ_many
from app.kit import seed


def load_demo_roster() -> None:
    """The six grid roles of the town."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    assert town is not None
    load_roster(seed.read("demo/roster_town.json"), town)


def load_demo_staff() -> None:
    """Everybody who is paid, in one act; what they earn is a matter of the bonus."""
    villages = {unit.code: unit for unit in units_at("village")}
    staff = []
    for name in ("employments_town", "wages_county43"):
        entries = seed.read(f"demo/{name}.json")
        staff += [_employment(villages, entry, entries["period"]) for entry in entries["persons"]]
    employ_many(staff)


def _employment(villages: dict[str, OrgUnit], entry: dict[str, Any], year: str) -> tuple[OrgUnit, str, dict[str, Any]]:
    facts = {
        "title": entry["post"],
        "from_on": _day(entry.get("joined_on") or f"{year}-01-01"),
        "to_on": _day(entry.get("left_on")),
        "hold": "hold" if entry.get("on_hold") else "none",
    }
    return villages[entry["village"]], entry["person_name"], facts


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


STEPS = [("roster", load_demo_roster), ("staff", load_demo_staff)]
