"""Procedures, drawn step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_appbuilder import expose

from app.domain.checklists import ListKind
from app.domain.procedures import Companion, Node, Procedure
from app.domain.rights import Resource, Verb
from app.features.checklists.queries import shown_list
from app.features.checklists.queries.lists import referring
from app.features.checklists.words import CYCLES, SOURCES
from app.features.procedures import queries
from app.kit import access
from app.kit.drawing import Words, draw
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, language

Links = list[tuple[str, str | None]]
WIDE, NARROW = 956, 326  # what screens of 1280 and 390 pixels leave inside a card


class ProcedureView(PortalPageView):
    """The procedures of a procedure list, and all there are, each with its step diagram."""

    resource = Resource.PROCEDURES
    route_base = "/procedures"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def everything(self) -> Any:
        shown = queries.all_procedures()
        units = dict.fromkeys(str(one.definition.unit) for one in shown)
        return self.render_template(
            "procedures/templates/procedures.html",
            title=_("Procedures"),
            subtitle="、".join(units),
            crumbs=[],
            list_id=None,
            procedures=[
                (_page(one), url_for("ProcedureView.definition", procedure_id=one.definition.id)) for one in shown
            ],
        )

    @expose("/definition/<int:procedure_id>")
    @guarded(Verb.VIEW)
    def definition(self, procedure_id: int) -> Any:
        shown = queries.shown_procedure(procedure_id)
        crumbs = [(_("Procedures"), url_for("ProcedureView.everything"))]
        return self._one(shown, crumbs, [], [])

    @expose("/<int:list_id>")
    @guarded(Verb.VIEW)
    def index(self, list_id: int) -> Any:
        found = shown_list(list_id, ListKind.PROCEDURE)
        shown = queries.procedures_of(found)
        return self.render_template(
            "procedures/templates/procedures.html",
            title=found.label,
            subtitle=_("%(unit)s: %(count)s procedures", unit=found.unit.name, count=len(shown)),
            crumbs=[(_("The four lists"), url_for("FourListsView.index"))],
            list_id=list_id,
            procedures=[(_page(one), _address(list_id, one)) for one in shown],
        )

    @expose("/<int:list_id>/<string:code>")
    @guarded(Verb.VIEW)
    def show(self, list_id: int, code: str) -> Any:
        found = shown_list(list_id, ListKind.PROCEDURE)
        shown = queries.procedure_of(found, code)
        others = [other for other in queries.procedures_of(found) if other.definition.code != code]
        four_lists = (_("The four lists"), url_for("FourListsView.index"))
        return self._one(
            shown,
            [four_lists, (found.label, url_for("ProcedureView.index", list_id=list_id))],
            [(other.label, _address(list_id, other)) for other in others],
            referring(found, "procedures").get(code, []),
        )

    def _one(self, shown: queries.Shown, crumbs: Links, others: Links, duties: Sequence[Any]) -> Any:
        return self.render_template(
            "procedures/templates/procedure.html",
            crumbs=[*crumbs, (shown.label, None)],
            others=others,
            duties=duties,
            tags=access.holds(Resource.PROCEDURES, Verb.EDIT),
            cycles=CYCLES,
            words={"sources": SOURCES},
            said=_said,
            **_page(shown),
        )


def _address(list_id: int, shown: queries.Shown) -> str:
    return url_for("ProcedureView.show", list_id=list_id, code=shown.definition.code)


def _said(label: Any) -> str:
    return str(label.in_language(language()))


def _page(shown: queries.Shown) -> dict[str, Any]:
    names = shown.actor_names()
    words = _words(shown.procedure, names)
    return {
        "shown": shown,
        "actors": names,
        "wide": draw(shown.procedure, words, across=True, width=WIDE),
        "narrow": draw(shown.procedure, words, across=False, width=NARROW),
    }


def _words(procedure: Procedure, names: dict[str, str]) -> Words:
    steps = {step.order: step for step in procedure.steps}

    def times(node: Node) -> list[str]:
        said = [CYCLES[steps[node.step_order].cycle]] if steps[node.step_order].cycle else []
        if node.time_limit_days:
            said.append(_("within %(days)s days", days=node.time_limit_days))
        if node.publish_days:
            said.append(_("posted for %(days)s days", days=node.publish_days))
        return [str(words) for words in said]

    def companion(index: int) -> str:
        band: Companion = procedure.whole_process[index]
        return f"{names.get(band.role, band.role)} · {_said(band.name)}"

    return Words(
        role=lambda code: names.get(code, code),
        step=lambda node: _said(node.name),
        times=times,
        key_step=_("Key step"),
        companion=companion,
    )


VIEWS = [Screen(ProcedureView)]
