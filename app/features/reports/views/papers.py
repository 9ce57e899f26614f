"""A document measured against the limits before it is issued; nothing of it is kept."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.domain.burden import Limits
from app.domain.inspections import check_document
from app.domain.rights import Resource, Verb
from app.features.reports.forms import PaperForm
from app.features.reports.queries import burden, limits
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence


class PaperView(PortalPageView):
    """Length, and how much repeats the superior's text: told before a document goes to the villages."""

    route_base = "/document-check"
    default_view = "check"
    resource = Resource.RECORDS

    @expose("/", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def check(self) -> Any:
        units = burden.units_of_meter()
        held = limits.limits_at(units[0]) if units else Limits()
        form, paper = PaperForm.refresh(), None
        if form.validate_on_submit():
            paper = check_document(
                form.text.data,
                form.superior.data or "",
                most_characters=held.most_characters,
                most_overlap=held.most_overlap,
            )
        return self.render_template(
            "reports/templates/paper.html",
            title=_("Document check"),
            form=form,
            paper=paper,
            sentences=[sentence(problem) for problem in paper.problems] if paper else [],
            limits=held,
        )
