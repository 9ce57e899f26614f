"""The four lists and the ledger of responsibilities, and all screens of lists."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.checklists import ListKind
from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.checklists import queries, services
from app.features.checklists.change_view import ListChangeView
from app.features.checklists.directory_view import DirectoryView
from app.features.checklists.draft_view import DraftView, ListKindView
from app.features.checklists.forms import typed_rows
from app.features.checklists.interface_view import ListInterfaceView
from app.features.checklists.keeping_view import GovernanceListView, ListItemView
from app.features.checklists.models import GovernanceList
from app.features.checklists.queries import ledger as ledger_queries
from app.features.checklists.queries import lists as list_queries
from app.features.checklists.words import (
    CYCLES,
    KINDS,
    MEETINGS,
    QUESTIONS,
    RECORD_FIELDS,
    SOURCES,
    STATE_TONES,
    STATES,
    SUBJECTS,
)
from app.features.org.models import OrgUnit
from app.kit import access, clock, names, roles, versions
from app.kit.db import transaction
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
from app.kit.problems import sentence

WORDS = {
    "cycles": CYCLES,
    "meetings": MEETINGS,
    "record_fields": RECORD_FIELDS,
    "sources": SOURCES,
    "kinds": KINDS,
    "questions": QUESTIONS,
    "subjects": SUBJECTS,
    "states": STATES,
    "tones": STATE_TONES,
}


class FourListsView(PortalPageView):
    """The four lists and the pages of responsibilities and systems."""

    resource = Resource.LISTS
    route_base = "/four-lists"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        return self.render_template(
            "checklists/templates/four_lists.html", sets=queries.lists_overview(), words=WORDS, names=names
        )

    @expose("/<int:list_id>")
    @guarded(Verb.VIEW)
    def show(self, list_id: int) -> Any:
        found = queries.shown_list(list_id)
        page = list_queries.page_of(found.kind)
        if page and page.endpoint != "FourListsView.show":
            return redirect(url_for(page.endpoint, list_id=list_id))
        return _PAGES.get(found.kind, _plain)(self, found)


def _plain(view: FourListsView, found: GovernanceList) -> Any:
    return view.render_template(
        "checklists/templates/plain.html", list=found, items=queries.items_of_list(found), words=WORDS
    )


def _responsibilities(view: FourListsView, found: GovernanceList) -> Any:
    items = queries.items_of_list(found)
    own, chosen = {roles.base_of(post.role).value for post in access.actor().posts}, request.args.get("role", "")
    order = request.args.get("order", "own")
    shown = [item for item in items if not chosen or item.role == chosen]
    return view.render_template(
        "checklists/templates/responsibilities.html",
        list=found,
        groups=list_queries.by_role(shown, own, own_first=order == "own"),
        roles=[group.role for group in list_queries.by_role(items)],
        links=list_queries.links_from(found, items),
        count=len(items),
        own=own,
        chosen=chosen,
        order=order,
        words=WORDS,
        names=names,
    )


def _systems(view: FourListsView, found: GovernanceList) -> Any:
    return view.render_template(
        "checklists/templates/systems.html",
        list=found,
        items=queries.items_of_list(found),
        referring=list_queries.referring(found, "systems"),
        words=WORDS,
        names=names,
    )


_PAGES = {ListKind.RESPONSIBILITY.value: _responsibilities, ListKind.SYSTEM.value: _systems}


class LedgerView(PortalPageView):
    """The ledger of responsibilities of a total grid, year by year."""

    resource = Resource.DUTIES
    route_base = "/responsibility-ledger"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        year = request.args.get("year", "") or str(clock.today().year)
        if not year.isdecimal() or not 2000 <= int(year) <= 2100:
            abort(404)
        progress = ledger_queries.progress_of_year(year)
        if len(progress) == 1:
            return redirect(url_for("LedgerView.show", unit_id=progress[0].grid.id, year=year))
        return self.render_template("checklists/templates/ledgers.html", progress=progress, year=int(year))

    @expose("/<int:unit_id>/<int:year>")
    @guarded(Verb.VIEW)
    def show(self, unit_id: int, year: int) -> Any:
        return self._page(_grid(unit_id), year, editing="edit" in request.args)

    @expose("/<int:unit_id>/<int:year>/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, unit_id: int, year: int) -> Any:
        grid = _grid(unit_id)
        try:
            with transaction():
                versions.hold(grid)  # one keeper at a time: nothing comes between look and write
                rows, problems = typed_rows(request.form, queries.ledger_of(grid, str(year)).lines)
                if problems:
                    raise RuleBroken(problems)
                services.keep_ledger(grid, str(year), rows)
        except RuleBroken as refusal:
            changed = any(problem.code == "ledger.line_changed" for problem in refusal.problems)
            page = self._page(grid, year, editing=True, typed=request.form, problems=refusal.problems)
            return page, 409 if changed else 422
        return self.act(
            lambda: None, _("The ledger was saved."), url_for("LedgerView.show", unit_id=unit_id, year=year)
        )

    def _page(self, grid: OrgUnit, year: int, editing: bool, typed: Any = None, problems: Any = ()) -> Any:
        may_keep = ledger_queries.may_keep(grid)
        found = [(problem.where, sentence(problem)) for problem in problems]
        return self.render_template(
            "checklists/templates/ledger.html",
            ledger=queries.ledger_of(grid, str(year)),
            year=year,
            editing=editing and may_keep,
            may_keep=may_keep,
            typed=typed or {},
            problems=found,
            errors=dict(found),
            words=WORDS,
            names=names,
        )


def _grid(unit_id: int) -> OrgUnit:
    unit: OrgUnit = access.find(OrgUnit, unit_id)
    if unit.level != "total_grid":
        abort(404)
    access.require_at(Verb.VIEW, Resource.DUTIES, unit)
    return unit


VIEWS = [
    Screen(FourListsView, _l("The four lists"), "lists", "fa-th-list", order=10),
    Screen(DirectoryView, _l("Catalogue of lists"), "lists", "fa-list-ol", order=20),
    Screen(ListChangeView, _l("Changes of lists"), "lists", "fa-random", verb=Verb.IMPORT, order=25),
    Screen(DraftView),
    Screen(ListInterfaceView),
    Screen(ListKindView, _l("Kinds of lists"), "lists", "fa-tags", verb=Verb.EDIT, order=39),
    Screen(LedgerView, _l("Ledger of responsibilities"), "lists", "fa-book", order=30),
    Screen(GovernanceListView, _l("Lists and versions"), "lists", "fa-folder-open", verb=Verb.EDIT, order=40),
    Screen(ListItemView, _l("List items"), "lists", "fa-pencil-square-o", verb=Verb.EDIT, order=41),
]
