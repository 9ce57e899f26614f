"""Flask-AppBuilder's security manager, with rights from posts; and FAB roles generated from the rights table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_login import user_logged_in, user_logged_out
from sqlalchemy import delete, insert, select

from app.domain import rights
from app.domain.rights import Reach, Resource, Verb
from app.kit import access, audit, roles
from app.kit.db import db, transaction

SELF_SERVICE = "self"
"""The class permission of pages everybody signed in may use: own password, own sessions, home."""

PREFIX = "can_"


class PortalSecurityManager(SecurityManager):  # type: ignore[misc]
    """Answers `has_access` from the posts of the actor and the rights table, never from a union of roles."""

    userstatschartview = None

    def register_views(self) -> None:
        """Sign-in only; accounts, roles and rights have pages of our own."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """True when a post of the actor gives the verb on the resource; menus ask for view."""
        who = access.actor()
        if who is access.NOBODY:
            return False
        if view_name == SELF_SERVICE:
            return True
        if permission_name == "menu_access":
            return True  # our side navigation asks `holds` itself
        verb = permission_name.removeprefix(PREFIX)
        if view_name not in Resource._value2member_map_ or verb not in Verb._value2member_map_:
            return False
        return who.holds(Resource(view_name), Verb(verb))

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing behind Flask-AppBuilder is public."""
        return False


@user_logged_in.connect
def _renew_session(_app: Any, user: Any) -> None:
    if hasattr(session, "renew"):
        session.renew = True
    access.forget_actor()


@user_logged_out.connect
def _end_session(_app: Any, user: Any = None) -> None:
    if user is not None and user.is_authenticated:
        by = (user.id, user.username)
        audit.record_apart("sign-out", "ab_user", by[0], {"username": by[1]}, by=by)
    session.clear()
    access.forget_actor()


def sync_roles(appbuilder: Any, table: Mapping[rights.Grant, Reach]) -> int:
    """Make every role of the rights table a FAB role whose permissions are the (verb, resource) pairs it holds.

    Shape: idempotent and set-based. Roles that are not ours go, Flask-AppBuilder's own Admin and Public among them,
           and so do pairs no view uses any more. Returns the number of pairs.
    """
    used = set(_pairs_of_views(appbuilder.baseviews))
    with transaction(), audit.acting("portal.sync"), access.everything("rights become FAB roles"):
        pair_ids = _store_pairs(used | {(PREFIX + v, str(r)) for (_, r, v) in table})
        _drop_foreign_roles(set(roles.known()))
        for code in roles.known():
            held = {
                (PREFIX + v, str(r)) for (who, r, v), reach in table.items() if who == code and reach is not Reach.NONE
            }
            held |= {pair for pair in used if pair[1] == SELF_SERVICE}
            _store_role(code, {pair_ids[pair] for pair in held})
    return len(pair_ids)


def show_rights(table: Mapping[rights.Grant, Reach]) -> None:
    """Bring the FAB roles of this installation in step with a rights table that was just changed."""
    sync_roles(current_app.appbuilder, table)  # type: ignore[attr-defined]


def _drop_foreign_roles(ours: set[str]) -> None:
    """Nothing behind them decides anything here; they would only look as if they did."""
    foreign = list(db.session.scalars(select(Role.id).where(Role.name.not_in(ours))))
    if foreign:
        for link in (assoc_permissionview_role, assoc_user_role, assoc_group_role):
            db.session.execute(delete(link).where(link.c.role_id.in_(foreign)))
        db.session.execute(delete(Role).where(Role.id.in_(foreign)))


def _pairs_of_views(baseviews: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for view in baseviews:
        for permission in view.base_permissions or ():
            yield permission, view.class_permission_name


def _named(model: Any, names: set[str]) -> dict[str, int]:
    known = dict(db.session.execute(select(model.name, model.id)).tuples().all())
    db.session.add_all(model(name=name) for name in sorted(names - known.keys()))
    db.session.flush()
    return dict(db.session.execute(select(model.name, model.id)).tuples().all())


def _store_pairs(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    permissions = _named(Permission, {str(p) for p, _ in pairs})
    views = _named(ViewMenu, {str(v) for _, v in pairs})
    known = {(row.permission_id, row.view_menu_id): row.id for row in db.session.scalars(select(PermissionView))}
    wanted = {(permissions[str(p)], views[str(v)]) for p, v in pairs}
    stale = [known[key] for key in known.keys() - wanted]
    if stale:
        link = assoc_permissionview_role
        db.session.execute(delete(link).where(link.c.permission_view_id.in_(stale)))
        db.session.execute(delete(PermissionView).where(PermissionView.id.in_(stale)))
    db.session.add_all(PermissionView(permission_id=p, view_menu_id=v) for p, v in sorted(wanted - known.keys()))
    db.session.flush()
    ids = {(row.permission_id, row.view_menu_id): row.id for row in db.session.scalars(select(PermissionView))}
    return {(p, v): ids[permissions[str(p)], views[str(v)]] for p, v in pairs}


def _store_role(code: str, pair_ids: set[int]) -> None:
    row = db.session.scalar(select(Role).where(Role.name == code))
    if row is None:
        row = Role(name=code)
        db.session.add(row)
        db.session.flush()
    link = assoc_permissionview_role
    db.session.execute(delete(link).where(link.c.role_id == row.id))
    if pair_ids:
        db.session.execute(
            insert(link), [{"role_id": row.id, "permission_view_id": pair_id} for pair_id in sorted(pair_ids)]
        )
