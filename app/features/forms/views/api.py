"""The interface of forms for machines: the services, rights and sentences of the screen, as JSON."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, jsonify, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.formspec import spec_as_data
from app.domain.rights import Resource, Verb
from app.features.forms import services
from app.features.forms.charts import records_table
from app.features.forms.machine import form_data, record_data, schema_of
from app.features.forms.queries import filling, records
from app.features.forms.queries.versions import spec_of
from app.features.forms.views.record_pages import form_of
from app.features.org.models import OrgUnit
from app.kit import access, openapi
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, _l
from app.kit.openapi import described
from app.kit.problems import as_json

WRITTEN = {
    "type": "object",
    "properties": {
        "unit": {"type": "integer"},
        "period": {"type": "string"},
        "answers": {"type": "object"},
        "submit": {"type": "boolean"},
        "version": {"type": "integer"},
    },
}


class ApiView(PortalPageView):
    """Forms, their records, figures, and the description of it all."""

    resource = Resource.RECORDS
    route_base = "/api/v1"
    default_view = "description"

    @expose("/")
    @guarded(Verb.VIEW)
    def description(self) -> Any:
        title = str(_("Interface for machines"))
        return self.render_template(
            "forms/templates/api.html",
            title=title,
            operations=sorted(openapi.operations(current_app).items()),
            places=filling.fillable_forms(),
        )

    @expose("/openapi.json")
    @guarded(Verb.VIEW)
    def document(self) -> Any:
        return jsonify(openapi.document(current_app, str(_("Interface for machines"))))

    @expose("/forms")
    @described(_l("The forms I fill in or may see"))
    @guarded(Verb.VIEW)
    def forms(self) -> Any:
        return jsonify(forms=[form_data(place.form, place.version) for place in filling.fillable_forms()])

    @expose("/forms/<int:form_id>")
    @described(_l("One form: what it asks, and the schema of its answers"))
    @guarded(Verb.VIEW)
    def form(self, form_id: int) -> Any:
        form = form_of(form_id)
        version = filling.version_in_use(form)
        spec = spec_of(version) if version else None
        asked = {"spec": spec_as_data(spec), "schema": schema_of(spec)} if spec else {}
        return jsonify(**form_data(form, version), **asked)

    @expose("/forms/<int:form_id>/records", methods=["GET"])
    @described(
        _l("The records of a form, filtered as on its page"),
        asks={"page": "1, 2 …", "size": "20 … 200", "unit": "", "period": "", "state": "", "q_<field>": ""},
    )
    @guarded(Verb.VIEW)
    def records(self, form_id: int) -> Any:
        page = records.record_page(form_of(form_id), request.args)
        return jsonify(
            records=[record_data(record) for record in records.records_of(page)],
            page=page.page,
            has_more=page.has_more,
            total=page.total,
            is_capped=page.is_capped,
            not_understood=list(page.wrong),
        )

    @expose("/forms/<int:form_id>/records", methods=["POST"])
    @described(_l("Write a record: a draft, or handed in"), takes=WRITTEN)
    @guarded(Verb.EDIT)
    def write(self, form_id: int) -> Any:
        form, sent = form_of(form_id), _sent()
        unit = access.find(OrgUnit, _whole(sent, "unit"))
        entry = services.Entry(form, unit, _answers(sent), period=_text(sent, "period"))
        return _saved(entry, sent, 201)

    @expose("/records/<int:record_id>", methods=["GET"])
    @described(_l("One record"))
    @guarded(Verb.VIEW)
    def record(self, record_id: int) -> Any:
        return jsonify(record_data(filling.record_for(record_id)))

    @expose("/records/<int:record_id>", methods=["PUT"])
    @described(_l("Write a record again; `version` is the one it was read with"), takes=WRITTEN)
    @guarded(Verb.EDIT)
    def change(self, record_id: int) -> Any:
        record, sent = filling.record_for(record_id, Verb.EDIT), _sent()
        entry = services.Entry(
            record.form,
            record.unit,
            _answers(sent),
            period=record.period,
            record=record,
            version=_whole(sent, "version"),
        )
        return _saved(entry, sent, 200)

    @expose("/records/<int:record_id>/review", methods=["POST"])
    @described(
        _l("Confirm a record, or return it with a reason"),
        takes={
            "type": "object",
            "properties": {"action": {"enum": ["confirm", "return"]}, "reason": {"type": "string"}},
        },
    )
    @guarded(Verb.CONFIRM)
    def review(self, record_id: int) -> Any:
        record, sent = filling.record_for(record_id, Verb.CONFIRM), _sent()
        action = sent.get("action")
        if action not in ("confirm", "return"):
            abort(400)
        try:
            services.review_records([record], action, _text(sent, "reason") or "")
        except RuleBroken as refusal:
            return _refused(refusal)
        return jsonify(record_data(record))

    @expose("/forms/<int:form_id>/figures")
    @described(
        _l("Records counted or added up, as in a chart"),
        asks={"dimension": "", "aggregate": "count, sum, average", "measure": ""},
    )
    @guarded(Verb.VIEW)
    def figures(self, form_id: int) -> Any:
        table = records_table({**request.args.to_dict(), "form": str(form_id)})
        return jsonify(columns=[str(column) for column in table.columns], rows=[list(row) for row in table.rows])


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    return sent


def _whole(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        abort(400)
    return value


def _text(sent: dict[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        abort(400)
    return value or None


def _answers(sent: dict[str, Any]) -> dict[str, Any]:
    answers = sent.get("answers")
    if not isinstance(answers, dict):
        abort(400)
    return answers


def _saved(entry: Any, sent: dict[str, Any], status: int) -> Any:
    try:
        (record,) = services.save_records([entry], submit=sent.get("submit") is True)
    except RuleBroken as refusal:
        return _refused(refusal)
    answer = jsonify(record_data(record))
    answer.headers["Location"] = url_for("ApiView.record", record_id=record.id)
    return answer, status


def _refused(refusal: RuleBroken) -> Any:
    conflict = any(problem.code == "conflict" for problem in refusal.problems)
    return jsonify(problems=as_json(refusal.problems)), 409 if conflict else 422
