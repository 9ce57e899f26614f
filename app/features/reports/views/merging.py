"""Two reports beside each other, and the form that would ask everything once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.report_forms import overlap
from app.domain.rights import Resource, Verb
from app.features.reports import services, words
from app.features.reports.models import ReportIssue
from app.features.reports.queries import issues
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, language
from app.kit.problems import flash_all


class MergeView(PortalPageView):
    """Overlapping reports: what they ask in common, field by field, and the draft that takes their place."""

    route_base = "/report-merging"
    default_view = "merge"
    resource = Resource.RECORDS

    @expose("/<int:issue_id>", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def merge(self, issue_id: int) -> Any:
        first = access.find(ReportIssue, issue_id, Verb.EDIT)
        second = _chosen(first)
        if second is None:
            return redirect(url_for("IssueView.issue", issue_id=first.id))
        title = request.form.get("title", "").strip()
        if request.method == "POST":
            try:
                made = services.merge_reports(first, second, title)
            except RuleBroken as refusal:
                flash_all(refusal.problems)
            else:
                flash(_("The draft is made. Publish its form, enter the approval, then have it issued."), "success")
                return redirect(url_for("IssueView.issue", issue_id=made.id))
        pairs = overlap(*(_spec(row) for row in (first, second)))
        return self.render_template(
            "reports/templates/merge.html",
            title=_("Merge reports"),
            first=first,
            second=second,
            pairs=[
                tuple(field and field.label.in_language(language()) for field in (p.first, p.second)) for p in pairs
            ],
            both=sum(1 for pair in pairs if pair.first and pair.second),
            typed=title or f"{first.title}、{second.title}"[:200],
            words=words,
        )


def _chosen(first: ReportIssue) -> ReportIssue | None:
    """The other report, of those that may be merged with this one."""
    asked = request.values.get("with", "")
    found = [row for row in issues.mergeable_with(first) if str(row.id) == asked]
    return found[0] if found and issues.spec_of_form(first.form) and issues.spec_of_form(found[0].form) else None


def _spec(row: ReportIssue) -> Any:
    return issues.spec_of_form(row.form)
