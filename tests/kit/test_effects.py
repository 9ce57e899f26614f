"""The way back of an import: each row as it stood before, and whether it is still as the import left it."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.features.duties.models import Duty, DutyTemplate
from app.features.people.models import Employment, Person
from app.features.people.services import add_person
from app.kit import effects, rows
from app.kit.audit import acting
from app.kit.db import transaction


def _as_stored(session: Any, model: Any, row_id: int) -> dict[str, Any]:
    return dict(next(rows.stored(session.connection(), model.__table__, [row_id])))


def test_each_row_is_kept_as_it_stood_and_comes_back_exactly(world: Any, session: Any) -> None:
    person = add_person(world.units["C1A"], "甲", phone="13912345678", training_date=date(2026, 3, 1))
    gone = add_person(world.units["C1A"], "乙")
    before, gone_id = _as_stored(session, Person, person.id), gone.id
    with transaction(), acting("test"), effects.recorded("import-1"):
        person.name, person.phone = "丙", None
        session.delete(gone)
        new = Person(unit=world.units["C1A"], name="丁")
        session.add(new)
        session.flush()
        person.name = "戊"  # twice in one set: the way back leads to the first
    found = {(one.table_name, one.row_id): one for one in effects.of("import-1")}
    edited, deleted, added = (found["person", i] for i in (person.id, gone_id, new.id))
    assert (edited.kind, deleted.kind, added.kind) == ("edit", "delete", "add")
    assert rows.values_for(Person, edited.before) == before
    assert added.before is None and deleted.before["name"] == "乙"
    assert effects.touched(found.values()) == []


def test_a_row_changed_deleted_or_made_again_since_is_told(world: Any, session: Any) -> None:
    with transaction(), acting("test"), effects.recorded("import-2"):
        people = [Person(unit=world.units["C1A"], name=name) for name in "甲乙丙"]
        session.add_all(people)
    left = effects.of("import-2")
    assert all(effects.untouched(one) for one in left)
    with transaction(), acting("test"):
        people[0].remarks = "后来改的"
        session.delete(people[1])
    assert {one.row_id for one in effects.touched(left)} == {left[0].row_id, left[1].row_id}
    effects.forget("import-2")
    assert effects.of("import-2") == []


def test_a_row_that_counts_its_versions_is_told_by_them_and_nothing_is_kept_outside(world: Any, session: Any) -> None:
    from app.features.duties.services import open_period

    open_period("2026-10")
    duty = session.query(Duty).join(DutyTemplate).filter(Duty.period == "2026-10").first()
    with transaction(), acting("test"), effects.recorded("import-3"):
        duty.answers = {"patrols": 3}
    (one,) = effects.of("import-3")
    assert one.after_stamp == str(duty.version) and one.before["answers"] == {} and effects.untouched(one)
    with transaction(), acting("test"):
        duty.answers = {"patrols": 4}
    assert not effects.untouched(one) and len(effects.of("import-3")) == 1


def test_what_the_database_deletes_with_a_row_is_kept_too(world: Any, session: Any) -> None:
    from factories.small_round import pay

    employment = pay(world.persons["supervisor"], world.units["C1A"])
    with transaction(), acting("test"), effects.recorded("import-4"):
        session.delete(session.get(Employment, employment.id))
    kept = effects.of("import-4")
    assert [one.table_name for one in kept] == ["employment"] + ["wage"] * 12
    assert {one.kind for one in kept} == {"delete"} and effects.touched(kept) == []
