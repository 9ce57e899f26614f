"""What the export centre offers an account: lists of pages, and files that are being made."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, url_for
from sqlalchemy import select

from app.domain.rights import Verb
from app.features.exchange import queries
from app.kit import access, listing
from app.kit.db import db
from app.kit.jobs import Job
from app.kit.listing import Listing

JOB, MAKING = "exchange.export", "exchange.make"


def lists() -> Sequence[tuple[Listing, str]]:
    """The lists the actor may export, each with the address of its page where it can be searched first."""
    mine = [found for found in listing.all_listings().values() if access.holds(found.resource, Verb.EXPORT)]
    return [(found, _page_of(found)) for found in mine]


def _page_of(found: Listing) -> str:
    if not access.holds(found.resource, Verb.VIEW):
        return ""
    if found.page:
        return url_for(found.page)
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    return next((url_for(f"{v.endpoint}.list") for v in views if _is_page_of(v, found.code)), "")


def _is_page_of(view: object, code: str) -> bool:
    return hasattr(view, "as_listing") and listing.code_of(view) == code


def under_way() -> Sequence[Job]:
    """The actor's exports that wait or run."""
    wanted = select(Job).where(Job.kind.in_((JOB, MAKING)), Job.user_id == access.actor().user_id)
    return db.session.scalars(wanted.where(Job.state.in_(("waiting", "running"))).order_by(Job.id)).all()


def may_take_something() -> bool:
    """True when some door or list is open to the actor for taking along, so that the export centre is shown."""
    return queries.may_exchange(Verb.EXPORT) or bool(lists())
