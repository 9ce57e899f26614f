"""Schemes: the generated lists, and the assessment list as people read it."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.assessment import queries, words
from app.features.assessment.models import Scheme, SchemeAspect, SchemeDeduction, SchemeItem
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView, PortalPageView, guarded
from app.kit.i18n import _l
from app.kit.problems import sentence

LABELS = {
    "aspect_code": _l("Aspect"),
    "basis": _l("Basis of assessment"),
    "calc": _l("Calculation"),
    "cap": _l("Cap"),
    "code": _l("Code"),
    "cycle": _l("Assessment period"),
    "evidence": _l("Evidence"),
    "floor_total": _l("Lowest total"),
    "full_score": _l("Full score"),
    "is_current": _l("In force"),
    "levels": _l("Levels"),
    "linked": _l("Linked items"),
    "maximum": _l("Full score"),
    "min_applicable": _l("Least applicable points"),
    "mitigation": _l("Mitigation"),
    "months": _l("Months the figures are for"),
    "na_allowed": _l("May be not applicable"),
    "name": _l("Name"),
    "name_en": _l("English name"),
    "number": _l("Version"),
    "params": _l("Figures of the calculation"),
    "per": _l("Counted per"),
    "points": _l("Points each time"),
    "recorded_by": _l("Recorded by"),
    "responsible_office": _l("Responsible unit"),
    "scheme": _l("Scheme"),
    "sort_order": _l("Order"),
    "source": _l("Source"),
    "standard": _l("Scoring standard"),
    "subject": _l("Assessed are"),
    "total_cap": _l("Cap of all deductions"),
    "unit": _l("Unit"),
}
FORMATTERS = {
    "source": lambda value: words.SOURCES.get(value, value),
    "calc": lambda value: words.CALC_KINDS.get(value, value),
    "cycle": lambda value: words.CYCLES.get(value, value),
    "subject": lambda value: words.SUBJECTS.get(value, value),
    "recorded_by": lambda value: words.RECORDERS.get(value, value),
}


class SchemeView(PortalModelView):
    """Assessment schemes."""

    resource = Resource.SCHEMES
    datamodel = ScopedInterface(Scheme)
    route_base = "/schemes"
    label_columns = LABELS
    formatters_columns = FORMATTERS
    list_title, show_title = _l("Assessment schemes"), _l("Assessment scheme")
    add_title, edit_title = _l("New scheme"), _l("Edit scheme")
    list_columns = ["name", "code", "number", "unit", "subject", "full_score", "total_cap", "is_current", "source"]
    show_columns = [*list_columns, "months", "floor_total", "min_applicable"]
    add_columns = [
        "unit",
        "code",
        "name",
        "subject",
        "months",
        "full_score",
        "total_cap",
        "floor_total",
        "min_applicable",
    ]
    edit_columns = ["name", "months", "full_score", "total_cap", "floor_total", "min_applicable", "is_current"]
    search_columns = ["name", "code", "subject", "is_current"]


class SchemeAspectView(PortalModelView):
    """Aspects of schemes."""

    resource = Resource.SCHEMES
    datamodel = ScopedInterface(SchemeAspect)
    route_base = "/scheme-aspects"
    label_columns = LABELS
    formatters_columns = FORMATTERS
    list_title, show_title = _l("Aspects of schemes"), _l("Aspect")
    add_title, edit_title = _l("New aspect"), _l("Edit aspect")
    list_columns = ["scheme", "code", "name", "maximum", "source"]
    show_columns = [*list_columns, "name_en", "sort_order"]
    add_columns = ["scheme", "code", "name", "name_en", "maximum", "sort_order"]
    edit_columns = ["name", "name_en", "maximum", "sort_order"]
    search_columns = ["scheme", "name"]
    base_order = ("id", "asc")


class SchemeItemView(PortalModelView):
    """Scored items of schemes."""

    resource = Resource.SCHEMES
    datamodel = ScopedInterface(SchemeItem)
    route_base = "/scheme-items"
    label_columns = LABELS
    formatters_columns = FORMATTERS
    list_title, show_title = _l("Assessment items"), _l("Assessment item")
    add_title, edit_title = _l("New assessment item"), _l("Edit assessment item")
    list_columns = ["scheme", "code", "name", "maximum", "calc", "na_allowed", "responsible_office", "source"]
    show_columns = [*list_columns, "aspect_code", "params", "standard", "basis", "cycle", "sort_order"]
    _written = ["name", "maximum", "na_allowed", "standard", "basis", "responsible_office", "cycle", "sort_order"]
    add_columns = ["scheme", "aspect_code", "code", *_written]
    edit_columns = _written
    search_columns = ["scheme", "name", "calc", "responsible_office"]
    base_order = ("id", "asc")


class SchemeDeductionView(PortalModelView):
    """Deduction items of schemes."""

    resource = Resource.SCHEMES
    datamodel = ScopedInterface(SchemeDeduction)
    route_base = "/scheme-deductions"
    label_columns = LABELS
    formatters_columns = FORMATTERS
    list_title, show_title = _l("Deduction items"), _l("Deduction item")
    add_title, edit_title = _l("New deduction item"), _l("Edit deduction item")
    list_columns = ["scheme", "code", "name", "points", "cap", "per", "recorded_by", "source"]
    show_columns = [*list_columns, "levels", "standard", "evidence", "mitigation", "linked", "sort_order"]
    _written = ["name", "points", "cap", "per", "standard", "evidence", "recorded_by", "sort_order"]
    add_columns = ["scheme", "code", *_written]
    edit_columns = _written
    search_columns = ["scheme", "name"]
    base_order = ("id", "asc")


class AssessmentListView(PortalPageView):
    """考核清单: the assessment list as it is read and printed."""

    resource = Resource.LISTS
    route_base = "/assessment-list"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        schemes = queries.schemes_that_hold()
        return self._page(schemes[0] if schemes else None, schemes)

    @expose("/<int:scheme_id>")
    @guarded(Verb.VIEW)
    def show(self, scheme_id: int) -> Any:
        return self._page(queries.scheme_that_holds(scheme_id), queries.schemes_that_hold())

    def _page(self, scheme: Any, schemes: Any) -> Any:
        return self.render_template(
            "assessment/templates/scheme.html",
            scheme=scheme,
            schemes=schemes,
            parts=queries.parts_of(scheme) if scheme else None,
            problems=queries.scheme_problems(scheme) if scheme else (),
            words=words,
            say=sentence,
        )
