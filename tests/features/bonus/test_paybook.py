"""The pay workbook both ways: wages in, the payroll out, paid amounts back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from factories.county43 import employ_staff, make_county

from app.domain.errors import RuleBroken
from app.features.bonus import services
from app.features.bonus.excel import PAY, pay_workbook
from app.features.bonus.queries import lines_of, pay_context, pay_rows
from app.features.bonus.queries.wages import employments_below, wages_in, year_months
from app.features.org.queries import unit_by_code
from app.features.org.services import load_units
from app.features.ranking.services import approve_setting, confirm_multipliers, publish_ranking, run_ranking
from app.kit import access, excel, seed
from app.kit.exchange import Change, Options, counts

CLEAN = Path(__file__).parents[2] / "samples" / "workbooks" / "clean"


def read(content: bytes, options: Options) -> tuple[Any, Options]:
    result = excel.read(PAY, content, "pay.xlsx", pay_context(options))
    assert result.outcome == "rows", result.issues
    return result.rows, Options(
        options.unit, options.period or result.period, round=options.round, extra={"layout": result.layout}
    )


def test_the_county_workbook_brings_in_staff_and_wages_once(operator: Any) -> None:
    county = make_county()
    rows, options = read((CLEAN / "e_payroll_43.xlsx").read_bytes(), Options(county.unit, "2025"))
    assert counts(services.save_pay_rows(rows, options, True))["new"] == 303
    assert not employments_below(county.unit, 2025)
    services.save_pay_rows(rows, options, False)
    assert counts(services.save_pay_rows(rows, options, True))["same"] == 303
    batch = services.run_batch(publish_ranking(run_ranking(county.round)))
    assert batch.summary["total_award"] == "2920394.75"


def test_an_exported_payroll_comes_back_without_a_change_and_brings_what_was_paid(operator: Any) -> None:
    county = make_county()
    employ_staff(county)
    approve_setting(confirm_multipliers(county.unit, middle="2.0", bottom="1.0", reason="县里研究"))
    batch = services.approve_batch(services.run_batch(publish_ranking(run_ranking(county.round))))
    options = Options(period="2025", round="V2025")
    content = pay_workbook(*services.exported(batch))
    rows, seen = read(content, options)
    assert counts(services.save_pay_rows(rows, seen, True)) == {"new": 0, "changed": 0, "same": 303, "refused": 0}
    paid = [{**row, "award_paid": row["award_due"]} for row in rows]
    changes = services.save_pay_rows(paid, seen, False)
    assert counts(changes)["changed"] == 303 and set(changes[0].cells) == {"award_paid"}
    assert sum(line.paid for line in lines_of(batch)) == Decimal("2920394.75")
    assert batch.state == "paid"
    again, _ = read(pay_workbook(*pay_rows(options)), options)
    assert counts(services.save_pay_rows(again, seen, True))["same"] == 303
    assert services.is_recomputable(batch)


@pytest.mark.parametrize(("name", "people"), [("e2_wages_dates_14", 35), ("e3_wages_months_14", 28)])
def test_wage_tables_by_dates_and_by_months_are_taken_in(operator: Any, name: str, people: int) -> None:
    load_units(seed.read("demo/org_town.json"), file_name="org_town")
    town = unit_by_code("LH-CH")
    rows, options = read((CLEAN / f"{name}.xlsx").read_bytes(), Options(town, "2025"))
    changes = services.save_pay_rows(rows, options, False)
    assert counts(changes)["new"] == len(rows) == people
    assert counts(services.save_pay_rows(rows, options, True))["same"] == people


def test_who_moved_during_the_year_is_one_person_with_two_employments(operator: Any) -> None:
    load_units(seed.read("demo/org_town.json"), file_name="org_town")
    town = unit_by_code("LH-CH")
    rows, options = read((CLEAN / "e3_wages_months_14.xlsx").read_bytes(), Options(town, "2025"))
    services.save_pay_rows(rows, options, False)
    moved = [e for e in employments_below(town, 2025) if e.person.name == "赵春平"]
    assert len(moved) == 2 and len({e.person_id for e in moved}) == 1


def test_dates_decide_the_months_and_a_remark_holds_the_award(operator: Any) -> None:
    load_units(seed.read("demo/org_town.json"), file_name="org_town")
    town = unit_by_code("LH-CH")
    rows, options = read((CLEAN / "e2_wages_dates_14.xlsx").read_bytes(), Options(town, "2025"))
    services.save_pay_rows(rows, options, False)
    staff = {(e.unit.name, e.person.name): e for e in employments_below(town, 2025)}
    joined, held = staff["西苇村", "沈和远"], staff["石渡桥村", "吴素春"]
    assert sorted(wages_in([joined], year_months(2025))[joined.id]) == list(year_months(2025, 4))
    assert (str(joined.from_on), held.hold) == ("2025-04-01", "hold")


def test_a_changed_wage_is_shown_before_and_after(operator: Any) -> None:
    county = make_county()
    employ_staff(county)
    rows, options = read((CLEAN / "e_payroll_43.xlsx").read_bytes(), Options(county.unit, "2025"))
    rows[0] = {**rows[0], "base": Decimal("3400.00"), "monthly": Decimal("4855.00")}
    change = services.save_pay_rows(rows, options, True)[0]
    assert change.kind is Change.CHANGED
    assert change.cells == {"base": ("3310.00", "3400.00"), "monthly": ("4765.00", "4855.00")}


def test_an_unknown_village_or_a_missing_year_is_refused_in_words(operator: Any) -> None:
    county = make_county()
    row = {"village": "外村", "person_name": "某某", "monthly": Decimal("4000.00"), "months": 12}
    change = services.save_pay_rows([row], Options(county.unit, "2025", extra={"layout": "e"}), True)[0]
    assert [problem.code for problem in change.problems] == ["bonus.unknown_village"]
    with pytest.raises(RuleBroken):
        services.save_pay_rows([row], Options(county.unit), True)


def test_the_clerk_may_bring_the_pay_roll_in_with_the_workbook(world: Any) -> None:
    clerk = access.actor_of_user(world.users["county_clerk"].id)
    row = {"village": "甲东村", "person_name": "张甲", "post": "书记", "monthly": Decimal("4860.00"), "months": 12}
    options = Options(world.units["C"], "2025", extra={"layout": "e"})
    with access.acting_as(clerk):
        assert counts(services.save_pay_rows([row], options, False))["new"] == 1
        assert counts(services.save_pay_rows([row], options, True))["same"] == 1
    stranger = access.actor_of_user(world.users["township_head_2"].id)
    with access.acting_as(stranger), pytest.raises(access.NotAllowed):
        services.save_pay_rows([row], options, True)


def test_a_person_of_the_roster_is_not_entered_twice(world: Any) -> None:
    chief = world.persons["chief_grid_leader"]
    row = {"village": "甲东村", "person_name": chief.name, "monthly": Decimal("4860.00"), "months": 12}
    services.save_pay_rows([row], Options(world.units["C"], "2025", extra={"layout": "e"}), False)
    assert [e.person_id for e in employments_below(world.units["C1A"], 2025)] == [chief.id]
