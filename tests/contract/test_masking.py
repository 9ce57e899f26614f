"""Numbers of persons on every way out: lists, pages, prints, look-ups, files, the trail; whole only with right, reason and record."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import Any

import pytest
from factories.addresses import addresses_of, rules_for
from factories.browsing import send
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.domain.rights import Role
from app.features.duties.models import Lead
from app.features.people.models import Person
from app.kit import access, masking
from app.kit.audit import AuditEntry, acting
from app.kit.db import transaction

PHONE, SHOWN = "13912345678", "139****5678"
MOST = 4  # addresses of one route
IDENTITY, CARD = "11010519491231002X", "6222021234567890128"


@pytest.fixture
def phones(world: Any, session: Any) -> Any:
    with transaction(), acting("people.save"):
        for person in world.persons.values():
            person.phone = PHONE
    return world


def text_in(answer: Any) -> str:
    """The text of an answer, of a workbook every cell, comment and property."""
    if not answer.mimetype.endswith("sheet"):
        return str(answer.get_data(as_text=True))
    book = load_workbook(BytesIO(answer.data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return " ".join([*(str(c.value) for c in cells), *(str(c.comment) for c in cells), str(book.properties)])


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812345678", "138****5678"), ("0431-8765432", "043****5432"), ("1234567", "****67"), ("", "")],
)
def test_a_telephone_number_shows_three_and_four_c29(number: str, shown: str) -> None:
    assert masking.phone(number) == shown
    assert masking.is_masked(shown) is bool(number)


def test_numbers_in_words_are_masked_each_in_its_way_c29() -> None:
    words = f"老李 13812345678，身份证{IDENTITY}，卡{CARD}，得分98.50"
    assert masking.text(words) == "老李 138****5678，身份证110***********002X，卡****0128，得分98.50"


@pytest.mark.parametrize("role", [Role.COUNTY_ADMINISTRATOR, Role.CHIEF_GRID_LEADER])
def test_no_address_gives_a_whole_number_c29(role: Role, phones: Any, app: Any, sign_in: Any) -> None:
    browser = sign_in(role.value)
    person, post = phones.persons["grid_worker"], phones.posts["grid_worker"]
    rows = {"person": person.id, "post": post.id, "org_unit": person.unit_id, "ab_user": phones.users["grid_worker"].id}
    for rule in rules_for(app, "GET"):
        known = {name.removesuffix("_id") for name in rule.arguments} <= {
            "person",
            "post",
            "unit",
            "user",
            "pk",
            "table",
            "row",
            "code",
        }
        if not known or (
            "pk" in rule.arguments and not rule.endpoint.startswith(("PersonView", "PostView", "UnitView"))
        ):
            continue
        for address in islice(addresses_of(app, rule, rows), MOST):
            answer = browser.get(address)
            assert PHONE not in text_in(answer), f"{role.value} reads a whole number at {address}"


def test_where_a_number_is_shown_it_is_masked_c29(phones: Any, sign_in: Any) -> None:
    browser, person = sign_in("county_administrator"), phones.persons["grid_worker"]
    for address in (
        "/roster/",
        "/persons/list/",
        f"/persons/show/{person.id}",
        f"/person/{person.id}",
        f"/persons/edit/{person.id}",
    ):
        assert SHOWN in browser.get(address).text, address


def test_the_trail_and_the_history_keep_masked_numbers_c29(phones: Any, session: Any, sign_in: Any) -> None:
    kept = [
        str(entry.changes) for entry in session.scalars(select(AuditEntry).where(AuditEntry.table_name == "person"))
    ]
    assert any(SHOWN in changes for changes in kept) and not any(PHONE in changes for changes in kept)
    person = phones.persons["grid_worker"]
    history = sign_in("county_administrator").get(f"/history/person/{person.id}")
    assert history.status_code == 200 and PHONE not in history.text


def exported(browser: Any, **form: Any) -> Any:
    return browser.post("/exchange/export/roster.xlsx", data={"unit": "C1A", **form})


def test_a_roster_goes_out_masked_unless_whole_is_asked_with_right_and_reason_c29(
    phones: Any, session: Any, sign_in: Any
) -> None:
    administrator = sign_in("county_administrator")
    usual = text_in(exported(administrator))
    assert SHOWN in usual and PHONE not in usual
    refused = exported(administrator, whole="1", reason="  ")
    assert refused.mimetype == "text/html" and PHONE not in refused.text
    whole = text_in(exported(administrator, whole="1", reason="核对联系电话"))
    assert PHONE in whole
    entry = session.scalars(select(AuditEntry).where(AuditEntry.kind == "unmask")).one()
    assert entry.changes["reason"] == "核对联系电话" and entry.changes["rows"] > 0 and PHONE not in str(entry.changes)


def test_whoever_may_export_may_not_therefore_see_numbers_whole_c29(phones: Any, session: Any, sign_in: Any) -> None:
    clerk = sign_in("county_clerk")
    assert 'name="whole"' not in clerk.get("/exchange/export/roster").text
    assert exported(clerk, whole="1", reason="要用").status_code in (403, 404)
    assert session.scalars(select(AuditEntry).where(AuditEntry.kind == "unmask")).all() == []


def test_a_number_is_shown_once_on_the_page_of_a_person_c29(phones: Any, session: Any, sign_in: Any) -> None:
    browser, person = sign_in("county_administrator"), phones.persons["grid_worker"]
    assert PHONE in browser.post(f"/person/{person.id}/unmask", data={"reason": "通知开会"}).text
    assert PHONE not in browser.get(f"/person/{person.id}").text
    assert PHONE not in browser.post(f"/person/{person.id}/unmask", data={"reason": ""}, follow_redirects=True).text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.kind == "unmask")).one()
    assert (entry.username, entry.row_id, entry.changes["reason"]) == (
        "county_administrator",
        str(person.id),
        "通知开会",
    )


@pytest.mark.parametrize(
    ("number", "code"), [(IDENTITY, "private.identity"), (CARD, "private.bank_card")], ids=["identity", "card"]
)
def test_private_numbers_of_villagers_are_refused_in_free_text_c29(
    world: Any, session: Any, number: str, code: str
) -> None:
    with access.everything("the test"), pytest.raises(RuleBroken) as refusal, transaction():
        world.persons["grid_worker"].remarks = f"家属 {number}"
    assert [(p.code, p.where) for p in refusal.value.problems] == [(code, "remarks")]


def test_they_are_refused_inside_json_and_with_a_sentence_at_the_field_c29(
    world: Any, session: Any, sign_in: Any
) -> None:
    from app.kit.saving import private_numbers_in

    problems = private_numbers_in("duty", {"answers": {"visit": [{"words": f"证号{IDENTITY}"}]}, "state": IDENTITY})
    assert [(problem.code, problem.where) for problem in problems] == [("private.identity", "answers")]
    person = world.persons["grid_worker"]
    page = send(sign_in("county_administrator"), f"/persons/edit/{person.id}", remarks=f"卡号{CARD}")
    assert page.status_code == 200 and "这像是银行卡号" in page.text and CARD in page.text
    session.refresh(person)
    assert CARD not in (person.remarks or "")


def test_a_workbook_with_a_private_number_says_the_cell_and_keeps_no_number_c29(world: Any) -> None:
    from app.kit.excel import clean

    bad = clean.text(f"家属证号{IDENTITY}")
    assert (bad.code, bad.reason) == ("E41", "private") and IDENTITY not in str(bad)


def test_what_was_there_before_may_stay_while_other_things_change_c29(world: Any, session: Any) -> None:
    from sqlalchemy import update

    person = world.persons["grid_worker"]
    session.execute(update(Person.__table__).where(Person.__table__.c.id == person.id).values(remarks=IDENTITY))
    session.refresh(person)
    with access.everything("the test"), transaction():
        person.gender = "女"
    assert person.gender == "女"


def test_leads_hold_no_private_number_either_c29(world: Any) -> None:
    from app.kit.personal import free_columns

    assert {"words", "finding", "solution", "result", "place", "reason"} <= free_columns(Lead.__tablename__)
