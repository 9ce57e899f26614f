"""The pages of records: filled in without a script, found again in the list, printed by their own version."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from factories.patrol import FORM, PNG, as_, patrol_entry, patrol_form
from sqlalchemy import event

from app.features.forms.models import FormAttachment, FormRecord, HeldFile
from app.features.forms.queries.records import record_page
from app.features.forms.services import held_files, hold, publish_form, purge_held, review_records, save_records

TYPED = {"kind": "fire", "cost": "12.50", "parts-0-name": "水带", "parts-0-amount": "3.10", "parts-7-name": "桶"}


@pytest.fixture
def form(world):
    return patrol_form(world)


def filled(world, form, **more):
    with as_(world, "grid_worker"):
        return save_records([patrol_entry(world, form, **more)], submit=True)[0]


def test_a_worker_fills_it_in_without_a_script_and_is_kept_from_losing_anything(world, form, sign_in, session):
    browser = sign_in("grid_worker")
    address = f"/records/{form.id}/new"
    page = browser.get(address).text
    assert 'value="甲东村" readonly' in page and "data-record=" in page and "试" in page
    more = browser.post(address, data={**TYPED, "add_row": "parts"}).text
    assert (
        more.count('data-row="parts-') == 2 + 3 + 1
    )  # what was typed, three empty ones, and what a new one is made of
    refused = browser.post(address, data={**TYPED, "parts-7-amount": "x", "act": "submit"})
    assert refused.status_code == 422 and 'href="#parts-1-amount"' in refused.text and "12.50" in refused.text
    done = browser.post(address, data={**TYPED, "act": "submit"}, follow_redirects=True)
    record = session.query(FormRecord).one()
    assert done.status_code == 200 and "3.10" in done.text and "水带" in done.text
    assert (record.state, record.answers["total"]) == ("submitted", "3.10")
    assert record.answers["parts"] == [{"name": "水带", "amount": "3.10"}, {"name": "桶", "amount": None}]


def test_files_stay_when_the_rest_is_refused_and_come_as_files(world, form, sign_in, session):
    browser = sign_in("grid_worker")
    data = {"kind": "", "act": "submit", "files-file": (io.BytesIO(PNG), "<b>现场.png")}
    refused = browser.post(f"/records/{form.id}/new", data=data)
    record = session.query(FormRecord).one()
    assert refused.status_code == 422 and "b现场.png" in refused.text and record.state == "draft"
    (key,) = record.answers["files"]
    answer = browser.get(f"/records/entry/{record.id}/file/{key}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sent = {"kind": "flood", "record_version": record.version, "act": "submit"}
    browser.post(f"/records/entry/{record.id}/edit", data=sent)  # the tick at the file is gone
    session.expire_all()
    assert "files" not in record.answers and browser.get(answer.request.path).status_code == 404


def test_files_sent_with_a_page_not_even_a_draft_can_be_made_of_wait_for_their_sender(world, form, sign_in, session):
    browser, address = sign_in("grid_worker"), f"/records/{form.id}/new"
    bad = {"kind": "fire", "cost": "约三百", "act": "draft"}
    sent = [(io.BytesIO(PNG), "现场.png"), (io.BytesIO(b"MZ"), "x.exe")]
    refused = browser.post(address, data={**bad, "files-file": sent})
    assert refused.status_code == 422 and session.query(FormRecord).count() == 0
    held = session.query(HeldFile).one()
    token, keep = held.token, {"files-held": held.token}
    assert f'value="{token}" checked' in refused.text and "约三百" in refused.text
    again = browser.post(address, data={**bad, **keep, "add_row": "parts"})
    assert f'value="{token}" checked' in again.text and session.query(HeldFile).count() == 1
    browser.post(address, data={**bad, "cost": "3", "act": "submit", **keep})
    record, attached = session.query(FormRecord).one(), session.query(FormAttachment).one()
    assert record.answers["files"] == [attached.id] and (attached.name, attached.content) == ("现场.png", PNG)
    assert session.query(HeldFile).count() == 0


def test_a_held_file_is_its_senders_alone_and_gone_after_a_day(world, form, session):
    with as_(world, "grid_worker"):
        held = hold(form, "files", "现场.png", PNG)
        assert held_files(form, "files", [held.token]) == [held] and held_files(form, "other", [held.token]) == []
    with as_(world, "chief_grid_leader"):
        assert held_files(form, "files", [held.token]) == []
    with as_(world, "grid_worker"):
        held.held_at -= timedelta(days=1, minutes=1)
        session.commit()
        assert held_files(form, "files", [held.token]) == []
    assert purge_held() == 1


def test_another_township_sees_nothing_of_it(world, form, sign_in):
    record = filled(world, form)
    for stranger in ("grid_worker_2", "chief_grid_leader_2", "evaluator_2"):
        browser = sign_in(stranger)
        assert browser.get(f"/records/entry/{record.id}").status_code == 404
        assert "甲东村" not in browser.get(f"/records/{form.id}/").text


def test_an_old_record_shows_and_prints_by_its_own_version(world, form, sign_in):
    record = filled(world, form)
    changed = {**FORM, "title": {"zh": "巡查记录新版"}}
    changed["sections"] = [{**FORM["sections"][0], "fields": FORM["sections"][0]["fields"][1:2]}]
    publish_form(changed, world.units["C"])
    browser = sign_in("evaluator")
    for address in (f"/records/entry/{record.id}", f"/records/entry/{record.id}/print"):
        page = browser.get(address).text
        assert "水带" in page and "12.50" in page and "巡查记录新版" not in page


def test_the_evaluator_confirms_or_returns_on_the_page(world, form, sign_in, session):
    record = filled(world, form)
    browser = sign_in("evaluator")
    page = f"/records/entry/{record.id}"
    browser.post(f"{page}/return", data={"reason": "缺照片", "row_version": record.version})
    session.expire_all()
    assert record.state == "returned"
    assert "缺照片" in sign_in("grid_worker").get(f"{page}/edit").text


def test_the_list_filters_and_sorts_by_what_is_listed(world, form):
    costs = {"fire": ["5", "1", None], "flood": ["2"]}
    for kind, amounts in costs.items():
        for amount in amounts:
            answers = {"kind": kind, "parts": [{"name": "甲", "amount": amount}]}
            filled(world, form, answers=answers)
    slot = form.slots["total"]

    def totals(**args):
        return [getattr(record, slot) for record in record_page(form, args).records]

    with as_(world, "evaluator"):
        assert totals(sort="total", q_kind="fire") == [0, 1, 5]
        assert totals(sort="-total", min_total="1", max_total="2") == [Decimal(2), Decimal(1)]
        assert totals(q_village="东") and not totals(q_village="西")
        assert len(totals(unit=str(world.units["C1A"].id))) == 4 and not totals(unit=str(world.units["C2"].id))
        assert not totals(state="draft") and not totals(period="1999-01")
        assert record_page(form, {"min_total": "drei"}).wrong == ["min_total"]


def test_records_without_the_sorted_value_come_last_on_every_page(world, form):
    with as_(world, "grid_worker"):
        entries = [patrol_entry(world, form, answers={"kind": None if n % 2 else "fire"}) for n in range(50)]
        save_records(entries, submit=False)
        pages = [record_page(form, {"sort": "kind", "page": str(n)}) for n in (1, 2, 3)]
    kinds = [getattr(record, form.slots["kind"]) for page in pages for record in page.records]
    assert kinds == ["fire"] * 25 + [None] * 25
    assert len({record.id for page in pages for record in page.records}) == 50
    assert [page.has_more for page in pages] == [True, True, False]


def test_a_list_page_asks_the_database_ten_times_at_most_and_stays_small(world, form, sign_in, session):
    with as_(world, "grid_worker"):
        save_records([patrol_entry(world, form) for _ in range(30)], submit=True)
    browser, address = sign_in("evaluator"), f"/records/{form.id}/?unit={world.units['C1'].id}&q_kind=fire"
    browser.get(address)
    session.expunge_all()
    asked = []
    listener = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(session.connection(), "before_cursor_execute", listener)
    page = browser.get(address)
    event.remove(session.connection(), "before_cursor_execute", listener)
    assert "甲东村" in page.text and len(page.data) < 40_000
    asked = [statement for statement in asked if statement.startswith("SELECT")]
    assert len(asked) <= 10, asked


def test_whoever_designs_it_tries_it_and_that_counts_nowhere(world, form, sign_in):
    from app.features.forms.services import draft_of, start_testing

    with as_(world, "county_administrator"):
        start_testing(draft_of(form))
    browser = sign_in("county_administrator")
    address = f"/records/{form.id}/new?test=1&unit={world.units['C1A'].id}"
    assert browser.post(address, data={**TYPED, "act": "submit"}, follow_redirects=True).status_code == 200
    with as_(world, "county_administrator"):
        assert not record_page(form, {}).records
    assert sign_in("grid_worker").get(address).status_code == 404


def test_what_waits_for_whom_is_counted_on_the_first_page(world, form, sign_in):
    record = filled(world, form)
    assert sign_in("evaluator").get("/records/").text.count("state-warn") == 1
    with as_(world, "evaluator"):
        review_records([record], "return", "缺照片")
    assert sign_in("grid_worker").get("/records/").text.count("state-bad") == 1
