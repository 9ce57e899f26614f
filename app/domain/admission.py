"""Admission (准入): what an item must show before it enters a list, and what enters no list at all.

Every guard is a row of GUARDS: the rules it comes from, and whether somebody may let an item pass all the same by giving his
reason. Only a guard whose source names an exception may be passed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.checklists import ListKind, line_guards
from app.domain.errors import Problem


class Guard(StrEnum):
    """What is looked at when an item enters a list."""

    AUTHORITY = "admission.no_authority"
    FUNDING = "admission.no_funding"
    CONSENT = "admission.no_consent"
    NEGATIVE = "admission.on_negative_list"
    RESPONSIBLE = "admission.village_responsible"
    TRACE = "guard.trace"
    VETO = "guard.veto"
    CERTIFICATE_FORBIDDEN = "admission.certificate_forbidden"
    CERTIFICATE_NOT_KEPT = "admission.certificate_not_kept"


@dataclass(frozen=True)
class Source:
    """Where a guard comes from; `may_pass`: its source names an exception; `is_gap`: something is still to be written."""

    rules: tuple[str, ...]
    may_pass: bool = False
    is_gap: bool = False


GUARDS: Mapping[Guard, Source] = {
    Guard.AUTHORITY: Source(("MN-12", "YB-03"), is_gap=True),
    Guard.FUNDING: Source(("MN-12", "HC-03", "YU-06", "YB-06"), is_gap=True),
    Guard.CONSENT: Source(("HC-01", "YB-04", "YB-08"), is_gap=True),
    Guard.NEGATIVE: Source(("YU-07", "YB-05", "ST-12")),
    Guard.RESPONSIBLE: Source(("YU-07", "YB-05")),
    Guard.TRACE: Source(("YB-21",)),
    Guard.VETO: Source(("YB-19",)),
    Guard.CERTIFICATE_FORBIDDEN: Source(("YB-32", "CD-05")),
    Guard.CERTIFICATE_NOT_KEPT: Source(("YU-13", "YB-36"), may_pass=True),
}

_ASKED_OF_DELEGATED = {
    "delegated_authority": Guard.AUTHORITY,
    "funding_source": Guard.FUNDING,
    "consent_document": Guard.CONSENT,
}
_BURDENS = frozenset({ListKind.ASSIST, ListKind.RESPONSIBILITY, ListKind.ASSESSMENT})
_FRAME = re.compile("^(?:依法)?(?:协助|配合|参与|承担|负责|做好|开展)+(?:政府)?(?:做好|开展)?|(?:等?工作|事项|任务)$")
_VILLAGE = re.compile("村|居委|社区|两委|网格")
_ASSISTED = re.compile("协助|配合|劝导|报告|引导|宣传")
_CERTIFICATE = re.compile("证明$")


@dataclass(frozen=True)
class Candidate:
    """An item that wants to enter a list: its name, category, facets, and how its list behaves."""

    behaviour: ListKind
    name: str
    category: str = ""
    facets: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    """What is in force where the item would hold: names as `matter_key` has them; None where there is no such list."""

    negative: Collection[str] = frozenset()
    kept_certificates: Collection[str] | None = None
    forbidden_certificates: Collection[str] = frozenset()


def matter_key(name: str) -> str:
    """A matter for comparison, whatever frame of words stands around it.

    >>> matter_key("协助做好招商引资工作") == matter_key("招商 引资")
    True
    """
    bare = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    return _FRAME.sub("", _FRAME.sub("", bare)) or bare


def admission_problems(item: Candidate, around: Around, passed: Collection[str] = ()) -> list[Problem]:
    """Why an item may not enter its list; a guard in `passed` is left out where its source allows that.

    Errors: (returned) the codes of Guard, each at the facet it concerns.
    """
    found = [*_gaps(item), *_negative(item, around), *_standards(item), *_certificates(item, around)]
    return [problem for problem in found if not (problem.code in passed and GUARDS[Guard(problem.code)].may_pass)]


def is_gap(problem: Problem) -> bool:
    """True where the item only lacks what can still be written; False where it may not enter as it is."""
    return GUARDS[Guard(problem.code)].is_gap


def _gaps(item: Candidate) -> list[Problem]:
    if item.behaviour is not ListKind.ASSIST:
        return []
    return [
        Problem(guard, facet, {"name": item.name})
        for facet, guard in _ASKED_OF_DELEGATED.items()
        if not str(item.facets.get(facet) or "").strip()
    ]


def _negative(item: Candidate, around: Around) -> list[Problem]:
    if item.behaviour not in _BURDENS:
        return []
    if {matter_key(item.name), matter_key(item.category)} & set(around.negative):
        return [Problem(Guard.NEGATIVE, "item_name", {"name": item.name})]
    responsible = str(item.facets.get("responsible_party") or "")
    role = str(item.facets.get("village_role") or "")
    named = next((matter for matter in around.negative if len(matter) > 2 and matter in matter_key(item.name)), None)
    if named and _VILLAGE.search(responsible) and not _ASSISTED.search(f"{item.name}{role}"):
        return [Problem(Guard.RESPONSIBLE, "responsible_party", {"name": item.name, "matter": named})]
    return []


def _standards(item: Candidate) -> list[Problem]:
    """What makes a standard of traces, forms and boards, or a veto; looked for where an item says how it is measured."""
    said = [item.facets.get(name) for name in ("scoring_standard", "requirement", "assessment_basis")]
    is_measured = item.behaviour is ListKind.ASSESSMENT
    line = {"code": item.name, "standard_zh": "；".join(str(text) for text in said if text)}
    if is_measured:
        line["name_zh"] = item.name
    return [
        Problem(problem.code, "scoring_standard" if is_measured else "requirement", {"name": item.name})
        for problem in line_guards(line)
        if is_measured or problem.code == Guard.VETO
    ]


def _certificates(item: Candidate, around: Around) -> list[Problem]:
    bare = item.name.removeprefix("出具").removeprefix("开具")
    if not _CERTIFICATE.search(bare) or item.behaviour in (ListKind.CERTIFICATE_FORBIDDEN, ListKind.NEGATIVE):
        return []
    key = matter_key(bare)
    if key in around.forbidden_certificates:
        return [Problem(Guard.CERTIFICATE_FORBIDDEN, "item_name", {"name": item.name})]
    is_kept = around.kept_certificates is None or key in around.kept_certificates
    if item.behaviour is ListKind.CERTIFICATE_KEEP or is_kept:
        return []
    return [Problem(Guard.CERTIFICATE_NOT_KEPT, "item_name", {"name": item.name})]


def keys_of(names: Sequence[str]) -> frozenset[str]:
    """The names of a list in force as `Around` has them.

    >>> sorted(keys_of(["出具亲属关系证明", "招商引资工作"]))
    ['亲属关系证明', '招商引资']
    """
    return frozenset(matter_key(name.removeprefix("出具").removeprefix("开具")) for name in names)
