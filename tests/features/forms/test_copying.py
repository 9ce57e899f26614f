"""A field that is listed by a later version: its answers stand in the list of the older records as well, as soon as they can."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

import pytest
from factories.patrol import FORM, SETTINGS, as_, patrol_entry, patrol_form

from app.features.forms.models import FormRecord, MissingCopies
from app.features.forms.services import copying, publish_form, resume_copies, save_records
from app.kit import jobs

COSTS = ("10.00", "20.00", "30.00", "40.00", "50.00")


@pytest.fixture
def form(world):
    form = patrol_form(world)
    with as_(world, "grid_worker"):
        save_records([patrol_entry(world, form, answers={"cost": cost}) for cost in COSTS], submit=True)
    return form


def listing_costs(world):
    spec = deepcopy(FORM)
    next(field for field in spec["sections"][0]["fields"] if field["code"] == "cost")["is_listed"] = True
    return publish_form(spec, world.units["C"], settings=SETTINGS)


def shown(sign_in, form, query="min_cost=30"):
    return sign_in("evaluator").get(f"/records/{form.id}/?{query}").text


def facts(session):
    session.expire_all()
    return [
        (r.id, r.version, r.updated_at, r.form_version_id, r.answers) for r in session.query(FormRecord).order_by("id")
    ]


def test_the_records_of_a_small_form_are_found_by_a_newly_listed_field_at_once_and_stay_as_they_were(
    world, form, sign_in, session
):
    before = facts(session)
    listing_costs(world)
    page = shown(sign_in, form)
    assert "50.00" in page and "20.00" not in page and "新列出" not in page
    assert facts(session) == before and session.query(MissingCopies).count() == 0


@pytest.fixture
def a_step_of_two(monkeypatch):
    """A form with more than one record is a large one, gone through two records at a time."""
    monkeypatch.setattr(copying, "AT_ONCE", 1)
    monkeypatch.setattr(copying, "STEP", 2)
    monkeypatch.setattr(copying, "give_way", lambda: None)


def test_a_large_form_is_filled_in_by_a_job_that_stops_and_goes_on_where_it_was(
    world, form, sign_in, session, monkeypatch, a_step_of_two
):
    before = facts(session)
    progress = jobs.Progress
    steps = []

    def stop_after_two(self, done):
        steps.append(done)
        if len(steps) == 2:
            raise jobs.Stopped
        self.done = done

    with monkeypatch.context() as patch:
        patch.setattr(progress, "step", stop_after_two)
        listing_costs(world)
    left = session.query(MissingCopies).one()
    (stopped,) = session.query(jobs.Job).filter_by(kind=copying.JOB)
    assert (left.fields, stopped.state, steps) == (["cost"], "cancelled", [2, 4])
    page = shown(sign_in, form, "min_cost=10")
    assert "40.00" in page and "50.00" not in page and "“费用”" in page
    assert resume_copies() == 1
    session.expire_all()
    assert session.query(MissingCopies).count() == 0 and resume_copies() == 0
    page = shown(sign_in, form, "min_cost=10")
    assert "50.00" in page and "“费用”" not in page
    assert facts(session) == before


def test_a_record_saved_while_its_copies_are_made_keeps_what_was_saved(
    world, form, sign_in, session, monkeypatch, a_step_of_two
):
    real, first = copying.bulk.write_copies, session.query(FormRecord).order_by(FormRecord.id).first().id

    def saved_meanwhile(model, rows):
        record = session.get(FormRecord, first)
        if record.answers["cost"] != "99.00":
            record.answers = {**record.answers, "cost": "99.00"}
            setattr(record, form.slots["cost"], Decimal("99"))
            session.flush()
        return real(model, rows)

    monkeypatch.setattr(copying.bulk, "write_copies", saved_meanwhile)
    listing_costs(world)
    assert "99.00" in shown(sign_in, form, "min_cost=60") and "10.00" not in shown(sign_in, form, "max_cost=15")
