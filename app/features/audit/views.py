"""The trail for the audit administrator, and the history of a record for whoever may see the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.accounts.naming import account_name
from app.features.audit import excel, fields, history, queries, restoring, services, words
from app.features.audit.events import EVENTS
from app.features.audit.queries import Filter
from app.kit import clock, download, names, versions
from app.kit.audit import AuditEntry
from app.kit.fab import PortalModelView, PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
from app.kit.problems import flash_all, sentence


class AuditView(PortalPageView):
    """Who did what, when, from where, before and after: for the audit administrator alone."""

    resource = Resource.AUDIT
    route_base = "/audit"
    default_view = "trail"

    @expose("/list/")
    @guarded(Verb.VIEW)
    def trail(self) -> Any:
        wanted = _wanted(request.args)
        page = min(max(request.args.get("page", 1, type=int), 1), queries.COUNTED // queries.PAGE)
        entries, total = queries.entries(wanted, page)
        return self.render_template(
            "audit/templates/trail.html",
            title=_("Audit trail"),
            lines=_lines(entries),
            wanted=wanted,
            page=page,
            pages=-(-total // queries.PAGE),
            total=total,
            areas=list(words.AREAS.items()),
            kinds=[(code, words.kind(code)) for code in queries.kinds()],
            records=sorted(((code, str(word)) for code, word in words.RECORDS.items()), key=lambda pair: pair[1]),
        )

    @expose("/<int:entry_id>")
    @guarded(Verb.VIEW)
    def entry(self, entry_id: int) -> Any:
        entry = queries.entry(entry_id) or abort(404)
        return self.render_template(
            "audit/templates/entry.html",
            title=_("Entry of the trail"),
            entry=entry,
            line=_lines([entry])[0],
            changes=list(history.lines(entry)),
            facts=words.facts(entry.changes),
        )

    @expose("/events/")
    @guarded(Verb.VIEW)
    def events(self) -> Any:
        return self.render_template(
            "audit/templates/events.html", title=_("What the trail tells"), events=EVENTS, words=words
        )

    @expose("/export", methods=["POST"])
    @guarded(Verb.EXPORT)
    def export(self) -> Any:
        wanted, form = _wanted(request.form), "csv" if request.form.get("format") == "csv" else "xlsx"
        try:
            entries = services.export_trail(wanted, form)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("AuditView.trail", **wanted.facts()))
        return download.workbook(excel.content(entries, form), f"{_('Audit trail')} {clock.today()}.{form}")

    @expose("/verify", methods=["POST"])
    @guarded(Verb.VIEW)
    def verify(self) -> Any:
        verdict = services.verify_trail()
        return self.render_template(
            "audit/templates/verify.html",
            title=_("Verification of the trail"),
            verdict=verdict,
            problems=[sentence(problem) for problem in verdict.problems],
        )


def _wanted(given: Any) -> Filter:
    """The filter out of an address or a form; a day that is none asks nothing."""
    text = {
        name: str(given.get(name, ""))[:64].strip()
        for name in ("person", "area", "kind", "record", "row_id", "address")
    }
    return Filter(since=_day(given.get("since", "")), until=_day(given.get("until", "")), **text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    names_of = queries.names_of({entry.username for entry in entries})
    records = words.records(entry.table_name for entry in entries)
    return [
        {
            "entry": entry,
            "who": names_of.get(entry.username) or account_name(entry.username),
            "act": words.act(entry.action),
            "kind": words.kind(entry.kind),
            "record": records[entry.table_name],
            "place": words.place(entry.address),
        }
        for entry in entries
    ]


PAGES = {
    "duty": ("LogView.log", "duty_id"),
    "lead": ("LeadView.lead", "lead_id"),
    "sheet": ("SheetView.slip", "pk"),
    "assessment_round": ("RoundView.show", "pk"),
    "bonus_batch": ("BatchView.show", "batch_id"),
    "ranking_run": ("RankingView.ranking", "run_id"),
    "form": ("FormDesignerView.show", "form_id"),
    "form_version": ("FormDesignerView.preview", "version_id"),
    "form_record": ("RecordView.entry", "record_id"),
    "person": ("PersonPageView.person", "person_id"),
    "org_unit": ("TreeView.unit", "unit_id"),
}
"""The page of a record where it has one of our own; others are shown by their generated view."""


class HistoryView(PortalPageView):
    """What happened to one record, and an earlier version of it brought back."""

    resource = None
    route_base = "/history"

    @expose("/<string:table>/<int:row_id>")
    @guarded(Verb.VIEW)
    def of(self, table: str, row_id: int) -> Any:
        row, view = history.find(table, row_id), _view_of(table)
        number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
        return self.render_template(
            "audit/templates/history.html",
            title=_("Change history"),
            page=history.of(row, number),
            restorable=restoring.may_restore(view, row),
            back=_page_of(view, table, row_id),
            kind=names.record(table),
            **_about(table, row),
        )

    @expose("/<string:table>/<int:row_id>/<int:entry_id>/restore")
    @guarded(Verb.EDIT)
    def preview(self, table: str, row_id: int, entry_id: int) -> Any:
        row, view, entry = _to_restore(table, row_id, entry_id)
        return self.render_template(
            "audit/templates/restore.html",
            title=_("Restore this version"),
            entry=entry,
            lines=restoring.preview(view, row, entry),
            **_about(table, row),
        )

    @expose("/<string:table>/<int:row_id>/<int:entry_id>/restore", methods=["POST"])
    @guarded(Verb.EDIT)
    def restore(self, table: str, row_id: int, entry_id: int) -> Any:
        row, view, entry = _to_restore(table, row_id, entry_id)
        back = url_for("HistoryView.of", table=table, row_id=row_id)
        stamp = versions.sent_stamp()
        return self.act(lambda: restoring.restore(view, row, entry, stamp), _("The earlier version is back."), back)


def _about(table: str, row: Any) -> dict[str, Any]:
    return {"table": table, "row": row, "label": fields.called(row)}


def _view_of(table: str) -> Any:
    """The generated view of a table, None where it has none."""
    views = (view for _screen, view in current_app.extensions["screens"])
    return next((v for v in views if isinstance(v, PortalModelView) and v.datamodel.obj.__tablename__ == table), None)


def _page_of(view: Any, table: str, row_id: int) -> str:
    if table in PAGES:
        endpoint, key = PAGES[table]
        return url_for(endpoint, **{key: row_id})
    return url_for(f"{view.endpoint}.show", pk=row_id) if view is not None else ""


def _to_restore(table: str, row_id: int, entry_id: int) -> Any:
    row, view = history.find(table, row_id), _view_of(table)
    restoring.require(view, row)
    return row, view, history.entry_of(row, entry_id)


VIEWS = [
    Screen(AuditView, _l("Audit trail"), "admin", "fa-history", order=90),
    Screen(HistoryView),
]
