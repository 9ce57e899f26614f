"""Star plates: which village has how many stars, and the history of each."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews import services
from app.features.reviews.forms import PlateForm
from app.features.reviews.models import StarPlate
from app.features.reviews.queries import plates
from app.kit import access, clock
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class PlateView(PortalPageView):
    """Stars of villages: plates are given with their basis, taken down with a reason, and never deleted."""

    route_base = "/star-plates"
    default_view = "villages"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def villages(self) -> Any:
        asked = request.args.get("stars", "")
        lines = plates.villages_with_stars(plates.villages_shown())
        shown = [line for line in lines if _matches(line, asked)]
        counts = {
            stars: sum(1 for line in lines if line.plate and line.plate.stars == stars) for stars in range(5, 0, -1)
        }
        return self.render_template(
            "reviews/templates/plates.html",
            title=_("Star villages"),
            lines=shown,
            counts=counts,
            total=len(lines),
            stars=asked,
            choices=[*((str(n), "★" * n) for n in range(5, 0, -1)), ("0", _("No plate"))],
        )

    @expose("/<int:village_id>", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def village(self, village_id: int) -> Any:
        unit = next((one for one in plates.villages_shown() if one.id == village_id), None)
        if unit is None:
            abort(404)
        may_give = plates.may_give(unit)
        form = PlateForm.refresh()
        if request.method == "GET":
            form.period.data = str(clock.today().year)
        if request.method == "POST" and not may_give:
            raise access.NotAllowed(Resource.RECORDS, Verb.APPROVE)
        if form.validate_on_submit() and form.accept(lambda: _give(unit, form)):
            return redirect(url_for("PlateView.village", village_id=unit.id))
        return self.render_template(
            "reviews/templates/plate.html",
            title=unit.name,
            village=unit,
            rows=plates.plates_of(unit),
            hanging=plates.hanging([unit.id]).get(unit.id),
            form=form,
            may_give=may_give,
        )

    @expose("/<int:plate_id>/take-down", methods=["POST"])
    @guarded(Verb.APPROVE)
    def take_down(self, plate_id: int) -> Any:
        row = access.find(StarPlate, plate_id, Verb.APPROVE)
        reason, back = request.form.get("reason", ""), url_for("PlateView.village", village_id=row.unit_id)
        done = _("Taken down. It stays on record with the reason.")
        return self.act(lambda: services.withdraw_plate(row, reason), done, back, row)


def _matches(line: plates.VillageStars, asked: str) -> bool:
    return not asked or asked == str(line.plate.stars if line.plate else 0)


def _give(unit: OrgUnit, form: PlateForm) -> None:
    services.give_plate(unit, form.period.data or "", form.stars.data, form.basis.data or "", form.score.data)
