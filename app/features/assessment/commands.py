"""`flask assessment …`: schemes and rounds by command, under the same services as the screens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import yaml

from app.domain.errors import broken
from app.features.assessment import queries, services
from app.features.assessment.models import AssessmentRound
from app.features.org.queries import resolve_unit, units_at
from app.kit.commands import acting, json_option, show
from app.kit.problems import as_json as problems_as_json


@click.group()
def assessment() -> None:
    """Schemes, rounds, checking and publishing."""


def _unit(text: str | None) -> Any:
    """The unit named, else the only top unit within reach."""
    if text:
        found = resolve_unit(text)
        if found is None:
            raise broken("org.unknown_unit", "--unit", unit=text)
        return found
    top = units_at("prefecture") or units_at("county")
    if len(top) != 1:
        raise broken("assessment.say_unit", "--unit")
    return top[0]


@assessment.command("load-scheme")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", help="Unit that owns the scheme: code or unique path of names. Default: the only county.")
@acting
@json_option
def load_scheme(file: Path, unit: str | None, as_json: bool) -> None:
    """Load a scheme from a JSON or YAML FILE."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        data = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as wrong:
        raise broken("assessment.bad_scheme", "file", key=file.name) from wrong
    if not isinstance(data, dict):
        raise broken("assessment.bad_scheme", "file", key=file.name)
    scheme = services.load_scheme(data, _unit(unit))
    result = {"code": scheme.code, "name": scheme.name, "number": scheme.number, "unit": scheme.unit.code}
    show(result, as_json, lambda r: [f"{r['unit']}: {r['name']} ({r['code']}) v{r['number']}"])


@assessment.command("open")
@click.argument("round_code", metavar="ROUND")
@click.option("--scheme", required=True, help="Code or name of the scheme.")
@click.option("--period", required=True, help="E.g. 2026, 2026H1, 2026Q3.")
@click.option("--unit", required=True, help="Unit that owns the round: code or unique path of names.")
@acting
@json_option
def open_round(round_code: str, scheme: str, period: str, unit: str, as_json: bool) -> None:
    """Open ROUND for every village (or sub-grid) below a unit."""
    owner = _unit(unit)
    round_ = services.open_round(round_code, queries.scheme_by_name(scheme, owner), period, owner)
    show(_summary(round_), as_json, _lines)


@assessment.command("check")
@click.argument("round_code", metavar="ROUND")
@acting
@json_option
def check(round_code: str, as_json: bool) -> None:
    """Check that ROUND is complete; lists what is missing, exit code 1."""
    round_ = queries.round_by_code(round_code)
    gaps = queries.missing(round_)
    if gaps:
        show({**_summary(round_), "missing": _problems(gaps)}, as_json, lambda r: [m["message"] for m in r["missing"]])
        raise SystemExit(1)
    show(_summary(services.check_round(round_)), as_json, _lines)


@assessment.command("publish")
@click.argument("round_code", metavar="ROUND")
@acting
@json_option
def publish(round_code: str, as_json: bool) -> None:
    """Publish the checked ROUND: its results are frozen."""
    round_ = queries.round_by_code(round_code)
    snapshot = services.publish_round(round_)
    result = {**_summary(round_), "number": snapshot.number, "digest": snapshot.digest}
    show(result, as_json, lambda r: [*_lines(r), r["digest"]])


def _problems(gaps: Any) -> list[dict[str, Any]]:
    return problems_as_json(gaps)


def _summary(round_: AssessmentRound) -> dict[str, Any]:
    results = queries.round_results(round_)
    return {
        "round": round_.code,
        "period": round_.period,
        "unit": round_.unit.code,
        "state": round_.state,
        "units": len(results),
        "scored": sum(result.status == "scored" for result in results),
    }


def _lines(result: dict[str, Any]) -> list[str]:
    return [
        f"{result['unit']}/{result['round']} {result['period']}: {result['state']}, {result['scored']}/{result['units']}"
    ]


COMMANDS = [assessment]
