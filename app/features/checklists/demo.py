"""The lists at the demo counties, and the ledgers of three total grids for 2026."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.list_change import Comparison
from app.features.checklists.models import ListChange
from app.features.checklists.queries import items_of_list, ledger_of
from app.features.checklists.queries.changes import changes_in_reach
from app.features.checklists.queries.directory import catalogue_lists
from app.features.checklists.services import (
    approve,
    consult,
    file_change,
    give_opinion,
    lay_before,
    load_kinds,
    load_lists,
    publish,
    review,
    save_directory,
    save_item,
    save_ledger,
)
from app.features.org.queries import unit_by_code
from app.kit import seed
from app.kit.exchange import Options

YEAR = "2026"
ASSISTED = {
    "village_role": "组织动员",
    "delegated_authority": "协助联系和组织，不承担执法和审批",
    "funding_source": "县财政按事项拨付，列入年度预算",
    "consent_document": "澜禾县村级组织工作事项准入清单（2026年）",
}
GRIDS = ("T01-G1", "T02-G1", "T03-G1")
# By cycle: state, how often done, when done. October 2026 is under way, September is closed.
_USUAL: dict[str, dict[str, Any]] = {
    "half_year": {"state": "done", "done_on": "2026-06-18"},
    "quarter": {"state": "in_progress", "done_count": 3},
    "year": {"state": "done", "done_on": "2026-03-15"},
    "month": {"state": "in_progress", "done_count": 9},
    "as_needed": {"state": "in_progress"},
}
_ELSEWHERE: dict[tuple[str, str], dict[str, Any]] = {
    ("T02-G1", "R01"): {"state": "not_done", "done_on": None, "remarks": "上半年指导改在9月，补记录后填报"},
    ("T02-G1", "R10"): {"done_count": 8, "remarks": "7月传达推迟，已补"},
    ("T03-G1", "R04"): {"done_on": "2026-03-28"},
    ("T03-G1", "R08"): {"state": "in_progress", "done_on": None, "remarks": "结对单位名单待县里确认"},
}


def load_ledgers() -> None:
    """The ledgers of 2026 of three total grids, as far as the year has come."""
    for code in GRIDS:
        grid = unit_by_code(code)
        if grid is not None:
            rows = [_row(code, line) for line in ledger_of(grid, YEAR).lines]
            save_ledger(rows, Options(unit=grid, period=YEAR), False)


def _row(grid_code: str, line: Any) -> dict[str, Any]:
    facts = _USUAL.get(line.item.cycle or "", {}) | _ELSEWHERE.get((grid_code, line.item.code), {})
    kept = {"item_code": line.item.code, "holders": line.values["holders"]}
    return kept | {name: facts.get(name) for name in ("state", "done_count", "done_on", "remarks")}


def load_directory() -> None:
    """The catalogue of lists of the first county in force, and a draft of next year's list of powers that waits."""
    county = unit_by_code("LH")
    if county is None or catalogue_lists([county.id]):
        return
    data = seed.read("demo/list_directory.json")
    stated = {entry["name"]: entry for entry in data["lists"]}
    rows = [{"list": name, **item} for name, entry in stated.items() for item in entry["items"]]
    save_directory(rows, Options(unit=county, extra={"lists": stated}), False)
    for change in changes_in_reach():
        _bring_in_force(change)
    draft = data["draft"]
    kept = [item for item in stated[draft["list"]]["items"] if item["item_name"] not in draft["without"]]
    changed = [{**item, **draft["changed"].get(item["item_name"], {})} for item in kept]
    rows = [{"list": draft["list"], **item} for item in [*changed, *draft["added"]]]
    save_directory(rows, Options(unit=county, extra={"lists": {draft["list"]: draft}}), False)


def _bring_in_force(change: ListChange) -> None:
    """A list as it came in force in the summer: heard, reviewed, approved by two persons, made public and filed."""
    for item in items_of_list(change.draft):
        if change.draft.kind == "assist":
            said = {name: getattr(item, name) for name in ("title", "category", "requirement", "cycle", "evidence")}
            save_item(change.draft, {**said, "facets": {**item.facets, **ASSISTED}, "steps": item.steps}, item)
    consult(change, date(2026, 5, 11), date(2026, 5, 25))
    for body in ("村干部会议", "党员大会", "群众代表会议"):
        give_opinion(change, {"body": body, "outcome": "agreed", "given_on": date(2026, 5, 25)})
    review(change)
    for body in ("县民政局", "县司法局"):
        said = {"body": body, "outcome": "agreed", "compared": list(Comparison), "given_on": date(2026, 6, 10)}
        give_opinion(change, said)
    lay_before(change, "2026H2")
    approve(change)
    approve(change)
    publish(change, ["村务公开栏", "县政府门户网站"])
    file_change(change, "州民政局、州委组织部、州委农办", date(2026, 7, 3))


STEPS = [
    ("kinds of lists", load_kinds),
    ("lists", load_lists),
    ("ledgers", load_ledgers),
    ("directory", load_directory),
]
