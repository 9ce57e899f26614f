"""Score workbooks in and out, both ways round, through the one door of the exchange."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.features.assessment import queries, services
from app.features.assessment.excel import SHEETS
from app.features.exchange import services as exchange
from app.features.org.services import load_units
from app.kit import seed
from app.kit.exchange import Options, counts

CLEAN = Path(__file__).parents[2] / "samples" / "workbooks" / "clean"
DOOR = SHEETS[0]


@pytest.fixture
def county_round(world, schemes):
    """An open round of the county of 43 villages, with the scheme of its own prefecture."""
    load_units(seed.read("demo/org_county43.json"), file_name="org_county43")
    from app.features.assessment.reference import load_schemes
    from app.features.org.queries import unit_by_code

    load_schemes()
    county = unit_by_code("SL")
    return services.open_round("V2025", queries.scheme_by_name("CJ-VILLAGE-DEMO", county), "2025", county)


def read(name, options):
    return exchange.read(DOOR, (CLEAN / name).read_bytes(), name, options)


def load(name, round_):
    result, options = read(name, Options(unit=round_.unit, period="2025"))
    assert result.outcome == "rows", result.issues[:3]
    return DOOR.save(result.rows, options, False)


@pytest.mark.parametrize("name", ["d1_scores_43.xlsx", "d2_scores_43.xlsx"])
def test_both_ways_round_give_the_finals_of_the_worked_example(county_round, name):
    changes = load(name, county_round)
    assert counts(changes)["new"] == 43
    finals = {r.unit_code: r.final for r in queries.round_results(county_round)}
    assert {code: finals[code] for code in ("V18", "V22", "V01", "V11")} == {
        "V18": Decimal("97.85"),
        "V22": Decimal("88.13"),
        "V01": Decimal("58.75"),
        "V11": Decimal("82.10"),
    }
    assert sum(finals.values()) == sum(Decimal(row["final"]) for row in _example())


def _example():
    import csv

    with (Path(__file__).parents[2] / "samples" / "bonus_example_43.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_the_detail_sheet_keeps_raw_and_capped_apart(county_round):
    load("d1_scores_43.xlsx", county_round)
    v01 = next(r for r in queries.round_results(county_round) if r.unit_code == "V01")
    assert (v01.raw, v01.item_capped, v01.effective) == (Decimal("27.5"), Decimal("24.5"), Decimal("20"))


@pytest.mark.parametrize("name", ["d1_scores_43.xlsx", "d2_scores_43.xlsx"])
@pytest.mark.parametrize("variant", ["d1", "d2"])
def test_what_goes_out_comes_back_without_a_change(county_round, name, variant):
    load(name, county_round)
    options = Options(unit=county_round.unit, period="2025", extra={"variant": variant})
    content = exchange.export(DOOR, options)
    result, options = exchange.read(DOOR, content, "out.xlsx", Options(unit=county_round.unit, period="2025"))
    assert result.outcome == "rows", result.issues[:3]
    changes = exchange.compare(DOOR, result, options)
    assert counts(changes) == {"new": 0, "changed": 0, "same": 43, "refused": 0}


def test_a_dry_run_writes_nothing_and_says_what_would_change(county_round):
    result, options = read("d1_scores_43.xlsx", Options(unit=county_round.unit, period="2025"))
    changes = exchange.compare(DOOR, result, options)
    assert counts(changes)["new"] == 43 and changes[0].cells["A1"] == ("", "3.50")
    assert all(r.status == "not_scored" for r in queries.round_results(county_round))


def test_without_a_round_every_row_is_refused_in_words(world, schemes):
    load_units(seed.read("demo/org_county43.json"), file_name="org_county43")
    result, options = read("d1_scores_43.xlsx", Options(period="2025"))
    changes = exchange.compare(DOOR, result, options)
    assert counts(changes)["refused"] == 43
    assert changes[0].problems[0].code == "assessment.no_round"


def test_an_imported_round_can_be_checked_and_published(county_round):
    load("d1_scores_43.xlsx", county_round)
    services.check_round(county_round)
    snapshot = services.publish_round(county_round)
    assert services.recomputed(snapshot)


def test_scores_of_a_scheme_without_calc_kinds_need_no_reasons_when_they_come_by_workbook(county_round):
    import json

    scheme = json.loads((CLEAN.parent / "master" / "scheme.json").read_text(encoding="utf-8"))
    loaded = services.load_scheme(scheme, county_round.unit)
    assert all(item.calc == "manual" for item in queries.parts_of(loaded).items)
    round_ = services.open_round("M2025", loaded, "2025", county_round.unit)
    result, options = read("d1_scores_43.xlsx", Options(unit=round_.unit, period="2025", round="M2025"))
    DOOR.save(result.rows, options, False)
    assert queries.missing(round_) == ()
