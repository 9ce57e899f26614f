"""What is offered to the evaluator out of the indicators: ratings by the public count for the result of a village."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from app.features.assessment.queries import scheme_by_name
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.rounds import sheets_of
from app.features.assessment.queries.suggestions import suggestions
from app.features.assessment.services import load_pack_schemes, open_round
from app.features.checklists.pack import caojing
from app.features.forms.services import load_form
from app.features.forms.services.entries import Entry
from app.features.forms.services.records import save_records
from app.features.packs.files import shipped
from app.features.reviews.services import load_indicator


def test_good_ratings_of_a_village_are_offered_for_the_item_that_names_their_indicator_mn_11(world: Any) -> None:
    pack = shipped()["JS"]
    form, _new = load_form(world.units["C"], next(one for one in pack.forms if one["code"] == "js_rating"), "JS@1")
    load_indicator(world.units["C"], next(one for one in pack.indicators if one["code"] == "JS-I13"), "JS@1")
    (scheme,) = [copy.deepcopy(one) for one in caojing()["assessment_list"]["schemes"] if one["object"] == "village"]
    next(item for item in scheme["items"] if item["code"] == "A2")["indicator"] = "JS-I13"
    load_pack_schemes([scheme], [world.units["C"]])
    round_ = open_round("V2026", scheme_by_name(scheme["code"], world.units["C1"]), "2026", world.units["C1"])

    asked = {"rated_on": date(2026, 10, 8), "service": "低保", "reason": "等候时间长"}
    grids = [("C1A-G1", "2026-10", "5"), ("C1A-G1", "2026-11", "4"), ("C1A-G1", "2026-10", "1")]
    grids += [("C1A-G1", "2025-12", "5"), ("C2A-G1", "2026-10", "5")]  # another year, another township
    entries = [Entry(form, world.units[grid], asked | {"rating": stars}, period) for grid, period, stars in grids]
    save_records(entries, submit=True)

    assert suggestions(round_, list(sheets_of(round_)), basis_of(round_)) == {world.units["C1A"].id: {"A2": "2/3"}}
