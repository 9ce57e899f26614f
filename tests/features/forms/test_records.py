"""Records: written by whom the form asks, bound to their version, checked and computed by the server, decided by two."""

from __future__ import annotations

from decimal import Decimal

import pytest
from factories.patrol import ANSWERS, FORM, PNG, as_, patrol_form
from factories.patrol import patrol_entry as entry

from app.domain.errors import RuleBroken
from app.features.forms import services
from app.features.forms.models import FormRecord
from app.features.forms.services import Entry, publish_form, save_records
from app.kit import access


@pytest.fixture
def form(world):
    return patrol_form(world)


def codes(refusal):
    return [(p.code, p.where) for p in refusal.value.problems]


def test_the_server_computes_and_copies_what_is_listed(world, form):
    with as_(world, "grid_worker"):
        (record,) = save_records([entry(world, form, answers={"total": "99", "village": "别处"})], submit=True)
    assert record.answers["total"] == "7.10"
    assert record.answers["village"] == "甲东村"
    copies = {getattr(record, slot) for slot in form.slots.values()}
    assert copies == {"甲东村", "fire", Decimal("7.10")}
    assert (record.state, record.person_id) == ("submitted", world.persons["grid_worker"].id)


def test_only_whom_the_form_asks_fills_it_in_and_where_he_may(world, form):
    with as_(world, "chief_grid_leader"), pytest.raises(RuleBroken) as refusal:
        save_records([entry(world, form)], submit=False)
    assert codes(refusal) == [("record.not_asked", "unit")]
    with as_(world, "grid_worker_2"), pytest.raises(access.NotAllowed):
        save_records([entry(world, form)], submit=False)


def test_all_problems_of_many_entries_are_told_at_once_and_nothing_is_saved(world, form, session):
    bad = [entry(world, form, answers={"kind": None}), entry(world, form, answers={"parts": [{"amount": "x"}]})]
    with as_(world, "grid_worker"), pytest.raises(RuleBroken) as refusal:
        save_records(bad, submit=True)
    assert {("answer.required", "0-kind"), ("answer.not_a_number", "1-parts[1].amount")} <= set(codes(refusal))
    assert session.query(FormRecord).count() == 0


def test_private_numbers_and_strangers_in_answers_are_refused(world, form):
    answers = {"parts": [{"name": "11010519491231002X"}], "who": world.persons["grid_worker_2"].id}
    with as_(world, "grid_worker"), pytest.raises(RuleBroken) as refusal:
        save_records([entry(world, form, answers=answers)], submit=False)
    assert codes(refusal) == [("private.identity", "parts[1].name"), ("answer.bad_reference", "who")]


def test_a_record_keeps_its_version_when_the_form_changes(world, form):
    with as_(world, "grid_worker"):
        (record,) = save_records([entry(world, form)], submit=False)
    publish_form({**FORM, "title": {"zh": "巡查记录（新）"}}, world.units["C"])
    with as_(world, "grid_worker"):
        save_records([Entry(form, None, ANSWERS, record=record, version=record.version)], submit=True)
        (new,) = save_records([entry(world, form)], submit=False)
    assert (record.form_version.number, new.form_version.number) == (1, 2)


def test_a_page_that_shows_an_older_state_is_told_so(world, form):
    with as_(world, "grid_worker"):
        (record,) = save_records([entry(world, form)], submit=False)
        seen = record.version
        save_records([Entry(form, None, {**ANSWERS, "cost": "1"}, record=record, version=seen)], submit=False)
        with pytest.raises(RuleBroken) as refusal:
            save_records([Entry(form, None, ANSWERS, record=record, version=seen)], submit=False)
    assert codes(refusal) == [("conflict", "")]


def test_one_record_a_person_and_month(world, form):
    services.change_settings(form, {"per": "person"})
    with as_(world, "grid_worker"):
        save_records([entry(world, form, period="2026-09")], submit=False)
        save_records([entry(world, form, period="2026-10")], submit=False)
        with pytest.raises(RuleBroken) as refusal:
            save_records([entry(world, form, period="2026-10")], submit=False)
        with pytest.raises(RuleBroken) as wrong:
            save_records([entry(world, form, period="2026Q3")], submit=False)
    assert codes(refusal) == [("record.already", "")]
    assert codes(wrong) == [("record.wrong_period", "period")]


def test_another_person_confirms_or_returns_with_a_reason(world, form):
    with as_(world, "grid_worker"):
        (record,) = save_records([entry(world, form)], submit=True)
        with pytest.raises(access.NotAllowed):
            services.review_records([record], "confirm")
    with as_(world, "evaluator"):
        with pytest.raises(RuleBroken):
            services.review_records([record], "return", " ")
        services.review_records([record], "return", "缺照片")
        assert (record.state, record.return_reason) == ("returned", "缺照片")
    with as_(world, "grid_worker"):
        save_records([Entry(form, None, ANSWERS, record=record, version=record.version)], submit=True)
    with as_(world, "evaluator"):
        services.review_records([record], "confirm")
    with as_(world, "grid_worker"), pytest.raises(RuleBroken):
        services.withdraw_record(record)
    assert record.state == "confirmed"


def test_nobody_confirms_what_he_handed_in_himself(world, form):
    services.change_settings(form, {"fill_roles": [], "keeper_level": "sub_grid"})
    with as_(world, "evaluator"):
        (record,) = save_records([entry(world, form)], submit=True)
        with pytest.raises(RuleBroken) as refusal:
            services.review_records([record], "confirm")
    assert codes(refusal) == [("record.own", "")]


def test_a_month_the_township_has_locked_takes_no_record(world, form):
    from app.features.duties.services import close_period, open_period

    open_period("2026-09", units=[world.units["C1"]])
    close_period("2026-09", units=[world.units["C1"]])
    with as_(world, "grid_worker"), pytest.raises(RuleBroken) as refusal:
        save_records([entry(world, form, period="2026-09")], submit=False)
    assert codes(refusal) == [("duties.period_closed", "period")]


def test_files_are_taken_by_what_they_hold(world, form):
    with as_(world, "grid_worker"):
        (record,) = save_records([entry(world, form)], submit=False)
        found = services.attach(record, "files", "../../现场.exe", PNG)
        assert (found.name, found.content_type, record.answers["files"]) == ("现场.exe.png", "image/png", [found.id])
        for content in (b"", b"MZ" + b"\0" * 99, b"<svg onload=alert(1)>", b"PK\x03\x04rubbish"):
            with pytest.raises(RuleBroken):
                services.attach(record, "files", "a.png", content)
        save_records([Entry(form, None, {**ANSWERS, "files": [found.id]}, record=record)], submit=True)
        with pytest.raises(RuleBroken) as refusal:
            save_records([entry(world, form, answers={"files": [found.id]})], submit=False)
    assert codes(refusal) == [("answer.bad_attachment", "files")]
