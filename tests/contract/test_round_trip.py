"""Export, import again without an edit: nothing changes, masked fields included, through every door."""

from __future__ import annotations

from typing import Any

import pytest
from factories import form_rows

PLACES = [
    ("roster", {"unit": "LH-CH"}),
    ("responsibility-list", {"unit": "T01-G1", "period": "2026"}),
    ("monthly-log", {"unit": "LH-CH", "period": "2026-10"}),
    ("monthly-log", {"unit": "LH-CH", "period": "2026-09"}),
    ("certificates", {"unit": "LH-CH", "period": "2026-10"}),
    ("certificates", {"unit": "LH-CH", "period": "2026-09"}),
    ("list-directory", {"unit": "LH"}),
    ("score-sheet", {"round": "SL/V2025", "unit": "SL"}),
    ("score-sheet", {"round": "SL/V2025", "unit": "SL", "variant": "d2"}),
    ("pay", {"round": "SL/V2025", "unit": "SL"}),
    (form_rows.DOOR, {"unit": "LH", "period": form_rows.MONTH}),
    (form_rows.DOOR, {}),
]


@pytest.fixture(scope="module", autouse=True)
def records_with_rows(demo_app: Any) -> None:
    form_rows.write_records(demo_app)


def test_every_door_is_tried(demo_app: Any) -> None:
    from app.registry import sheets

    assert {door.code for door in sheets()} | {form_rows.DOOR} == {code for code, _ in PLACES}


@pytest.mark.parametrize("username", ["banshi", None], ids=["county clerk", "operator"])
@pytest.mark.parametrize(
    ("code", "place"), PLACES, ids=lambda value: value if isinstance(value, str) else "-".join(value.values()) or "all"
)
def test_an_export_imported_again_changes_nothing(
    demo_app: Any, code: str, place: dict[str, str], username: str | None
) -> None:
    from app.features.accounts.queries import user_by_name
    from app.features.exchange import queries, services
    from app.kit import access

    with demo_app.app_context():
        with access.everything("the test chooses who acts"):
            who = access.actor_of_user(user_by_name(username).id) if username else access.OPERATOR
        with access.acting_as(who):
            door = queries.door_of(code)
            options = services.options_from(
                place.get("unit"), place.get("period"), None, place.get("round"), place.get("variant")
            )
            content = services.export(door, options)
            result, read_options = services.read(door, content, f"{code}.xlsx", options)
            assert result.outcome == "rows", [issue.to_json() for issue in result.issues][:5]
            changes = services.compare(door, result, read_options)
            assert changes, "the export was empty"
            assert result.layout == place.get("variant", result.layout)
            assert [c for c in changes if c.kind != "same"][:5] == []
