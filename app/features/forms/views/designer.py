"""Making forms on the screen: the list of forms, the designer with its preview, testing, publishing."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.features.forms import formulas, queries, services, words
from app.features.forms.models import Form, FormVersion
from app.features.forms.views.designing import draft_text, preview_of, read_text, redline_rows, said, start_of, told
from app.features.forms.views.settings_form import NewFormForm, SettingsForm, facts_of
from app.features.org.queries import units_at
from app.kit import access, lookup, names, versions
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, chosen
from app.kit.problems import as_json, flash_all, sentence

PAGE, MOST_TEXT = 50, 400_000


class FormDesignerView(PortalPageView):
    """Forms and their versions, for whoever makes them."""

    resource = Resource.FORMS
    route_base = "/form-designer"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        asked = {key: request.args.get(key, "").strip() for key in ("q", "state", "purpose")}
        lines = [line for line in queries.forms_listed() if _fits(line, asked)]
        page = max(1, request.args.get("page", 1, type=int))
        return self.render_template(
            "forms/templates/forms.html",
            title=_("Forms"),
            lines=lines[(page - 1) * PAGE : page * PAGE],
            total=len(lines),
            page=page,
            pages=max(1, -(-len(lines) // PAGE)),
            asked=asked,
            words=words,
            state_choices=[(code, word) for code, (word, _tone) in words.FORM_STATES.items()],
            purpose_choices=list(words.PURPOSES.items()),
        )

    @expose("/new", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def new(self) -> Any:
        form = NewFormForm()
        form.offer_units(_own_units())
        made: list[Form] = []
        if form.validate_on_submit() and form.accept(lambda: made.append(form.make())):
            return redirect(url_for(".design", version_id=services.draft_of(made[0]).id))
        return self.render_template("forms/templates/new_form.html", title=_("New form"), form=form)

    @expose("/code")
    @guarded(Verb.EDIT)
    def code(self) -> Any:
        """A code out of the words of a label, or of the title of a new form: one that is not taken yet."""
        said_ = request.args.get("taken")
        taken = [line.form.code for line in queries.forms_listed()] if said_ is None else said_[:8000].split(",")
        return jsonify(code=services.suggested_code(request.args.get("text", "")[:60], taken))

    @expose("/<int:form_id>")
    @guarded(Verb.VIEW)
    def show(self, form_id: int) -> Any:
        found: Form = access.find(Form, form_id)
        line = queries.form_line(found)
        return self.render_template(
            "forms/templates/form.html",
            title=str(found),
            found=found,
            line=line,
            versions=queries.versions_of_form(found),
            counted=queries.records_by_version(found),
            form=SettingsForm.of(found) if access.can(Verb.EDIT, found) and found.state == "active" else None,
            facts=facts_of(found),
            words=words,
            records_url=_records_url(found),
        )

    @expose("/<int:form_id>/settings", methods=["POST"])
    @guarded(Verb.EDIT)
    def settings(self, form_id: int) -> Any:
        found = access.find(Form, form_id, Verb.EDIT)
        sent = SettingsForm().settings()
        return self.act(
            lambda: services.change_settings(found, sent), _("Saved"), url_for(".show", form_id=form_id), row=found
        )

    @expose("/<int:form_id>/draft", methods=["POST"])
    @guarded(Verb.EDIT)
    def draft(self, form_id: int) -> Any:
        found = access.find(Form, form_id, Verb.EDIT)
        try:
            return redirect(url_for(".design", version_id=services.draft_of(found).id))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
        return redirect(url_for(".show", form_id=form_id))

    @expose("/<int:form_id>/retire", methods=["POST"])
    @guarded(Verb.APPROVE)
    def retire(self, form_id: int) -> Any:
        found = access.find(Form, form_id, Verb.APPROVE)
        return self.act(lambda: services.retire(found), _("The form is retired."), url_for(".show", form_id=form_id))

    @expose("/<int:form_id>/bring-back", methods=["POST"])
    @guarded(Verb.APPROVE)
    def bring_back(self, form_id: int) -> Any:
        found = access.find(Form, form_id, Verb.APPROVE)
        back = url_for(".show", form_id=form_id)
        return self.act(lambda: services.bring_back(found), _("The form is in use again."), back)

    # -- one version ---------------------------------------------------------------------------------------------

    @expose("/version/<int:version_id>")
    @guarded(Verb.EDIT)
    def design(self, version_id: int) -> Any:
        version = _open_version(version_id)
        if version.state != "draft":
            return redirect(url_for(".impact", version_id=version_id))
        return self._designer(version, version.spec, draft_text(version.spec))

    def _designer(self, version: FormVersion, draft: Any, text: str) -> Any:
        return self.render_template(
            "forms/templates/designer.html",
            title=version.name,
            version=version,
            start=start_of(draft),
            said=said(),
            words=words,
            text=text,
            roles=list(names.roles().items()),
            **preview_of(draft),
        )

    @expose("/version/<int:version_id>/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, version_id: int) -> Any:
        """Keep the draft: JSON {spec, revision} from the designer, or the form as text from its form."""
        version = _open_version(version_id)
        if request.is_json:
            return self._save_typed(version)
        text = request.form.get("spec", "")[:MOST_TEXT]
        try:
            with versions.unchanged(version):
                services.save_draft(version, read_text(text))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._designer(version, version.spec, text), 422
        flash(_("Saved"), "success")
        return redirect(url_for(".design", version_id=version_id))

    def _save_typed(self, version: FormVersion) -> Any:
        sent = request.get_json(silent=True)
        try:
            if not isinstance(sent, dict) or (request.content_length or 0) > MOST_TEXT:
                raise broken("form.too_large", "form")
            with versions.unchanged(version, str(sent.get("revision"))):
                services.save_draft(version, sent.get("spec") or {})
        except RuleBroken as refusal:
            return jsonify(problems=as_json(refusal.problems)), 422
        except versions.Changed:
            now = access.find(FormVersion, version.id, Verb.EDIT)
            message = _("%(who)s has saved this form meanwhile.", who=_who_saved(now))
            return jsonify(conflict=message, revision=versions.stamp(now)), 409
        part = render_template("forms/templates/preview_part.html", **preview_of(version.spec))
        return jsonify(
            revision=versions.stamp(version), preview=part, text=draft_text(version.spec), **told(version.spec)
        )

    @expose("/version/<int:version_id>/preview")
    @guarded(Verb.VIEW)
    def preview(self, version_id: int) -> Any:
        version = access.find(FormVersion, version_id)
        return self.render_template(
            "forms/templates/preview.html", title=version.name, version=version, **preview_of(version.spec)
        )

    @expose("/version/<int:version_id>/as-role")
    @guarded(Verb.EDIT)
    def as_role(self, version_id: int) -> Any:
        version = access.find(FormVersion, version_id, Verb.EDIT)
        role = request.args.get("role", "")
        if role not in names.roles() or version.form is None:
            abort(404)
        seen = queries.as_role(version.form, role)
        return render_template("forms/templates/as_role.html", role=names.role(role), seen=seen, why_not=words.WHY_NOT)

    @expose("/version/<int:version_id>/impact")
    @guarded(Verb.EDIT)
    def impact(self, version_id: int) -> Any:
        version = _open_version(version_id)
        found = queries.impact(version)
        labels = {field["code"]: chosen(field["label"]) for _path, field in formulas.fields_of(version.spec)}
        if found.old:
            labels = {f["code"]: chosen(f["label"]) for _path, f in formulas.fields_of(found.old.spec)} | labels
        return self.render_template(
            "forms/templates/impact.html",
            title=version.name,
            version=version,
            found=found,
            problems=[(path, _placed(path, problem, version)) for path, problem in found.problems],
            changes=list(redline_rows(found)),
            unlisted=[labels.get(code, code) for code in found.unlisted],
            charts=[(chart, "、".join(labels.get(code, code) for code in lost)) for chart, lost in found.charts],
            used=_used(found, version),
            test_url=_records_url(version.form, new=True),
        )

    @expose("/version/<int:version_id>/testing", methods=["POST"])
    @guarded(Verb.EDIT)
    def testing(self, version_id: int) -> Any:
        version = _open_version(version_id)
        back = url_for(".impact", version_id=version_id)
        return self.act(lambda: services.start_testing(version), _("The form can be tried now."), back, row=version)

    @expose("/version/<int:version_id>/design-again", methods=["POST"])
    @guarded(Verb.EDIT)
    def design_again(self, version_id: int) -> Any:
        version = _open_version(version_id)
        back = url_for(".design", version_id=version_id)
        return self.act(
            lambda: services.back_to_design(version), _("The form can be changed again."), back, row=version
        )

    @expose("/version/<int:version_id>/withdraw", methods=["POST"])
    @guarded(Verb.EDIT)
    def withdraw(self, version_id: int) -> Any:
        version = access.find(FormVersion, version_id, Verb.EDIT)
        back = url_for(".show", form_id=version.form_id)
        return self.act(lambda: services.withdraw(version), _("The draft is put aside."), back, row=version)

    @expose("/version/<int:version_id>/publish", methods=["POST"])
    @guarded(Verb.APPROVE)
    def publish(self, version_id: int) -> Any:
        version = access.find(FormVersion, version_id, Verb.APPROVE)
        note = request.form.get("note", "")
        try:
            with versions.unchanged(version):
                services.publish(version, note)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for(".impact", version_id=version_id))
        flash(_("Version %(number)s is in use.", number=version.number), "success")
        return redirect(url_for(".show", form_id=version.form_id))


def _fits(line: Any, asked: dict[str, str]) -> bool:
    text = f"{line.form} {line.form.code}".casefold()
    wanted = {"state": line.state, "purpose": line.form.purpose}
    return asked["q"].casefold() in text and all(asked[key] in ("", has) for key, has in wanted.items())


def _who_saved(version: FormVersion) -> str:
    """The name of whoever changed a version last."""
    told_ = versions.last_change("form_version", version.id)
    person = access.person_of(told_[0]) if told_ else None
    return lookup.name("person", person) if person else told_[0] if told_ else _("Somebody else")


def _open_version(version_id: int) -> FormVersion:
    """The version when it is a form's own and may be edited; 404 otherwise."""
    version: FormVersion = access.find(FormVersion, version_id, Verb.EDIT)
    if version.form_id is None or version.state not in queries.OPEN:
        abort(404)
    return version


def _own_units() -> list[Any]:
    """The units a form may be made at by the actor: those of his posts, or the counties for the operator."""
    units = [unit for level in ("prefecture", "county", "township") for unit in units_at(level)]
    return [unit for unit in units if access.can_at(Verb.EDIT, Resource.FORMS, unit)]


def _placed(path: str, problem: Any, version: FormVersion) -> str:
    field = dict(formulas.fields_of(version.spec)).get(path)
    words_ = sentence(problem)
    return _("%(label)s: %(error)s", label=chosen(field["label"]) or field["code"], error=words_) if field else words_


def _used(found: Any, version: FormVersion) -> dict[str, int]:
    listed = {field["code"] for _path, field in formulas.fields_of(version.spec) if field.get("is_listed")}
    slots = [slot for code, slot in found.slots.items() if code in listed]
    return {kind: sum(slot.startswith(kind) for slot in slots) for kind in ("text", "number", "day")}


def _records_url(form: Any, new: bool = False) -> str:
    """Where the records of the form are, or a test entry is made."""
    if new:
        return url_for("RecordView.new", form_id=form.id, test=1)
    return url_for("RecordView.index", form_id=form.id)
