"""Copied roles, and the portal as a post would see it, for the security administrator."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.accounts import matrix, role_facts, services
from app.features.accounts.role_forms import RoleForm
from app.features.accounts.views.rights import known_role
from app.features.org.queries import path_names
from app.kit import access, lookup, names, roles
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jinja import side_navigation


class RoleView(PortalPageView):
    """Roles by copying: a name of their own, and rights that start as those of another role."""

    route_base = "/copied-roles"
    resource = Resource.RIGHTS

    @expose("/<string:code>/copy", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def copy(self, code: str) -> Any:
        form, made = RoleForm(), list[Any]()
        known_role(code)
        if form.validate_on_submit() and form.accept(lambda: made.append(services.copy_role(code, form.title()))):
            flash(_("The role is made; it has the rights of the one it was copied from."), "success")
            return redirect(url_for("RightsView.role", code=made[0].code))
        return self._names(_("Copy “%(role)s”", role=names.role(code)), form, code)

    @expose("/<string:code>/rename", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def rename(self, code: str) -> Any:
        copy = roles.copied().get(known_role(code))
        form = RoleForm(data=dict(copy.title) if copy else None)
        if form.validate_on_submit() and form.accept(lambda: services.rename_role(code, form.title())):
            flash(_("The role has its new name."), "success")
            return redirect(url_for("RightsView.role", code=code))
        return self._names(_("Rename “%(role)s”", role=names.role(code)), form, code)

    def _names(self, title: str, form: RoleForm, code: str) -> Any:
        return self.render_template("accounts/templates/role_names.html", title=title, form=form, code=code)

    @expose("/<string:code>/off", methods=["POST"])
    @guarded(Verb.EDIT)
    def off(self, code: str) -> Any:
        back = url_for("RightsView.role", code=known_role(code))
        return self.act(lambda: services.switch_role(code, False), _("The role is switched off."), back)

    @expose("/<string:code>/on", methods=["POST"])
    @guarded(Verb.EDIT)
    def on(self, code: str) -> Any:
        back = url_for("RightsView.role", code=known_role(code))
        return self.act(lambda: services.switch_role(code, True), _("The role may be given again."), back)


class SeeAsView(PortalPageView):
    """What a post opens: navigation, rights in words, and how many rows where; never a row."""

    route_base = "/see-as"
    default_view = "posts"
    resource = Resource.RIGHTS

    @expose("/")
    @guarded(Verb.EDIT)
    def posts(self) -> Any:
        code = known_role(request.args.get("role", next(iter(roles.known()))))
        page = max(request.args.get("page", 1, type=int), 1)
        found, total = role_facts.holders(code, page)
        return self.render_template(
            "accounts/templates/see_as_posts.html",
            title=_("See as"),
            code=code,
            roles=list(names.roles().items()),
            holders=found,
            paths=path_names([holder.post.unit for holder in found]),
            page=page,
            pages=-(-total // role_facts.PAGE),
            total=total,
        )

    @expose("/<int:post_id>", methods=["POST"])
    @guarded(Verb.EDIT)
    def see(self, post_id: int) -> Any:
        who = services.look_through(post_id)
        with access.acting_as(who):
            navigation, words = side_navigation(), matrix.in_words(who.posts[0].role, who.rights)
        return self.render_template(
            "accounts/templates/see_as.html",
            title=_("See as"),
            who=who,
            post=who.posts[0],
            seen_navigation=[(group, "、".join(str(one["label"]) for one in entries)) for group, entries in navigation],
            lookup_name=lookup.name,
            words=words,
            reached=role_facts.reached_by(who),
            record_name=names.record,
        )
