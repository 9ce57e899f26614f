"""Rankings: the list of runs, a ranking with its policy, and the same round under another policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.config import KEYS, from_data, written
from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.assessment.queries import round_by_code
from app.features.ranking import queries, services, words
from app.features.ranking.frozen import problems_from_data, summary_of
from app.features.ranking.models import RankingRun
from app.kit import access, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, _l
from app.kit.problems import flash_all, sentence

STATES = {
    "computed": _l("Computed, not published"),
    "published": _l("Published"),
    "discarded": _l("Discarded"),
    "superseded": _l("Superseded by a correction"),
}
STATE_TONES = {"computed": "wait", "published": "done", "discarded": "off", "superseded": "off"}
WHAT_IF = (
    "top_ratio",
    "bottom_ratio",
    "cut_rule",
    "top_rounding",
    "bottom_rounding",
    "top_tie_policy",
    "bottom_tie_policy",
)


class RankingView(PortalPageView):
    """Rankings of villages."""

    route_base = "/rankings"
    default_view = "index"
    resource = Resource.RANKINGS

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        may_run = access.holds(Resource.RANKINGS, Verb.EDIT)
        return self.render_template(
            "ranking/templates/rankings.html",
            title=_("Rankings"),
            runs=queries.runs_in_reach(),
            rounds=[(f"{r.unit.code}/{r.code}", r.name) for r in queries.rounds_to_rank()] if may_run else [],
            states=STATES,
            state_tones=STATE_TONES,
        )

    @expose("/run", methods=["POST"])
    @guarded(Verb.EDIT)
    def run_round(self) -> Any:
        back = url_for("RankingView.index")
        try:
            round_ = round_by_code(request.form.get("round", ""))
            run = services.run_ranking(round_, reason=request.form.get("reason"))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(back)
        flash(_("The ranking was computed. Check it; another person publishes it."), "success")
        return redirect(url_for("RankingView.ranking", run_id=run.id))

    @expose("/<int:run_id>")
    @guarded(Verb.VIEW)
    def ranking(self, run_id: int) -> Any:
        run = access.find(RankingRun, run_id, Verb.VIEW)
        rows = table_of(run)
        return self.render_template(
            "ranking/templates/ranking.html",
            title=_("Ranking of %(round)s", round=run.summary["round_name"]),
            run=run,
            rows=rows,
            mine=[row for row in rows if row["mine"]],
            ties=_open_ties(rows),
            sentences=words.policy_sentences(from_data(run.policy), run.summary["cuts"]),
            warnings=_warnings(run.summary),
            bands=[(band, words.band_word(band, run.policy), words.BAND_TONES[band]) for band in words.BANDS],
            states=STATES,
            state_tones=STATE_TONES,
            may_decide=run.state == "computed" and any(access.can(v, run) for v in (Verb.EDIT, Verb.APPROVE)),
        )

    @expose("/<int:run_id>/publish", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def publish(self, run_id: int) -> Any:
        run = access.find(RankingRun, run_id, Verb.PUBLISH)
        return self.act(
            lambda: services.publish_ranking(run),
            _("The ranking is published; everybody in its scope can read it."),
            url_for("RankingView.ranking", run_id=run_id),
            run,
        )

    @expose("/<int:run_id>/decide-tie", methods=["POST"])
    @guarded(Verb.VIEW)
    def decide_tie(self, run_id: int) -> Any:
        run = access.find(RankingRun, run_id, Verb.VIEW)
        codes = sorted(request.form.getlist("code"), key=lambda code: request.form.get(f"place-{code}", "9").rjust(4))
        try:
            with versions.unchanged(run):
                decided = services.decide_tie(run, codes, reason=request.form.get("reason", ""))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("RankingView.ranking", run_id=run_id))
        flash(_("The order is recorded with its reason; the ranking was computed anew."), "success")
        return redirect(url_for("RankingView.ranking", run_id=decided.id))

    @expose("/<int:run_id>/what-if")
    @guarded(Verb.VIEW)
    def what_if(self, run_id: int) -> Any:
        run = access.find(RankingRun, run_id, Verb.VIEW)
        settings = {name: request.args[name] for name in WHAT_IF if request.args.get(name)}
        config = from_data(run.policy)
        problems: Sequence[Problem] = ()
        try:
            config = services.another_policy(run, settings)
        except RuleBroken as refusal:
            problems = refusal.problems
        other, rows = queries.compared(run, config)
        summary = summary_of(other)
        return self.render_template(
            "ranking/templates/what_if.html",
            title=_("If the rule were another"),
            run=run,
            fields=_what_if_fields(config, settings),
            problems=[(f"flt-{problem.where}", sentence(problem)) for problem in problems],
            errors={problem.where: sentence(problem) for problem in problems},
            summary=summary,
            rows=rows,
            moved=[row for row in rows if row.band_changes],
            word=lambda band: words.band_word(band, run.policy if band not in ("top", "bottom") else _ratios(config)),
            tones=words.BAND_TONES,
            sentences=words.policy_sentences(config, summary["cuts"]),
        )


def _ratios(config: Any) -> Mapping[str, Any]:
    return {"top_ratio": config["top_ratio"], "bottom_ratio": config["bottom_ratio"]}


def _what_if_fields(config: Any, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """The keys of a comparison as fields: what was typed, else what holds."""
    return [
        {
            "name": key.name,
            "label": words.LABELS[key.name],
            "choices": [(option, words.choice(option)) for option in key.options],
            "value": settings.get(key.name, written(config[key.name])),
        }
        for key in KEYS
        if key.name in WHAT_IF
    ]


def table_of(run: RankingRun) -> list[dict[str, Any]]:
    """The lines of a ranking as the page shows them: names as frozen, where the cuts lie, why, and what is the reader's own."""
    villages = {village["unit_id"]: village for village in run.inputs}
    own = {post.ancestors.get("village") for post in access.actor().posts} - {None}
    lines = queries.lines_of(run)
    tied = Counter((villages[line.village_unit_id]["group"], line.final) for line in lines if line.rank is not None)
    rows, before = [], ""
    for line in lines:
        village = villages[line.village_unit_id]
        count = tied[village["group"], line.final]
        cut = _cut_above(before, line.band)
        rows.append(
            {
                "line": line,
                "village": village,
                "mine": line.village_unit_id in own,
                "cut": cut,
                "cut_words": words.cut_words(cut, village["group"], run) if cut else "",
                "tied": count,
                "why": words.why(line, village, run.policy, run.summary["cuts"], count),
                "band": words.band_word(line.band, run.policy),
                "tone": words.BAND_TONES[line.band],
            }
        )
        before = line.band
    return rows


def _cut_above(before: str, band: str) -> str:
    """The cut line that lies between two neighbours: of the top band, of the bottom band, or none."""
    if before == "top" and band in ("middle", "bottom"):
        return "top"
    return "bottom" if before == "middle" and band == "bottom" else ""


def _open_ties(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Villages of one score whose order the tie-breakers left open, group by group."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        if row["line"].is_tie_undecided:
            found.setdefault((row["village"]["group"], row["line"].final), []).append(row)
    return list(found.values())


def _warnings(summary: Mapping[str, Any]) -> list[str]:
    return [sentence(problem) for problem in problems_from_data(summary["warnings"])]
