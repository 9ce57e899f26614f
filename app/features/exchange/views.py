"""Pages of the exchange: choose a sheet, upload, look, confirm; export; templates."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import queries, services
from app.features.org.queries import units_at
from app.kit.download import workbook
from app.kit.excel.sheet import Sheet, layout_of
from app.kit.exchange import Options
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all, sentence


def _options() -> Options:
    values = request.values
    return services.options_from(
        values.get("unit"), values.get("period"), values.get("scheme"), values.get("round"), values.get("variant")
    )


def _file_name(door: Any, options: Options) -> str:
    parts = [str(door.title), options.unit.name if options.unit else "", options.round or options.period or ""]
    return "_".join(part for part in parts if part) + ".xlsx"


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
        return self._form(sheet, Verb.IMPORT, "exchange/templates/upload.html")

    @expose("/import/<string:sheet>", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def upload(self, sheet: str) -> Any:
        door = queries.door_of(sheet)
        try:
            file = request.files.get("file")
            if file is None or not file.filename:
                raise broken("exchange.no_file", "file")
            batch = services.preview(door, file.read(), file.filename, _options())
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._form(sheet, Verb.IMPORT, "exchange/templates/upload.html")
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
        return self._form(sheet, Verb.EXPORT, "exchange/templates/export.html")

    @expose("/export/<string:sheet>.xlsx", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def export(self, sheet: str) -> Any:
        door, options = queries.door_of(sheet), _options()
        reason = request.form.get("reason", "") if request.form.get("whole") == "1" else None
        try:
            content = services.export(door, options, reason)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._form(sheet, Verb.EXPORT, "exchange/templates/export.html")
        return workbook(content, _file_name(door, options))

    @expose("/template/<string:sheet>.xlsx")
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def template(self, sheet: str) -> Any:
        door, options = queries.door_of(sheet), _options()
        return workbook(services.template(door, options), f"{door.title}_{_('template')}.xlsx")

    def _form(self, sheet: str, verb: Verb, template: str) -> Any:
        door = queries.door_of(sheet)
        if door not in queries.doors_open_for(verb):
            raise services.access.NotAllowed(door.resource, verb)
        may_see_whole = door.has_masked and services.access.holds(door.resource, Verb.UNMASK)
        return self.render_template(
            template, door=door, units=_choices(), values=request.values, may_see_whole=may_see_whole
        )


def _column_words(door: Any, layout: str) -> dict[str, str]:
    """field -> the column as the layout of the file heads it, else as another; items of a scheme go by their code."""
    sheets = [variant for variant in layout_of(door.layout).variants if isinstance(variant, Sheet)]
    sheets.sort(key=lambda sheet: sheet.code == layout)
    return {column.field: column.headers[0] for sheet in sheets for column in sheet.columns if column.headers}


def _choices() -> list[Any]:
    return [unit for level in ("county", "township", "village", "total_grid") for unit in units_at(level)]


VIEWS = [
    Screen(
        ExchangeView,
        _l("Workbooks in and out"),
        "data",
        "fa-exchange",
        order=10,
        shown=queries.may_exchange,
    )
]
