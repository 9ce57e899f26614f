"""Any form with any right answers: published, saved, shown, printed, exported and imported again, nothing is another."""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import yaml
from factories.patrol import as_
from factories.specs import answers_to, spec_data
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.domain.formspec import Checker, FieldType, answers_as_data
from app.features.exchange import queries, services
from app.features.forms.models import FormRecord
from app.features.forms.queries import choosing
from app.features.forms.queries.versions import spec_of
from app.features.forms.records import FieldView, Shown, answers_in_words, record_form, typed_answers
from app.features.forms.services import Entry, form_as_data, load_form, save_records
from app.kit.exchange import Change, Options

EXAMPLES = int(os.environ.get("QINGDAN_EXAMPLES", "10"))  # more of them, and others each time, where somebody asks
ANY_FORM = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 10,
    deadline=None,
    phases=[Phase.generate],  # an example takes too long to be made smaller a thousand times
    suppress_health_check=list(HealthCheck),
)
PERIODS = {None: None, "month": "2026-10", "quarter": "2026Q3", "half_year": "2026H1", "year": "2026"}
numbers = count(1)


@st.composite
def forms(draw: Any) -> dict[str, Any]:
    """A form as a file of it says."""
    data = draw(spec_data())
    return {
        "code": f"any{next(numbers)}",
        "title": data["title"],
        "keeper_level": "total_grid",
        "fill_roles": ["chief_grid_leader"],
        "cycle": draw(st.sampled_from([*PERIODS])),
        "spec": {"sections": data["sections"], "rules": data["rules"]},
    }


def sent_by(views: tuple[FieldView, ...]) -> MultiDict[str, str]:
    """What a browser sends of inputs that nobody touched."""
    sent: MultiDict[str, str] = MultiDict()
    for view in views:
        if view.spec.computed:
            continue
        if view.kind == "rows":
            for row in view.rows:
                sent.update(sent_by(row.cells))
        elif view.is_na:
            sent.add(f"{view.name}-na", "1")
        else:
            for text in sorted(view.chosen) if view.kind == "choices" else [view.value]:
                sent.add(view.name, text.replace("\n", "\r\n"))  # as browsers do
    return sent


@ANY_FORM
@given(st.data())
def test_any_form_and_any_answers_survive_being_published_saved_shown_exported_and_imported(
    world: Any, session: Any, data: Any
) -> None:
    told = data.draw(forms())
    form, _is_new = load_form(world.units["C"], yaml.safe_load(yaml.safe_dump(told, allow_unicode=True)))
    written = yaml.safe_dump(form_as_data(form), allow_unicode=True)
    assert load_form(world.units["C"], yaml.safe_load(written)) == (form, False)

    unit, period = world.units["C1A-G1"], PERIODS[form.cycle]
    there = {"unit_ref": [world.units["C1A"].id], "person_ref": [world.persons["grid_worker"].id]}
    with as_(world, "chief_grid_leader"):
        version = session.merge(queries.door_of(f"form-{form.code}").rows.args[0].version)
        spec = spec_of(version)
        checker = Checker(spec)
        answers = data.draw(answers_to(spec, there))
        clean, problems = checker.check(answers)
        if problems:
            clean, problems = checker.check(answers, draft=True)
            (record,) = save_records([Entry(form, unit, answers, period=period)], submit=False)
        else:
            (record,) = save_records([Entry(form, unit, answers, period=period)], submit=True)
        assert problems == []
        session.expire_all()
        stored = {code: answer for code, answer in answers_as_data(clean).items() if answer is not None}
        assert record.answers == stored and record.period == period
        assert checker.check(record.answers, draft=True) == (clean, [])

        names = choosing.names_in_answers(spec, record.answers)
        drawn = record_form(
            spec, record.answers, "", Shown(names=names, offers=choosing.offered_references(spec, unit))
        )
        again, problems = checker.check(typed_answers(spec, sent_by(drawn.fields)), draft=True)
        assert (again, problems) == (clean, [])
        told_of = [
            answer for _title, pairs in answers_in_words(spec, stored, [*names.items()]) for _label, answer in pairs
        ]
        assert [str(answer) == "—" for answer in told_of] == [
            stored.get(field.code) in (None, "—") for field in spec.fields()
        ]

    with as_(world, "county_clerk"):
        door = queries.door_of(f"form-{form.code}")
        result, options = services.read(door, services.export(door, Options()), "表.xlsx", Options())
        assert result.outcome == "rows", [issue.to_json() for issue in result.issues]
        (change,) = services.compare(door, result, options)
        assert (change.kind, change.problems) == (Change.SAME, ())
        if record.state == "submitted":
            (row,) = result.rows
            (change,) = door.save([{**row, "row_key": None}], options, False)
            assert (change.kind, change.problems) == (Change.NEW, ())
            copied = session.query(FormRecord).filter_by(form_id=form.id).order_by(FormRecord.id.desc()).first()
            assert (copied.id != record.id, copied.answers, copied.period) == (True, record.answers, record.period)
    assert all(field.type is not FieldType.ATTACHMENT or field.code not in stored for field in spec.fields())
