"""Flask-AppBuilder at the edge: the bases of our views (their datamodel is in kit/datamodel.py).

View classes are declarations; a page method stays short; an act is a POST that calls one service.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, g, has_request_context, redirect, request, url_for
from flask_appbuilder import BaseView, ModelView, baseviews
from flask_appbuilder.api import ModelRestApi
from flask_appbuilder.baseviews import BaseModelView
from flask_appbuilder.forms import GeneralModelConverter
from flask_appbuilder.urltools import get_filter_args

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.kit import access, bearers, listing, masking, merging, removed, versions, widgets
from app.kit.datamodel import Refused, ScopeFilter
from app.kit.db import SAFE_METHODS
from app.kit.fields import RemoteSelectField
from app.kit.forms import PortalForm
from app.kit.i18n import _l
from app.kit.idempotency import FIELD
from app.kit.problems import flash_all
from app.kit.security import SELF_SERVICE

log = logging.getLogger(__name__)

MODEL_VERBS = {"list": Verb.VIEW, "show": Verb.VIEW, "add": Verb.EDIT, "edit": Verb.EDIT, "delete": Verb.EDIT}


class PortalModelView(ModelView):  # type: ignore[misc]
    """A list of things with its forms. Say `datamodel`, `resource`, columns and labels; nothing else.

    What may be written is decided per row by `rights`, not per page: a row outside the EDIT reach opens read-only
    as 404, as if it were not there.
    """

    resource: Resource
    page_size = 20
    # FAB's routes hand out any file of a folder we do not have, and fail on an action that is not there.
    exclude_route_methods = {"download", "action", "action_post"}
    search_widget = widgets.SearchWidget
    base_filters: list[Any]
    formatters_columns: dict[str, Any]
    extra_args: dict[str, Any]
    add_title: Any
    edit_title: Any
    list_title: Any
    show_title: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "resource" in cls.__dict__:
            cls.class_permission_name = cls.resource.value
            cls.method_permission_name = {name: verb.value for name, verb in MODEL_VERBS.items()} | {
                name: member.__guard__.value for name, member in vars(cls).items() if hasattr(member, "__guard__")
            }

    def _init_properties(self) -> None:
        self.base_filters = [[self.datamodel.get_pk_name(), ScopeFilter, None]]
        masked = masking.formatters(self.datamodel.obj.__tablename__)
        self.formatters_columns = {**(self.formatters_columns or {}), **masked}
        self.extra_args = {**(self.extra_args or {}), "export_code": listing.code_of(self)}
        if isinstance(access.scope_of(self.datamodel.obj), access.Scope):  # its pages link to the history of a row
            self.extra_args = {**(self.extra_args or {}), "history_of": self.datamodel.obj.__tablename__}
        super()._init_properties()

    def as_listing(self) -> listing.Listing:
        """This page as a list that can leave the portal."""
        return listing.of_view(self)

    def is_get_mutation_allowed(self) -> bool:
        """Only a POST deletes: Flask-AppBuilder stops GET alone, and HEAD would go through."""
        return request.method not in SAFE_METHODS

    def _add(self) -> Any:
        """The form, with everything typed still in it and the problems at their fields when the row is refused."""
        get_filter_args(self._filters, disallow_if_not_in_search=False)
        hidden, form = self._filters.get_relation_cols(), self.add_form.refresh()
        if request.method == "POST":
            self._fill_form_exclude_cols(hidden, form)
            if self._saved(form, self.datamodel.obj(), lambda row: self._write_new(row, form)):
                flash(self.add_row_message, "success")
                return None
        else:
            self.update_redirect()
        return self._get_add_widget(form=form, exclude_cols=hidden)

    def _write_new(self, item: Any, form: Any) -> None:
        form.populate_obj(item)
        self.datamodel.add(item)

    def _edit(self, pk: Any) -> Any:
        """As `_add`, for a row the actor may edit; 409 with a page to compare when somebody else saved it meanwhile."""
        item = self._require(pk, Verb.EDIT)
        get_filter_args(self._filters, disallow_if_not_in_search=False)
        hidden = self._filters.get_relation_cols()
        if request.method == "POST":
            return self._save_edit(item, hidden)
        form = self.edit_form.refresh(obj=item)
        form.row_inputs = merging.row_inputs(item, form)
        self.update_redirect()
        return self._get_edit_widget(form=form, exclude_cols=hidden)

    def _save_edit(self, item: Any, hidden: list[str]) -> Any:
        form = self.edit_form(formdata=merging.chosen(self.edit_form, item, request.form), obj=None)
        self._fill_form_exclude_cols(hidden, form)
        form._id = self.datamodel.get_pk_value(item)
        form.row_inputs = merging.sent_inputs()
        try:
            if merging.undecided(request.form):
                raise versions.Changed(item)
            if self._saved(form, item, lambda row: self._write_unchanged(row, form)):
                flash(self.edit_row_message, "success")
                return None
        except versions.Changed as changed:
            self._offer_merge(changed, hidden)
            raise
        return self._get_edit_widget(form=form, exclude_cols=hidden)

    def _write_unchanged(self, item: Any, form: Any) -> None:
        with versions.unchanged(item):
            form.populate_obj(item)
            self.datamodel.edit(item)

    def _offer_merge(self, changed: versions.Changed, hidden: list[str]) -> None:
        """Field by field: what he saw, what is stored, what he typed; saving it goes the same way again."""
        self.datamodel.session.rollback()
        row = None if changed.gone else self.datamodel.get(changed.row_id, self._base_filters)
        if row is not None:
            names = [name for name in self.edit_columns if name not in hidden]
            changed.merge = merging.merge(self.edit_form, row, names, request.form)

    def _saved(self, form: Any, item: Any, write: Callable[[Any], Any]) -> bool:
        def save() -> None:
            try:
                write(item)
            except Refused as refusal:
                raise RuleBroken(refusal.problems) from refusal

        self._note_extra_keys(form)
        return bool(form.validate() and form.accept(save))

    def _note_extra_keys(self, form: Any) -> None:
        """Only declared fields are ever written; whoever sends more is tried at, so it goes into the log."""
        extra = [name for name in request.form if name not in form and not _belongs_to_the_frame(name)]
        if extra:
            log.warning("fields the form does not have were ignored at %s: %.200r", request.path, extra)

    def _delete(self, pk: Any) -> Any:
        """The row into the bin, with a way back in the message; a refusal in words."""
        item = self._require(pk, Verb.EDIT)
        try:
            removed.remove(item, self.resource)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
        self.update_redirect()

    def _require(self, pk: Any, verb: Verb) -> Any:
        item = self.datamodel.get(self._deserialize_pk_if_composite(pk), self._base_filters)
        if item is None:
            abort(404)
        if not access.can(verb, item):
            abort(403)
        return item


def may_edit_row(view_name: str, pk: Any) -> bool:
    """True when a row of the list just made is the actor's to change; for the buttons of that row."""
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    view = next(view for view in views if type(view).__name__ == view_name)
    return pk in g.get("editable", {}).get(view.datamodel.obj.__tablename__, ())


