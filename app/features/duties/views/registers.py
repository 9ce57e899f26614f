"""The register of certificates and service cases: a month over the villages one sees, and the page where one is kept."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.domain.transitions import ExceptionState
from app.features.duties import queries, services
from app.features.duties.queries import certificates, registers
from app.features.duties.views.pickers import asked_month, period_links, register_line_of
from app.features.duties.words import EXCEPTION_WORDS, REGISTER_FIELDS, RISKS, certificate_words
from app.kit import access, versions
from app.kit.db import transaction
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.names import period_name
from app.kit.problems import sentence


class RegisterView(PortalPageView):
    """What the villages counted in a month, its indicators, and what a village counts."""

    route_base = "/registers"
    resource = Resource.DUTIES
    default_view = "month"

    @expose("/")
    @guarded(Verb.VIEW)
    def month(self) -> Any:
        period = asked_month()
        known = registers.register_townships()
        township = _chosen(known)
        found = registers.register_month(period, township)
        exceptions = certificates.exceptions_of(period, township)
        townships = {(line.place.unit.township_id, period) for line in found.lines}
        return self.render_template(
            "duties/templates/registers.html",
            title=_("Certificates and service cases"),
            month=found,
            kinds=registers.by_kind(line.register for line in found.lines if line.register),
            exceptions=exceptions,
            approved=sum(line.row.state == ExceptionState.APPROVED for line in exceptions),
            missing=sum(line.register is None for line in found.lines),
            picker=period_links(period, "RegisterView.month", township=township.id if township else ""),
            townships=[(unit.id, unit.name) for unit in known],
            township=township,
            locked=queries.closed_row(townships) if townships else None,
            may_keep={line.place.village.id: _may_keep(line.place) for line in found.lines},
            fields=REGISTER_FIELDS,
        )

    @expose("/<int:village_id>")
    @guarded(Verb.VIEW)
    def village(self, village_id: int) -> Any:
        period = asked_month()
        return self._page(register_line_of(village_id, period), period)

    @expose("/<int:village_id>/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, village_id: int) -> Any:
        period = asked_month()
        line = register_line_of(village_id, period)
        access.require_at(Verb.EDIT, Resource.DUTIES, line.place.unit)
        try:
            with transaction():
                versions.hold(line.place.unit)  # one keeper at a time: nothing comes between look and write
                line = register_line_of(village_id, period)
                if request.form.get("seen") != _seen(line):
                    raise RuleBroken(Problem("register.changed", "accepted"))
                services.keep_register(line.place, period, _typed(line, period))
        except RuleBroken as refusal:
            changed = any(problem.code == "register.changed" for problem in refusal.problems)
            return self._page(line, period, refusal.problems), 409 if changed else 422
        flash(_("Saved."), "success")
        return redirect(url_for("RegisterView.month", period=period))

    def _page(self, line: registers.RegisterLine, period: str, problems: Any = ()) -> Any:
        counts = {**(line.register.certificates if line.register else {})}
        counted = certificates.counted_at(line.place, period, line.register)
        found = [(problem.where, sentence(problem)) for problem in problems]
        return self.render_template(
            "duties/templates/register.html",
            title=_("%(village)s, %(month)s", village=line.place.village.name, month=period_name(period)),
            line=line,
            period=period,
            kinds=[(one, certificate_words(one)) for one in counted.all],
            asks_reason=any(one.needs_reason for one in counted.all),
            has_kept=counted.lists.kept is not None,
            exceptions=certificates.exceptions_of(period, line.place.village),
            villages={line.place.village.id: line.place.village.name},
            states=EXCEPTION_WORDS,
            risks=RISKS,
            cases=[(name, REGISTER_FIELDS[name], getattr(line.register, name, "")) for name in registers.CASES],
            counts=counts,
            seen=request.form.get("seen", _seen(line)) if problems else _seen(line),
            typed=request.form if problems else {},
            errors=dict(found),
            problems=_labelled(found, counted),
            locked=queries.closed_row([(line.place.unit.township_id, period)]),
            may_keep=_may_keep(line.place),
            fields=REGISTER_FIELDS,
        )


def _labelled(found: list[tuple[str, str]], counted: certificates.CountedCertificates) -> list[tuple[str, str]]:
    """What is wrong, above the form, with the name of the certificate it is about."""
    labels = {one.field: one.kind.label for one in counted.all}
    return [
        (where, _("%(label)s: %(error)s", label=labels[where], error=text) if where in labels else text)
        for where, text in found
    ]


def _chosen(townships: Any) -> Any:
    wanted = request.args.get("township", "")
    return next((unit for unit in townships if str(unit.id) == wanted), townships[0] if townships else None)


def _may_keep(place: registers.RegisterPlace) -> bool:
    return access.can_at(Verb.EDIT, Resource.DUTIES, place.unit)


def _seen(line: registers.RegisterLine) -> str:
    return versions.stamp(line.register) if line.register else "new"


def _typed(line: registers.RegisterLine, period: str) -> dict[str, Any]:
    """The row of the form; an empty input is a zero here, as in the county's form.

    Errors: register.not_a_count at the input.
    """
    problems: list[Problem] = []
    counted = certificates.counted_at(line.place, period, line.register)
    row: dict[str, Any] = {"certificates": {one.kind.name: _count(one.field, problems) for one in counted.all}}
    row |= {name: _count(name, problems) for name in registers.CASES}
    if problems:
        raise RuleBroken(problems)
    return row | {"reason": request.form.get("reason", "").strip() or None}


def _count(name: str, problems: list[Problem]) -> int:
    text = request.form.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and len(text) < 8):
        problems.append(Problem("register.not_a_count", name, {"typed": text}))
        return 0
    return int(text or 0)
