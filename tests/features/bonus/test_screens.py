"""Wages, batches and own awards through the pages: who enters, computes, approves, reads."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from factories.browsing import form_to, of, send
from factories.small_round import pay, publish_small_round
from openpyxl import load_workbook

from app.features.bonus.models import BonusBatch, PayLine
from app.features.bonus.queries import batch_rows, lines_of
from app.features.bonus.queries.wages import wages_in, year_months
from app.features.ranking.services import approve_setting, confirm_multipliers, publish_ranking, run_ranking


@pytest.fixture
def paid_world(world: Any) -> Any:
    """A published ranking of township C1, two persons on the pay roll, multipliers confirmed."""
    world.run = publish_ranking(run_ranking(publish_small_round(world)))
    approve_setting(confirm_multipliers(world.units["C"], middle="2.0", bottom="1.0", reason="县里研究"))
    world.chief = pay(world.persons["chief_grid_leader"], world.units["C1A"], "4860.00")
    world.worker = pay(world.persons["grid_worker"], world.units["C1B"], "4320.50")
    return world


def computed(world: Any, sign_in: Any, session: Any) -> BonusBatch:
    sign_in("county_administrator").post("/award-batches/run", data={"run": world.run.id})
    return session.query(BonusBatch).order_by(BonusBatch.id.desc()).first()


def test_one_person_computes_awards_and_another_approves_them(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    assert batch.summary["total_award"] == "20791.00"  # 4860.00 × 2.5 + 4320.50 × 2
    administrator, head = sign_in("county_administrator"), sign_in("township_head")
    administrator.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    session.refresh(batch)
    assert batch.state == "computed"
    assert "另一人" in administrator.get(f"/award-batches/{batch.id}").text
    head.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    session.refresh(batch)
    assert (batch.state, batch.approved_by) == ("approved", "township_head")


def test_the_batch_page_adds_up_and_opens_into_computations(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    head = sign_in("township_head")
    page = head.get(f"/award-batches/{batch.id}").text
    assert "20,791.00" in page and "12,150.00" in page and "8,641.00" in page
    line = next(line for line in lines_of(batch) if line.employment_id == paid_world.chief.id)
    assert "4860.00 × 2.5 × 12 ÷ 12 = 12150" in head.get(f"/award-batches/{batch.id}/lines/{line.id}").text
    assert "大写：贰万零柒佰玖拾壹元整" in head.get(f"/award-batches/{batch.id}/payroll").text
    only = head.get(f"/award-batches/{batch.id}?village=C1B").text
    assert "8,641.00" in only and "12,150.00" not in only.split("发放明细")[-1].split("</table>")[0]


def test_a_person_sees_his_own_award_once_it_is_approved(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    chief = sign_in("chief_grid_leader")
    lines = {line.employment_id: line for line in lines_of(batch)}
    mine, other = lines[paid_world.chief.id], lines[paid_world.worker.id]
    assert "12,150.00" not in chief.get("/my-award/").text
    assert chief.get(f"/award-batches/{batch.id}/lines/{mine.id}").status_code == 404
    sign_in("township_head").post(f"/award-batches/{batch.id}/approve", data=of(batch))
    assert "12,150.00" in chief.get("/my-award/").text
    assert "8,641.00" not in chief.get("/my-award/").text
    assert chief.get(f"/award-batches/{batch.id}/lines/{mine.id}").status_code == 200
    for path in ("", f"/lines/{other.id}", "/payroll", "/notice"):
        assert chief.get(f"/award-batches/{batch.id}{path}").status_code in (403, 404), path


def test_no_stranger_reaches_a_batch(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    line = lines_of(batch)[0]
    for name in ("evaluator_2", "township_head_2", "chief_grid_leader_2", "volunteer", "supervisor"):
        browser = sign_in(name)
        for path in ("", f"/lines/{line.id}", "/payroll", "/notice"):
            assert browser.get(f"/award-batches/{batch.id}{path}").status_code in (403, 404), (name, path)
        for act in ("approve", "return", "export", f"lines/{line.id}/decide"):
            answer = browser.post(f"/award-batches/{batch.id}/{act}", data={"reason": "x", "amount": "1"})
            assert answer.status_code in (403, 404), (name, act)
    session.refresh(batch)
    assert batch.state == "computed"


def test_a_township_sees_its_own_lines_of_the_batch_of_its_county(world: Any, operator: Any, sign_in: Any) -> None:
    # a batch that hangs on the county, with one line in each township
    world.run = publish_ranking(run_ranking(publish_small_round(world)))
    pay(world.persons["chief_grid_leader"], world.units["C1A"])
    batch = BonusBatch(
        unit=world.units["C"], ranking_run=world.run, number=7, year=2025, rule_version="t", policy=world.run.policy,
        inputs={}, summary={"warnings": [], "budget_factor": None}, digest="0" * 64, run_by="x",
    )  # fmt: skip
    for name, village, award in (("chief_grid_leader", "C1A", "111.11"), ("chief_grid_leader_2", "C2A", "222.22")):
        employment = pay(world.persons[name], world.units[village], title="书记")
        line = PayLine(
            batch=batch, unit=world.units[village], employment=employment, person=world.persons[name], months=12,
            monthly_wage=Decimal(1), band="top", multiplier=Decimal(1), award=Decimal(award),
            payable_now=Decimal(award), status="payable", segments=[],
        )  # fmt: skip
        from app.kit.db import db

        db.session.add(line)
    db.session.commit()
    page = sign_in("township_head").get(f"/award-batches/{batch.id}")
    assert page.status_code == 200 and "111.11" in page.text and "222.22" not in page.text


def test_wages_typed_in_the_table_hold_for_the_months_chosen(paid_world: Any, sign_in: Any) -> None:
    administrator = sign_in("county_administrator")
    employment = paid_world.worker
    data = {"village": "C1B", "year": "2025", "first": "9", "last": "12"}
    data |= {f"w-{employment.id}-base_allowance": "4,600.00", f"w-{employment.id}-post_allowance": "１00"}
    send(administrator, "/wages/?village=C1B&year=2025&first=9&last=12", "/wages/save", **data)
    wages = wages_in([employment], year_months(2025))[employment.id]
    assert [str(wages[month].base_allowance) for month in ("2025-08", "2025-09")] == ["4320.50", "4600.00"]
    assert str(wages["2025-12"].post_allowance) == "100.00"
    assert "各月不同" in administrator.get("/wages/?village=C1B&year=2025").text


@pytest.mark.parametrize("typed", ["-1", "abc", "1.234", "99999999"])
def test_a_wrong_wage_is_told_at_its_cell_and_nothing_is_saved_by_half(
    paid_world: Any, sign_in: Any, typed: str
) -> None:
    employment = paid_world.worker
    data = {"village": "C1B", "year": "2025", "first": "1", "last": "12"}
    data |= {f"w-{employment.id}-base_allowance": "5000", f"w-{employment.id}-post_allowance": typed}
    answer = send(sign_in("county_administrator"), "/wages/?village=C1B&year=2025", "/wages/save", **data)
    assert answer.status_code == 422 and f'value="{typed}"' in answer.text and "field-error" in answer.text
    wages = wages_in([employment], year_months(2025))[employment.id]
    assert str(wages["2025-01"].base_allowance) == "4320.50"


def test_wages_are_entered_by_the_county_and_by_nobody_else(paid_world: Any, sign_in: Any) -> None:
    data = {"village": "C1B", "year": "2025", f"w-{paid_world.worker.id}-base_allowance": "1"}
    for name in ("evaluator", "township_head", "chief_grid_leader", "volunteer", "evaluator_2"):
        assert sign_in(name).post("/wages/save", data=data).status_code in (403, 404), name
    assert sign_in("evaluator_2").get("/wages/?village=C1B").status_code == 404
    wages = wages_in([paid_world.worker], year_months(2025))[paid_world.worker.id]
    assert str(wages["2025-01"].base_allowance) == "4320.50"


def test_a_held_award_waits_for_a_decision(paid_world: Any, sign_in: Any, session: Any) -> None:
    paid_world.worker.hold = "hold"
    session.commit()
    batch = computed(paid_world, sign_in, session)
    line = next(line for line in lines_of(batch) if line.employment_id == paid_world.worker.id)
    assert (line.status, line.award, line.payable_now) == ("held", Decimal("8641.00"), Decimal("0.00"))
    head = sign_in("township_head")
    head.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    place = f"/award-batches/{batch.id}/lines/{line.id}/decide"
    assert head.post(place, data=of(line, amount="9000", reason="结案")).status_code == 422
    assert head.post(place, data=of(line, amount="4000", reason="")).status_code == 422
    assert head.post(place, data=of(line, amount="4000", reason="结案，发放部分")).status_code == 302
    session.refresh(line)
    assert (line.status, line.payable_now, line.award) == ("payable", Decimal("4000.00"), Decimal("8641.00"))


def test_a_move_between_villages_is_one_award_of_two_segments(paid_world: Any, sign_in: Any, session: Any) -> None:
    mover = paid_world.persons["supervisor"]
    pay(mover, paid_world.units["C1B"], "4500.00", range(1, 7))
    pay(mover, paid_world.units["C1A"], "4500.00", range(7, 13))
    batch = computed(paid_world, sign_in, session)
    line = next(line for line in lines_of(batch) if line.person_id == mover.id)
    assert (line.award, line.months) == (Decimal("10125.00"), 12)  # 4500 × 2 × 6/12 + 4500 × 2.5 × 6/12
    assert [segment["award"] for segment in line.segments] == ["4500.00", "5625.00"]
    assert sum(row["award_due"] for row in batch_rows(batch)) == Decimal(batch.summary["total_award"])


def test_the_pay_workbook_opens_and_its_totals_are_formulas(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    head = sign_in("township_head")
    head.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    content = head.post(f"/award-batches/{batch.id}/export").data
    session.refresh(batch)
    assert batch.state == "exported"
    formulas = load_workbook(io.BytesIO(content))["发放表"]
    values = load_workbook(io.BytesIO(content), data_only=True)["发放表"]
    total = next(row[0].row for row in values.iter_rows() if "".join(str(row[0].value).split()) == "合计")
    due = next(c.column for row in values.iter_rows() for c in row if c.value == "应发奖励")
    assert values.cell(total, due).value == 20791
    assert str(formulas.cell(total, due).value).startswith("=")


def test_the_scenarios_stand_side_by_side(paid_world: Any, sign_in: Any, session: Any) -> None:
    page = sign_in("county_administrator").get(f"/award-scenarios/?run={paid_world.run.id}&B.top_multiplier=3")
    assert "20,791.00" in page.text and "23,221.00" in page.text and "2,430.00" in page.text
    assert session.query(BonusBatch).count() == 0
    wrong = sign_in("county_administrator").get("/award-scenarios/?A.top_multiplier=abc")
    assert wrong.status_code == 200 and "abc" in wrong.text
    assert "20,791.00" not in sign_in("township_head_2").get("/award-scenarios/").text


def test_the_circular_waits_for_approval(paid_world: Any, sign_in: Any, session: Any) -> None:
    batch = computed(paid_world, sign_in, session)
    head = sign_in("township_head")
    assert "审批通过后才能通报" in head.get(f"/award-batches/{batch.id}/notice").text
    head.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    assert "无需通报" in head.get(f"/award-batches/{batch.id}/notice").text


def test_two_who_type_the_same_wage_see_each_other_and_lose_nothing_c17(paid_world: Any, sign_in: Any) -> None:
    browser, employment = sign_in("county_administrator"), paid_world.worker
    name = f"w-{employment.id}-base_allowance"
    page = form_to(browser.get("/wages/?village=C1B&year=2025").text, "/wages/save").values  # opened by both
    assert browser.post("/wages/save", data={**page, name: "4700.00"}).status_code == 302
    lost = browser.post("/wages/save", data={**page, "request_key": "", name: "4800.00"})
    assert lost.status_code == 409 and "4700.00" in lost.text and 'value="4800.00"' in lost.text
    wages = wages_in([employment], year_months(2025))[employment.id]
    assert str(wages["2025-01"].base_allowance) == "4700.00"
    again = {**form_to(lost.text, "/wages/save").values, name: "4800.00"}
    assert browser.post("/wages/save", data=again).status_code == 302, "having seen it, he may"


def test_whoever_is_paid_himself_is_warned_and_the_trail_says_so(paid_world: Any, sign_in: Any, session: Any) -> None:
    from app.kit.audit import AuditEntry

    pay(paid_world.persons["township_head"], paid_world.units["C1A"], "4000.00")
    batch = computed(paid_world, sign_in, session)
    head = sign_in("township_head")
    assert "本批次中有您本人" in head.get(f"/award-batches/{batch.id}").text
    head.post(f"/award-batches/{batch.id}/approve", data=of(batch))
    entry = session.query(AuditEntry).filter_by(kind="own pay").one()
    assert entry.changes == {"persons": [paid_world.persons["township_head"].name]}


def test_whoever_stands_in_for_the_one_who_computed_may_not_approve_c16(
    paid_world: Any, sign_in: Any, session: Any
) -> None:
    from app.features.people.services import substitute
    from app.kit import clock

    batch, today = computed(paid_world, sign_in, session), clock.today()
    post = paid_world.posts["county_administrator"]
    substitute(post, paid_world.persons["township_head"], today, today, reason="出差")
    sign_in("township_head").post(f"/award-batches/{batch.id}/approve", data=of(batch))
    session.refresh(batch)
    assert batch.state == "computed"
    sign_in("county_administrator_b").post(f"/award-batches/{batch.id}/approve", data=of(batch))
    session.refresh(batch)
    assert batch.state == "approved"
