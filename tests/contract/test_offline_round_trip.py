"""The offline workbook of the demonstration, brought back without an edit: no cell of any sheet is anybody's change."""

from __future__ import annotations

from typing import Any

import pytest

PLACES = [("zongwangge", "T01-G1", 11), ("banshi", "T01", 4), ("kaohe", "LH-CH", 2)]


@pytest.mark.parametrize(("username", "unit", "sheets"), PLACES, ids=[place[0] for place in PLACES])
def test_an_offline_workbook_brought_back_untouched_changes_nothing(
    demo_app: Any, username: str, unit: str, sheets: int
) -> None:
    from app.features.accounts.queries import user_by_name
    from app.features.exchange.services import offline
    from app.features.org.queries import unit_by_code
    from app.kit import access

    with demo_app.app_context():
        with access.everything("the test chooses who acts"):
            who = access.actor_of_user(user_by_name(username).id)
        with access.acting_as(who):
            made = offline.make(unit_by_code(unit), "2026-10")
            batch = offline.compare(made.content, made.filename)
            found = batch.result["shown"]["sheets"]
            assert len(found) == sheets and offline.rows_of(batch) == []
            for sheet in found:
                assert (sheet["problems"], sheet["rows"]) == ([], {}), sheet["name"]
                assert sheet["same"] or sheet["name"] == "红色预警处置登记"  # nothing but empty rows yet
