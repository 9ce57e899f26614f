"""Pages of the offline workbook: make one, bring it back, decide the conflicts, save."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.periods import Period
from app.domain.rights import Verb
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import importing, making, offline, offline_saving
from app.features.exchange.sources import may_take_from
from app.features.exchange.views import offline_shown
from app.features.exchange.views.choosing import handed
from app.features.org.queries import resolve_unit, units_at
from app.kit import access, clock
from app.kit.download import workbook
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jobs import Job
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all

LEVELS = ("county", "township", "village", "total_grid", "sub_grid")
PICK = "pick-"


class OfflineView(PortalPageView):
    """The workbook that is filled in without a network."""

    route_base = "/offline-workbook"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        return self._start()

    def _start(self) -> Any:
        units = [unit for level in LEVELS for unit in units_at(level) if may_take_from(unit)]
        values = {name: request.values.get(name, "").strip() for name in ("unit", "period")}
        values["period"] = values["period"] or str(Period.containing(clock.today()))
        if not values["unit"] and units:
            values["unit"] = units[0].code
        sheets, refused = None, ""
        if "unit" in request.args:
            sheets, refused = offline_shown.what_it_holds(values["unit"], values["period"])
        return self.render_template(
            "exchange/templates/offline_start.html",
            units=units,
            levels=LEVELS,
            values=values,
            sheets=sheets,
            refused=refused,
            batches=[batch for batch in queries.my_batches(60) if batch.sheet == offline.CODE][:20],
            states=offline_shown.STATES,
            counted=offline_shown.counted,
        )

    @expose("/make", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def make(self) -> Any:
        try:
            unit = resolve_unit(request.form.get("unit", ""))
            if unit is None:
                raise broken("exchange.unknown_unit", "unit", unit=request.form.get("unit", ""))
            made = making.offline_book(unit, request.form.get("period", ""))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._start()
        if isinstance(made, Job):
            return handed(made)
        return workbook(made.content, made.filename)

    @expose("/upload", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.UPLOAD)
    def upload(self) -> Any:
        try:
            file = request.files.get("file")
            if file is None or not file.filename:
                raise broken("exchange.no_file", "file")
            batch = offline.compare(file.read(), file.filename)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._start()
        return redirect(url_for("OfflineView.choices", import_id=batch.id))

    @expose("/back/<int:import_id>")
    @guarded(Verb.VIEW)
    def choices(self, import_id: int) -> Any:
        batch = _mine(import_id)
        return self.render_template("exchange/templates/offline_choices.html", **offline_shown.page_of(batch))

    @expose("/back/<int:import_id>/choose", methods=["POST"])
    @guarded(Verb.VIEW)
    def choose(self, import_id: int) -> Any:
        batch, every = _mine(import_id), request.form.get("every", "")

        def keep() -> None:
            offline_saving.choose(batch, _picks())
            if every in ("mine", "theirs"):
                offline_saving.choose_all(batch, every)

        return self.act(keep, _("Your choices are kept. Nothing is saved yet."), self._back(import_id))

    @expose("/back/<int:import_id>/save", methods=["POST"])
    @guarded(Verb.VIEW)
    def save(self, import_id: int) -> Any:
        batch = _mine(import_id)

        def chosen_and_saved() -> dict[str, int]:
            offline_saving.choose(batch, _picks())
            return offline_saving.apply(batch)

        return self.act(
            chosen_and_saved,
            lambda counts: (
                _("Saved: %(rows)s rows.", rows=counts["new"] + counts["changed"]) if counts else _("Saved.")
            ),
            self._back(import_id),
        )

    @expose("/back/<int:import_id>/cancel", methods=["POST"])
    @guarded(Verb.VIEW)
    def cancel(self, import_id: int) -> Any:
        batch = _mine(import_id)
        return self.act(
            lambda: importing.cancel(batch), _("Put aside. Nothing was saved."), url_for("OfflineView.start")
        )

    def _back(self, import_id: int) -> str:
        return url_for("OfflineView.choices", import_id=import_id)


def _mine(import_id: int) -> ImportBatch:
    batch = queries.batch_of_mine(import_id)
    if batch.sheet != offline.CODE:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return batch


def _picks() -> dict[tuple[int, str], str]:
    """What was chosen on the page: pick-<row>-<field> = mine or theirs."""
    picks = {}
    for name, value in request.form.items():
        row, _dash, field = name.removeprefix(PICK).partition("-")
        if name.startswith(PICK) and row.isdecimal():
            picks[int(row), field] = value
    return picks
