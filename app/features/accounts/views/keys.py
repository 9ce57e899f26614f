"""One's keys for machines."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.accounts.services import keys
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import flash_all


class ApiKeyView(PortalPageView):
    """Keys: made, shown once, revoked."""

    route_base = "/account/keys"
    default_view = "keys"

    @expose("/", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def keys(self) -> Any:
        made = ""
        if request.method == "POST":
            days = request.form.get("days", "")
            try:
                made = keys.make_key(
                    request.form.get("name", ""),
                    int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0,
                    request.form.get("may_write") == "yes",
                )
            except RuleBroken as refusal:
                flash_all(refusal.problems)
                return self._page(made), 422
        return self._page(made)

    @expose("/<int:number>/revoke", methods=["POST"])
    @guarded(Verb.VIEW)
    def revoke(self, number: int) -> Any:
        return self.act(lambda: keys.revoke_key(number), _("The key opens nothing any more."), url_for(".keys"))

    def _page(self, made: str) -> Any:
        return self.render_template(
            "accounts/templates/keys.html",
            title=_("Keys for machines"),
            keys=keys.own_keys(),
            in_force=keys.is_in_force,
            made=made,
            most_days=keys.MOST_DAYS,
            typed={} if made else request.form,
        )
