"""A scheme out of its file: the form of a list pack and the JSON form of `flask assessment load-scheme`.

Without calculation kinds every item is `manual` (decisions §9). Reading the file is not done here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.errors import broken
from app.domain.scoring import Aspect, Calc, DeductionItem, Item, Level, Scheme
from app.domain.types import ZERO

Data = Mapping[str, Any]
MONTHS_OF_CYCLE = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}


def parse_scheme(data: Data) -> Scheme:
    """The scheme a file states.

    Shape:  `deductions` is a list, or {total_cap, floor_total, items}; names stand under `name_zh` or `name`.
    Errors: scoring.bad_scheme_file (what is missing).
    """
    try:
        deductions = data.get("deductions") or {}
        listed = deductions if not isinstance(deductions, Mapping) else deductions.get("items", ())
        limits = deductions if isinstance(deductions, Mapping) else data
        return Scheme(
            code=str(data.get("code") or data.get("name_zh") or data.get("name")),
            name=_name(data),
            aspects=_aspects(data),
            items=tuple(_item(item) for item in data["items"]),
            deductions=tuple(_deduction(item) for item in listed),
            subject=str(data.get("object", "village")),
            months=MONTHS_OF_CYCLE[str(data.get("cycle", "year"))],
            full_score=_exact(data.get("full_score", 100)),
            total_cap=_exact(limits.get("total_cap", data.get("total_cap", 20))),
            floor_total=_exact(limits.get("floor_total", data.get("floor_total", 0))),
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise broken("scoring.bad_scheme_file", key=str(error).strip("'")) from error


def _exact(value: Any) -> Decimal:
    return Decimal(str(value))


def _name(data: Data) -> str:
    return str(data.get("name_zh") or data.get("name") or data["code"])


def _aspects(data: Data) -> tuple[Aspect, ...]:
    """The aspects stated, or those the items name with the sums of their maxima."""
    if data.get("aspects"):
        return tuple(Aspect(str(a["code"]), _name(a), _exact(a["max"])) for a in data["aspects"])
    sums: dict[str, Decimal] = {}
    for item in data["items"]:
        code = str(item.get("aspect", ""))
        sums[code] = sums.get(code, ZERO) + _exact(item["max"])
    return tuple(Aspect(code, code, total) for code, total in sums.items())


def _item(item: Data) -> Item:
    return Item(
        code=str(item["code"]),
        aspect=str(item.get("aspect", "")),
        name=_name(item),
        max=_exact(item["max"]),
        calc=Calc(item.get("calc", "manual")),
        expected=_number(item.get("expected")),
        target=_exact(item.get("target", 1)),
        unit=_number(item.get("rate", item.get("unit"))),
        tiers=_tiers(item.get("tiers", ())),
        grades={str(grade): _exact(points) for grade, points in (item.get("grades") or {}).items()},
        na_allowed=bool(item.get("na_allowed", False)),
    )


def _number(value: Any) -> Decimal | None:
    """A figure; None for a name such as `planned_patrols`, which the evaluator fills in."""
    try:
        return None if value is None else _exact(value)
    except InvalidOperation:
        return None


def _tiers(tiers: Sequence[Any]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple(
        (_exact(t["at"]), _exact(t["points"])) if isinstance(t, Mapping) else (_exact(t[0]), _exact(t[1]))
        for t in tiers
    )


def _deduction(item: Data) -> DeductionItem:
    return DeductionItem(
        code=str(item["code"]),
        name=_name(item),
        cap=_exact(item["cap"]),
        points=_number(item.get("points")),
        levels=tuple(Level(str(v["code"]), _name(v), _exact(v["points"])) for v in item.get("levels") or ()),
        per=str(item.get("per") or ""),
        mitigation={name: _exact(factor) for name, factor in (item.get("mitigation") or {}).items()},
    )
