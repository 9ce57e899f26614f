"""The scoring screen, and the address its script saves to."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.features.assessment import queries, services, words
from app.features.assessment.grid import cells_of, grid_of, preview_as_json, sheets_as_json
from app.features.assessment.views.rounds import find_round
from app.kit.fab import PortalPageView, guarded
from app.kit.problems import as_json

LOST = ("assessment.cell_conflict", "assessment.round_closed")  # somebody else was first


class ScoreView(PortalPageView):
    """Scores of one round: villages × items."""

    resource = Resource.SCORES
    route_base = "/assessment-scores"

    @expose("/<int:pk>")
    @guarded(Verb.VIEW)
    def grid(self, pk: int) -> Any:
        round_ = find_round(pk)
        queries.require_live_scores(round_)
        return self.render_template("assessment/templates/scores.html", round=round_, grid=grid_of(round_), words=words)

    @expose("/<int:pk>/cells", methods=["POST"])
    @guarded(Verb.EDIT)
    def cells(self, pk: int) -> Any:
        round_ = find_round(pk)
        sent = request.get_json(silent=True)
        try:
            if not isinstance(sent, dict):
                raise broken("assessment.bad_request")
            cells = cells_of(sent)
            if sent.get("dry_run"):
                return jsonify(changes=preview_as_json(round_, services.preview_scores(round_, cells)))
            if any(cell.was is None for cell in cells):
                raise broken("assessment.bad_request")  # nobody writes over what he has not seen
            sheets = services.save_scores(round_, cells, request_key=str(sent.get("key") or "")[:40] or None)
        except RuleBroken as refusal:
            lost = any(problem.code in LOST for problem in refusal.problems)
            return jsonify(problems=_problems(refusal)), 409 if lost else 422
        return jsonify(sheets=sheets_as_json(round_, sheets))


def _problems(refusal: RuleBroken) -> list[dict[str, Any]]:
    told = as_json(refusal.problems)
    for words_, problem in zip(told, refusal.problems, strict=True):
        if "theirs" in problem.params:
            words_["theirs"] = problem.params["theirs"]
    return told
