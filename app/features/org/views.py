"""Pages of the tree, and the generated list and forms of units."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from wtforms import SelectField

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.org import queries, services
from app.features.org.models import Department, OrgUnit
from app.kit import access, clock, names
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView, PortalPageView, Screen, guarded
from app.kit.fields import WordsField
from app.kit.i18n import _, _l

_FORM = ["name", "code", "level", "parent", "aliases", "sort_order", "households", "valid_from", "valid_to"]
_FIELDS = {
    "level": SelectField(_l("Level"), choices=lambda: list(names.levels().items())),
    "aliases": WordsField(_l("Other names"), description=_l("Names a workbook may use, separated by commas")),
}


class UnitView(PortalModelView):
    """Units as a list; where a unit may stand is checked by the rules of the tree."""

    route_base = "/units"
    datamodel = ScopedInterface(OrgUnit)
    resource = Resource.UNITS
    list_title, show_title = _l("Units"), _l("Unit")
    add_title, edit_title = _l("New unit"), _l("Edit unit")
    list_columns = ["name", "level", "code", "parent", "valid_from", "valid_to"]
    show_columns = _FORM
    add_columns = edit_columns = _FORM
    search_columns = ["name", "code", "parent"]
    order_columns = ["name", "level", "code", "valid_from", "valid_to"]
    base_order = ("code", "asc")
    add_form_extra_fields = edit_form_extra_fields = _FIELDS
    formatters_columns = {"level": names.level}
    label_columns = {
        "name": _l("Unit name"),
        "code": _l("Code"),
        "level": _l("Level"),
        "parent": _l("Unit above"),
        "aliases": _l("Other names"),
        "sort_order": _l("Order"),
        "households": _l("Households"),
        "valid_from": _l("Exists from"),
        "valid_to": _l("Exists until (not on that day)"),
    }


class DepartmentView(PortalModelView):
    """Departments of counties and townships: who issues reports, plans inspections, and is rated by villages."""

    route_base = "/departments"
    datamodel = ScopedInterface(Department)
    resource = Resource.UNITS
    list_title, show_title = _l("Departments"), _l("Department")
    add_title, edit_title = _l("New department"), _l("Edit department")
    list_columns = ["label", "unit", "code", "is_active"]
    show_columns = add_columns = edit_columns = [
        "unit",
        "code",
        "name",
        "name_en",
        "name_ko",
        "sort_order",
        "is_active",
    ]
    search_columns = ["name", "code", "unit", "is_active"]
    order_columns = ["code", "is_active"]
    base_order = ("sort_order", "asc")
    label_columns = {
        "label": _l("Department"),
        "unit": _l("Belongs to"),
        "code": _l("Code"),
        "name": _l("Chinese name"),
        "name_en": _l("English name"),
        "name_ko": _l("Korean name"),
        "sort_order": _l("Order"),
        "is_active": _l("In use"),
    }


class TreeView(PortalPageView):
    """The tree: who stands below whom, and what can be done with a unit."""

    route_base = "/tree"
    default_view = "tree"
    resource = Resource.UNITS

    @expose("/")
    @guarded(Verb.VIEW)
    def tree(self) -> Any:
        units = queries.in_tree_order(queries.all_units())
        return self.render_template(
            "org/templates/tree.html",
            title=_("Organisation"),
            units=units,
            counts=queries.level_counts(unit for unit, _depth in units),
        )

    @expose("/<int:unit_id>")
    @guarded(Verb.VIEW)
    def unit(self, unit_id: int) -> Any:
        unit = access.find(OrgUnit, unit_id)
        return self.render_template(
            "org/templates/unit.html",
            title=unit.name,
            unit=unit,
            line=queries.line_above(unit),
            children=queries.children_of(unit),
            beside=[one for one in queries.siblings_of(unit) if one.id != unit.id],
            today=clock.today(),
        )

    @expose("/<int:unit_id>/move", methods=["POST"])
    @guarded(Verb.EDIT)
    def move(self, unit_id: int) -> Any:
        unit = access.find(OrgUnit, unit_id, Verb.EDIT)
        back = _page_of(unit_id)
        return self.act(lambda: services.move_unit(unit, _named("parent")), _("The unit was moved."), back, unit)

    @expose("/<int:unit_id>/close", methods=["POST"])
    @guarded(Verb.EDIT)
    def close(self, unit_id: int) -> Any:
        unit = access.find(OrgUnit, unit_id, Verb.EDIT)
        return self.act(lambda: services.close_unit(unit, _day()), _("The unit was closed."), _page_of(unit_id), unit)

    @expose("/<int:unit_id>/merge", methods=["POST"])
    @guarded(Verb.EDIT)
    def merge(self, unit_id: int) -> Any:
        unit = access.find(OrgUnit, unit_id, Verb.EDIT)
        return self.act(
            lambda: services.merge_units([unit], _named("into"), _day()),
            _("The units were merged."),
            _page_of(unit_id),
            unit,
        )


def _page_of(unit_id: int) -> str:
    return url_for("TreeView.unit", unit_id=unit_id)


def _named(field: str) -> OrgUnit:
    """The unit a form names by code or path, within reach. Errors: org.unknown_unit."""
    typed = request.form.get(field, "").strip()
    unit = queries.resolve_unit(typed)
    if unit is None:
        raise broken("org.unknown_unit", field, unit=typed)
    return unit


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("on", ""))
    except ValueError as error:
        raise broken("answer.bad_date", "on") from error


VIEWS = [
    Screen(TreeView, _l("Organisation"), "people", "fa-sitemap", order=10),
    Screen(UnitView, _l("Units"), "people", "fa-list-ul", Verb.EDIT, order=20),
    Screen(DepartmentView, _l("Departments"), "people", "fa-building-o", Verb.EDIT, order=25),
]
