"""Indicators of packs that are counted from the registers beside them, as the formula table reckons and shows them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.formspec import NUMBERS, parse_spec
from app.features.forms.services import load_form
from app.features.forms.services.entries import Entry
from app.features.forms.services.records import save_records
from app.features.packs import queries
from app.features.packs.files import shipped
from app.features.reviews.queries import indicators
from app.features.reviews.services import load_indicator

FORMS = {str(data["code"]): data for pack in shipped().values() for data in pack.forms}
COUNTED = {
    str(data["code"]): (pack.code, data)
    for pack in shipped().values()
    for data in pack.indicators
    if (data.get("source") or {}).get("kind") == "records"
}
DAY = date(2026, 10, 8)


def named(code: str) -> str:
    return " ".join([code, *COUNTED[code][1]["shows"]])


@pytest.mark.parametrize("code", COUNTED, ids=named)
def test_a_counted_indicator_names_listed_numbers_of_a_register_of_its_pack(code: str) -> None:
    pack, data = COUNTED[code]
    source = data["source"]
    form = next(one for one in shipped()[pack].forms if one["code"] == source["form"])
    assert form.get("cycle")
    spec = parse_spec({"code": form["code"], "title": form["title"], **form["spec"]})
    listed = {field.code for field in spec.fields() if field.is_listed and field.type in NUMBERS}
    assert {source[name] for name in ("first", "second") if name in source} <= listed


SERVICE = {"service": "危房改造申请", "at_once": False}
APPEAL = {"received_on": DAY, "source": "group", "about": "路灯", "level": "village", "due_on": DAY}
ANSWERED = APPEAL | {"state": "done", "replied_on": DAY, "reply": "已修"}
WARNING = {"warned_on": DAY, "module": "project", "what": "合同价偏高", "state": "open"}


def service(*counts: int) -> dict[str, Any]:
    """A service made simpler: materials, steps and days before and now."""
    asked = ("materials_before", "materials_now", "steps_before", "steps_now", "days_before", "days_now")
    return SERVICE | dict(zip(asked, counts, strict=True))


def rated(stars: str) -> dict[str, Any]:
    """A rating of a service; a bad one says why."""
    why = {"reason": "等候时间长"} if stars < "3" else {}
    return {"rated_on": DAY, "service": "低保", "rating": stars, **why}


@pytest.mark.parametrize(
    ("code", "period", "entries", "shown"),
    [
        pytest.param("CD-I02", "2026H2", [{"given_out": 210, "valid": 200, "satisfied": 199}], "99.50%", id="CD-19"),
        pytest.param("JS-I01", "2026", [service(6, 1, 9, 5, 30, 3), service(4, 2, 1, 1, 30, 0)], "70.00%", id="JS-05"),
        pytest.param("JS-I03", "2026", [service(6, 1, 9, 5, 30, 3), service(4, 2, 1, 1, 30, 0)], "40.00%", id="JS-06"),
        pytest.param("JS-I04", "2026", [service(6, 1, 9, 5, 30, 3), service(4, 2, 1, 1, 30, 0)], "95.00%", id="JS-07"),
        pytest.param(
            "JS-I13",
            "2026-10",
            [rated(one) for one in "5432"],
            "75.00%",
            id="JS-16",
        ),
        pytest.param(
            "MN-I01", "2026H2", [{"villages": 8, "covered": 7, "items": 20, "online": 9}], "87.50%", id="MN-14"
        ),
        pytest.param("LY-I01", "2026-10", [APPEAL | {"state": "open"}, ANSWERED, ANSWERED], "66.67%", id="LY-15"),
        pytest.param("LY-I03", "2026", [{"base": 198, "now": 51}], "−74.24%", id="LY-21"),
        pytest.param("LJ-I02", "2026-10", [{"agency": 100, "whole": 76, "last_year": 100}], "+76.00%", id="LJ-13"),
        pytest.param("NH-I09", "2026-10", [WARNING, WARNING], "2", id="NH-22"),
        pytest.param(
            "PY-I01", "2026-10", [{"held_on": DAY, "should_attend": 40, "attended": 35}], "87.50%", id="PY-15"
        ),
        pytest.param("YU-I02", "2026", [{"before": 680, "removed": 340}], "50.00%", id="YU-15"),
    ],
)
def test_an_indicator_is_counted_from_the_records_of_its_register(
    world: Any, session: Any, code: str, period: str, entries: list[dict[str, Any]], shown: str
) -> None:
    pack, data = COUNTED[code]
    county, source = queries.owner(None), data["source"]
    form, _new = load_form(county, FORMS[source["form"]], f"{pack}@1")
    row, _new = load_indicator(county, data, f"{pack}@1")
    unit = {"county": county, "township": world.units["C1"], "total_grid": world.units["C1A-G1"]}[form.keeper_level]
    village = {"village": world.units["C1A"].id} if source["form"] == "nh_red_warning" else {}
    save_records([Entry(form, unit, one | village, period) for one in entries], submit=True)
    assert [(point.period, point.shown) for point in indicators.points(row, county)] == [(period, shown)]
