"""The history of a record, and an earlier version of it brought back."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from app.features.org.models import OrgUnit
from app.kit.audit import AuditEntry
from app.kit.db import transaction


def edit(browser: Any, view: str, pk: int, **changed: str) -> Any:
    """Edit a record as its form does: what it shows goes back, but for what is changed."""
    import html

    page = browser.get(f"/{view}/edit/{pk}").get_data(as_text=True)
    form: dict[str, str] = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            form[name[1]] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', body)
        form[name] = (chosen[1] or chosen[2] or "") if chosen else ""
    return browser.post(f"/{view}/edit/{pk}", data=form | changed)


def entry(session: Any, table: str, row_id: int, place: int) -> AuditEntry:
    own = (AuditEntry.table_name == table, AuditEntry.row_id == str(row_id))
    return session.scalars(select(AuditEntry).where(*own).order_by(AuditEntry.id)).all()[place]


def test_a_history_says_who_changed_what_in_words(world: Any, session: Any, sign_in: Any) -> None:
    browser, village = sign_in("county_administrator"), world.units["C1A"]
    assert edit(browser, "units", village.id, name="甲东新村", households="312").status_code == 302
    page = browser.get(f"/history/org_unit/{village.id}").get_data(as_text=True)
    for words in ("甲东村", "甲东新村", "312", str(world.persons["county_administrator"].name)):
        assert words in page
    for raw in ("households", "parent_id", "org_unit.", "county_administrator"):
        assert raw not in re.sub(r"<[^>]+>", " ", page), raw


def test_the_pages_of_a_record_lead_to_its_history(world: Any, sign_in: Any) -> None:
    browser, person = sign_in("county_administrator"), world.persons["grid_worker"]
    for page in (f"/persons/show/{person.id}", f"/persons/edit/{person.id}", f"/person/{person.id}"):
        assert f"/history/person/{person.id}" in browser.get(page).get_data(as_text=True), page


def test_a_history_is_seen_by_whoever_sees_the_record_and_by_nobody_else(world: Any, sign_in: Any) -> None:
    stranger, own = world.persons["grid_worker_2"].id, world.persons["grid_worker"].id
    browser = sign_in("chief_grid_leader")
    assert browser.get(f"/history/person/{own}").status_code == 200
    assert browser.get(f"/history/person/{stranger}").status_code == 404
    for table in ("ab_user", "rights_entry", "web_session", "audit_entry", "nothing"):
        assert browser.get(f"/history/{table}/1").status_code == 404, table
    assert sign_in("audit_administrator").get(f"/history/person/{own}").status_code == 404


def test_numbers_stay_masked_in_a_history_c29(world: Any, session: Any, sign_in: Any) -> None:
    person = world.persons["grid_worker"]
    with transaction():
        person.phone = "13800138000"
    page = sign_in("county_administrator").get(f"/history/person/{person.id}").get_data(as_text=True)
    assert "138****8000" in page and "13800138000" not in page


def test_an_earlier_version_is_shown_first_and_then_brought_back(world: Any, session: Any, sign_in: Any) -> None:
    browser, village = sign_in("county_administrator"), world.units["C1A"]
    edit(browser, "units", village.id, name="改过一次", households="10")
    edit(browser, "units", village.id, name="改过两次", households="20")
    first = entry(session, "org_unit", village.id, 1)
    address = f"/history/org_unit/{village.id}/{first.id}/restore"
    page = browser.get(address).get_data(as_text=True)
    assert "改过一次" in page and "改过两次" in page
    stamp = re.search(r'name="row_version" value="([^"]+)"', page)[1]
    assert browser.post(address, data={"row_version": stamp}).status_code == 302
    session.expire_all()
    back = session.get(OrgUnit, village.id)
    assert (back.name, back.households) == ("改过一次", 10)
    assert entry(session, "org_unit", village.id, -1).action == "history.restore"


def test_a_relation_is_brought_back_too(world: Any, session: Any, sign_in: Any) -> None:
    person, browser = world.persons["grid_worker"], sign_in("county_administrator")
    was = person.unit_id
    with transaction():
        person.unit = world.units["C1B"]
    added = entry(session, "person", person.id, 0)
    address = f"/history/person/{person.id}/{added.id}/restore"
    stamp = re.search(r'name="row_version" value="([^"]+)"', browser.get(address).get_data(as_text=True))[1]
    browser.post(address, data={"row_version": stamp})
    session.expire_all()
    assert session.get(type(person), person.id).unit_id == was


def test_a_version_is_not_brought_back_over_what_somebody_else_saved_c17(
    world: Any, session: Any, sign_in: Any
) -> None:
    browser, village = sign_in("county_administrator"), world.units["C1A"]
    edit(browser, "units", village.id, name="改过一次")
    address = f"/history/org_unit/{village.id}/{entry(session, 'org_unit', village.id, 0).id}/restore"
    stamp = re.search(r'name="row_version" value="([^"]+)"', browser.get(address).get_data(as_text=True))[1]
    edit(browser, "units", village.id, name="别人改的")
    assert browser.post(address, data={"row_version": stamp}).status_code == 409
    session.expire_all()
    assert session.get(OrgUnit, village.id).name == "别人改的"


def test_who_may_not_edit_brings_nothing_back(world: Any, session: Any, sign_in: Any) -> None:
    village = world.units["C1A"]
    edit(sign_in("county_administrator"), "units", village.id, name="改过一次")
    first = entry(session, "org_unit", village.id, 0)
    browser = sign_in("chief_grid_leader")
    assert "/restore" not in browser.get(f"/history/org_unit/{village.id}").get_data(as_text=True)
    assert browser.post(f"/history/org_unit/{village.id}/{first.id}/restore").status_code == 403


def test_an_entry_of_another_record_is_not_brought_back_here(world: Any, session: Any, sign_in: Any) -> None:
    other = entry(session, "org_unit", world.units["C1B"].id, 0)
    browser = sign_in("county_administrator")
    assert browser.get(f"/history/org_unit/{world.units['C1A'].id}/{other.id}/restore").status_code == 404


def test_masked_and_secret_values_are_never_brought_back(world: Any, session: Any, sign_in: Any) -> None:
    person, browser = world.persons["grid_worker"], sign_in("county_administrator")
    with transaction():
        person.phone, person.remarks = "13800138000", "新"
    added = entry(session, "person", person.id, 0)
    page = browser.get(f"/history/person/{person.id}/{added.id}/restore").get_data(as_text=True)
    stamp = re.search(r'name="row_version" value="([^"]+)"', page)[1]
    browser.post(f"/history/person/{person.id}/{added.id}/restore", data={"row_version": stamp})
    session.expire_all()
    back = session.get(type(person), person.id)
    assert (back.phone, back.remarks) == ("13800138000", None)


def test_rights_and_forms_are_told_in_words_not_codes(app: Any, session: Any) -> None:
    from app.features.audit import fields

    with app.test_request_context():
        said = [fields.value("rights_entry", *pair) for pair in (("verb", "view"), ("resource", "units"))]
        said += [fields.value("form", *pair) for pair in (("purpose", "register"), ("state", "active"))]
        said.append(fields.value("form", "fill_roles", ["grid_worker", "volunteer"]))
        named = [fields.label(column) for column in ("verb", "resource", "reach", "username", "must_change_password")]
        assert fields.label("nobody_named_this") not in named
    assert not [text for text in said if text.isascii()], said


def test_every_column_of_a_record_has_a_name_in_words() -> None:
    from app.features.audit.labels import HIDDEN, LABELS
    from app.kit import wall

    unnamed = {
        f"{table.name}.{column.name}"
        for table in wall.scoped_models()
        for column in table.columns
        if column.name not in HIDDEN and column.name not in LABELS
    }
    assert unnamed == set()


def test_no_code_of_ours_stands_in_the_history_of_any_record(world: Any, session: Any, sign_in: Any) -> None:
    from factories.small_round import pay, publish_small_round

    from app.features.bonus.services import run_batch
    from app.features.ranking.services import publish_ranking, run_ranking

    round_ = publish_small_round(world)
    run = publish_ranking(run_ranking(round_))
    pay(world.persons["chief_grid_leader"], world.units["C1A"])
    batch = run_batch(run)
    session.commit()
    browser = sign_in("county_administrator")
    sheet = round_.sheets[0] if hasattr(round_, "sheets") else None
    for row in (
        round_,
        run,
        batch,
        world.units["C1A"],
        world.persons["grid_worker"],
        world.posts["grid_worker"],
        sheet,
    ):
        if row is not None:
            page = browser.get(f"/history/{row.__tablename__}/{row.id}")
            assert page.status_code == 200, row.__tablename__
            told = re.sub(r"<[^>]+>", " ", page.text[page.text.index("<h1") :].split("<script")[0])
            found = re.findall(r"\b[a-z]+_[a-z_]+\b|object at|\(l'|View\.", told)
            assert not found, (row.__tablename__, found[:5])
