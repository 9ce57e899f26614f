"""Pages of the exchange: choose a sheet, upload, look, mend, confirm."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import fits, queries, services
from app.features.exchange.services import making, mapping
from app.features.exchange.views import showing
from app.features.exchange.views.choosing import chosen_options, form_values, handed
from app.kit.download import workbook
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all

ROW_KINDS = ("new", "changed", "same", "refused")


class ExchangeView(PortalPageView):
    """Workbooks in."""

    route_base = "/exchange"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        return self.render_template(
            "exchange/templates/start.html",
            imports=queries.doors_open_for(Verb.IMPORT),
            exports=queries.doors_open_for(Verb.EXPORT),
            batches=queries.my_batches(),
            title_of=queries.title_of,
            state_of=showing.state_of,
            row_count=lambda batch: sum(batch.changes.get("counts", {}).get(kind, 0) for kind in ROW_KINDS),
        )

    @expose("/import/<string:sheet>")
    @guarded(Verb.VIEW)
    def upload_page(self, sheet: str) -> Any:
        return self.render_template("exchange/templates/upload.html", **form_values(sheet, Verb.IMPORT))

    @expose("/import/<string:sheet>", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def upload(self, sheet: str) -> Any:
        door = queries.door_of(sheet)
        try:
            file = request.files.get("file")
            if file is None or not file.filename:
                raise broken("exchange.no_file", "file")
            batch = services.preview(door, file.read(), file.filename, chosen_options())
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self.render_template("exchange/templates/upload.html", **form_values(sheet, Verb.IMPORT))
        own = request.form.get("own") == "1" or mapping.wants_mapping(batch)
        if own and batch.state == "previewed" and mapping.tables_of(door):
            return redirect(url_for("MappingView.point", import_id=batch.id))
        return redirect(url_for("ExchangeView.preview", batch_id=batch.id))

    @expose("/batch/<int:batch_id>")
    @guarded(Verb.VIEW)
    def preview(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        if batch.sheet == queries.OFFLINE:
            return redirect(url_for("OfflineView.choices", import_id=batch.id))
        if batch.state in ("reading", "saving"):
            if not queries.job_is_over(batch):
                return redirect(url_for("JobView.show", job_id=batch.job_id))
            return self.render_template("exchange/templates/broken_off.html", **showing.broken_off(batch))
        tab, text = request.args.get("tab", ""), request.args.get("q", "").strip()
        page = request.args.get("page", 1, type=int)
        return self.render_template("exchange/templates/preview.html", **showing.preview(batch, tab, text, page))

    @expose("/batch/<int:batch_id>/confirm", methods=["POST"])
    @guarded(Verb.VIEW)
    def confirm(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        only_good = request.form.get("only_good") == "1"
        return self.act(
            lambda: services.confirm(batch, only_good=only_good),
            lambda _found: _("Saved. The receipt is below.") if batch.state == "applied" else _("Saving has begun."),
            url_for("ExchangeView.preview", batch_id=batch_id),
        )

    @expose("/batch/<int:batch_id>/cancel", methods=["POST"])
    @guarded(Verb.VIEW)
    def cancel(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        return self.act(
            lambda: services.cancel(batch), _("Put aside. Nothing was saved."), url_for("ExchangeView.start")
        )

    @expose("/batch/<int:batch_id>/mend/<int:import_row_id>", methods=["POST"])
    @guarded(Verb.VIEW)
    def mend(self, batch_id: int, import_row_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        prefix = showing.CELL
        texts = {name.removeprefix(prefix): text for name, text in request.form.items() if name.startswith(prefix)}
        return self.act(
            lambda: services.mend(batch, import_row_id, texts),
            lambda row: _("The row still needs a look.") if row.kind == "refused" else _("The row is mended."),
            self._back(batch_id),
        )

    @expose("/batch/<int:batch_id>/settle", methods=["POST"])
    @guarded(Verb.VIEW)
    def settle(self, batch_id: int) -> Any:
        batch, form = queries.batch_of_mine(batch_id), request.form
        return self.act(
            lambda: services.settle_value(batch, form.get("field", ""), form.get("typed", ""), form.get("meaning", "")),
            lambda count: _("Settled for %(count)s rows, and for the imports to come.", count=count),
            self._back(batch_id),
        )

    def _back(self, batch_id: int) -> str:
        kept = {name: request.args[name] for name in ("tab", "q", "page") if request.args.get(name)}
        return url_for("ExchangeView.preview", batch_id=batch_id, **kept)

    @expose("/batch/<int:batch_id>/marked.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def marked(self, batch_id: int) -> Any:
        return self._file_back(batch_id, services.marked, _("marked"))

    @expose("/batch/<int:batch_id>/refused.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def refused(self, batch_id: int) -> Any:
        return self._file_back(batch_id, services.refused_file, _("refused rows"))

    def _file_back(self, batch_id: int, make: Any, word: str) -> Any:
        batch = queries.batch_of_mine(batch_id)
        try:
            content = make(batch)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("ExchangeView.preview", batch_id=batch_id))
        return workbook(content, f"{batch.filename.rsplit('.', 1)[0]}_{word}.xlsx")

    @expose("/export/<string:sheet>")
    @guarded(Verb.VIEW)
    def export_page(self, sheet: str) -> Any:
        return self.render_template("exchange/templates/export.html", **form_values(sheet, Verb.EXPORT))

    @expose("/export/<string:sheet>.xlsx", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def export(self, sheet: str) -> Any:
        door, options = queries.door_of(sheet), chosen_options()
        reason = request.form.get("reason", "") if request.form.get("whole") == "1" else None
        own = request.form.get("own", "")
        chosen = fits.own_workbook(door, own) if own else None
        try:
            made = making.export(door, options, reason, chosen)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self.render_template("exchange/templates/export.html", **form_values(sheet, Verb.EXPORT))
        return handed(made, making.name_of(door, options))

    @expose("/template/<string:sheet>.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def template(self, sheet: str) -> Any:
        door, options = queries.door_of(sheet), chosen_options()
        return workbook(services.template(door, options), f"{door.title}_{_('template')}.xlsx")
