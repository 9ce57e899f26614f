"""Rounds: the list, one round with its progress, opening, checking, publishing, correcting."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.assessment import queries, services, words
from app.features.assessment.forms import RoundForm
from app.features.assessment.models import AssessmentRound
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


def find_round(pk: int, verb: Verb = Verb.VIEW) -> AssessmentRound:
    """The round of a page; hidden while nothing of it is published and the actor has no part in it."""
    return queries.round_in_reach(access.find(AssessmentRound, pk, verb))


class RoundView(PortalPageView):
    """Rounds of assessment."""

    resource = Resource.SCORES
    route_base = "/assessment-rounds"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        rounds = queries.rounds_in_reach()
        return self.render_template(
            "assessment/templates/rounds.html",
            rounds=rounds,
            progress=queries.progress(rounds),
            words=words,
            may_open=bool(queries.units_for_rounds()),
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def new(self) -> Any:
        form = RoundForm.refresh()
        units, schemes = queries.units_for_rounds(), queries.schemes_that_hold()
        form.unit.choices = [(unit.id, unit.name) for unit in units]
        form.scheme.choices = [(scheme.id, scheme.name) for scheme in schemes]
        if form.validate_on_submit():
            opened = []
            unit = next(unit for unit in units if unit.id == form.unit.data)
            scheme = next(scheme for scheme in schemes if scheme.id == form.scheme.data)
            if form.accept(lambda: opened.append(self._open(form, scheme, unit))):
                return redirect(url_for("RoundView.show", pk=opened[0].id))
        return self.render_template("assessment/templates/round_form.html", form=form)

    def _open(self, form: RoundForm, scheme: Any, unit: Any) -> AssessmentRound:
        return services.open_round(form.code.data, scheme, form.period.data, unit, name=form.name.data or None)

    @expose("/<int:pk>")
    @guarded(Verb.VIEW)
    def show(self, pk: int) -> Any:
        round_ = find_round(pk)
        return self.render_template(
            "assessment/templates/round.html", words=words, round=round_, **queries.round_page(round_)
        )

    @expose("/<int:pk>/check", methods=["POST"])
    @guarded(Verb.SUBMIT)
    def check(self, pk: int) -> Any:
        round_ = find_round(pk)
        return self.act(
            lambda: services.check_round(round_), _("Checked. Another person can publish it now."), self._at(pk), round_
        )

    @expose("/<int:pk>/return", methods=["POST"])
    @guarded(Verb.APPROVE)
    def send_back(self, pk: int) -> Any:
        round_ = find_round(pk)
        reason = request.form.get("reason", "")
        return self.act(
            lambda: services.return_round(round_, reason), _("Open for scoring again."), self._at(pk), round_
        )

    @expose("/<int:pk>/publish")
    @guarded(Verb.PUBLISH)
    def publish_page(self, pk: int) -> Any:
        round_ = find_round(pk, Verb.PUBLISH)
        return self.render_template(
            "assessment/templates/publish.html", words=words, round=round_, **queries.publish_page(round_)
        )

    @expose("/<int:pk>/publish", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def publish(self, pk: int) -> Any:
        round_ = find_round(pk)
        return self.act(lambda: services.publish_round(round_), _("Published and frozen."), self._at(pk), round_)

    @expose("/<int:pk>/correct", methods=["POST"])
    @guarded(Verb.APPROVE)
    def correct(self, pk: int) -> Any:
        round_ = find_round(pk)
        reason = request.form.get("reason", "")
        return self.act(
            lambda: services.correct_round(round_, reason),
            _("Open for a correction. What was published stays in sight until the new version is published."),
            self._at(pk),
            round_,
        )

    def _at(self, pk: int) -> str:
        return url_for("RoundView.show", pk=pk)
