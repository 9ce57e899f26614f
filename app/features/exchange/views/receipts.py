"""The receipt of a saved import, the history of all, the uploaded file, and the page that takes an import back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.exchange import history, queries, services
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import undo
from app.features.exchange.views import showing
from app.kit import clock
from app.kit.download import workbook
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jobs import Job
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all, sentence

SHOWN = 100  # blockers on the page


def number_of(batch: ImportBatch) -> str:
    """The number of a receipt, to be quoted: the day it was saved and the number of the import."""
    return f"{batch.applied_at.astimezone(clock.SHANGHAI):%Y%m%d}-{batch.id:06d}" if batch.applied_at else str(batch.id)


class ReceiptView(PortalPageView):
    """What was imported, by whom, and what became of it."""

    route_base = "/imports"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        names = ("sheet", "unit", "user", "month", "state")
        wanted = history.Wanted(**{name: request.args.get(name, "").strip() for name in names})
        return self.render_template(
            "exchange/templates/receipts.html",
            title=_("Imports"),
            wanted=wanted,
            rows=history.imports(wanted, request.args.get("page", 1, type=int)),
            choices=history.choices(),
            states=showing.STATES,
            state_of=showing.state_of,
            title_of=queries.title_of,
            who_is=history.who_is,
            unit_name=history.unit_name,
            done=history.DONE,
        )

    @expose("/<int:import_id>")
    @guarded(Verb.VIEW)
    def show(self, import_id: int) -> Any:
        batch = history.receipt(import_id)
        rows = queries.rows_of(batch, request.args.get("tab", ""), "", request.args.get("page", 1, type=int))
        may_undo = batch.state == "applied" and undo.may_undo(batch)
        return self.render_template(
            "exchange/templates/receipt.html",
            title=_("Receipt"),
            batch=batch,
            number=number_of(batch),
            facts=_facts(batch),
            counts=batch.changes.get("counts", {}),
            tabs=[(name, *showing.KINDS[name], batch.changes.get("counts", {}).get(name, 0)) for name in queries.TABS],
            rows=rows,
            lines=showing.lines(batch, rows.found),
            kept=bool(batch.content),
            may_take=services.may_take_original(batch),
            may_undo=may_undo,
            undone=_undone(batch),
        )

    @expose("/<int:import_id>/undo")
    @guarded(Verb.VIEW)
    def undo_page(self, import_id: int) -> Any:
        batch = history.receipt(import_id)
        long = undo.is_long(batch)  # what stands in the way of so many rows is looked up by the job
        found = undo.blockers(batch) if batch.state == "applied" and not long else []
        return self.render_template(
            "exchange/templates/receipt_undo.html",
            title=_("Undo this import"),
            batch=batch,
            number=number_of(batch),
            counts=batch.changes.get("counts", {}),
            blockers=[(one, sentence(one.problem)) for one in found[:SHOWN]],
            total=len(found),
            long=long,
            job=undo.under_way(batch),
        )

    @expose("/<int:import_id>/undo", methods=["POST"])
    @guarded(Verb.VIEW)
    def undo(self, import_id: int) -> Any:
        batch = history.receipt(import_id)
        try:
            done = undo.begin(batch, request.form.get("reason", ""))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("ReceiptView.show", import_id=import_id))
        if isinstance(done, Job):
            return redirect(url_for("JobView.show", job_id=done.id))
        flash(_("Undone. Every row is again as it was before this import."), "success")
        return redirect(url_for("ReceiptView.show", import_id=import_id))

    @expose("/<int:import_id>/original", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def original(self, import_id: int) -> Any:
        batch = history.receipt(import_id)
        try:
            return workbook(services.take_original(batch), batch.filename)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("ReceiptView.show", import_id=import_id))


def _facts(batch: ImportBatch) -> list[tuple[str, Any]]:
    """The facts of a receipt that say something."""
    options = batch.options
    pairs = [
        (_("Receipt number"), number_of(batch)),
        (_("Sheet"), queries.title_of(batch.sheet)),
        (_("Unit"), history.unit_name(options.get("unit"))),
        (_("Period"), options.get("period")),
        (_("Round"), options.get("round")),
        (_("Scheme"), options.get("scheme")),
        (_("File"), batch.filename),
        ("SHA-256", batch.sha256),
        (_("Uploaded at"), batch.created_at),
        (_("Saved at"), batch.applied_at),
        (_("Saved by"), history.who_is(batch.user_id)),
    ]
    return [(label, value) for label, value in pairs if value]


def _undone(batch: ImportBatch) -> dict[str, Any]:
    """Who took the import back, when and why, out of the trail."""
    return services.undone_by(batch) if batch.state == "undone" else {}
