"""The burden meter, and the limits that hold."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain import burden as meter
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reports import services, words
from app.features.reports.forms import LimitsForm
from app.features.reports.queries import burden, limits
from app.kit import access, clock, names, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class BurdenView(PortalPageView):
    """How many fields, minutes and photos a month asks of each role, by whom, and what was taken off."""

    route_base = "/burden"
    default_view = "meter"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def meter(self) -> Any:
        units = burden.units_of_meter()
        unit = _chosen(units)
        return self.render_template(
            "reports/templates/burden.html",
            title=_("Burden meter"),
            units=units,
            choices=[(str(one.id), one.name) for one in units],
            unit=unit,
            words=words,
            role_name=names.role,
            **(_measured(unit) if unit is not None else {}),
        )


def _measured(unit: OrgUnit) -> dict[str, Any]:
    asks, estimate, today = burden.asks_at(unit), limits.limits_at(unit).estimate, clock.today()
    in_force = [(ask, meter.load(ask, estimate)) for ask in asks if ask.is_in_force(today)]
    return {
        "roles": _sorted(meter.by_role(asks, today, estimate)),
        "owners": sorted(meter.by_owner(asks, today, estimate).items(), key=lambda pair: -pair[1][1].fields),
        "forms": sorted(in_force, key=lambda pair: -pair[1].fields),
        "as_it_happens": [ask.name for ask, load in in_force if not load.fields],
        "reduction": meter.reduction(asks, today, estimate),
    }


def _sorted(loads: dict[str, meter.Load]) -> list[tuple[str, meter.Load]]:
    return sorted(((role, load) for role, load in loads.items() if load.fields), key=lambda pair: -pair[1].fields)


def _chosen(units: list[OrgUnit]) -> OrgUnit | None:
    """The unit the page asks for, else that of the actor's first post, else the highest."""
    asked = request.args.get("unit") or str(next((post.unit_id for post in access.actor().posts), ""))
    return next((one for one in units if str(one.id) == asked), units[0] if units else None)


class LimitsView(PortalPageView):
    """The limits that hold at a unit; those of the release until it sets others."""

    route_base = "/burden-limits"
    default_view = "held"
    resource = Resource.RULES

    @expose("/", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def held(self) -> Any:
        units = burden.units_of_meter()
        unit = _chosen(units)
        if unit is None:
            return self.render_template("reports/templates/limits.html", title=_("Limits on burdens"), unit=None)
        may_edit, held = access.can_at(Verb.EDIT, Resource.RULES, unit), limits.limits_at(unit)
        form = LimitsForm.refresh(obj=None if request.method == "POST" else held)
        if request.method == "POST" and form.validate():
            row = limits.setting_at(unit)

            def save() -> None:
                if row is None:
                    services.save_limits(unit, _typed(form))
                else:
                    with versions.unchanged(row):
                        services.save_limits(unit, _typed(form))

            if form.accept(save):
                flash(_("Saved. The limits hold from now on."), "success")
                return redirect(url_for("LimitsView.held", unit=unit.id))
        return self.render_template(
            "reports/templates/limits.html",
            title=_("Limits on burdens"),
            unit=unit,
            choices=[(str(one.id), one.name) for one in units],
            form=form,
            row=limits.setting_at(unit),
            may_edit=may_edit,
            weekdays="、".join(str(words.WEEKDAYS[day]) for day in held.free_weekdays),
            released=limits.base_words(),
            consent=current_app.config["CONSENT_DOCUMENT"],
        )


def _typed(form: LimitsForm) -> meter.Limits:
    numbers = ("most_characters", "most_overlap", "field_seconds", "photo_seconds")
    said = {name: form[name].data for name in numbers}
    words_typed = tuple(word[:40] for word in form.base_words.data or ())
    return meter.Limits(**said, free_weekdays=tuple(form.free_weekdays.data or ()), base_words=words_typed)
