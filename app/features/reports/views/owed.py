"""Reports to hand in: one's own, and who below still owes what."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.reports import queries, words
from app.features.reports.queries.owed import writing_unit
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class OwedView(PortalPageView):
    """What is asked of the actor's units, with the way to the form, and what is still missing below."""

    route_base = "/reports-due"
    default_view = "mine"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def mine(self) -> Any:
        mine = queries.my_reports()
        return self.render_template(
            "reports/templates/owed.html",
            title=_("Reports to hand in"),
            open=[one for one in mine if not one.is_handed_in],
            done=[one for one in mine if one.is_handed_in][::-1][:50],
            standings=queries.standings(),
            words=words,
            entry_address=_entry_address,
        )


def _entry_address(one: queries.Owed) -> str:
    """Where the report of a unit and period is filled in, or read."""
    if one.record_id is not None:
        return url_for("RecordView.entry", record_id=one.record_id)
    unit = writing_unit(one)
    return url_for("RecordView.new", form_id=one.issue.form_id, unit=unit.id, period=one.period, issue=one.issue.id)
