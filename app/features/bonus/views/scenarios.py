"""奖金测算: the same scores and wages under two or three policies side by side; nothing is saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import request
from flask_appbuilder import expose

from app.domain.config import KEYS, written
from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.bonus import services
from app.features.ranking.models import RankingRun
from app.features.ranking.queries import runs_in_reach
from app.features.ranking.words import BANDS, LABELS, choice
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jinja import number
from app.kit.problems import sentence

LETTERS = "ABC"
COMPARED = (
    "top_tie_policy",
    "bottom_tie_policy",
    "top_rounding",
    "bottom_rounding",
    "top_multiplier",
    "middle_multiplier",
    "bottom_multiplier",
    "budget_limit",
)
PRESETS = {
    "B": {"top_tie_policy": "tiebreak", "bottom_tie_policy": "tiebreak"},
    "C": {"top_tie_policy": "shrink", "bottom_tie_policy": "expand"},
}


class ScenarioView(PortalPageView):
    """Award scenarios."""

    route_base = "/award-scenarios"
    default_view = "compare"
    resource = Resource.PAY

    @expose("/")
    @guarded(Verb.VIEW)
    def compare(self) -> Any:
        runs = [run for run in runs_in_reach() if run.state == "published" and _may_see(run)]
        run = next((r for r in runs if str(r.id) == request.args.get("run")), runs[0] if runs else None)
        columns = [_column(letter, run) for letter in LETTERS] if run else []
        refused, results = "", []
        if run and not any(column["problems"] for column in columns):
            try:
                results = _results([services.award_scenario(run, column["config"]) for column in columns])
            except RuleBroken as refusal:
                refused = " ".join(sentence(problem) for problem in refusal.problems)
        return self.render_template(
            "bonus/templates/scenarios.html",
            title=_("Award scenarios"),
            runs=[(r.id, r.summary["round_name"]) for r in runs],
            run=run,
            fields=_fields(columns),
            problems=[problem for column in columns for problem in column["problems"]],
            headings=[(_("Scenario %(letter)s", letter=letter), "num") for letter in LETTERS],
            results=results,
            refused=refused,
        )


def _may_see(run: RankingRun) -> bool:
    return access.can_at(Verb.VIEW, Resource.PAY, run.unit)


def _column(letter: str, run: RankingRun) -> dict[str, Any]:
    """One scenario: its settings as typed (else a preset, else what holds), and its policy or its problems."""
    config = services.batch_config(run)
    base = {name: written(config[name]) for name in COMPARED}
    typed = {name: request.args.get(f"{letter}.{name}") for name in COMPARED}
    texts = {name: base[name] if typed[name] is None else (typed[name] or "none") for name in COMPARED}
    if all(text is None for text in typed.values()):
        texts |= PRESETS.get(letter, {})
    problems: list[tuple[str, str]] = []
    try:
        config = services.batch_config(run, texts)
    except RuleBroken as refusal:
        problems = [
            (f"flt-{letter}.{p.where}", f"{LABELS.get(p.where, p.where)}：{sentence(p)}") for p in refusal.problems
        ]
    return {"letter": letter, "texts": texts, "config": config, "problems": problems}


def _fields(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each setting, a cell for each scenario."""
    return [
        {
            "label": LABELS[key.name],
            "choices": [(option, choice(option)) for option in key.options],
            "cells": [_cell(column, key.name) for column in columns],
        }
        for key in KEYS
        if key.name in COMPARED
    ]


def _cell(column: dict[str, Any], name: str) -> dict[str, str]:
    text = column["texts"][name]
    return {"name": f"{column['letter']}.{name}", "letter": column["letter"], "value": "" if text == "none" else text}


def _results(scenarios: list[Any]) -> list[tuple[str, list[Any], str]]:
    """The rows of the comparison: villages and awards by band, the total, and its distance from scenario A."""
    rows: list[tuple[str, list[Any], str]] = []
    for band in ("top", "middle", "bottom"):
        rows.append((_("Villages: %(band)s", band=BANDS[band]), [s.counts[band] for s in scenarios], ""))
    for band in ("top", "middle", "bottom", "not_ranked"):
        amounts = [Decimal(s.totals["bands"][band]["award"]) for s in scenarios]
        if any(amounts):
            rows.append((_("Award: %(band)s", band=BANDS[band]), [number(amount) for amount in amounts], ""))
    totals = [Decimal(s.totals["total_award"]) for s in scenarios]
    rows.append((_("Total award"), [number(total) for total in totals], "strong"))
    rows.append((_("Against scenario A"), [number(total - totals[0]) for total in totals], ""))
    payable = [number(Decimal(s.totals["total_payable_now"])) for s in scenarios]
    rows.append((_("Payable now"), payable, ""))
    return rows
