"""Certificates a village is asked for (出具证明): issued, refused, or only by an exception, as the lists in force say.

Keeping a list of certificates means that nothing else is issued, unless somebody above allows it in the single case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.admission import matter_key
from app.domain.errors import Problem
from app.domain.periods import Period

_BRACKETS = re.compile(r"\([^()]*\)")
_ISSUE = re.compile("^(?:依法)?(?:出具|开具)")
_PAPER = re.compile("(?:证明|说明)(?:书|信)?$")
SIMPLE = "简单证明"


class Outcome(StrEnum):
    """What the lists say of a certificate; OPEN where no list in force says anything about it."""

    KEPT = "kept"
    FORBIDDEN = "forbidden"
    OUTSIDE = "outside"
    OPEN = "open"


class NoNeed(StrEnum):
    """Why nobody may ask for a paper. Source: the five cases of Jinshi (JS-04)."""

    NOT_REQUIRED = "not_required"
    IN_DATABASE = "in_database"
    SEEN_ON_VISIT = "seen_on_visit"
    NOT_VERIFIABLE = "not_verifiable"
    SHOWN_ON_SITE = "shown_on_site"


NO_NEED: Mapping[str, NoNeed] = {
    "法律法规没有明确规定": NoNeed.NOT_REQUIRED,
    "能通过本级数据库查询": NoNeed.IN_DATABASE,
    "上门核实或会商可确认": NoNeed.SEEN_ON_VISIT,
    "部门镇村无法查证": NoNeed.NOT_VERIFIABLE,
    "现场证件可以认定": NoNeed.SHOWN_ON_SITE,
}
"""The five cases by the words a list has for them."""


class Risk(StrEnum):
    """What was found about the legal risk of a certificate outside the list. Source: YU-13, YB-36."""

    NONE = "none"
    DISCUSSED = "discussed"
    MEETING = "meeting"


def certificate_key(name: str) -> str:
    """The name of a certificate for comparison, whatever stands around it.

    >>> certificate_key("出具亲属关系证明") == certificate_key("亲属关系")
    True
    >>> certificate_key("社区康复人员情况证明（表现证明）")
    '社区康复人员情况'
    """
    plain = _BRACKETS.sub("", "".join(unicodedata.normalize("NFKC", name).split()))
    key = matter_key(_ISSUE.sub("", plain))
    return _PAPER.sub("", key) or key


@dataclass(frozen=True)
class ListedCertificate:
    """A certificate as a list in force names it: `instead` says what serves in its place or where it is had."""

    name: str
    list_name: str
    no_need: str = ""
    instead: str = ""
    simple_or_complex: str = ""
    days: int | None = None

    @property
    def reason(self) -> NoNeed | None:
        """Which of the five cases it is, None where the list names none."""
        return NO_NEED.get(self.no_need)

    @property
    def is_at_once(self) -> bool:
        """True for a simple certificate, which is issued on the spot. Source: YU-12, YB-35."""
        return self.simple_or_complex == SIMPLE

    @property
    def within_days(self) -> int | None:
        """The days within which any other one is issued, None where its list states none."""
        return None if self.is_at_once else self.days


@dataclass(frozen=True)
class CertificateLists:
    """The lists in force at a unit, by `certificate_key`; `kept` is None where no list says which ones stay."""

    kept: Mapping[str, ListedCertificate] | None = None
    forbidden: Mapping[str, ListedCertificate] = field(default_factory=dict)


def by_key(items: Iterable[ListedCertificate]) -> dict[str, ListedCertificate]:
    """Listed certificates as `CertificateLists` has them; the first of a name counts."""
    found: dict[str, ListedCertificate] = {}
    for item in items:
        found.setdefault(certificate_key(item.name), item)
    return found


@dataclass(frozen=True)
class Decision:
    """What the lists say of a certificate, and the item that says it."""

    outcome: Outcome
    item: ListedCertificate | None = None


def decide(names: Collection[str], lists: CertificateLists) -> Decision:
    """Whether a village issues a certificate that goes by these names (as `certificate_key` has them).

    What is forbidden stays forbidden where another list keeps it.
    Source: YB-32, YB-36, CD-05, YU-13.
    """
    for listed, outcome in ((lists.forbidden, Outcome.FORBIDDEN), (lists.kept or {}, Outcome.KEPT)):
        for name in names:
            if name in listed:
                return Decision(outcome, listed[name])
    return Decision(Outcome.OPEN if lists.kept is None else Outcome.OUTSIDE)


def refusal(decision: Decision, where: str = "") -> Problem | None:
    """Why a certificate is not issued, with the list, the item, its case and what serves instead; None where it is.

    Errors: (returned) certificate.forbidden, certificate.forbidden_because, certificate.forbidden_instead,
            certificate.forbidden_because_instead.
    """
    item = decision.item
    if decision.outcome is not Outcome.FORBIDDEN or item is None:
        return None
    said = {"because": item.no_need, "instead": item.instead}
    code = "_".join(["certificate.forbidden", *(name for name, text in said.items() if text)])
    return Problem(code, where, {"item": item.name, "list": item.list_name, **said})


def count_problem(decision: Decision, count: int, before: int, approved: int, where: str = "") -> Problem | None:
    """Why so many of a certificate may not be counted in a month; what was counted before stays as it is.

    Shape:  `approved` is how many exceptions were approved for the village in the month.
    Errors: (returned) those of `refusal`, certificate.outside (params: approved).
    """
    if count <= before:
        return None
    if decision.outcome is Outcome.OUTSIDE and count > approved:
        return Problem("certificate.outside", where, {"approved": approved})
    return refusal(decision, where)


def exception_problems(decision: Decision, risk: str, minutes: str) -> list[Problem]:
    """Why no exception can be asked for: it is forbidden, needs none, or a risk was found and nobody heard about it.

    Errors: (returned) those of `refusal`, certificate.needs_none, certificate.minutes_needed.
    """
    found = [problem] if (problem := refusal(decision, "certificate")) else []
    if decision.outcome in (Outcome.KEPT, Outcome.OPEN):
        found.append(Problem("certificate.needs_none", "certificate"))
    if risk in (Risk.DISCUSSED, Risk.MEETING) and not minutes.strip():
        found.append(Problem("certificate.minutes_needed", "minutes_no"))
    return found


def judged_on(month: Period, today: date) -> date:
    """The day whose lists hold for a month: its last one, or today while it runs.

    >>> judged_on(Period.parse("2026-10"), date(2026, 11, 3)), judged_on(Period.parse("2026-10"), date(2026, 10, 9))
    (datetime.date(2026, 10, 31), datetime.date(2026, 10, 9))
    """
    return max(month.start, min(month.last_day, today))
