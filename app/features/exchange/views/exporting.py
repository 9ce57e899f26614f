"""The export centre: what may be taken along, files that were made, and the way out of every list."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.exchange import offered, queries
from app.features.exchange.services import files, leaving
from app.features.exchange.services.leaving import Wanted
from app.features.exchange.views.choosing import chosen_options, handed
from app.kit import access, redirects
from app.kit.download import workbook
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jobs import Job
from app.kit.limits import Cost, counted_as
from app.kit.listing import Args
from app.kit.problems import flash_all


class ExportView(PortalPageView):
    """Files to take along."""

    route_base = "/exports"
    default_view = "centre"

    @expose("/")
    @guarded(Verb.VIEW)
    def centre(self) -> Any:
        return self.render_template(
            "exchange/templates/exporting_centre.html",
            title=_("Export centre"),
            files=files.my_files(),
            jobs=offered.under_way(),
            doors=queries.doors_open_for(Verb.EXPORT),
            lists=offered.lists(),
        )

    @expose("/list/<string:listing>", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def take_list(self, listing: str) -> Any:
        return self._take(Wanted(listing, _form(), Args(request.args.items(multi=True)), reason=_reason()))

    @expose("/table/<string:sheet>", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def take_table(self, sheet: str) -> Any:
        door = queries.door_of(sheet)
        if not queries.is_open(door, Verb.EXPORT):
            raise access.NotAllowed(door.resource, Verb.EXPORT)
        return self._take(lambda: Wanted(sheet, _form(), options=chosen_options(), reason=_reason()))

    def _take(self, wanted: Any) -> Any:
        """The file, or back to where it was asked for: with what is wrong, or with word that it is being made."""
        try:
            taken = leaving.take(wanted() if callable(wanted) else wanted)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(redirects.previous())
        if isinstance(taken, Job):
            return handed(taken)
        return workbook(taken.content, taken.name)

    @expose("/files/<int:made_file_id>/download", methods=["POST"])
    @guarded(Verb.VIEW)
    @counted_as(Cost.EXPORT)
    def download(self, made_file_id: int) -> Any:
        made = files.hand_out(made_file_id)
        return workbook(made.content, made.filename)

    @expose("/files/<int:made_file_id>/delete", methods=["POST"])
    @guarded(Verb.VIEW)
    def delete(self, made_file_id: int) -> Any:
        return self.act(lambda: files.remove(made_file_id), _("The file was deleted."), url_for("ExportView.centre"))


def _form() -> str:
    return request.form.get("form", "xlsx")


def _reason() -> str | None:
    """Why masked numbers are wanted whole; None when they are not."""
    return request.form.get("reason", "") if request.form.get("whole") == "1" else None