def _belongs_to_the_frame(name: str) -> bool:
    """True for what every form of ours carries beside its fields."""
    ours = ("csrf_token", FIELD, versions.FIELD, merging.SEEN, merging.MERGE, "asked")
    return name in ours or name.startswith(merging.CHOICE)


def guarded(verb: Verb, resource: Resource | None = None) -> Callable[..., Any]:
    """Decorate a page method: signed in, and holding `verb` on the view's resource (or on the one named).

    Which rows is not decided here: the method asks `access.find`, `access.visible` or a service.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
            if access.actor() is access.NOBODY:
                if bearers.at_interface():
                    abort(401)
                return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login", next=request.full_path))
            about = resource or self.resource
            if about is not None and not access.holds(about, verb):
                abort(403)
            return method(self, *args, **kwargs)

        wrapped.__guard__ = verb  # type: ignore[attr-defined]
        wrapped.__about__ = resource  # type: ignore[attr-defined]
        wrapped._permission_name = verb.value  # type: ignore[attr-defined]
        return wrapped

    return decorate


class PortalPageView(BaseView):  # type: ignore[misc]
    """Pages of our own. Say `resource` (None: everybody signed in) and decorate each method with `guarded`."""

    resource: Resource | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.class_permission_name = cls.resource.value if cls.resource else SELF_SERVICE

    def act(self, service: Callable[[], Any], done: str | Callable[[Any], str], back: str, row: Any = None) -> Any:
        """Run one service, say what happened, go back; a refusal is said in words and nothing is saved.

        `done` may be made out of what the service gives. `row` is the one the act is about: it must still be as the page
        showed it (`post_button(…, row=row)`).
        Errors: versions.Changed.
        """
        try:
            if row is None:
                given = service()
            else:
                with versions.unchanged(row):
                    given = service()
        except RuleBroken as refusal:
            flash_all(refusal.problems)
        else:
            flash(done(given) if callable(done) else done, "success")
        return redirect(back)


@dataclass(frozen=True)
class Screen:
    """A view and its place in the side navigation; without a `label` it is reached from other pages only.

    `group` is one of `GROUPS`; `verb` is the right that shows the entry; `href` an endpoint when not the default view;
    `shown` decides instead of the view's resource.
    """

    view: type[Any]
    label: Any = None
    group: str = ""
    icon: str = ""
    verb: Verb = Verb.VIEW
    order: int = 50
    href: str = ""
    shown: Callable[[], bool] | None = None


GROUPS = {
    "work": _l("My work"),
    "lists": _l("The four lists"),
    "burden": _l("Reports and burdens"),
    "assessment": _l("Assessment and awards"),
    "people": _l("Organisation and people"),
    "data": _l("Data exchange"),
    "admin": _l("Administration"),
}


def navigation(screens: list[tuple[Screen, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The side navigation of the actor: groups in order, each with the entries he may open."""
    groups: dict[str, list[dict[str, Any]]] = {key: [] for key in GROUPS}
    shown: dict[Any, bool] = {}  # screens that stand and fall together ask the same question, once
    for screen, view in sorted(screens, key=lambda pair: pair[0].order):
        if screen.label is None or not _may_open(screen, view, shown):
            continue
        href = fixed_address(request.script_root, screen.href or f"{view.endpoint}.{view.default_view}")
        groups[screen.group].append({"label": screen.label, "href": href, "icon": screen.icon})
    return [(GROUPS[key], entries) for key, entries in groups.items() if entries]


