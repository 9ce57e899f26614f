"""The register of certificates and service cases: on the page and in the workbook, by the same rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from factories.browsing import form_to, send

from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.certificate_sheet import CERTIFICATES
from app.features.duties.models import VillageRegister
from app.features.duties.queries.registers import certificate_context, certificate_rows, register_month
from app.kit import access, excel
from app.kit.exchange import Change, Options, counts

PERIOD = "2026-10"


def row(village: str = "甲东村", **more: Any) -> dict[str, Any]:
    said = {"certificates": {"居住": 2, "政审": 1}, "accepted": 28, "closed": 27, "instant": 12, "overdue": 1}
    return {"village": village, "month": PERIOD, "sheet": "统计", "row": 5, **said, **more}


def save(world: Any, *rows: dict[str, Any], dry: bool = False) -> list[Any]:
    return services.save_registers(list(rows), Options(world.units["C1"], PERIOD), dry)


def stored(session: Any) -> list[VillageRegister]:
    session.expire_all()
    return session.query(VillageRegister).all()  # type: ignore[no-any-return]


def test_a_new_row_is_kept_once_and_the_same_row_again_changes_nothing(world: Any, session: Any) -> None:
    assert counts(save(world, row(), dry=True))["new"] == 1 and stored(session) == []
    save(world, row())
    assert counts(save(world, row()))["same"] == 1
    changed = save(world, row(closed=28))
    assert changed[0].kind is Change.CHANGED and list(changed[0].cells.values()) == [("27", "28")]
    (kept,) = stored(session)
    assert kept.certificates["residence"] == 2 and kept.certificates["kinship"] == 0
    assert kept.village_id == world.units["C1A"].id


def test_the_workbook_comes_back_unchanged(world: Any) -> None:
    options = Options(world.units["C1"], PERIOD)
    save(world, row(certificates={"亲属": 1}, reason="档案馆无存"))
    rows, meta = certificate_rows(options)
    result = excel.read(CERTIFICATES, excel.write(CERTIFICATES, rows, meta), "g.xlsx", certificate_context(options))
    assert (result.outcome, result.issues) == ("rows", [])
    assert [change.kind for change in services.save_registers(result.rows, options, True)] == [Change.SAME]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"closed": 29}, "register.closed_above"),
        ({"instant": 28}, "register.instant_above"),
        ({"overdue": -1}, "register.below_zero"),
        ({"village": "没有村"}, "E31"),
        ({"month": "2026"}, "duties.not_a_month"),
    ],
)
def test_figures_that_cannot_be_are_refused(world: Any, session: Any, more: dict[str, Any], code: str) -> None:
    (change,) = save(world, row(**more))
    assert (change.kind, [p.code for p in change.problems]) == (Change.REFUSED, [code])
    assert stored(session) == []


def test_a_locked_month_takes_no_figures(world: Any) -> None:
    services.open_period(PERIOD, units=[world.units["C1"]])
    save(world, row())
    services.close_period(PERIOD, units=[world.units["C1"]])
    (change,) = save(world, row(closed=20))
    assert [p.code for p in change.problems] == ["duties.period_closed"]
    assert save(world, row())[0].kind is Change.SAME


def test_the_page_asks_why_a_certificate_was_issued_that_should_not_be(world: Any, session: Any, sign_in: Any) -> None:
    leader = sign_in("chief_grid_leader")
    page, action = (f"/registers/{world.units['C1A'].id}{end}" for end in (f"?period={PERIOD}", "/save"))
    opened = form_to(leader.get(page).text, action).values
    typed = {"kinship": "1", "accepted": "10", "closed": "9"}
    assert send(leader, page, action, **typed).status_code == 422 and stored(session) == []
    assert send(leader, page, action, **typed, reason="档案馆无存").status_code == 302
    (kept,) = stored(session)
    assert (kept.certificates["kinship"], kept.accepted, kept.reason) == (1, 10, "档案馆无存")
    stale = leader.post(action, data={**opened, "request_key": "", "accepted": "11"})
    assert stale.status_code == 409 and stored(session)[0].accepted == 10


def test_a_leader_of_another_village_sees_and_keeps_nothing_here(world: Any, sign_in: Any) -> None:
    save(world, row())
    assert sign_in("chief_grid_leader_2").get(f"/registers/{world.units['C1A'].id}").status_code == 404
    with access.acting_as(access.actor_of_user(user_by_name("chief_grid_leader_2").id)):
        assert register_month(PERIOD).now.villages == 0


def test_rates_and_the_change_against_the_year_before_are_reckoned_over_the_same_villages(world: Any) -> None:
    save(world, row(accepted=83, closed=80, certificates={"居住": 6}))
    services.save_registers(
        [row(month="2025-10", accepted=60, closed=60, certificates={"居住": 12})], Options(world.units["C1"]), False
    )
    month = register_month(PERIOD, world.units["C1"])
    assert month.now.closure_rate == Decimal("96.39")
    assert (month.certificates_change, month.accepted_change) == (Decimal("-50.00"), Decimal("38.33"))
