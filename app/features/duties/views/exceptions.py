"""Certificates outside the lists: asked for by the village, decided above it, and what the lists say of a certificate."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.duties import queries, services
from app.features.duties.forms import ExceptionForm
from app.features.duties.models import CertificateException
from app.features.duties.queries import certificates, registers
from app.features.duties.views.pickers import asked_month, period_links, register_line_of
from app.features.duties.words import EXCEPTION_WORDS, RISKS, decision_words
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.names import period_name


class CertificateExceptionView(PortalPageView):
    """The exceptions of a month over the villages one sees, and the page where one is asked for."""

    route_base = "/certificate-exceptions"
    resource = Resource.DUTIES
    default_view = "month"

    @expose("/")
    @guarded(Verb.VIEW)
    def month(self) -> Any:
        period = asked_month()
        lines = certificates.exceptions_of(period)
        return self.render_template(
            "duties/templates/exceptions.html",
            title=_("Certificates by exception"),
            period=period,
            picker=period_links(period, "CertificateExceptionView.month"),
            lines=lines,
            villages=registers.village_names(line.row.village_id for line in lines),
            states=EXCEPTION_WORDS,
            risks=RISKS,
        )

    @expose("/villages/<int:village_id>/new", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def new(self, village_id: int) -> Any:
        period = asked_month()
        place = register_line_of(village_id, period).place
        access.require_at(Verb.EDIT, Resource.DUTIES, place.unit)
        form = ExceptionForm.refresh()
        if request.method == "GET":
            form.certificate.data = request.args.get("certificate", "")[:60]
        if form.validate_on_submit() and form.accept(lambda: services.ask_exception(place, period, _said(form))):
            flash(_("Asked. The certificate may be issued as soon as it is approved."), "success")
            return redirect(url_for("RegisterView.village", village_id=village_id, period=period))
        return self.render_template(
            "duties/templates/exception.html",
            title=_("Ask for an exception"),
            place=place,
            period=period,
            month=period_name(period),
            form=form,
            listed=certificates.counted_at(place, period).listed(),
            locked=queries.closed_row([(place.unit.township_id, period)]),
        ), 422 if form.is_submitted() else 200

    @expose("/villages/<int:village_id>/decision")
    @guarded(Verb.VIEW)
    def decision(self, village_id: int) -> Any:
        period, name = asked_month(), request.args.get("name", "").strip()[:60]
        found = services.certificate_decision(register_line_of(village_id, period).place, period, name)
        return jsonify(outcome=found.outcome, sentence=decision_words(found))

    @expose("/<int:exception_id>/approve", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def approve(self, exception_id: int) -> Any:
        row = access.find(CertificateException, exception_id, Verb.PUBLISH)
        back = url_for("CertificateExceptionView.month", period=row.period)
        done = _("Approved. The village may issue the certificate and count it.")
        return self.act(lambda: services.approve_exception(row), done, back, row)

    @expose("/<int:exception_id>/refuse", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def refuse(self, exception_id: int) -> Any:
        row = access.find(CertificateException, exception_id, Verb.PUBLISH)
        back = url_for("CertificateExceptionView.month", period=row.period)
        reason = request.form.get("reason", "")
        return self.act(
            lambda: services.refuse_exception(row, reason), _("Refused. It stays on record with the reason."), back, row
        )


def _said(form: ExceptionForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("certificate", "requesting_body", "reason", "risk", "minutes_no")}