@functools.lru_cache(maxsize=1024)
def fixed_address(_root: str, endpoint: str, filename: str | None = None) -> str:
    """The address of a page or file that takes no arguments: every page names some fifty, which never change."""
    return url_for(endpoint, filename=filename)


def _may_open(screen: Screen, view: Any, shown: dict[Any, bool]) -> bool:
    if screen.shown is not None:
        if screen.shown not in shown:
            shown[screen.shown] = screen.shown()
        return shown[screen.shown]
    resource = getattr(view, "resource", None)
    return access.actor() is not access.NOBODY and (resource is None or access.holds(resource, screen.verb))


# -- what Flask-AppBuilder gets wrong --------------------------------------------------------------


class _RequestLocalFilters:
    """FAB keeps the request's search filters on the view singleton, where threads see each other's: keep them in `g`."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.key = "_shared" + name

    def __get__(self, view: Any, owner: type[Any] | None = None) -> Any:
        if view is None:
            return None
        shared = view.__dict__.get(self.key)
        if shared is None or not has_request_context():
            return shared
        mine = g.setdefault("fab_filters", {})
        if id(view) not in mine:
            copy = shared.copy()
            copy.clear_filters()
            copy.search_columns = shared.search_columns
            copy._search_filters, copy._all_filters = shared._search_filters, shared._all_filters
            mine[id(view)] = copy
        return mine[id(view)]

    def __set__(self, view: Any, value: Any) -> None:
        view.__dict__[self.key] = value


class _Converter(GeneralModelConverter):  # type: ignore[misc]
    """Forms are ours; related rows are looked up as one types; validator lists are copied, FAB would let them grow."""

    def create_form(self, *args: Any, **kwargs: Any) -> Any:
        return type("GeneratedForm", (PortalForm, super().create_form(*args, **kwargs)), {})

    def _convert_many_to_one(
        self, col_name: str, label: Any, description: Any, lst_validators: Any, filter_rel_fields: Any, form_props: Any
    ) -> Any:
        form_props[col_name] = RemoteSelectField.for_relation(
            self.datamodel, col_name, label, list(lst_validators), description
        )
        return form_props

    def _convert_simple(self, col_name: str, label: Any, description: Any, lst_validators: Any, form_props: Any) -> Any:
        return super()._convert_simple(col_name, label, description, list(lst_validators), form_props)


def install() -> None:
    """Mend Flask-AppBuilder's shared filters and its form converter; before the first view is made."""
    baseviews.GeneralModelConverter = _Converter
    widgets.install()
    for cls in (BaseModelView, ModelRestApi):
        local = _RequestLocalFilters()
        local.__set_name__(cls, "_filters")
        cls._filters = local
