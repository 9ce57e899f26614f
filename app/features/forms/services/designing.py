"""Making a form on the screen: draft, testing, withdrawn; publishing is in publishing.py."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from app.domain.errors import broken
from app.domain.expressions import FUNCTIONS
from app.domain.formspec import as_draft, parse_spec
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormVersion
from app.features.forms.services.publishing import remove_test_entries
from app.features.forms.services.settings import SETTINGS, checked_settings
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

OPEN = ("draft", "testing")


def new_form(unit: Any, code: str, title: Mapping[str, str], settings: Mapping[str, Any] | None = None) -> Form:
    """A form with an empty first draft; without a code it gets one made from its title.

    Errors: form.title_missing, form.bad_code, form.code_taken, form.bad_setting; NotAllowed without the right to edit
            forms at the unit.
    """
    access.require_at(Verb.EDIT, Resource.FORMS, unit)
    title = {language: text.strip() for language, text in title.items() if text and text.strip()}
    if not title.get("zh"):
        raise broken("form.title_missing", "title")
    taken = _codes_at(unit)
    code = code.strip() or suggested_code(title["zh"], taken)
    if not _is_code(code):
        raise broken("form.bad_code", "code", value=code)
    if code in taken:
        raise broken("form.code_taken", "code", value=code)
    with transaction() as session, acting("forms.new_form"):
        form = Form(unit=unit, code=code, title=title, **{**SETTINGS, **checked_settings(settings or {})})
        session.add(form)
        session.add(_next_version(form, {"title": title, "sections": [{"code": "main", "title": title, "fields": []}]}))
    return form


def change_settings(form: Form, settings: Mapping[str, Any]) -> Form:
    """The form with other settings, for what is written from now on. Errors: form.bad_setting; NotAllowed."""
    access.require(Verb.EDIT, form)
    with transaction(), acting("forms.change_settings"):
        for key, value in checked_settings(settings).items():
            setattr(form, key, value)
    return form


def draft_of(form: Form) -> FormVersion:
    """The version that is being made: the open one, else a copy of the newest as the next version.

    Errors: form.retired; NotAllowed without the right to edit the form.
    """
    access.require(Verb.EDIT, form)
    versions = _versions_of(form)
    found = next((version for version in versions if version.state in OPEN), None)
    if found is not None:
        return found
    if form.state == "retired":
        raise broken("form.retired")
    source = next((version for version in versions if version.is_current), versions[0])
    with transaction() as session, acting("forms.draft_of"):
        draft = _next_version(form, as_draft(source.spec), number=max(v.number for v in versions) + 1)
        session.add(draft)
    return draft


def save_draft(version: FormVersion, spec: Mapping[str, Any]) -> FormVersion:
    """The draft as it stands on the page, right or wrong: nothing that was typed is lost.

    Errors: form.not_a_draft; form.not_an_object, form.not_a_list, form.too_large (see as_draft); NotAllowed.
    """
    access.require(Verb.EDIT, version)
    if version.state != "draft":
        raise broken("form.not_a_draft", state=version.state)
    data = as_draft(spec) | {"code": version.code, "version": version.number}
    if data == version.spec:
        return version
    with transaction(), acting("forms.save_draft"):
        version.spec = data
        version.title = data["title"] or version.title
        version.made_by = signature(version, Verb.EDIT)
    return version


def start_testing(version: FormVersion) -> FormVersion:
    """Let the draft be tried with entries that count nowhere. Errors: form.*, expression.*; form.not_a_draft; NotAllowed."""
    access.require(Verb.EDIT, version)
    if version.state != "draft":
        raise broken("form.not_a_draft", state=version.state)
    parse_spec(version.spec)
    with transaction(), acting("forms.start_testing"):
        version.state = "testing"
    return version


def back_to_design(version: FormVersion) -> FormVersion:
    """Change a form that is being tried; what was entered to try it is removed. Errors: form.not_open; NotAllowed."""
    access.require(Verb.EDIT, version)
    if version.state != "testing" or version.form is None:
        raise broken("form.not_open", state=version.state)
    with transaction(), acting("forms.back_to_design"):
        remove_test_entries(version.form)
        version.state = "draft"
    return version


def withdraw(version: FormVersion) -> FormVersion:
    """Put an open draft aside; it stays to be read, and the next draft copies it where nothing was published."""
    access.require(Verb.EDIT, version)
    if version.state not in OPEN or version.form is None:
        raise broken("form.not_open", state=version.state)
    with transaction(), acting("forms.withdraw"):
        remove_test_entries(version.form)
        version.state = "withdrawn"
    return version


def retire(form: Form) -> Form:
    """Nobody fills the form in any more; its records stay. Errors: form.of_duties, form.retired; NotAllowed."""
    access.require(Verb.APPROVE, form)
    if form.purpose == "duty":
        raise broken("form.of_duties")
    if form.state == "retired":
        raise broken("form.retired")
    with transaction(), acting("forms.retire"):
        for version in _versions_of(form):
            if version.state in OPEN:
                withdraw(version)
        form.state = "retired"
    return form


def bring_back(form: Form) -> Form:
    """Let a retired form be filled in again. Errors: NotAllowed."""
    access.require(Verb.APPROVE, form)
    with transaction(), acting("forms.bring_back"):
        form.state = "active"
    return form


def suggested_code(text: str, taken: Collection[str] = ()) -> str:
    """A code out of a Chinese title by its sounds, e.g. 民情走访 as minqingzoufang; one that is not taken yet."""
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(text, errors=lambda other: [sign for sign in other if sign.isascii() and sign.isalnum()])
    whole = "".join(sounds).lower()
    short = whole if len(whole) <= 24 else "".join(sound[:1] for sound in sounds).lower()[:24]
    base = short if short[:1].isalpha() else f"f{short}"
    return next(
        code for n in range(1, 1000) if _is_code(code := base if n == 1 else f"{base}{n}") and code not in taken
    )


def _is_code(code: str) -> bool:
    sound = code.isascii() and code.isidentifier() and code[:1].isalpha() and len(code) <= 50
    return sound and not keyword.iskeyword(code) and code not in FUNCTIONS


def _next_version(form: Form, spec: Mapping[str, Any], number: int = 1) -> FormVersion:
    data = as_draft({**spec, "code": form.code, "version": number})
    return FormVersion(
        unit=form.unit,
        form=form,
        code=form.code,
        number=number,
        title=data["title"],
        spec=data,
        is_current=False,
        state="draft",
        made_by=signature(form, Verb.EDIT),
    )


def _codes_at(unit: Any) -> set[str]:
    with access.everything("codes are given once at a unit"):
        found = {*db.session.scalars(select(Form.code).where(Form.unit_id == unit.id))}
        named = select(FormVersion.code).where(FormVersion.unit_id == unit.id).group_by(FormVersion.code)
        return found | {*db.session.scalars(named.having(func.count() > 0))}


def _versions_of(form: Form) -> list[FormVersion]:
    with access.everything("all versions of a form that may be edited"):
        mine = select(FormVersion).where(FormVersion.form_id == form.id)
        return [*db.session.scalars(mine.order_by(FormVersion.number.desc()))]
