"""A scheme written as data: the form of a list pack, that of a county's own file, and the one frozen in a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from app.domain.errors import Problem, RuleBroken
from app.features.assessment.models import Scheme, SchemeAspect, SchemeDeduction, SchemeItem

if TYPE_CHECKING:
    from app.features.assessment.queries.schemes import SchemeParts

MONTHS = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
PARAMS = ("expected", "target", "unit", "tiers", "grades", "indicator")

Parts = tuple[list[SchemeAspect], list[SchemeItem], list[SchemeDeduction]]


def parse_scheme(data: Mapping[str, Any]) -> tuple[Scheme, Parts]:
    """Rows of a scheme, not stored yet, out of its JSON or YAML form.

    Errors: assessment.bad_scheme.
    """
    try:
        head, entries = _deductions(data)
        scheme = _scheme(data, head)
        aspects = [_aspect(n, entry) for n, entry in enumerate(data["aspects"], 1)]
        items = [_item(n, entry) for n, entry in enumerate(data["items"], 1)]
        deductions = [_deduction(n, entry) for n, entry in enumerate(entries, 1)]
    except KeyError as missing:
        raise RuleBroken(Problem("assessment.bad_scheme", str(missing.args[0]), {"key": missing.args[0]})) from missing
    except (TypeError, AttributeError, InvalidOperation, ValueError) as wrong:
        raise RuleBroken(Problem("assessment.bad_scheme", params={"key": str(wrong)[:80]})) from wrong
    return scheme, (aspects, items, deductions)


def _deductions(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The caps and the deduction items: one mapping in a pack, a list beside its caps in a county's file."""
    found = data.get("deductions") or []
    return (found, list(found.get("items") or [])) if isinstance(found, Mapping) else (data, list(found))


def _scheme(data: Mapping[str, Any], caps: Mapping[str, Any]) -> Scheme:
    name = _name(data)
    return Scheme(
        code=str(data.get("code") or name)[:64],
        name=name,
        subject=data.get("object", "village"),
        months=MONTHS[data.get("cycle", "year")],
        full_score=_exact(data.get("full_score", 100)),
        total_cap=_exact(caps["total_cap"]),
        floor_total=_exact(caps.get("floor_total", 0)),
        source=data.get("source", "derived"),
    )


def _aspect(order: int, entry: Mapping[str, Any]) -> SchemeAspect:
    return SchemeAspect(
        code=str(entry["code"]),
        name=_name(entry),
        name_en=entry.get("name_en"),
        maximum=_exact(entry["max"]),
        source=entry.get("name_source", "derived"),
        sort_order=order,
    )


def _item(order: int, entry: Mapping[str, Any]) -> SchemeItem:
    calc = entry.get("calc", "manual")
    return SchemeItem(
        aspect_code=str(entry["aspect"]),
        code=str(entry["code"]),
        name=_name(entry),
        maximum=_exact(entry["max"]),
        calc=calc,
        # In a county's file `unit` is the responsible office; in a pack it is what one fault or one unit is worth.
        params={key: entry[key] for key in PARAMS if key in entry} if calc != "manual" else {},
        na_allowed=bool(entry.get("na_allowed", False)),
        standard=_text(entry, "standard"),
        basis=_text(entry, "basis"),
        responsible_office=entry.get("unit_zh") or (entry.get("unit") if calc == "manual" else None),
        cycle=entry.get("cycle"),
        source=entry.get("source", "derived"),
        sort_order=order,
    )


def _deduction(order: int, entry: Mapping[str, Any]) -> SchemeDeduction:
    return SchemeDeduction(
        code=str(entry["code"]),
        name=_name(entry),
        points=None if entry.get("points") is None else _exact(entry["points"]),
        levels=[
            {"code": level["code"], "name": _name(level), "points": str(_exact(level["points"]))}
            for level in entry.get("levels") or ()
        ],
        cap=_exact(entry["cap"]),
        per=entry.get("per"),
        standard=_text(entry, "standard"),
        evidence=_text(entry, "evidence"),
        recorded_by=entry.get("recorded_by"),
        mitigation=dict(entry.get("mitigation") or {}),
        linked=list(entry.get("linked") or ()),
        source=entry.get("source", "derived"),
        sort_order=order,
    )


def _name(entry: Mapping[str, Any]) -> str:
    found = entry.get("name_zh") or entry.get("name")
    if not found:
        raise KeyError("name")
    return str(found)


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    return entry.get(f"{key}_zh") or entry.get(key)


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError(value)
    return Decimal(str(value))


def scheme_as_data(scheme: Scheme, parts: SchemeParts) -> dict[str, Any]:
    """A scheme in the form `load_scheme` reads."""
    return {
        "code": scheme.code,
        "number": scheme.number,
        "name_zh": scheme.name,
        "object": scheme.subject,
        "cycle": {months: cycle for cycle, months in MONTHS.items()}[scheme.months],
        "full_score": str(scheme.full_score),
        "source": scheme.source,
        "aspects": [
            {"code": a.code, "name_zh": a.name, "max": str(a.maximum), "name_source": a.source} for a in parts.aspects
        ],
        "items": [_item_as_data(item) for item in parts.items],
        "deductions": {
            "total_cap": str(scheme.total_cap),
            "floor_total": str(scheme.floor_total),
            "items": [_deduction_as_data(item) for item in parts.deductions],
        },
    }


def _item_as_data(item: Any) -> dict[str, Any]:
    return {
        "code": item.code,
        "aspect": item.aspect_code,
        "name_zh": item.name,
        "max": str(item.maximum),
        "calc": item.calc,
        **item.params,
        "na_allowed": item.na_allowed,
        "standard_zh": item.standard,
        "basis_zh": item.basis,
        "unit_zh": item.responsible_office,
        "cycle": item.cycle,
        "source": item.source,
    }


def _deduction_as_data(item: Any) -> dict[str, Any]:
    return {
        "code": item.code,
        "name_zh": item.name,
        "points": None if item.points is None else str(item.points),
        "levels": [{"code": v["code"], "name_zh": v["name"], "points": v["points"]} for v in item.levels],
        "cap": str(item.cap),
        "per": item.per,
        "standard_zh": item.standard,
        "evidence_zh": item.evidence,
        "recorded_by": item.recorded_by,
        "mitigation": item.mitigation,
        "linked": item.linked,
        "source": item.source,
    }
