"""Accounts and the rights table as lists to take along; how anybody proves who he is goes into none of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.domain.rights import Resource
from app.features.accounts import queries
from app.features.accounts.models import PortalUser, RightsEntry
from app.kit import clock, names
from app.kit.i18n import _, _l
from app.kit.listing import Args, ListColumn, Listing


def _state(user: PortalUser) -> str:
    if not user.active:
        return str(_("Deactivated"))
    return str(_("Locked") if user.locked_until and user.locked_until > clock.now() else _("Active"))


def _posts(user: PortalUser) -> list[str]:
    return list(dict.fromkeys(names.role(post.role) for post in queries.account_line(user).posts))


def _rights(args: Args) -> Select[Any]:
    """Those of one role; without one all of them."""
    statement = select(RightsEntry).order_by(RightsEntry.role, RightsEntry.resource, RightsEntry.verb)
    return statement.where(RightsEntry.role == args["role"]) if args.get("role") else statement


LISTINGS = [
    Listing(
        code="accounts",
        title=_l("Accounts"),
        resource=Resource.ACCOUNTS,
        model=PortalUser,
        columns=(
            ListColumn("username", _l("User name")),
            ListColumn("full_name", _l("Full name"), value=queries.name_of, of=("person", "name")),
            ListColumn("unit", _l("Unit"), value=lambda user: queries.account_line(user).unit),
            ListColumn("posts", _l("Posts"), value=_posts),
            ListColumn("last_login", _l("Last sign-in")),
            ListColumn("state", _l("State"), value=_state),
        ),
        statement=lambda args: queries.found(args.get("q", "")[:50], args.get("state", "")),
        page="AccountView.accounts",
    ),
    Listing(
        code="rights",
        title=_l("Rights"),
        resource=Resource.RIGHTS,
        model=RightsEntry,
        columns=(
            ListColumn("role", _l("Role"), words=names.role),
            ListColumn("resource", _l("Kind of thing"), words=names.resource),
            ListColumn("verb", _l("What may be done"), words=names.verb),
            ListColumn("reach", _l("How far"), words=names.reach),
        ),
        statement=_rights,
        page="RightsView.rights",
    ),
]
