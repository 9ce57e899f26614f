"""An import through any door leaves nothing behind once it is undone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

CHANGED = {
    "roster": ({"unit": "LH-CH"}, {"remarks": "撤销试验"}),
    "responsibility-list": ({"unit": "T01-G1", "period": "2026"}, {"remarks": "撤销试验"}),
    "monthly-log": ({"unit": "LH-CH", "period": "2026-10"}, {"patrols": 9}),
    "score-sheet": ({"round": "LH-CH/V2026", "unit": "LH-CH"}, {}),
    "pay": ({"round": "SL/V2025", "unit": "V01"}, {"base": Decimal("2100.00")}),
    "certificates": ({"unit": "LH-CH", "period": "2026-10"}, {"accepted": 90}),
    "list-directory": ({"unit": "LH"}, {"remarks": "撤销试验"}),
}
BESIDE = {"audit_entry", "audit_seal", "row_effect", "request_key", "portal_session", "job"}
MOVING = {"updated_at", "version", "revision", "created_at"}


def everything_stored() -> Mapping[str, Any]:
    from app.kit.db import Base, db

    return {
        table.name: sorted(
            repr([value for name, value in row._mapping.items() if name not in MOVING])
            for row in db.session.execute(table.select())
        )
        for table in Base.metadata.sorted_tables
        if table.name not in BESIDE
    }


def test_every_door_is_tried(demo_app: Any) -> None:
    from app.registry import sheets

    assert {door.code for door in sheets()} == set(CHANGED)


@pytest.mark.parametrize("code", CHANGED)
def test_what_an_import_wrote_is_put_back(demo_app: Any, code: str) -> None:
    from app.features.exchange import queries, services
    from app.kit import access, effects, undoing
    from app.kit.db import db, transaction

    place, values = CHANGED[code]
    with demo_app.app_context(), access.acting_as(access.OPERATOR):
        door = queries.door_of(code)
        options = services.options_from(place.get("unit"), place.get("period"), None, place.get("round"))
        result, options = services.read(door, services.export(door, options), f"{code}.xlsx", options)
        rows = [{**row, **values} for row in result.rows]
        for row in rows if code == "score-sheet" else ():
            row["scores"] = {item: Decimal("1.00") for item in row["scores"]}
        before = everything_stored()
        with transaction(), effects.recorded("import-0"):
            changes = door.save(rows, options, False)
        assert any(change.kind in ("new", "changed") for change in changes), [c.problems for c in changes][:3]
        assert everything_stored() != before
        assert undoing.blockers("import-0") == []
        with transaction():
            undoing.put_back("import-0")
            effects.forget("import-0")
        db.session.expire_all()
        after = everything_stored()
        assert [name for name in before if before[name] != after[name]] == []
