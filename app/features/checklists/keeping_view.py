"""The administration of lists and items: what a list in force leaves open is edited row by row."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.fieldwidgets import Select2Widget
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length, Optional

from app.domain.rights import GRID_ROLES, Resource
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries import lists as list_queries
from app.features.checklists.queries.kinds import all_kinds, kind_named
from app.features.checklists.words import CYCLES
from app.kit import names
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView
from app.kit.i18n import _l


def _blank_or(choices: Any) -> Any:
    return lambda: [("", ""), *choices()]


def _select(label: Any, choices: Any) -> Any:
    return SelectField(
        label,
        choices=_blank_or(choices),
        coerce=lambda value: value or None,
        validators=[Optional()],
        widget=Select2Widget(),
    )


def _roles() -> list[tuple[str, str]]:
    return [(role.value, names.role(role.value)) for role in GRID_ROLES]


class GovernanceListView(PortalModelView):
    """Lists and whether they are published."""

    datamodel = ScopedInterface(GovernanceList)
    resource = Resource.LISTS
    route_base = "/list-catalogue"
    list_title = _l("Lists")
    show_title = _l("Governance list")
    add_title = _l("Add a list")
    edit_title = _l("Publish or withdraw a list")
    label_columns = {
        "unit": _l("Unit"),
        "kind": _l("Kind"),
        "code": _l("Code"),
        "number": _l("Version"),
        "name": _l("Name"),
        "name_en": _l("Name in English"),
        "name_ko": _l("Name in Korean"),
        "purpose": _l("Purpose"),
        "effective_from": _l("In force from"),
        "effective_to": _l("In force until"),
        "is_published": _l("Published, in force"),
    }
    list_columns = ["name", "kind", "unit", "number", "effective_from", "effective_to", "is_published"]
    show_columns = [
        "name",
        "name_en",
        "name_ko",
        "kind",
        "unit",
        "code",
        "number",
        "purpose",
        "effective_from",
        "effective_to",
        "is_published",
    ]
    search_columns = ["name", "kind", "code", "is_published"]
    add_columns = [
        "unit",
        "kind",
        "code",
        "number",
        "name",
        "name_en",
        "name_ko",
        "purpose",
        "effective_from",
        "effective_to",
        "is_published",
    ]
    edit_columns = ["purpose", "effective_from", "effective_to", "is_published"]
    formatters_columns = {"kind": lambda kind: kind_named(kind).label}
    add_form_extra_fields = {
        "kind": SelectField(
            _l("Kind"),
            choices=lambda: [(kind.code, kind.label) for kind in all_kinds().values()],
            widget=Select2Widget(),
        )
    }


class ListItemView(PortalModelView):
    """Items of lists: what the source says is read, what we propose is edited."""

    datamodel = ScopedInterface(ListItem)
    resource = Resource.LISTS
    route_base = "/list-items"
    list_title = _l("List items")
    show_title = _l("List item")
    add_title = _l("Add an item")
    edit_title = _l("Edit requirement, cycle and evidence")
    label_columns = {
        "governance_list": _l("Governance list"),
        "code": _l("Code"),
        "sort_order": _l("Order in the list"),
        "role": _l("Grid post"),
        "category": _l("Category"),
        "title": _l("Title of the item"),
        "title_en": _l("Title in English"),
        "requirement": _l("Requirement"),
        "cycle": _l("Cycle"),
        "evidence": _l("Evidence"),
    }
    list_columns = ["code", "title", "role", "requirement", "cycle", "governance_list"]
    show_columns = [
        "governance_list",
        "code",
        "role",
        "category",
        "title",
        "title_en",
        "requirement",
        "cycle",
        "evidence",
    ]
    search_columns = ["governance_list", "code", "role", "title", "requirement", "cycle"]
    add_columns = [
        "governance_list",
        "code",
        "sort_order",
        "role",
        "category",
        "title",
        "requirement",
        "cycle",
        "evidence",
    ]
    edit_columns = ["requirement", "cycle", "evidence", "sort_order"]
    base_order = ("id", "asc")
    edit_template = "checklists/templates/item_edit.html"
    extra_args = {"item_of": list_queries.item_to_edit}
    formatters_columns = {"role": lambda code: names.role(code), "cycle": lambda cycle: CYCLES.get(cycle, cycle or "")}
    add_form_extra_fields = {
        "role": _select(_l("Grid post"), _roles),
        "cycle": _select(_l("Cycle"), lambda: list(CYCLES.items())),
    }
    edit_form_extra_fields = {
        "requirement": TextAreaField(_l("Requirement"), validators=[Optional(), Length(max=1000)]),
        "cycle": _select(_l("Cycle"), lambda: list(CYCLES.items())),
    }
