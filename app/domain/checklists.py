"""Lists and their items: what each kind must say, whether the count is right, and what no list may do.

Scores are not computed here (see scoring), and the order of steps is not checked here (see procedures).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.domain.errors import Problem

Item = Mapping[str, object]


class ListKind(StrEnum):
    """How a kind of list behaves: the four lists of the grid, and those of the county's catalogue.

    The kinds themselves are data (code, name, facets); each takes one of these behaviours, OTHER where no rule is its own.
    """

    RESPONSIBILITY = "responsibility"
    PROCEDURE = "procedure"
    SYSTEM = "system"
    ASSESSMENT = "assessment"
    POWER = "power"
    SELF_GOVERNANCE = "self_governance"
    ASSIST = "assist"
    NEGATIVE = "negative"
    PUBLIC_SERVICE = "public_service"
    CERTIFICATE_KEEP = "certificate_keep"
    CERTIFICATE_FORBIDDEN = "certificate_forbidden"
    OTHER = "other"


GRID_KINDS = (ListKind.RESPONSIBILITY, ListKind.PROCEDURE, ListKind.SYSTEM, ListKind.ASSESSMENT)
CATALOGUE_KINDS = tuple(kind for kind in ListKind if kind not in GRID_KINDS)
_NAMED: tuple[tuple[str, ListKind], ...] = (
    ("不应|不得出具|取消", ListKind.CERTIFICATE_FORBIDDEN),
    ("证明", ListKind.CERTIFICATE_KEEP),
    ("负面|禁入|不得", ListKind.NEGATIVE),
    ("协助", ListKind.ASSIST),
    ("自治|履职|职责", ListKind.SELF_GOVERNANCE),
    ("权力|权责", ListKind.POWER),
    ("服务", ListKind.PUBLIC_SERVICE),
)


def behaviour_named(code: str) -> ListKind:
    """The behaviour of this code; OTHER for the code of a kind somebody has made himself.

    >>> behaviour_named("power"), behaviour_named("village_honours")
    (<ListKind.POWER: 'power'>, <ListKind.OTHER: 'other'>)
    """
    return ListKind(code) if code in set(ListKind) else ListKind.OTHER


def catalogue_kind(name: str) -> ListKind:
    """The kind of a list of the catalogue by its name.

    >>> catalogue_kind("小微权力"), catalogue_kind("负面清单"), catalogue_kind("保留证明")
    (<ListKind.POWER: 'power'>, <ListKind.NEGATIVE: 'negative'>, <ListKind.CERTIFICATE_KEEP: 'certificate_keep'>)
    """
    return next((kind for words, kind in _NAMED if re.search(words, name)), ListKind.OTHER)


class SourceTag(StrEnum):
    """Where a value comes from. Only derived values may be edited without changing what the source says."""

    TEXT = "text"
    READING = "reading"
    PUBLIC = "public"  # on a public page, not in the source itself
    DERIVED = "derived"


@dataclass(frozen=True)
class Facet:
    """One thing an item says; `identifier` is its key, with `_zh` behind it where it is a text."""

    identifier: str
    required: bool = True


def _facets(required: str, optional: str = "") -> tuple[Facet, ...]:
    return (*(Facet(name) for name in required.split()), *(Facet(name, False) for name in optional.split()))


_OF_CATALOGUE = _facets(
    "title",
    "category responsible legal_basis steps time_limit_days time_limit_text disclosure supervision remarks flag",
)
FACETS: Mapping[ListKind, tuple[Facet, ...]] = {
    **dict.fromkeys(CATALOGUE_KINDS, _OF_CATALOGUE),
    ListKind.RESPONSIBILITY: _facets("code role title source", "requirement cycle evidence"),
    ListKind.PROCEDURE: _facets("code name steps source", "applies_to whole_process"),
    ListKind.SYSTEM: _facets("code name defines source", "frequency what record_fields"),
    ListKind.ASSESSMENT: _facets("code aspect name max calc standard basis unit cycle", "expected target tiers grades"),
}
"""What an item of each kind must and may say. Source: the facet table of the twelve systems."""

# A deduction or a score that looks at what is left behind instead of what was done.
_TRACES = re.compile("照片|图片|截图|附件|字数|篇幅|留痕|打卡|登录|签到次数|填报表格|提供材料|报送材料|挂牌|上墙")
_VETO = re.compile("一票否决|总分[为计记](?:0|零)分|直接(?:扣至|记为?|计为?)(?:0|零)")
_TRACE_COUNTS = frozenset(
    ["photos", "attachments", "words", "characters", "log_lines", "logins", "clicks", "hours_online", "forms", "boards"]
)
_DENIED = re.compile("^(?:不|非|禁止|严禁)")


def item_problems(kind: ListKind, item: Item) -> list[Problem]:
    """What one item fails to say.

    Errors: (returned) list.facet_missing (params: facet), list.unknown_source.
    """
    where = str(item.get("code") or "")
    found = [
        Problem("list.facet_missing", where, {"facet": facet.identifier})
        for facet in FACETS[kind]
        if facet.required and _said(item, facet.identifier) in (None, "", [], ())
    ]
    if "source" in item and item["source"] not in list(SourceTag):
        found.append(Problem("list.unknown_source", where, {"source": str(item["source"])}))
    return found


def _said(item: Item, identifier: str) -> object:
    """A facet as the item says it: plain, in Chinese, or among its derived values. `unit` of a score is its rate."""
    derived = item.get("derived")
    places: list[Item] = [item, *([derived] if isinstance(derived, Mapping) else [])]
    keys = ("unit_zh",) if identifier == "unit" else (identifier, f"{identifier}_zh")
    return next((place[key] for place in places for key in keys if place.get(key) is not None), None)


def list_problems(kind: ListKind, items: Sequence[Item], *, stated_count: int | None = None) -> list[Problem]:
    """Everything that is wrong with a list: its items, codes used twice, and a count that does not agree.

    Errors: (returned) list.duplicate_code, list.count_differs (params: stated, counted), and those of an item.
    """
    found = [problem for item in items for problem in item_problems(kind, item)]
    times = Counter(str(item.get("code")) for item in items)
    found += [Problem("list.duplicate_code", code) for code, count in times.items() if count > 1]
    if stated_count is not None and stated_count != len(items):
        found.append(Problem("list.count_differs", "items", {"stated": stated_count, "counted": len(items)}))
    return found


def role_count_problems(items: Iterable[Item], stated: Mapping[str, int]) -> list[Problem]:
    """Roles whose number of responsibilities is not the stated one (Caojing: 3 + 5 + 5 + 4 + 4 = 21).

    Errors: (returned) list.role_count_differs (params: stated, counted).
    """
    counted = Counter(str(item.get("role")) for item in items)
    return [
        Problem("list.role_count_differs", role, {"stated": stated.get(role, 0), "counted": counted[role]})
        for role in sorted({*stated, *counted})
        if stated.get(role, 0) != counted[role]
    ]


def scheme_guard_problems(scheme: Item) -> list[Problem]:
    """What an assessment scheme must not do: veto, score traces, or deduct without a limit.

    Shape:  `scheme` has items and deductions {total_cap, items | reuse}.
    Errors: (returned) guard.veto, guard.trace, guard.no_item_cap, guard.no_total_cap, guard.total_cap_too_high.
    Source: the rules against over-burdening: no 一票否决, no 留痕 as proof of merit, no forms and signboards.
    """
    stated = scheme.get("deductions")
    deductions: Item = stated if isinstance(stated, Mapping) else {}
    lines: list[Item] = [*_listed(scheme.get("items")), *_listed(deductions.get("items"))]
    found = [problem for line in lines for problem in line_guards(line)]
    for deduction in _listed(deductions.get("items")):
        if _amount(deduction.get("cap")) is None:
            found.append(Problem("guard.no_item_cap", str(deduction.get("code"))))
    return found + _total_cap_problems(deductions, _amount(scheme.get("full_score")))


def _listed(items: object) -> list[Item]:
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, Sequence) else []


def line_guards(line: Item) -> list[Problem]:
    """What one line of a scheme, or one item with a standard, must not do.

    Errors: (returned) guard.veto, guard.trace.
    """
    where = str(line.get("code") or "")
    text = "；".join(str(line.get(key) or "") for key in ("name_zh", "name", "standard_zh", "standard"))
    clauses = [clause for clause in re.split("[，。；;,]", text) if not _DENIED.match(clause)]
    found = []
    if line.get("veto") or line.get("calc") == "veto" or any(_VETO.search(clause) for clause in clauses):
        found.append(Problem("guard.veto", where))
    if str(line.get("expected") or "") in _TRACE_COUNTS or any(_TRACES.search(clause) for clause in clauses):
        found.append(Problem("guard.trace", where))
    return found


def _total_cap_problems(deductions: Item, full_score: Decimal | None) -> list[Problem]:
    if not deductions.get("items") and not deductions.get("reuse"):
        return []
    cap = _amount(deductions.get("total_cap"))
    if cap is None:
        return [Problem("guard.no_total_cap", "deductions")]
    if full_score is not None and cap >= full_score:
        return [Problem("guard.total_cap_too_high", "deductions", {"cap": cap})]
    return []


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
