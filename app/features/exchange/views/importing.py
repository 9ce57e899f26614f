"""Pages of the exchange: choose a sheet, upload, look, confirm; export; templates."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import queries, services
from app.features.exchange.views.choosing import chosen_options, file_name, form_values
from app.kit.download import workbook
from app.kit.excel.sheet import Sheet, layout_of
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all, sentence


class ExchangeView(PortalPageView):
    """Workbooks in and out."""

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
            title_of=lambda sheet: queries.door_of(sheet).title,
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
        return redirect(url_for("ExchangeView.preview", batch_id=batch.id))

    @expose("/batch/<int:batch_id>")
    @guarded(Verb.VIEW)
    def preview(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        return self.render_template(
            "exchange/templates/preview.html",
            batch=batch,
            door=queries.door_of(batch.sheet),
            column_words=_column_words(queries.door_of(batch.sheet), batch.result["shown"]["layout"]),
            shown=batch.result["shown"],
            earlier=queries.earlier_import(batch.sheet, batch.sha256, batch.options),
            problem_words=lambda data: sentence(Problem(data["code"], data["where"], data["params"])),
        )

    @expose("/batch/<int:batch_id>/confirm", methods=["POST"])
    @guarded(Verb.VIEW)
    def confirm(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        only_good = request.form.get("only_good") == "1"
        return self.act(
            lambda: services.confirm(batch, only_good=only_good),
            _("Saved. The receipt is below."),
            url_for("ExchangeView.preview", batch_id=batch_id),
        )

    @expose("/batch/<int:batch_id>/cancel", methods=["POST"])
    @guarded(Verb.VIEW)
    def cancel(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        return self.act(
            lambda: services.cancel(batch), _("Put aside. Nothing was saved."), url_for("ExchangeView.start")
        )

    @expose("/batch/<int:batch_id>/marked.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def marked(self, batch_id: int) -> Any:
        batch = queries.batch_of_mine(batch_id)
        return workbook(services.marked(batch), f"{batch.filename.rsplit('.', 1)[0]}_{_('marked')}.xlsx")

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
        try:
            content = services.export(door, options, reason)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self.render_template("exchange/templates/export.html", **form_values(sheet, Verb.EXPORT))
        return workbook(content, file_name(door, options))

    @expose("/template/<string:sheet>.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def template(self, sheet: str) -> Any:
        door, options = queries.door_of(sheet), chosen_options()
        return workbook(services.template(door, options), f"{door.title}_{_('template')}.xlsx")


def _column_words(door: Any, layout: str) -> dict[str, str]:
    """field -> the column as the layout of the file heads it, else as another; items of a scheme go by their code."""
    sheets = [variant for variant in layout_of(door.layout).variants if isinstance(variant, Sheet)]
    sheets.sort(key=lambda sheet: sheet.code == layout)
    return {column.field: column.headers[0] for sheet in sheets for column in sheet.columns if column.headers}
