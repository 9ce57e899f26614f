"""Writing to the draft of a list, item by item, and the kinds of lists."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose

from app.domain.admission import GUARDS, Guard
from app.domain.checklists import ListKind
from app.domain.errors import RuleBroken, broken
from app.domain.formspec.spec import MOST_ATTACHMENTS
from app.domain.list_change import EDITABLE
from app.domain.list_kinds import FacetType, has_many_steps
from app.domain.rights import GRID_ROLES, Resource, Verb
from app.features.checklists import queries, services
from app.features.checklists.flow import most_steps
from app.features.checklists.item_form import OWN_FACETS, ROWS, TIERS, typed_item, typed_kind
from app.features.checklists.models import GovernanceList, ListItem, ListKindDefinition
from app.features.checklists.queries import changes, directory
from app.features.checklists.queries.admission import around, problems_of
from app.features.checklists.queries.kinds import all_kinds, kind_as_data, kind_of, kind_rows
from app.features.checklists.queries.lists import is_of_the_grid
from app.features.checklists.words import CYCLES, FACET_TYPES, FILE_KINDS, KINDS, VERSION_STATES
from app.features.forms.services.attaching import MOST_BYTES
from app.features.org.models import OrgUnit
from app.features.org.queries import top_units, units_at
from app.kit import access, names, versions
from app.kit.download import printed_size
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.limits import Cost, counted_as
from app.kit.problems import sentence

SPARE = 3  # empty lines below the steps there are


class DraftView(PortalPageView):
    """The draft of a version of a list."""

    resource = Resource.LISTS
    route_base = "/list-drafts"

    @expose("/<int:list_id>")
    @guarded(Verb.IMPORT)
    def draft(self, list_id: int) -> Any:
        found = _draft(list_id)
        kind, about = kind_of(found), around(found.unit)
        items = queries.items_of_list(found)
        change = changes.change_of(found)
        return self.render_template(
            "checklists/templates/draft.html",
            title=_("Draft of %(list)s", list=found.label),
            list=found,
            change=change,
            is_open=found.state == "draft" and (change is None or change.stage in EDITABLE),
            items=items,
            kind=kind,
            states=VERSION_STATES,
            barred={item.id: [sentence(one) for one in problems_of(item, kind.behaviour, about)] for item in items},
            long={item.id for item in items if has_many_steps(item.title, len(item.steps), most_steps())},
            most=most_steps(),
        )

    @expose("/<int:list_id>/item")
    @guarded(Verb.IMPORT)
    def add(self, list_id: int) -> Any:
        return self._form(_draft(list_id), None)

    @expose("/<int:list_id>/item", methods=["POST"])
    @guarded(Verb.IMPORT)
    def create(self, list_id: int) -> Any:
        return self._save(_draft(list_id), None)

    @expose("/<int:list_id>/items/<int:item_id>")
    @guarded(Verb.IMPORT)
    def edit(self, list_id: int, item_id: int) -> Any:
        found = _draft(list_id)
        return self._form(found, _item(found, item_id))

    @expose("/<int:list_id>/items/<int:item_id>", methods=["POST"])
    @guarded(Verb.IMPORT)
    def save(self, list_id: int, item_id: int) -> Any:
        found = _draft(list_id)
        item = _item(found, item_id)
        with versions.unchanged(item):
            return self._save(found, item)

    @expose("/<int:list_id>/items/<int:item_id>/remove", methods=["POST"])
    @guarded(Verb.IMPORT)
    def remove(self, list_id: int, item_id: int) -> Any:
        found = _draft(list_id)
        item = _item(found, item_id)
        back = url_for("DraftView.draft", list_id=list_id)
        return self.act(lambda: services.remove_item(item), _("Taken out of the draft."), back, item)

    @expose("/<int:list_id>/items/<int:item_id>/files", methods=["POST"])
    @guarded(Verb.IMPORT)
    @counted_as(Cost.UPLOAD)
    def attach(self, list_id: int, item_id: int) -> Any:
        item = _item(_draft(list_id), item_id)
        file = request.files.get("file")

        def keep() -> None:
            if file is None or not file.filename:
                raise broken("list.no_file", "file")
            services.attach_file(item, request.form.get("kind", ""), file.filename, file.read(MOST_BYTES + 1))

        return self.act(keep, _("The file is with the item."), _editor(list_id, item_id), item)

    @expose("/<int:list_id>/items/<int:item_id>/files/<int:list_file_id>/remove", methods=["POST"])
    @guarded(Verb.IMPORT)
    def detach(self, list_id: int, item_id: int, list_file_id: int) -> Any:
        item = _item(_draft(list_id), item_id)
        back = _editor(list_id, item_id)
        return self.act(lambda: services.detach_file(item, list_file_id), _("The file was taken off."), back, item)

    def _save(self, found: GovernanceList, item: ListItem | None) -> Any:
        try:
            services.save_item(found, typed_item(request.form, kind_of(found)), item)
        except RuleBroken as refusal:
            return self._form(found, item, refusal.problems), 422
        return self.act(lambda: None, _("Saved in the draft."), url_for("DraftView.draft", list_id=found.id))

    def _form(self, found: GovernanceList, item: ListItem | None, problems: Any = ()) -> Any:
        kind = kind_of(found)
        shown = [(problem.where, sentence(problem)) for problem in problems]
        passable = [one.code for one in problems if one.code in set(Guard) and GUARDS[Guard(one.code)].may_pass]
        return self.render_template(
            "checklists/templates/draft_item.html",
            title=item.label if item and not item.is_open_place else _("A new item"),
            list=found,
            item=item,
            kind=kind,
            typed=request.form if request.method == "POST" else None,
            problems=shown,
            errors=dict(shown),
            passable=passable if access.can(Verb.APPROVE, found) else [],
            facets=[facet for facet in kind.facets if facet.code not in ("item_no", "item_name", "procedure")],
            asks_category=any(facet.code == "category" for facet in kind.facets),
            roles=[(role.value, names.role(role.value)) for role in GRID_ROLES],
            cycles=CYCLES,
            lines=min(ROWS, len(item.steps if item else ()) + SPARE),
            tiers=min(TIERS, len(item.thresholds if item else ()) + 1),
            most=most_steps(),
            file_kinds=FILE_KINDS if item is not None and not is_of_the_grid(found) else {},
            size=printed_size,
            most_files=MOST_ATTACHMENTS,
            most_megabytes=MOST_BYTES // 1024 // 1024,
        )


def _editor(list_id: int, item_id: int) -> str:
    return url_for("DraftView.edit", list_id=list_id, item_id=item_id, _anchor="files")


def _draft(list_id: int) -> GovernanceList:
    found = directory.draft_to_write(list_id)
    access.require(Verb.IMPORT, found)
    return found


def _item(found: GovernanceList, item_id: int) -> ListItem:
    item = next((one for one in queries.items_of_list(found) if one.id == item_id), None)
    if item is None:
        abort(404)
    return item


class ListKindView(PortalPageView):
    """The kinds of lists: what an item of each says."""

    resource = Resource.LISTS
    route_base = "/list-kinds"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        return self.render_template(
            "checklists/templates/list_kinds.html",
            title=_("Kinds of lists"),
            kinds=sorted(all_kinds().values(), key=lambda kind: kind.order),
            words=KINDS,
            may_edit=access.holds(Resource.LISTS, Verb.EDIT),
            rows=kind_rows(),
        )

    @expose("/new")
    @guarded(Verb.EDIT)
    def new(self) -> Any:
        return self._form(None)

    @expose("/new", methods=["POST"])
    @guarded(Verb.EDIT)
    def create(self) -> Any:
        return self._save(None)

    @expose("/<int:list_kind_id>")
    @guarded(Verb.EDIT)
    def edit(self, list_kind_id: int) -> Any:
        return self._form(access.find(ListKindDefinition, list_kind_id, Verb.EDIT))

    @expose("/<int:list_kind_id>", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, list_kind_id: int) -> Any:
        found: ListKindDefinition = access.find(ListKindDefinition, list_kind_id, Verb.EDIT)
        with versions.unchanged(found):
            return self._save(found)

    def _save(self, found: ListKindDefinition | None) -> Any:
        typed = typed_kind(request.form)
        try:
            if found is None:
                services.load_kind(access.find(OrgUnit, request.form.get("unit", "")), typed)
            else:
                services.load_kind(found.unit, {**typed, "code": found.code})
        except RuleBroken as refusal:
            return self._form(found, refusal.problems, typed), 422
        return self.act(lambda: None, _("The kind was saved."), url_for("ListKindView.index"))

    def _form(self, found: ListKindDefinition | None, problems: Any = (), typed: Any = None) -> Any:
        data = typed or (kind_as_data(found) if found else {"facets": _first_facets()})
        places = [*top_units(), *units_at("county")]
        units = {unit.id: unit for unit in places if access.can_at(Verb.EDIT, Resource.LISTS, unit)}
        return self.render_template(
            "checklists/templates/list_kind.html",
            title=found.label if found else _("A kind of our own"),
            kind=found,
            data=data,
            units=list(units.values()),
            problems=[(problem.where, sentence(problem)) for problem in problems],
            behaviours=[(kind.value, KINDS[kind]) for kind in ListKind],
            types=[(one.value, FACET_TYPES[one]) for one in FacetType],
            lines=min(OWN_FACETS, len(data["facets"]) + SPARE),
        )


def _first_facets() -> list[dict[str, Any]]:
    return [
        {"code": "item_no", "label": {"zh": "编号", "en": "No.", "ko": "번호"}, "required": True},
        {
            "code": "item_name",
            "label": {"zh": "事项名称", "en": "Name of the item", "ko": "사항이름"},
            "required": True,
        },
    ]
