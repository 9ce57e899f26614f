"""Indicators: the list at a unit, one with its trend, entering values, defining."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.indicators import FORMULAS
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews import services, words
from app.features.reviews.forms import IndicatorForm, NewIndicatorForm, ValueForm
from app.features.reviews.models import Indicator, IndicatorValue
from app.features.reviews.queries import indicators
from app.features.reviews.services.values import OWNERS
from app.kit import access, names, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, chosen

EMPTY = [("", "—")]


class IndicatorView(PortalPageView):
    """Indicators with both counts beside each rate; entered, or counted from records, registers and plates."""

    route_base = "/indicators"
    default_view = "indicators"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def indicators(self) -> Any:
        units = indicators.places()
        unit = _chosen(units)
        rows = indicators.indicators_at(unit) if unit is not None else []
        lines = [(row, indicators.latest(row, unit), _stated(row)) for row in rows if unit is not None]
        return self.render_template(
            "reviews/templates/indicators.html",
            title=_("Indicators"),
            unit=unit,
            choices=[(str(one.id), one.name) for one in units],
            rows=sorted(lines, key=lambda line: line[1] is None),  # those with a value here first
            words=words,
            chosen=chosen,
            period_name=names.period_name,
            may_define=bool(_owners()),
        )

    @expose("/<int:indicator_id>", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def indicator(self, indicator_id: int) -> Any:
        units = indicators.places()
        unit = _chosen(units)
        row = _indicator(indicator_id, unit)
        if row is None or unit is None:
            abort(404)
        form, may_enter = ValueForm.refresh(), [one for one in units if access.can_at(Verb.EDIT, Resource.RECORDS, one)]
        inside = [one for one in may_enter if row.unit_id in one.ancestors().values()]
        form.place.choices = [(one.id, one.name) for one in sorted(inside, key=lambda one: one.id != unit.id)]
        form.first.label.text = chosen(row.first) or _("First count")
        form.second.label.text = chosen(row.second) or _("Second count")
        if request.method == "POST" and not inside:
            raise access.NotAllowed(Resource.RECORDS, Verb.EDIT)
        if form.validate_on_submit() and form.accept(lambda: _enter(row, inside, form)):
            flash(_("The value is kept."), "success")
            return redirect(url_for("IndicatorView.indicator", indicator_id=row.id, unit=unit.id))
        found = indicators.points(row, unit)
        period = request.args.get("period") or (found[-1].period if found else "")
        return self.render_template(
            "reviews/templates/indicator.html",
            title=str(row),
            row=row,
            unit=unit,
            choices=[(str(one.id), one.name) for one in units if row.unit_id in one.ancestors().values()],
            points=list(reversed(found)),
            below=indicators.below(row, unit, period) if period else [],
            period=period,
            stated=_stated(row),
            words=words,
            how=words.how(row.formula, chosen(row.first) or _("First count"), chosen(row.second)),
            counted=indicators.counted_from(row),
            two=FORMULAS[row.formula].counts > 1,
            form=form,
            may_enter=bool(inside) and indicators.counted_from(row) == "entered",
            may_define=access.can_at(Verb.APPROVE, Resource.RECORDS, row.unit),
            can=access.can,
            chosen=chosen,
            period_name=names.period_name,
            Verb=Verb,
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded(Verb.APPROVE)
    def new(self) -> Any:
        owners, form = _owners(), NewIndicatorForm.refresh()
        form.owner.choices = [(one.id, one.name) for one in owners]
        owner = next((one for one in owners if one.id == form.owner.data), owners[0] if owners else None)
        if owner is None:
            raise access.NotAllowed(Resource.RECORDS, Verb.APPROVE)
        _offer(form, owner)
        if form.validate_on_submit():
            made: list[Indicator] = []
            if form.accept(lambda: made.append(services.define_indicator(owner, _said(form)))):
                return redirect(url_for("IndicatorView.indicator", indicator_id=made[0].id, unit=owner.id))
        return self._form(_("New indicator"), form, None)

    @expose("/<int:indicator_id>/edit", methods=["GET", "POST"])
    @guarded(Verb.APPROVE)
    def edit(self, indicator_id: int) -> Any:
        row = access.find(Indicator, indicator_id, Verb.APPROVE)
        form = IndicatorForm.refresh(obj=None if request.method == "POST" else _Typed(row))
        _offer(form, row.unit)
        if form.validate_on_submit():

            def save() -> None:
                with versions.unchanged(row):
                    services.define_indicator(row.unit, _said(form, row.code), row)

            if form.accept(save):
                return redirect(url_for("IndicatorView.indicator", indicator_id=row.id, unit=row.unit_id))
        return self._form(_("Edit indicator"), form, row)

    @expose("/values/<int:value_id>/remove", methods=["POST"])
    @guarded(Verb.EDIT)
    def remove(self, value_id: int) -> Any:
        value = access.find(IndicatorValue, value_id, Verb.EDIT)
        back = url_for("IndicatorView.indicator", indicator_id=value.indicator_id, unit=value.unit_id)
        return self.act(lambda: services.remove_value(value), _("The value is removed."), back, value)

    def _form(self, title: str, form: IndicatorForm, row: Indicator | None) -> Any:
        return self.render_template("reviews/templates/indicator_form.html", title=title, form=form, row=row)


class _Typed:
    """An indicator as its form shows it."""

    def __init__(self, row: Indicator) -> None:
        source = dict(row.source or {})
        self.code, self.formula = row.code, row.formula
        self.title, self.first, self.second = chosen(row.title), chosen(row.first), chosen(row.second)
        self.source = indicators.counted_from(row)
        self.form, self.stars = source.get("form", ""), source.get("stars", 3)
        for name in ("first", "second"):
            setattr(self, f"form_{name}", source.get(name, "") if self.source == "records" else "")
            setattr(self, f"register_{name}", source.get(name, "") if self.source == "register" else "")


def _chosen(units: list[OrgUnit]) -> OrgUnit | None:
    asked = request.args.get("unit") or str(next((post.unit_id for post in access.actor().posts), ""))
    return next((one for one in units if str(one.id) == asked), units[0] if units else None)


def _indicator(indicator_id: int, unit: OrgUnit | None) -> Indicator | None:
    rows = indicators.indicators_at(unit) if unit is not None else []
    return next((one for one in rows if one.id == indicator_id), None)


def _owners() -> list[OrgUnit]:
    units = [unit for unit in indicators.places() if unit.level in OWNERS]
    may = access.where_at(Verb.APPROVE, Resource.RECORDS, units)
    return [unit for unit in units if unit.id in may]


def _stated(row: Indicator) -> indicators.Point | None:
    """The figure its source prints, where it prints both counts."""
    stated = (row.source or {}).get("stated") or {}
    if "first" not in stated:
        return None
    second = Decimal(stated["second"]) if "second" in stated else None
    return indicators.Point(
        row.formula, stated.get("period", ""), Decimal(stated["first"]), second, stated.get("note", "")
    )


def _enter(row: Indicator, inside: list[OrgUnit], form: ValueForm) -> None:
    unit = next(one for one in inside if one.id == form.place.data)
    services.enter_value(row, unit, form.period.data or "", form.first.data, form.second.data, form.note.data or "")


def _offer(form: IndicatorForm, owner: OrgUnit) -> None:
    listed = indicators.forms_for(owner)
    form.form.choices = [*EMPTY, *((one.code, str(one)) for one in listed)]
    numbers = [(code, f"{one} · {label}") for one in listed for code, label in indicators.numbers_of(one)]
    records = [("", _("Number of records")), *dict(numbers).items()]
    form.form_first.choices, form.form_second.choices = records, records


def _said(form: IndicatorForm, code: str = "") -> services.Definition:
    kind = form.source.data
    source: dict[str, Any] = {} if kind == "entered" else {"kind": kind}
    if kind == "records":
        source |= {"form": form.form.data, "first": form.form_first.data, "second": form.form_second.data}
    if kind == "register":
        source |= {"first": form.register_first.data, "second": form.register_second.data}
    if kind == "plates":
        source |= {"stars": form.stars.data or 3}
    return services.Definition(
        code=code or (form.code.data or "").strip(),
        title=form.title.data or "",
        formula=form.formula.data,
        first=form.first.data or "",
        second=form.second.data or "",
        source={key: value for key, value in source.items() if value},
    )
