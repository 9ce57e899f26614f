"""Taking a whole import back, and what stands in its way."""

from __future__ import annotations

from typing import Any

import pytest
from factories.rosters import roster
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import undo
from app.features.people.models import Person, Post
from app.kit import access
from app.kit.audit import AuditEntry
from app.kit.db import db, transaction


@pytest.fixture
def imported(world: Any, operator: Any) -> ImportBatch:
    """A roster of three new persons, saved."""
    options = services.options_from("C1", None, None, None)
    batch = services.preview(queries.door_of("roster"), roster(3), "名册.xlsx", options)
    services.confirm(batch)
    return batch


def persons() -> int:
    return Person.query.count()


def codes(refusal: Any) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def test_an_undone_import_leaves_no_row_and_may_be_imported_again(imported: ImportBatch) -> None:
    there = persons()
    assert undo.blockers(imported) == []
    assert undo.undo(imported, "传错文件") == 6
    assert persons() == there - 3 and imported.state == "undone" and imported.undone_at is not None
    assert queries.earlier_import(imported) is None
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "undo")).one()
    assert entry.changes["reason"] == "传错文件"
    assert undo.undo(imported, "再点一次") == 0 and persons() == there - 3


def test_a_row_changed_since_blocks_and_nothing_is_put_back(imported: ImportBatch) -> None:
    person = Person.query.filter(Person.name.like("赵%")).order_by(Person.id.desc()).first()
    with transaction():
        person.remarks = "后来改的"
    found = undo.blockers(imported)
    assert [(b.table_name, b.row_id, b.problem.code) for b in found] == [("person", person.id, "undo.changed")]
    assert person.name in found[0].label
    there = persons()
    with pytest.raises(RuleBroken) as refusal:
        undo.undo(imported, "传错文件")
    assert codes(refusal) == {"undo.changed"} and persons() == there and imported.state == "applied"


def test_a_record_hung_on_a_new_row_blocks(imported: ImportBatch, world: Any) -> None:
    person = Person.query.filter(Person.name.like("赵%")).order_by(Person.id.desc()).first()
    with transaction() as session:
        session.add(Post(person=person, role="grid_worker", unit=world.units["C1B-G1-02"]))
    assert "undo.referred_to" in {blocker.problem.code for blocker in undo.blockers(imported)}


def test_without_a_reason_nothing_is_undone(imported: ImportBatch) -> None:
    with pytest.raises(RuleBroken) as refusal:
        undo.undo(imported, " ")
    assert codes(refusal) == {"reason_required"}


def test_a_stranger_is_told_nothing(imported: ImportBatch, world: Any) -> None:
    from app.features.accounts.queries import user_by_name

    with access.everything("the test names an account"):
        user = user_by_name("evaluator_2")
    with access.acting_as(access.actor_of_user(user.id)), pytest.raises(access.NotAllowed):
        undo.blockers(imported)


def test_a_long_import_is_undone_by_a_job_which_says_what_stands_in_the_way(
    imported: ImportBatch, world: Any, sign_in: Any, session: Any, app: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "LONG_FILE_ROWS", 1)
    there = persons()
    person = Person.query.filter(Person.name.like("赵%")).order_by(Person.id.desc()).first()
    post = Post(person=person, role="grid_worker", unit=world.units["C1B-G1-02"])
    with transaction():
        session.add(post)
    clerk = sign_in("county_clerk")

    def page_after_asking() -> str:
        job = clerk.post(f"/imports/{imported.id}/undo", data={"reason": "传错文件"}).location
        session.expire_all()
        assert job.startswith("/jobs/") and undo.under_way(imported) is None
        return str(clerk.get(job).text)

    assert person.name in page_after_asking() and persons() == there and imported.state == "applied"
    with transaction():
        session.delete(post)
    assert f'href="/imports/{imported.id}"' in page_after_asking()
    assert persons() == there - 3 and imported.state == "undone"
    again = clerk.post(f"/imports/{imported.id}/undo", data={"reason": "再点"}).location
    assert again == f"/imports/{imported.id}" and persons() == there - 3
