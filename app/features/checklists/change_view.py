"""Changes of lists: those on their way, each with its redline, opinions and next step, and how much shorter lists became."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose
from sqlalchemy import select

from app.domain.list_change import EDITABLE, ENDED, PATH, Act, Stage
from app.domain.rights import Resource, Verb
from app.features.checklists import queries, services
from app.features.checklists.item_form import typed_day, typed_opinion
from app.features.checklists.models import GovernanceList, ListChange
from app.features.checklists.queries import changes, directory
from app.features.checklists.queries.impact import impact_of
from app.features.checklists.queries.kinds import kind_of, kinds_at
from app.features.checklists.words import (
    CASES,
    CHANNELS,
    COMPARISONS,
    CONSULTED,
    FLAGS,
    OF_EVERY_ITEM,
    OUTCOME_TONES,
    OUTCOMES,
    STAGES,
    STEPS_OF_CHANGE,
    TRIGGERS,
    VERSION_STATES,
)
from app.features.org.models import Department, OrgUnit
from app.features.org.queries import units_at
from app.kit import access
from app.kit.db import db
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence
from app.kit.two_persons import is_other


class ListChangeView(PortalPageView):
    """The procedure by which lists change."""

    resource = Resource.LISTS
    route_base = "/list-changes"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        return self.render_template(
            "checklists/templates/list_changes.html",
            title=_("Changes of lists"),
            changes=changes.changes_in_reach(),
            stages=STAGES,
            triggers=TRIGGERS,
            may_propose=access.holds(Resource.LISTS, Verb.IMPORT),
        )

    @expose("/reduction")
    @guarded(Verb.VIEW)
    def reduction(self) -> Any:
        return self.render_template(
            "checklists/templates/reduction.html",
            title=_("How much shorter lists have become"),
            groups=changes.reductions(),
        )

    @expose("/new")
    @guarded(Verb.IMPORT)
    def new(self) -> Any:
        extends = request.args.get("extends", "")
        base = directory.version_of(int(extends)) if extends.isdecimal() and len(extends) < 10 else None
        places = _places(base)
        return self.render_template(
            "checklists/templates/list_new.html",
            title=_("Add to “%(list)s”", list=base.label) if base else _("Add a list"),
            base=base,
            places=places,
            kinds=kinds_at(places[0]) if places else [],
            triggers=TRIGGERS,
        )

    @expose("/new", methods=["POST"])
    @guarded(Verb.IMPORT)
    def begin(self) -> Any:
        form = request.form
        unit: OrgUnit = access.find(OrgUnit, form.get("unit", ""))
        extends = form.get("extends", "")
        base = directory.version_of(int(extends)) if extends.isdecimal() and len(extends) < 10 else None
        made: list[ListChange] = []

        def propose() -> None:
            kind, name = form.get("kind", "other"), form.get("name", "")
            made.append(services.propose_list(unit, kind, name, form.get("trigger", ""), form.get("reason", ""), base))

        answer = self.act(propose, _("Proposed. Write the items now."), url_for("ListChangeView.new", extends=extends))
        if made:
            answer.location = url_for("DraftView.draft", list_id=made[0].draft_id)
        return answer

    @expose("/propose/<int:list_id>", methods=["POST"])
    @guarded(Verb.IMPORT)
    def propose(self, list_id: int) -> Any:
        base = directory.version_of(list_id)
        form = request.form
        back = url_for("DirectoryView.version", list_id=list_id)
        made: list[ListChange] = []
        answer = self.act(
            lambda: made.append(
                services.propose(base, form.get("trigger", ""), form.get("reason", ""), form.getlist("sources"))
            ),
            _("Proposed. The draft says what the list says now: write what changes."),
            back,
            base,
        )
        if made:
            answer.location = url_for("ListChangeView.change", change_id=made[0].id)
        return answer

    @expose("/<int:change_id>")
    @guarded(Verb.VIEW)
    def change(self, change_id: int) -> Any:
        found = _change(change_id)
        draft = found.draft
        stage = Stage(found.stage)
        impact = impact_of(draft, found.base, request.args.get("period") or found.effective_period)
        return self.render_template(
            "checklists/templates/list_change.html",
            title=_("Change of %(list)s", list=draft.label),
            change=found,
            list=draft,
            stage=stage,
            steps=_steps(stage),
            redline=directory.redline_of(draft),
            impact=impact,
            reasons=[(item, sentence(problem)) for item, problem in impact.barred],
            older=[(item, sentence(problem)) for item, problem in impact.older],
            opinions=changes.opinions_on(found),
            drawn_from="、".join(str(CASES.get(source, source)) for source in found.sources),
            items=queries.items_of_list(draft),
            departments=_departments(draft.unit),
            fields=OF_EVERY_ITEM | {facet.code: facet.label for facet in kind_of(draft).facets},
            may=_rights(found, stage),
            words={
                "stages": STAGES,
                "triggers": TRIGGERS,
                "cases": CASES,
                "outcomes": OUTCOMES,
                "tones": OUTCOME_TONES,
                "states": VERSION_STATES,
                "flags": FLAGS,
                "consulted": CONSULTED,
                "channels": CHANNELS,
                "compared": COMPARISONS,
            },
        )

    @expose("/<int:change_id>/opinion", methods=["POST"])
    @guarded(Verb.IMPORT)
    def opinion(self, change_id: int) -> Any:
        found = _change(change_id)
        said = typed_opinion(request.form)
        return self.act(lambda: services.give_opinion(found, said), _("Put on record."), _back(found), found)

    @expose("/<int:change_id>/prepare", methods=["POST"])
    @guarded(Verb.IMPORT)
    def prepare(self, change_id: int) -> Any:
        found = _change(change_id)
        form = request.form
        acts = {
            Act.CONSULT: lambda: services.consult(
                found, typed_day(form, "consulted_from"), typed_day(form, "consulted_to")
            ),
            Act.REVIEW: lambda: services.review(found),
            Act.LAY_BEFORE: lambda: services.lay_before(found, form.get("period", "")),
            Act.FILE: lambda: services.file_change(found, form.get("filed_with", ""), typed_day(form, "filed_on")),
            Act.WITHDRAW: lambda: services.withdraw(found, form.get("reason", "")),
        }
        return self._act(acts, found)

    @expose("/<int:change_id>/decide", methods=["POST"])
    @guarded(Verb.APPROVE)
    def decide(self, change_id: int) -> Any:
        found = _change(change_id)
        form = request.form
        channels = [*form.getlist("channels"), *form.get("channel", "").split("、")]
        acts = {
            Act.APPROVE: lambda: services.approve(found),
            Act.PUBLISH: lambda: services.publish(found, channels),
            Act.REFUSE: lambda: services.refuse(found, form.get("reason", "")),
        }
        return self._act(acts, found)

    @expose("/<int:change_id>/roll-back", methods=["POST"])
    @guarded(Verb.IMPORT)
    def roll_back(self, change_id: int) -> Any:
        found = _change(change_id)
        return self.act(
            lambda: services.roll_back(found),
            _("Rolled back: the draft is gone, what held before holds. The trail tells of it."),
            url_for("ListChangeView.index"),
            found,
        )

    def _act(self, acts: Any, found: ListChange) -> Any:
        act = request.form.get("act", "")
        if act not in acts:
            abort(404)
        return self.act(acts[act], _("Done: the change is at its next step."), _back(found), found)


def _change(change_id: int) -> ListChange:
    return access.find(ListChange, change_id)  # type: ignore[no-any-return]


def _back(change: ListChange) -> str:
    return url_for("ListChangeView.change", change_id=change.id)


def _steps(stage: Stage) -> list[tuple[Any, str]]:
    """The bar of steps: what is done, where the change stands, what comes."""
    if stage in ENDED:
        return [(word, "next") for word in STEPS_OF_CHANGE.values()]
    here = PATH.index(stage)
    look = ["done" if place < here else "here" if place == here else "next" for place in range(len(STEPS_OF_CHANGE))]
    return list(zip(STEPS_OF_CHANGE.values(), look, strict=True))


def _rights(change: ListChange, stage: Stage) -> dict[str, bool]:
    prepares, approves = access.can(Verb.IMPORT, change), access.can(Verb.APPROVE, change)
    signed = [change.proposed_by, change.draft.made_by, change.first_approved_by]
    return {
        "prepare": prepares,
        "edit": prepares and stage in EDITABLE,
        "approve": approves and is_other(signed),
        "decide": approves,
        "publish": access.can(Verb.PUBLISH, change),
        "roll_back": approves if stage in (*ENDED, Stage.IN_FORCE, Stage.FILED) else prepares,
    }


def _places(base: GovernanceList | None) -> list[OrgUnit]:
    """Where the actor may keep a list: below the one it adds to, else anywhere he prepares lists."""
    levels = ("prefecture", "county", "township", "village")
    found = [unit for level in levels for unit in units_at(level) if access.can_at(Verb.IMPORT, Resource.LISTS, unit)]
    if base is None:
        return found
    return [unit for unit in found if unit.id != base.unit_id and base.unit_id in unit.ancestors().values()]


def _departments(unit: OrgUnit) -> list[Department]:
    statement = access.visible(select(Department), Department).where(
        Department.unit_id.in_(list(unit.ancestors().values())), Department.is_active
    )
    return list(db.session.scalars(statement.order_by(Department.sort_order, Department.name)))
