"""Reports issued: the list, one of them with who owes it, and its acts."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.formspec import Field
from app.domain.reports import IssueState
from app.domain.rights import Resource, Verb
from app.features.org.models import Department, OrgUnit
from app.features.reports import services, words
from app.features.reports.forms import IssueForm, NewIssueForm
from app.features.reports.models import ReportIssue
from app.features.reports.queries import burden, issues, owed
from app.kit import access, clock, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, language
from app.kit.two_persons import is_other

LIST, FORM, PAGE = (f"reports/templates/{name}.html" for name in ("issues", "issue_form", "issue"))


class IssueView(PortalPageView):
    """Reports: drafted by one person, issued by another, halted or merged when they are too much."""

    route_base = "/reports"
    default_view = "issues"
    resource = Resource.RECORDS

    @expose("/")
    @guarded(Verb.VIEW)
    def issues(self) -> Any:
        state, department = request.args.get("state", ""), request.args.get("department", "")
        chosen = int(department) if department.isdecimal() and len(department) < 10 else None
        return self.render_template(
            LIST,
            title=_("Reports issued"),
            rows=issues.issues_in_reach(state, chosen),
            counts=issues.counts(),
            departments=issues.counts_by_department(),
            state=state,
            department=department,
            may_draft=bool(issues.issuing_units()),
            choices=[(code, word[0]) for code, word in words.STATES.items()],
            words=words,
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def new(self) -> Any:
        form, units = NewIssueForm.refresh(), issues.issuing_units()
        own = {post.unit_id for post in access.actor().posts[:1]}
        form.unit.choices = [(unit.id, unit.name) for unit in sorted(units, key=lambda unit: unit.id not in own)]
        _offer(form, units)
        if form.validate_on_submit():
            made = []
            unit = next(unit for unit in units if unit.id == form.unit.data)
            if form.accept(lambda: made.append(services.draft_report(unit, _draft(form)))):
                return redirect(_page_of(made[0].id))
        return self.render_template(FORM, title=_("New report"), form=form, row=None)

    @expose("/<int:issue_id>")
    @guarded(Verb.VIEW)
    def issue(self, issue_id: int) -> Any:
        row = access.find(ReportIssue, issue_id)
        asked = owed.owed_of(row)
        return self.render_template(
            PAGE,
            title=row.title,
            row=row,
            words=words,
            fields=[_as_read(field) for field in _fields(row)],
            periods=_by_period(asked),
            twice=burden.duplicates(row) if row.state == IssueState.DRAFT else [],
            sources=issues.sources_of(row),
            others=issues.mergeable_with(row) if access.can(Verb.EDIT, row) else [],
            may_merge=access.can_at(Verb.EDIT, Resource.FORMS, row.unit),
            may_edit=row.state == IssueState.DRAFT and access.can(Verb.EDIT, row),
            may_decide=access.can(Verb.APPROVE, row),
            is_other=is_other([row.made_by]),
            form_is_published=bool((version := issues.version_of(row.form)) and version.is_current),
            today=clock.today(),
        )

    @expose("/<int:issue_id>/edit", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def edit(self, issue_id: int) -> Any:
        row = access.find(ReportIssue, issue_id, Verb.EDIT)
        if row.state != IssueState.DRAFT:
            return redirect(_page_of(row.id))
        form = IssueForm.refresh(obj=None if request.method == "POST" else _Typed(row))
        _offer(form, [row.unit])
        if form.validate_on_submit():

            def save() -> None:
                with versions.unchanged(row):
                    services.change_draft(row, _draft(form))

            if form.accept(save):
                return redirect(_page_of(row.id))
        return self.render_template(FORM, title=_("Edit report"), form=form, row=row)

    @expose("/<int:issue_id>/issue", methods=["POST"])
    @guarded(Verb.APPROVE)
    def put_out(self, issue_id: int) -> Any:
        row = access.find(ReportIssue, issue_id, Verb.APPROVE)
        return self.act(
            lambda: services.issue_report(row),
            _("Issued. The units see it among their reports."),
            _page_of(row.id),
            row,
        )

    @expose("/<int:issue_id>/halt", methods=["POST"])
    @guarded(Verb.APPROVE)
    def halt(self, issue_id: int) -> Any:
        row, reason = access.find(ReportIssue, issue_id, Verb.APPROVE), request.form.get("reason", "")
        done = _("Halted. Nothing more is asked; it stays on record.")
        return self.act(lambda: services.halt_report(row, reason), done, _page_of(row.id), row)


class _Typed:
    """A report as its form shows it."""

    def __init__(self, row: ReportIssue) -> None:
        self.row = row

    def __getattr__(self, name: str) -> Any:
        if name in ("form", "department"):
            return getattr(self.row, f"{name}_id") or 0
        return getattr(self.row, name)


def _page_of(issue_id: int) -> str:
    return url_for("IssueView.issue", issue_id=issue_id)


def _offer(form: IssueForm, units: list[OrgUnit]) -> None:
    form.form.choices = [(one.id, str(one)) for one in issues.forms_for_issuing()]
    departments = [(one.id, f"{one.unit.name} · {one}") for one in issues.departments_for(units)]
    form.department.choices = [(0, _("None: the unit itself")), *departments]


def _draft(form: IssueForm) -> services.Draft:
    chosen = next(one for one in issues.forms_for_issuing() if one.id == form.form.data)
    department = access.find(Department, form.department.data) if form.department.data else None
    names = ("title", "level", "cycle", "due_day", "minutes", "approved_on")
    texts = ("first_period", "last_period", "emergency_reason", "approving_body", "approval_document")
    said = {name: form[name].data for name in names} | {name: form[name].data or "" for name in texts}
    return services.Draft(form=chosen, department=department, **said)


def _fields(row: ReportIssue) -> tuple[Field, ...]:
    spec = issues.spec_of_form(row.form)
    return () if spec is None else tuple(field for field in spec.fields() if not field.computed)


def _as_read(field: Field) -> tuple[str, bool]:
    """The label, and whether somebody has to fill it in or the portal does."""
    return field.label.in_language(language()), bool(field.known)


def _by_period(asked: list[owed.Owed]) -> list[tuple[Any, list[owed.Owed]]]:
    """The newest period first, in it those who owe before those who handed in."""
    periods = sorted({one.period for one in asked}, reverse=True)
    return [
        (period, sorted((one for one in asked if one.period == period), key=lambda one: one.is_handed_in))
        for period in periods
    ]
