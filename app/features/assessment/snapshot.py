"""What is frozen when a round is published, and the proof that it can be computed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain import scoring
from app.features.assessment.models import AssessmentRound, DeductionEntry, ItemScore, RoundSnapshot
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.rounds import filled, sheets_of, township_names
from app.features.assessment.reckoning import domain_scheme, fact_of, occurrence_of
from app.features.assessment.scheme_form import parse_scheme, scheme_as_data
from app.features.assessment.slips import result_as_data, slip_lines


def frozen(round_: AssessmentRound) -> dict[str, Any]:
    """Everything a published figure rests on, in plain JSON: round, scheme, and per unit facts, occurrences, result and slip."""
    basis = basis_of(round_)
    sheets = sheets_of(round_)
    lines, names = filled(sheets), township_names(sheets)
    return {
        "round": {
            "code": round_.code,
            "name": round_.name,
            "period": round_.period,
            "unit": {"id": round_.unit_id, "code": round_.unit.code, "name": round_.unit.name},
            "checked_by": round_.checked_by,
            "months": basis.months,
        },
        "scheme": scheme_as_data(round_.scheme, basis.parts),
        "sheets": [slip_lines(s, basis, lines[s.id], names.get(s.township_id or 0, "")) for s in sheets],
    }


def digest_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the payload in one canonical form."""
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def recomputed(snapshot: RoundSnapshot) -> bool:
    """True when the payload has its digest and today's rules give every published result again from its frozen facts."""
    payload = snapshot.payload
    scheme, parts = parse_scheme(payload["scheme"])
    rules, months = domain_scheme(scheme, *parts), payload["round"]["months"]
    results = ((sheet["result"], _result(sheet, rules, months)) for sheet in payload["sheets"])
    return digest_of(payload) == snapshot.digest and all(frozen_one == again for frozen_one, again in results)


def _result(sheet: Mapping[str, Any], rules: scoring.Scheme, months: int) -> dict[str, Any]:
    facts = {code: replace(fact_of(_score(code, one)), reason="-") for code, one in sheet["scores"].items()}
    occurrences = [occurrence_of(_entry(one)) for one in sheet["deductions"]]
    score = scoring.village_score(rules, facts, occurrences, months=months)
    return result_as_data(score, bool(sheet["excluded_reason"]))


def _score(code: str, one: Mapping[str, Any]) -> ItemScore:
    points = None if one["points"] is None else Decimal(one["points"])
    return ItemScore(item_code=code, points=points, is_not_applicable=one["not_applicable"], fact=one["fact"])


def _entry(one: Mapping[str, Any]) -> DeductionEntry:
    return DeductionEntry(
        item_code=one["item"],
        count=one["count"],
        level=one["level"],
        points=None if one["points"] is None else Decimal(one["points"]),
        is_self_reported=one["self_reported"],
        is_waived=one["waived"],
        same_fact=one["same_fact"],
    )
