"""Pages of 旧表对接: point at the parts of an office's own workbook once; the versions of its mappings."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.exchange import allowance, fits, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import making
from app.features.exchange.services import mapping as services
from app.features.exchange.services.reading import options_from_data
from app.features.exchange.views import pointing
from app.features.exchange.views.choosing import handed
from app.kit.excel.fit import SHEET_NAME, TITLE, Fit
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all

PAGE = "exchange/templates/mapping.html"


class MappingView(PortalPageView):
    """An office's own workbook fitted to a sheet of the portal."""

    route_base = "/exchange/mapping"
    default_view = "listed"

    @expose("/")
    @guarded(Verb.VIEW)
    def listed(self) -> Any:
        doors = queries.doors_open_for(Verb.IMPORT)
        found = [(door, mapping) for door in doors for mapping in fits.my_versions(door)]
        return self.render_template(
            "exchange/templates/mappings.html", found=found, may_change=fits.may_change, unit_name=fits.unit_name
        )

    @expose("/batch/<int:import_id>")
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def point(self, import_id: int) -> Any:
        batch = queries.batch_of_mine(import_id)
        return self._page(batch, None)

    @expose("/batch/<int:import_id>/again", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def again(self, import_id: int) -> Any:
        batch = queries.batch_of_mine(import_id)
        return self._page(batch, self._pointed(batch), pointing.asked_anew(request.form), request.form.get("name", ""))

    @expose("/batch/<int:import_id>", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def save(self, import_id: int) -> Any:
        batch = queries.batch_of_mine(import_id)
        door, options, name = (
            queries.door_of(batch.sheet),
            options_from_data(batch.options),
            request.form.get("name", ""),
        )
        fit = self._pointed(batch)
        if fit is None or pointing.asked_anew(request.form):
            return self._page(batch, fit, True, name)
        try:
            services.save_and_look(batch, services.office_for(door, options), name, fit)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(batch, fit, False, name)
        return redirect(url_for("ExchangeView.preview", batch_id=import_id))

    @expose("/batch/<int:import_id>/plain", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def plain(self, import_id: int) -> Any:
        batch = queries.batch_of_mine(import_id)
        return self.act(
            lambda: services.look(batch, None),
            _("Read as the form of the portal."),
            url_for("ExchangeView.preview", batch_id=import_id),
        )

    @expose("/batch/<int:import_id>/filled.xlsx", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def filled(self, import_id: int) -> Any:
        batch = queries.batch_of_mine(import_id)
        try:
            made = making.fill_in(batch, request.form.getlist("field"))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("ExchangeView.preview", batch_id=import_id))
        return handed(made, making.filled_name(batch))

    @expose("/<int:sheet_mapping_id>/use", methods=["POST"])
    @guarded(Verb.VIEW)
    def use(self, sheet_mapping_id: int) -> Any:
        mapping = fits.mapping_of_mine(sheet_mapping_id)
        return self.act(
            lambda: services.use_version(mapping), _("This version is in use."), url_for("MappingView.listed")
        )

    @expose("/<int:sheet_mapping_id>/retire", methods=["POST"])
    @guarded(Verb.VIEW)
    def retire(self, sheet_mapping_id: int) -> Any:
        mapping = fits.mapping_of_mine(sheet_mapping_id)
        return self.act(lambda: services.retire(mapping), _("No longer in use."), url_for("MappingView.listed"))

    def _pointed(self, batch: ImportBatch) -> Fit | None:
        """The fit of the form, or None when its file is not there any more."""
        door = queries.door_of(batch.sheet)
        if batch.state != "previewed":
            return None
        grid, table = services.place_of(batch, door, request.form.get("sheet", ""), request.form.get("variant", ""))
        return pointing.fit_of_form(request.form, grid, table)

    def _page(self, batch: ImportBatch, fit: Fit | None, anew: bool = False, name: str = "") -> Any:
        back = url_for("ExchangeView.preview", batch_id=batch.id)
        door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
        try:
            if batch.state != "previewed":
                return redirect(back)
            data = allowance.original(batch)
            proposal = services.propose(door, data, batch.filename, options, fit, anew)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(back)
        near, mapping = proposal.near[0] if proposal.near else None, fits.mapping_of(batch)
        return self.render_template(
            PAGE,
            batch=batch,
            door=door,
            tables=services.tables_of(door),
            name=name or next((one.name for one in (mapping, near) if one), batch.filename.rsplit(".", 1)[0][:60]),
            mapping=mapping,
            constants=(SHEET_NAME, TITLE),
            **pointing.page_of(proposal),
        )
