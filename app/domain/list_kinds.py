"""Kinds of lists as data: what a kind says its items say, and what holds for the flow and the places of any list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from app.domain.checklists import ListKind
from app.domain.errors import Problem

Item = Mapping[str, object]


_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MAJOR = re.compile("招投标|工程|重大|重要事项|资产处置|资源处置")


class FacetType(StrEnum):
    """What is typed for a facet of an own kind."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "integer"
    DAY = "date"
    CHOICE = "choice"
    YES_NO = "boolean"


OF_ITEM: Mapping[str, str] = {
    "item_no": "code",
    "item_name": "title",
    "category": "category",
    "role": "role",
    "requirement": "requirement",
    "cycle": "cycle",
    "evidence": "evidence",
    "procedure": "steps",
}
"""The facets every item can have whatever its kind, and the names they are kept under; others are kept among `facets`."""

MOST_STEPS = 5
"""About so many steps are enough for all but major matters. Source: NH-07; a setting may say another number."""


def kind_problems(data: Mapping[str, object]) -> list[Problem]:
    """What is wrong with the definition of a kind.

    Shape:  {code, name {zh, en, ko}, behaviour, facets: [{code, label {zh, en, ko}, type, required, choices?}]}.
    Errors: (returned) kind.bad_code, kind.no_name, kind.unknown_behaviour, kind.no_item_name, kind.bad_facet,
            kind.facet_twice, kind.unknown_type, kind.facet_no_label, kind.no_choices.
    """
    found = [] if _CODE.fullmatch(str(data.get("code") or "")) else [Problem("kind.bad_code", "code")]
    name = data.get("name")
    if not (isinstance(name, Mapping) and str(name.get("zh") or "").strip()):
        found.append(Problem("kind.no_name", "name"))
    if str(data.get("behaviour") or ListKind.OTHER) not in set(ListKind):
        found.append(Problem("kind.unknown_behaviour", "behaviour"))
    facets = _listed(data.get("facets"))
    codes = [str(facet.get("code") or "") for facet in facets]
    if "item_name" not in codes:
        found.append(Problem("kind.no_item_name", "facets"))
    found += [Problem("kind.facet_twice", f"facets-{code}", {"code": code}) for code in _twice(codes)]
    return found + [problem for number, facet in enumerate(facets) for problem in _facet_problems(number, facet)]


def _twice(codes: Sequence[str]) -> list[str]:
    return [code for code, count in Counter(codes).items() if count > 1]


def _facet_problems(number: int, facet: Item) -> list[Problem]:
    where, label = f"facets-{number}", facet.get("label")
    found = [] if _CODE.fullmatch(str(facet.get("code") or "")) else [Problem("kind.bad_facet", where)]
    if not (isinstance(label, Mapping) and str(label.get("zh") or "").strip()):
        found.append(Problem("kind.facet_no_label", where))
    if str(facet.get("type") or FacetType.TEXT) not in set(FacetType):
        found.append(Problem("kind.unknown_type", where))
    elif facet.get("type") == FacetType.CHOICE and not _listed_texts(facet.get("choices")):
        found.append(Problem("kind.no_choices", where))
    return found


def _listed_texts(values: object) -> list[str]:
    return [str(value) for value in values if str(value).strip()] if isinstance(values, Sequence) else []


def has_many_steps(name: str, steps: int, most: int = MOST_STEPS) -> bool:
    """True where a matter that is not a major one has more steps than about `most`: a warning, no refusal.

    >>> has_many_steps("村务公开", 6), has_many_steps("工程招投标", 9), has_many_steps("印章管理", 5)
    (True, False, False)
    """
    return steps > most and not _MAJOR.search(name)


def tier_of(amount: Decimal, threshold: Mapping[str, object]) -> str:
    """Where a matter of this amount goes by a threshold {amount, at_or_above, below}: the figure itself counts as above.

    Source: NH-09 ("1万元以上" includes the figure).
    >>> tier_of(Decimal("10000"), {"amount": "10000", "at_or_above": "镇交易中心", "below": "村自行交易"})
    '镇交易中心'
    """
    return str(threshold["at_or_above"] if amount >= Decimal(str(threshold["amount"])) else threshold["below"])


def open_places(stated: int | None, categories: Sequence[tuple[str, int | None]], named: Sequence[str]) -> list[str]:
    """The categories ("" for none) of the places a source counts but does not name, one entry a place.

    Shape: `categories` as (name, stated count or None), `named` the category of each named item.
    >>> places = open_places(36, [("权力", 19), ("便民", 17)], ["权力", "权力", "权力"])
    >>> len(places), places.count("权力")
    (33, 16)
    """
    counted = Counter(named)
    found = [name for name, count in categories for _ in range((count or 0) - counted[name])]
    missing = (stated or 0) - len(named) - len(found)
    return [*found, *[""] * missing]


def _listed(values: object) -> list[Item]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, Sequence) else []
