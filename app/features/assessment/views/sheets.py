"""One sheet: the score slip, its deductions, taking a village out of the round."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.assessment import queries, services, words
from app.features.assessment.forms import DeductionEditForm, DeductionEntryForm, DeductionForm
from app.features.assessment.models import DeductionEntry, Sheet
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


def choices_for(form: DeductionForm, sheet: Sheet | None) -> None:
    """Fill the choices of a form with the deduction items the actor may record."""
    items = queries.deductions_open_to_me(sheet) if sheet else ()
    form.item_code.choices = [(item.code, f"{item.code} {item.name}") for item in items]
    levels = {level["code"]: f"{level['name']} {level['points']}" for item in items for level in item.levels}
    form.level.choices = [("", "—"), *levels.items()]


def record(sheet: Sheet, form: DeductionForm) -> Any:
    """Record what the form says."""
    return services.record_deduction(
        sheet,
        form.item_code.data,
        happened_on=form.happened_on.data,
        count=form.count.data,
        level=form.level.data or None,
        clause=form.clause.data or None,
        note=form.note.data,
        is_self_reported=form.is_self_reported.data,
    )


class SheetView(PortalPageView):
    """The sheet of one village in one round."""

    resource = Resource.SCORES
    route_base = "/score-sheets"

    @expose("/<int:pk>")
    @guarded(Verb.VIEW)
    def slip(self, pk: int) -> Any:
        sheet = access.find(Sheet, pk)
        live = queries.takes_part(sheet.round) and (request.args.get("live") == "1" or not sheet.is_published)
        slip = queries.current_slip(sheet) if live else queries.slip_of(sheet)
        return self.render_template(
            "assessment/templates/slip.html",
            sheet=sheet,
            slip=slip,
            live=live,
            words=words,
            snapshot=None if live else queries.snapshot_of(sheet.round),
            people=queries.people_of(sheet.round),
        )

    @expose("/<int:pk>/deductions", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def deductions(self, pk: int) -> Any:
        sheet = access.find(Sheet, pk)
        queries.require_live_scores(sheet.round)
        form = DeductionForm.refresh()
        choices_for(form, sheet)
        if form.validate_on_submit() and form.accept(lambda: record(sheet, form)):
            return self.act(lambda: None, _("Recorded. The totals have changed."), self._deductions(pk))
        return self.render_template(
            "assessment/templates/deductions.html",
            sheet=sheet,
            form=form,
            words=words,
            slip=queries.current_slip(sheet),
            stamps=queries.stamps_of_entries(sheet),
            people=queries.people_of(sheet.round),
        )

    @expose("/<int:pk>/deductions/<int:entry_id>/edit", methods=["POST"])
    @guarded(Verb.EDIT)
    def edit_deduction(self, pk: int, entry_id: int) -> Any:
        entry = self._entry(pk, entry_id)
        form = DeductionEditForm()
        facts = {"count": form.count.data, "happened_on": form.happened_on.data, "clause": form.clause.data or None}
        return self.act(
            lambda: services.edit_deduction(entry, form.reason.data or "", **facts),
            _("Changed."),
            self._deductions(pk),
            entry,
        )

    @expose("/<int:pk>/deductions/<int:entry_id>/waive", methods=["POST"])
    @guarded(Verb.APPROVE)
    def waive(self, pk: int, entry_id: int) -> Any:
        entry = self._entry(pk, entry_id)
        reason = request.form.get("reason", "")
        return self.act(
            lambda: services.waive_deduction(entry, reason),
            _("Waived; it stays on record."),
            self._deductions(pk),
            entry,
        )

    @expose("/<int:pk>/exclude", methods=["POST"])
    @guarded(Verb.EDIT)
    def exclude(self, pk: int) -> Any:
        sheet = queries.find_sheet(pk)
        reason = request.form.get("reason", "")
        back = url_for("RoundView.show", pk=sheet.round_id)
        return self.act(lambda: services.exclude_village(sheet, reason), _("Taken out of the round."), back, sheet)

    @expose("/<int:pk>/include", methods=["POST"])
    @guarded(Verb.EDIT)
    def include(self, pk: int) -> Any:
        sheet = queries.find_sheet(pk)
        back = url_for("RoundView.show", pk=sheet.round_id)
        return self.act(lambda: services.include_village(sheet), _("Back in the round."), back, sheet)

    def _entry(self, pk: int, entry_id: int) -> DeductionEntry:
        return queries.entry_of(queries.find_sheet(pk), entry_id)

    def _deductions(self, pk: int) -> str:
        return url_for("SheetView.deductions", pk=pk)


class DeductionView(PortalPageView):
    """Recording deductions: for the village supervision committee its own items, for evaluators every village."""

    resource = Resource.SCORES
    route_base = "/deductions"
    default_view = "start"

    @expose("/", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def start(self) -> Any:
        sheets = queries.sheets_to_record()
        form = DeductionEntryForm.refresh()
        form.sheet.choices = [(sheet.id, f"{sheet.unit.name} · {sheet.round.code}") for sheet in sheets]
        chosen = next((sheet for sheet in sheets if sheet.id == form.sheet.data), sheets[0] if sheets else None)
        choices_for(form, chosen)
        if chosen and form.validate_on_submit() and form.accept(lambda: record(chosen, form)):
            return self.act(lambda: None, _("Recorded. The totals have changed."), url_for("DeductionView.start"))
        return self.render_template(
            "assessment/templates/record_deduction.html",
            form=form,
            sheets=sheets,
            entries=queries.entries_i_recorded(sheets),
            words=words,
        )
