"""The register of work bodies and signboards holds its guards: admission, no post of its own, who provides for it."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.formspec import Checker, parse_spec
from app.kit import seed

BOARD = {"name_zh": "村级消防工作站", "kind": "body", "basis": "县消防〔2026〕2号", "outcome": "keep"}
WHOLE = BOARD | {"dedicated": False, "consent": "吉办〔2026〕1号", "paid_by": "县消防救援大队"}


@pytest.fixture(scope="module")
def checker() -> Checker:
    form = next(one for one in seed.read("packs/yubei.yaml")["forms"] if one["code"] == "yu_signboards")
    return Checker(parse_spec({"code": form["code"], "title": form["title"], **form["spec"]}))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({}, None),
        ({"consent": None}, "consent"),
        ({"dedicated": True}, "dedicated"),
        ({"paid_by": None}, "paid_by"),
        ({"outcome": "remove", "consent": None, "paid_by": None}, None),
        ({"kind": "wall", "dedicated": None, "consent": None}, None),
    ],
)
def test_a_work_body_needs_consent_no_post_of_its_own_and_somebody_who_pays_yb_24_yb_25_yb_28_yu_08(
    change: dict[str, Any], where: str | None, checker: Checker
) -> None:
    _clean, problems = checker.check({key: value for key, value in (WHOLE | change).items() if value is not None})
    assert {problem.where for problem in problems} == ({where} if where else set())
