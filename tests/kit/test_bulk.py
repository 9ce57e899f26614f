"""Many rows in one write do what the session does for each: rights, rules, stamps, trail, way back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.models import Duty
from app.features.people.models import Person, Post
from app.kit import access, bulk, effects, writing
from app.kit.audit import AuditEntry, acting
from app.kit.db import transaction

PERIOD = "2026-10"
ANSWERS = {"patrols": 3, "main_work": "电话13912345678，已办"}


@pytest.fixture
def duties(world: Any, session: Any) -> list[Duty]:
    services.open_period(PERIOD, units=[world.units["C1"], world.units["C2"]])
    return session.query(Duty).filter(Duty.subject.like("unit:%")).order_by(Duty.id).all()


def _like(duty: Duty, period: str = "2026-12") -> dict[str, Any]:
    names = ("template_id", "form_version_id", "subject", "unit_id", "post_id", "person_id", "due_on")
    return {"period": period, "answers": ANSWERS, **{name: getattr(duty, name) for name in names}}


def _trail(session: Any, row_id: int, kind: str) -> dict[str, Any]:
    found = session.query(AuditEntry).filter_by(table_name="duty", row_id=str(row_id), kind=kind)
    return found.order_by(AuditEntry.id.desc()).first().changes


def test_a_new_row_and_its_trail_are_those_of_the_session(duties: Any, session: Any) -> None:
    with transaction(), acting("test"):
        by_session = Duty(**_like(duties[0], "2026-11"))
        session.add(by_session)
    with transaction(), acting("test"):
        (row_id,) = bulk.upsert(Duty, [_like(duties[0])], Verb.IMPORT)
    apart = {"id", "period", "created_at", "updated_at"}
    one, other = (
        {name: value for name, value in _trail(session, i, "add").items() if name not in apart}
        for i in (by_session.id, row_id)
    )
    assert one == other and "139****5678" in one["answers"]["main_work"]
    row = session.get(Duty, row_id)
    assert (row.version, row.state, row.village_id, row.answers) == (1, "open", duties[0].village_id, ANSWERS)
    assert row.created_at == row.updated_at


def test_a_changed_row_is_told_by_what_differs_and_the_session_reads_it_anew(duties: Any, session: Any) -> None:
    duty, untouched = duties[0], duties[1]
    before, version = duty.updated_at, duty.version
    with transaction(), acting("test"), effects.recorded("import-7"):
        rows = [{"id": duty.id, "version": version, "answers": ANSWERS}, {"id": untouched.id, "state": "open"}]
        assert bulk.upsert(Duty, rows, Verb.IMPORT) == [duty.id, untouched.id]
    assert (duty.answers, duty.version) == (ANSWERS, version + 1) and duty.updated_at >= before
    assert _trail(session, duty.id, "edit") == {"answers": [{}, {**ANSWERS, "main_work": "电话139****5678，已办"}]}
    (effect,) = effects.of("import-7")
    assert (effect.row_id, effect.kind, effect.before["answers"]) == (duty.id, "edit", {})
    assert effects.untouched(effect) and untouched.version == 1


def test_rights_rules_and_private_numbers_refuse_all_of_it(duties: Any, world: Any, session: Any) -> None:
    near, far = (next(d for d in duties if d.township_id == world.units[code].id) for code in ("C1", "C2"))
    with access.acting_as(access.actor_of_user(user_by_name("chief_grid_leader").id)), access.everything("test"):
        with transaction(), acting("test"):
            bulk.upsert(Duty, [{"id": near.id, "answers": {"patrols": 1}}], Verb.EDIT)
        with pytest.raises(access.NotAllowed), transaction(), acting("test"):
            bulk.upsert(Duty, [{"id": one.id, "answers": {"patrols": 2}} for one in (near, far)], Verb.EDIT)
        with pytest.raises(access.NotAllowed), transaction(), acting("test"):  # nor by moving it within reach
            bulk.upsert(Duty, [{"id": far.id, "unit_id": near.unit_id}], Verb.EDIT)
    assert near.answers == {"patrols": 1} and far.answers == {}
    with pytest.raises(RuleBroken, match=r"private\.identity"), transaction(), acting("test"):
        bulk.upsert(Duty, [{"id": near.id, "answers": {"main_work": "身份证110101199003070011"}}], Verb.IMPORT)
    services.close_period(PERIOD, units=[world.units["C1"]])
    with pytest.raises(RuleBroken, match=r"duties\.period_closed"), transaction(), acting("test"):
        bulk.upsert(Duty, [{"id": near.id, "answers": {"patrols": 2}}], Verb.IMPORT)


def test_a_row_that_somebody_else_changed_meanwhile_is_not_written_over(duties: Any, session: Any) -> None:
    with transaction(), acting("test"):
        duties[0].answers = {"patrols": 9}
    with pytest.raises(StaleDataError), transaction(), acting("test"):
        bulk.upsert(Duty, [{"id": duties[0].id, "version": 1, "answers": {}}], Verb.IMPORT)


def test_a_model_whose_rules_only_the_session_knows_is_refused(world: Any) -> None:
    with pytest.raises(TypeError):
        bulk.upsert(Post, [{"id": 1, "remarks": "x"}], Verb.IMPORT)


def test_many_rows_take_the_same_way_as_few(world: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "COPY_FROM", 3)
    monkeypatch.setattr(writing, "CHUNK", 4)
    unit = world.units["C1A"].id
    with transaction(), acting("test"), effects.recorded("import-8"):
        ids = bulk.upsert(Person, [{"name": f"丁{n}\t\\N", "unit_id": unit} for n in range(10)], Verb.IMPORT)
        bulk.upsert(Person, [{"id": i, "phone": f"1390000000{n}"} for n, i in enumerate(ids)], Verb.IMPORT)
    people = session.query(Person).filter(Person.id.in_(ids)).order_by(Person.id).all()
    assert [(p.name, p.phone, p.remarks) for p in people] == [
        (f"丁{n}\t\\N", f"1390000000{n}", None) for n in range(10)
    ]
    made = effects.of("import-8")
    assert {one.kind for one in made} == {"add"} and len(made) == 10 and effects.touched(made) == []
    assert session.query(AuditEntry).filter_by(table_name="person", kind="edit").count() >= 10
