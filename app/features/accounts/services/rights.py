"""Changing the rights table, and looking at the portal as a post would see it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from app.domain.errors import RuleBroken, broken
from app.domain.rights import DEFAULT_RIGHTS, Grant, Reach, Resource, Verb
from app.domain.rights_change import check_changes, digest_of
from app.features.accounts.models import RightsEntry
from app.features.accounts.queries import rights_table
from app.features.accounts.role_facts import actor_of_post
from app.kit import access, audit, roles
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.security import show_rights


def require_rights(verb: Verb = Verb.EDIT) -> None:
    """Raise NotAllowed without the right over rights."""
    if not access.holds(Resource.RIGHTS, verb):
        raise access.NotAllowed(Resource.RIGHTS, verb)


def load_default_rights() -> None:
    """Fill an empty rights table with the default one; a changed table is left as it is."""
    if db.session.scalar(select(RightsEntry.id).limit(1)):
        return
    with transaction() as session, acting("accounts.load_default_rights"):
        session.add_all(_entry(cell, reach) for cell, reach in DEFAULT_RIGHTS.items())


def _entry(cell: Grant, reach: Reach) -> RightsEntry:
    role, resource, verb = cell
    return RightsEntry(role=str(role), resource=resource.value, verb=verb.value, reach=reach.value)


def change_rights(changes: Mapping[Grant, Reach], reason: str, seen: str) -> int:
    """How many cells of the rights table changed; all of them in one transaction, with the reason in the trail.

    Shape:  `seen` is `digest_of` the table as the page showed it.
    Errors: reason_required, conflict (the table is no longer the one that was shown), rights.nothing_changed, those of
            `check_changes`; NotAllowed without the right over rights.
    """
    require_rights()
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("accounts.change_rights"):
        load_default_rights()
        # held until the commit, so that of two administrators the second finds what the first wrote
        entries = session.scalars(select(RightsEntry).with_for_update().execution_options(populate_existing=True)).all()
        table, wanted = rights_table(), check_rights(changes, seen)
        _write({(one.role, Resource(one.resource), Verb(one.verb)): one for one in entries}, wanted)
        _record(table, wanted, reason.strip())
        show_rights(rights_table())
    return len(wanted)


def check_rights(changes: Mapping[Grant, Reach], seen: str) -> dict[Grant, Reach]:
    """The cells that would change, if they may be changed; nothing is saved.

    Errors: conflict, rights.nothing_changed, those of `check_changes`; NotAllowed without the right over rights.
    """
    require_rights()
    table = rights_table()
    if digest_of(table) != seen:
        raise broken("conflict")
    wanted = {cell: reach for cell, reach in changes.items() if table.get(cell, Reach.NONE) != reach}
    if not wanted:
        raise broken("rights.nothing_changed")
    problems = check_changes(table, wanted, roles.known(), {post.role for post in access.actor().posts})
    if problems:
        raise RuleBroken(problems)
    return wanted


def _write(entries: Mapping[Grant, RightsEntry], wanted: Mapping[Grant, Reach]) -> None:
    for cell, reach in wanted.items():
        entry = entries.get(cell)
        if entry is None:
            db.session.add(_entry(cell, reach))
        elif reach is Reach.NONE:
            db.session.delete(entry)
        else:
            entry.reach = reach.value
    db.session.flush()


def _record(table: Mapping[Grant, Reach], wanted: Mapping[Grant, Reach], reason: str) -> None:
    cells = {":".join(cell): [table.get(cell, Reach.NONE).value, reach.value] for cell, reach in wanted.items()}
    codes = sorted({str(code) for code, _resource, _verb in wanted})
    audit.record("rights change", "rights_entry", ",".join(codes)[:64], {"reason": reason, "cells": cells})


def look_through(post_id: int) -> access.Actor:
    """Whoever would act with this post alone, for a look at what it opens; that one looked is in the trail.

    Errors: NotAllowed without the right over rights, and hidden for a post that is not in force.
    """
    require_rights()
    who, post = actor_of_post(post_id)
    with transaction(), acting("accounts.see_as"):
        audit.record(
            "see as", "post", post.id, {"role": post.role, "unit_id": post.unit_id, "person_id": who.person_id}
        )
    return who
