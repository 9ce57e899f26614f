"""Rating departments, and reading what villages said."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.forms.queries import spec_of
from app.features.forms.queries.filling import version_in_use
from app.features.forms.records import Shown, record_form, typed_answers
from app.features.org.models import Department, OrgUnit
from app.features.reviews import services
from app.features.reviews.charts import fewest
from app.features.reviews.queries import ratings
from app.kit import access, names
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence


class RatingView(PortalPageView):
    """The departments above a village, and what it says of each in the half-year that runs."""

    route_base = "/rate-departments"
    default_view = "departments"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.SUBMIT)
    def departments(self) -> Any:
        units = ratings.rating_units()
        unit = _chosen(units)
        period = ratings.running_period()
        said = ratings.ratings_of(unit, period) if unit is not None else {}
        return self.render_template(
            "reviews/templates/rate_list.html",
            title=_("Rate departments"),
            unit=unit,
            choices=[(str(one.id), one.name) for one in units],
            period=names.period_name(period),
            rows=ratings.departments_above(unit) if unit is not None else [],
            said=said,
            ready=unit is not None and ratings.has_version(ratings.review_form(unit)),
            fewest=fewest(),
        )

    @expose("/<int:department_id>", methods=["GET", "POST"])
    @guarded(Verb.SUBMIT)
    def rate(self, department_id: int) -> Any:
        unit = _chosen(ratings.rating_units())
        departments = ratings.departments_above(unit) if unit is not None else []
        department = next((one for one in departments if one.id == department_id), None)
        form = ratings.review_form(unit) if unit is not None else None
        version = version_in_use(form) if form is not None else None
        if unit is None or department is None or version is None:
            abort(404)
        record = ratings.ratings_of(unit, ratings.running_period()).get(department.id)
        spec = spec_of(record.form_version if record else version)
        if request.method == "GET":
            return self._page(department, unit, record, record_form(spec, record.answers if record else {}))
        typed = typed_answers(spec, request.form)
        try:
            services.rate(department, unit, typed, record=record, version=_version(record))
        except RuleBroken as refusal:
            drawn = record_form(spec, typed, shown=Shown(problems=refusal.problems))
            summary = drawn.problems or [("", one) for one in map(sentence, refusal.problems)]
            return self._page(department, unit, record, drawn, summary), 422
        flash(_("Thank you: your rating is in. You may change it until the half-year ends."), "success")
        return redirect(url_for("RatingView.departments", unit=unit.id))

    def _page(self, department: Department, unit: OrgUnit, record: Any, drawn: Any, summary: Any = ()) -> Any:
        return self.render_template(
            "reviews/templates/rate.html",
            title=_("Rate: %(name)s", name=department.label),
            department=department,
            unit=unit,
            record=record,
            drawn=drawn,
            summary=summary,
            period=names.period_name(ratings.running_period()),
            fewest=fewest(),
        )


class RatingResultView(PortalPageView):
    """What villages said of the departments of a county or township, from enough villages on and never of one."""

    route_base = "/department-ratings"
    default_view = "results"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def results(self) -> Any:
        units = ratings.reading_units()
        unit = _chosen(units)
        if unit is None:
            return self.render_template("reviews/templates/ratings.html", title=_title(), unit=None)
        periods = ratings.periods_rated(unit)
        over = [one for one in periods if one != ratings.running_period()]
        period = next((one for one in periods if one == request.args.get("period")), (over or periods)[0])
        form = ratings.review_form(unit)
        return self.render_template(
            "reviews/templates/ratings.html",
            title=_title(),
            unit=unit,
            units=[(str(one.id), one.name) for one in units],
            periods=[(one, names.period_name(one)) for one in periods],
            period=period,
            runs=period == ratings.running_period(),
            rows=ratings.results(unit, period, fewest()),
            form=form,
            may_set_up=access.can_at(Verb.EDIT, Resource.FORMS, unit) and (form is None or form.unit_id != unit.id),
            may_design=form is not None and access.can(Verb.EDIT, form),
            fewest=fewest(),
            villages=ratings.villages_below(unit),
        )

    @expose("/<int:department_id>")
    @guarded(Verb.VIEW)
    def department(self, department_id: int) -> Any:
        found = _read(department_id)
        if found is None:
            abort(404)
        department, unit = found
        periods = ratings.periods_rated(unit)
        over = [one for one in periods if one != ratings.running_period()]
        period = next((one for one in periods if one == request.args.get("period")), (over or periods)[0])
        listed = ratings.results(unit, period, fewest())
        return self.render_template(
            "reviews/templates/rating.html",
            title=department.label,
            unit=unit,
            row=next((one for one in listed if one.department.id == department.id), None),
            period=period,
            period_words=names.period_name(period),
            trend=[
                (names.period_name(one), average, raters)
                for one, average, raters in ratings.average_by_period(department, unit, fewest())
            ],
            fewest=fewest(),
        )

    @expose("/set-up/<int:unit_id>", methods=["POST"])
    @guarded(Verb.VIEW)
    def set_up(self, unit_id: int) -> Any:
        unit = access.find(OrgUnit, unit_id)
        done = _("The form is in use. Change it in the form designer as you need.")
        return self.act(lambda: services.set_up_review(unit), done, url_for("RatingResultView.results", unit=unit.id))


def _title() -> str:
    return str(_("What villages say of departments"))


def _chosen(units: list[OrgUnit]) -> OrgUnit | None:
    asked = request.values.get("unit", "")
    return next((one for one in units if str(one.id) == asked), units[0] if units else None)


def _read(department_id: int) -> tuple[Department, OrgUnit] | None:
    for unit in ratings.reading_units():
        for one in ratings.departments_above(unit):
            if one.id == department_id and one.unit_id == unit.id:
                return one, unit
    return None


def _version(record: Any) -> int | None:
    text = request.form.get("record_version", "")
    return None if record is None else int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
