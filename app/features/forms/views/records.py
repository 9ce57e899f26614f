"""Records: the forms one fills in, the list of a form's records, and the page of one record."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.domain.transitions import RecordState
from app.features.forms import services
from app.features.forms.models import FormRecord
from app.features.forms.queries import files, filling, records
from app.features.forms.queries.places import places_for
from app.features.forms.record_words import STATES
from app.features.forms.views.record_pages import (
    Page,
    cells_of,
    filters_of,
    form_of,
    heads_of,
    read_sections,
    state_choices,
    total_words,
)
from app.features.forms.views.sending import FilesSent, entry_of
from app.kit import access, clock
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.names import period_name


class RecordView(PortalPageView):
    """Filling in forms, and what was filled in."""

    route_base = "/records"
    resource = Resource.RECORDS
    default_view = "forms"

    @expose("/")
    @guarded(Verb.VIEW)
    def forms(self) -> Any:
        return self.render_template(
            "forms/templates/records_home.html", title=_("Forms"), places=filling.fillable_forms()
        )

    @expose("/<int:form_id>/")
    @guarded(Verb.VIEW)
    def index(self, form_id: int) -> Any:
        form, version, missing = filling.form_in_use(form_id) or abort(404)
        page = records.page_of(form, version, request.args)
        return self.render_template(
            "forms/templates/record_list.html",
            title=str(form),
            form=form,
            page=page,
            filters=filters_of(page),
            heads=heads_of(page),
            missing="、".join(label for code, label, _is_number in heads_of(page) if code in (missing or ())),
            cells=cells_of(page),
            states={code: (str(word), tone) for code, (word, tone) in STATES.items()},
            state_choices=state_choices(),
            total=total_words(page),
            sizes_words=[(size, size) for size in records.PAGE_SIZES],
            sort_address=_sort_address,
            may_fill=page.version is not None and form.state == "active" and filling.may_fill(form, access.actor()),
            period_name=period_name,
        )

    @expose("/<int:form_id>/new", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def new(self, form_id: int) -> Any:
        form, is_test = form_of(form_id), request.values.get("test") == "1"
        version = filling.version_tried(form) if is_test else filling.version_in_use(form)
        if version is None or (is_test and not access.can(Verb.EDIT, version)):
            abort(404)
        if form.purpose == "report" and _issue() is None and not is_test:
            raise broken("record.report_by_page")
        places = places_for(form, anybody=is_test)
        unit = _chosen(places)
        period = (request.values.get("period") or filling.default_period(form)) if form.cycle else None
        if unit is None:
            return self.render_template(
                "forms/templates/record_place.html", title=str(form), form=form, places=places, period=period
            )
        page = Page(form, version, unit, period, is_test=is_test, issue_id=_issue())
        if request.method == "POST":
            return self._save(page)
        already = _already(page)
        if already is not None:
            return redirect(url_for("RecordView.entry", record_id=already.id))
        return self._show(page, fill_last=request.args.get("fill") == "last", places=places)

    @expose("/entry/<int:record_id>")
    @guarded(Verb.VIEW)
    def entry(self, record_id: int) -> Any:
        return self._read(_record(record_id), "forms/templates/record.html")

    @expose("/entry/<int:record_id>/print")
    @guarded(Verb.VIEW)
    def sheet(self, record_id: int) -> Any:
        return self._read(_record(record_id), "forms/templates/record_sheet.html")

    @expose("/entry/<int:record_id>/edit", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def edit(self, record_id: int) -> Any:
        record = _record(record_id, Verb.EDIT)
        if not _is_open(record):
            return redirect(url_for("RecordView.entry", record_id=record.id))
        page = Page(record.form, record.form_version, record.unit, record.period, record, record.is_test)
        if request.method == "POST":
            seen = request.form.get("record_version", "")  # the version the page showed: another one is a conflict
            return self._save(page, seen)
        return self._show(page)

    @expose("/entry/<int:record_id>/withdraw", methods=["POST"])
    @guarded(Verb.SUBMIT)
    def withdraw(self, record_id: int) -> Any:
        record = _record(record_id, Verb.SUBMIT)
        back = url_for("RecordView.entry", record_id=record.id)
        return self.act(lambda: services.withdraw_record(record), _("Taken back: it is a draft again."), back, record)

    @expose("/entry/<int:record_id>/confirm", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def confirm(self, record_id: int) -> Any:
        record = _record(record_id, Verb.CONFIRM)
        back = url_for("RecordView.entry", record_id=record.id)
        return self.act(lambda: services.review_records([record], "confirm"), _("Confirmed."), back, record)

    @expose("/entry/<int:record_id>/return", methods=["POST"])
    @guarded(Verb.CONFIRM)
    def return_record(self, record_id: int) -> Any:
        record, reason = _record(record_id, Verb.CONFIRM), request.form.get("reason", "")
        back = url_for("RecordView.entry", record_id=record.id)
        return self.act(lambda: services.review_records([record], "return", reason), _("Returned."), back, record)

    @expose("/entry/<int:record_id>/remove", methods=["POST"])
    @guarded(Verb.EDIT)
    def remove(self, record_id: int) -> Any:
        record = _record(record_id, Verb.EDIT)
        back = url_for("RecordView.index", form_id=record.form_id)
        return self.act(lambda: services.remove_draft(record), _("The draft is removed."), back, record)

    @expose("/entry/<int:record_id>/file/<int:attachment_id>")
    @guarded(Verb.VIEW)
    def file(self, record_id: int, attachment_id: int) -> Any:
        found = files.file_of(_record(record_id), attachment_id)
        if found is None:
            abort(404)
        return send_file(
            io.BytesIO(found.content), mimetype=found.content_type, as_attachment=True, download_name=found.name
        )

    def _read(self, record: FormRecord, template: str) -> Any:
        can = {verb: access.can(verb, record) for verb in (Verb.EDIT, Verb.SUBMIT, Verb.CONFIRM)}
        return self.render_template(
            template,
            title=record.form_version.name,
            record=record,
            sections=read_sections(record),
            state=STATES[record.state],
            period=period_name(record.period) if record.period else "",
            can=can,
            is_open=_is_open(record),
            decides=can[Verb.CONFIRM] and record.form.needs_review and record.state == RecordState.SUBMITTED,
            now=clock.now(),
        )

    def _show(
        self,
        page: Page,
        *,
        sent: Mapping[str, str] | None = None,
        problems: Any = (),
        fill_last: bool = False,
        places: Any = (),
    ) -> Any:
        drawn = page.drawn(sent, problems, fill_last=fill_last)
        return self.render_template(
            "forms/templates/record_entry.html",
            title=str(page.version.name),
            page=page,
            record=drawn,
            places=places,
            version=page.record.version if page.record else "",
            summary=page.summary(drawn, problems),
            period=period_name(page.period) if page.period else "",
            last=fill_last,
        )

    def _save(self, page: Page, seen: str = "") -> Any:
        """Draft or hand in what was typed; a refusal must not cost whoever sent files a second upload."""
        sent, files_sent = request.form, FilesSent(page)
        if sent.get("add_row"):
            page, problems = files_sent.held()
            return self._show(page, sent=sent, problems=problems)
        try:
            page = files_sent.kept(sent, seen)
            (record,) = services.save_records([entry_of(page, sent, seen)], submit=sent.get("act") == "submit")
        except RuleBroken as refusal:
            changed, problems = any(problem.code == "conflict" for problem in refusal.problems), refusal.problems
            if not page.added:  # no record keeps them yet
                page, unheld = files_sent.held()
                problems = (*problems, *(problem for problem in unheld if problem not in problems))
            return self._show(page, sent=sent, problems=problems), 409 if changed else 422
        services.remove_unnamed(record)
        if record.state == RecordState.SUBMITTED:
            flash(_("Handed in."), "success")
        else:
            flash(_("Saved as draft. Nothing is handed in yet."), "success")
        return redirect(url_for("RecordView.entry", record_id=record.id))


def _record(record_id: int, verb: Verb = Verb.VIEW) -> FormRecord:
    return filling.record_for(record_id, verb)


def _is_open(record: FormRecord) -> bool:
    if record.state in (RecordState.DRAFT, RecordState.RETURNED):
        return True
    return record.state == RecordState.SUBMITTED and not record.form.needs_review


def _chosen(places: Any) -> Any:
    wanted = request.values.get("unit", "")
    found = next((unit for unit in places if str(unit.id) == wanted), None)
    return found or (places[0] if len(places) == 1 else None)


def _issue() -> int | None:
    """The report issue the record answers, where the page was opened from what is owed."""
    text = request.values.get("issue", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _sort_address(present: str, code: str) -> str:
    """The address of the list sorted by a column, or the other way round where it is already."""
    carried = [(name, value) for name, value in request.args.items(multi=True) if name not in ("sort", "page")]
    return f"{request.script_root}{request.path}?{urlencode([*carried, ('sort', f'-{code}' if present == code else code)])}"


def _already(page: Page) -> FormRecord | None:
    """The record that stands already where there is to be one."""
    who = access.actor()
    single = filling.single_key(
        page.form, page.unit, who.person_id, page.period, is_test=page.is_test, issue_id=page.issue_id
    )
    return filling.record_of(page.form, single) if single else None
