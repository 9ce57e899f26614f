"""What the lists in force say of a certificate a village is asked for."""

from __future__ import annotations

import pytest

from app.domain.certificates import (
    NO_NEED,
    CertificateLists,
    ListedCertificate,
    NoNeed,
    Outcome,
    by_key,
    certificate_key,
    count_problem,
    decide,
    exception_problems,
    refusal,
)

FORBIDDEN = by_key(
    [
        ListedCertificate("亲属关系证明", "不应出具清单", "能通过本级数据库查询", "网上核验；户口簿"),
        ListedCertificate("健在证明", "不应出具清单"),
    ]
)
KEPT = by_key(
    [
        ListedCertificate("居住证明", "保留清单", simple_or_complex="简单证明", days=3),
        ListedCertificate("农房建设情况证明", "保留清单", simple_or_complex="复杂证明", days=5),
        ListedCertificate("亲属关系证明", "保留清单"),
    ]
)
LISTS = CertificateLists(KEPT, FORBIDDEN)


@pytest.mark.parametrize(
    ("name", "lists", "outcome", "at_once", "days", "reason", "code"),
    [
        ("出具居住证明", LISTS, Outcome.KEPT, True, None, None, None),
        ("农房建设情况", LISTS, Outcome.KEPT, False, 5, None, None),
        ("亲属关系 证明", LISTS, Outcome.FORBIDDEN, False, None, NoNeed.IN_DATABASE, "_because_instead"),
        ("健在证明（原件）", LISTS, Outcome.FORBIDDEN, False, None, None, ""),
        ("收入证明", LISTS, Outcome.OUTSIDE, None, None, None, None),
        ("收入证明", CertificateLists(None, FORBIDDEN), Outcome.OPEN, None, None, None, None),
        ("居住证明", CertificateLists(), Outcome.OPEN, None, None, None, None),
    ],
)
def test_a_certificate_is_kept_forbidden_or_outside_the_lists_cd_05_yu_12_yb_32_yb_33_yb_34_yb_35_js_04(
    name: str, lists: CertificateLists, outcome: Outcome, at_once: bool, days: int, reason: NoNeed, code: str
) -> None:
    decision = decide((certificate_key(name),), lists)
    problem = refusal(decision)
    assert decision.outcome is outcome
    if decision.item is not None:
        assert (decision.item.is_at_once, decision.item.within_days, decision.item.reason) == (at_once, days, reason)
    assert (problem and problem.code) == (None if code is None else f"certificate.forbidden{code}")
    if code == "_because_instead":
        assert problem is not None and problem.params == {
            "item": "亲属关系证明",
            "list": "不应出具清单",
            "because": "能通过本级数据库查询",
            "instead": "网上核验；户口簿",
        }


def test_the_five_cases_in_which_nothing_is_asked_for_have_a_code_each_js_04() -> None:
    assert sorted(NO_NEED.values()) == sorted(NoNeed) and len(NO_NEED) == 5


@pytest.mark.parametrize(
    ("name", "count", "before", "approved", "code"),
    [
        ("收入证明", 2, 0, 2, None),
        ("收入证明", 3, 0, 2, "certificate.outside"),
        ("收入证明", 3, 3, 0, None),
        ("健在证明", 1, 0, 1, "certificate.forbidden"),
        ("健在证明", 1, 1, 0, None),
        ("居住证明", 900, 0, 0, None),
    ],
)
def test_a_month_counts_no_more_outside_the_lists_than_was_approved_yu_13_yb_36(
    name: str, count: int, before: int, approved: int, code: str | None
) -> None:
    problem = count_problem(decide((certificate_key(name),), LISTS), count, before, approved)
    assert (problem and problem.code) == code


@pytest.mark.parametrize(
    ("name", "risk", "minutes", "codes"),
    [
        ("收入证明", "none", "", []),
        ("收入证明", "meeting", "", ["certificate.minutes_needed"]),
        ("收入证明", "discussed", "2026-10-3", []),
        ("居住证明", "none", "", ["certificate.needs_none"]),
        ("健在证明", "none", "", ["certificate.forbidden"]),
    ],
)
def test_only_what_no_list_names_is_an_exception_and_a_risk_is_talked_over_yu_13_yb_36(
    name: str, risk: str, minutes: str, codes: list[str]
) -> None:
    found = exception_problems(decide((certificate_key(name),), LISTS), risk, minutes)
    assert [problem.code for problem in found] == codes
