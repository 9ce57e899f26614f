"""What a score workbook needs to know, and what one shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.assessment.models import AssessmentRound, Scheme, SchemeDeduction, SchemeItem, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.rounds import Filled, filled, round_by_code, rounds_of_period, sheets_of
from app.features.assessment.queries.schemes import SchemeParts, parts_of, scheme_by_name, schemes_that_hold
from app.features.assessment.reckoning import Basis, score_of
from app.features.assessment.scheme_form import parse_scheme
from app.features.checklists.pack import caojing
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at, units_below
from app.kit import access, clock
from app.kit.excel import NOT_APPLICABLE, ReadContext, SchemeFacts, VillageName
from app.kit.excel.context import AspectFact, DeductionFact, ItemFact
from app.kit.exchange import Options

FIRST_SCHEME = "CJ-VILLAGE-DEMO"


def round_of(options: Options) -> AssessmentRound | None:
    """The round a workbook is about: the one named, else the only one of the period and scheme, open ones first.

    Errors: assessment.unknown_round, assessment.ambiguous_round.
    """
    if options.round:
        return round_by_code(options.round)
    if not options.period:
        return None
    rounds = [row for row in rounds_of_period(options.period, options.unit) if _is_meant(row, options.scheme)]
    found = [row for row in rounds if row.state == "open"] or rounds
    if len(found) > 1:
        raise broken("assessment.say_round", "round", rounds="、".join(row.code for row in found))
    return found[0] if found else None


def _is_meant(round_: AssessmentRound, scheme: str | None) -> bool:
    return scheme is None or scheme in (round_.scheme.code, round_.scheme.name)


def score_context(options: Options) -> ReadContext:
    """Villages (or sub-grids) with their aliases, the scheme, and the period of the page.

    The scheme is the one named, else that of the round, else the village scheme of Caojing.
    """
    round_ = round_of(options)
    given = options.extra.get("scheme_data")
    facts = SchemeFacts.from_json(given) if given else _facts(options, round_)
    subject = round_.scheme.subject if round_ else "village"
    period = options.period or (round_.period if round_ else None)
    return ReadContext(villages=_names(options.unit, subject), page_period=period, scheme=facts)


def _facts(options: Options, round_: AssessmentRound | None) -> SchemeFacts:
    if options.scheme:
        scheme: Scheme | None = scheme_by_name(options.scheme, options.unit)
    elif round_ is not None:
        scheme = round_.scheme
    else:
        scheme = next((one for one in schemes_that_hold() if one.code == FIRST_SCHEME), None)
    if scheme is not None:
        return scheme_facts(scheme, parts_of(scheme))
    pack = next(one for one in caojing()["assessment_list"]["schemes"] if one["code"] == FIRST_SCHEME)
    written, parts = parse_scheme(pack)
    return scheme_facts(written, SchemeParts(tuple(parts[0]), tuple(parts[1]), tuple(parts[2])))


def _names(unit: OrgUnit | None, subject: str) -> tuple[VillageName, ...]:
    units = units_below(unit, subject) if unit is not None else units_at(subject)
    allowed = [access.can_at(Verb.IMPORT, Resource.SCORES, one) for one in units]
    named = [VillageName(u.code, u.name, tuple(u.aliases), allowed=may) for u, may in zip(units, allowed, strict=True)]
    return tuple(sorted(named, key=lambda name: name.allowed))


def scheme_facts(scheme: Scheme, parts: SchemeParts) -> SchemeFacts:
    """A stored scheme as a workbook must name it."""
    return SchemeFacts(
        items=tuple(_item(item) for item in parts.items),
        deductions=tuple(_deduction(item) for item in parts.deductions),
        aspects=tuple(AspectFact(a.code, a.name, a.maximum) for a in parts.aspects),
        total_cap=scheme.total_cap,
        floor=scheme.floor_total,
        name=scheme.name,
    )


def _item(item: SchemeItem) -> ItemFact:
    return ItemFact(
        item.code,
        item.name,
        item.maximum,
        item.aspect_code,
        item.na_allowed,
        item.standard or "",
        item.basis or "",
        item.responsible_office or "",
    )


def _deduction(item: SchemeDeduction) -> DeductionFact:
    levels = tuple((level["code"], level["name"], Decimal(level["points"])) for level in item.levels)
    return DeductionFact(
        item.code, item.name, item.cap, item.points, levels, item.standard or "", item.evidence or "", ""
    )


def score_rows(options: Options) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    """The sheets of a round the actor may export, and what the file states; `scheme`, `detail` and `variant` are for the writer.

    Errors: assessment.no_round, and those of `round_of`.
    """
    round_ = round_of(options)
    if round_ is None:
        raise broken("assessment.no_round", "round", period=options.period or "—")
    basis, sheets = basis_of(round_), _to_export(round_, options.unit)
    lines = filled(sheets)
    meta = {
        "owner": (options.unit or round_.unit).name,
        "period": round_.period,
        "org_code": (options.unit or round_.unit).code,
        "exported_at": clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
        "scheme": scheme_facts(round_.scheme, basis.parts),
        "detail": [line for sheet in sheets for line in _detail(sheet, lines[sheet.id])],
        "variant": str(options.extra.get("variant") or ""),
    }
    return [_row(sheet, lines[sheet.id], basis) for sheet in sheets], meta


def _to_export(round_: AssessmentRound, unit: OrgUnit | None) -> list[Sheet]:
    sheets = [sheet for sheet in sheets_of(round_, Verb.EXPORT) if not sheet.excluded_reason]
    return [s for s in sheets if unit is None or getattr(s, f"{unit.level}_id") == unit.id]


def _row(sheet: Sheet, lines: Filled, basis: Basis) -> dict[str, Any]:
    score = score_of(basis, lines)
    scores = {item.code: _value(lines, item.code) for item in basis.parts.items}
    row: dict[str, Any] = {
        "village": sheet.unit.name,
        "scores": scores,
        "deduction_points": {line.item.code: line.capped for line in score.deductions if line.capped},
    }
    if score.final is None:
        return row | {"status": "incomplete"}
    names = ("earned", "applicable", "base", "effective", "final")
    return row | {"computed": {name: getattr(score, name) for name in names}}


def _value(lines: Filled, code: str) -> Any:
    score = lines.scores.get(code)
    return None if score is None else NOT_APPLICABLE if score.is_not_applicable else score.points


def _detail(sheet: Sheet, lines: Filled) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, str | None]] = Counter()
    for entry in lines.entries:
        if entry.points is None and not entry.is_waived:
            counts[entry.item_code, entry.level] += entry.count
    return [
        {"village": sheet.unit.name, "item_code": code, "level": level, "occurrences": count}
        for (code, level), count in counts.items()
    ]
