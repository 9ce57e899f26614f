"""What may be changed in the rights table, and by whom: the guards of the rights matrix.

The rights of the three administrators come with the release. A business role never gets a part of their work, nobody
changes a role he holds, a role may view at least what it may change, and no right leaves the place of its post.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping

from app.domain.errors import Problem
from app.domain.rights import (
    DEFAULT_RIGHTS,
    POST_LEVELS,
    THREE_ADMINISTRATORS,
    Grant,
    Reach,
    Resource,
    Role,
    Verb,
)

ADMINISTRATION = (Resource.ACCOUNTS, Resource.SETTINGS, Resource.RIGHTS, Resource.AUDIT)
"""What belongs to the three administrators alone."""

_WITH_RESULTS = (Resource.LISTS, Resource.SCORES, Resource.RANKINGS)
_WIDTH = {
    Reach.NONE: 0,
    Reach.PUBLISHED: 1,
    Reach.VILLAGE_PUBLISHED: 1,
    Reach.OWN: 2,
    Reach.UNIT: 3,
    Reach.SUBTREE: 4,
    Reach.VILLAGE: 5,
    Reach.ALL: 6,
}


def verbs_of(resource: Resource) -> tuple[Verb, ...]:
    """What can be done to a resource at all: the columns of its row in the matrix."""
    return tuple(verb for verb in Verb if (resource, verb) in _ASKED)


_ASKED = frozenset((resource, verb) for _role, resource, verb in DEFAULT_RIGHTS)


def reaches_of(base: Role, resource: Resource, verb: Verb) -> tuple[Reach, ...]:
    """The reaches that make sense in a cell, NONE first; empty where there is no such cell.

    Shape: ALL belongs to the three administrators, because a right of a business post never leaves its place; published
           results can only be viewed, and only where something is published; the village is above grid posts alone.
    """
    if verb not in verbs_of(resource):
        return ()
    if base in THREE_ADMINISTRATORS:
        return (Reach.NONE, Reach.ALL)
    fits = [Reach.NONE, Reach.OWN, Reach.UNIT, Reach.SUBTREE]
    published = verb is Verb.VIEW and resource in _WITH_RESULTS
    if published:
        fits.insert(1, Reach.PUBLISHED)
    if not {"township", "county", "prefecture"} & set(POST_LEVELS[base]):
        fits.append(Reach.VILLAGE)
        if published and resource is Resource.SCORES:
            fits.insert(2, Reach.VILLAGE_PUBLISHED)
    return tuple(fits)


def digest_of(table: Mapping[Grant, Reach]) -> str:
    """The table as one short text: equal exactly when no cell differs. A page carries it to say what it showed."""
    lines = sorted("|".join((*cell, reach)) for cell, reach in table.items() if reach is not Reach.NONE)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def changed_table(table: Mapping[Grant, Reach], changes: Mapping[Grant, Reach]) -> dict[Grant, Reach]:
    """The table after the changes; a cell that reaches nothing is absent."""
    after = {**table, **changes}
    return {cell: reach for cell, reach in after.items() if reach is not Reach.NONE}


def check_changes(
    table: Mapping[Grant, Reach], changes: Mapping[Grant, Reach], roles: Mapping[str, Role], held: Collection[str]
) -> list[Problem]:
    """Everything that speaks against these changes of the table; empty when they may be saved.

    Shape:  `roles` gives every known role with the one it is a copy of, or itself; `held` are the roles of whoever asks.
            `where` of a problem is `resource-verb` of the cell.
    Errors: none raised; the codes are rights.unknown_role, rights.own_role, rights.fixed, rights.no_business,
            rights.administration, rights.no_such_cell, rights.no_such_reach, rights.view_narrower.
    """
    after = changed_table(table, changes)
    problems = [problem for cell, reach in changes.items() for problem in _cell(cell, reach, roles, held)]
    lines = dict.fromkeys((code, resource) for code, resource, _verb in changes if code in roles)
    return problems + [problem for code, resource in lines for problem in _narrow(after, code, roles[code], resource)]


def _cell(cell: Grant, reach: Reach, roles: Mapping[str, Role], held: Collection[str]) -> Iterator[Problem]:
    code, resource, verb = cell
    params = {"role": code, "resource": resource, "verb": verb, "reach": reach}
    found = None
    if code not in roles:
        found = "rights.unknown_role"
    elif code in held:
        found = "rights.own_role"
    elif roles[code] in THREE_ADMINISTRATORS:
        found = "rights.fixed" if resource in ADMINISTRATION else "rights.no_business"
    elif resource in ADMINISTRATION:
        found = "rights.administration"
    elif verb not in verbs_of(resource):
        found = "rights.no_such_cell"
    elif reach not in reaches_of(roles[code], resource, verb):
        found = "rights.no_such_reach"
    if found:
        yield Problem(found, f"{resource}-{verb}", params)


def _narrow(table: Mapping[Grant, Reach], code: str, base: Role, resource: Resource) -> Iterator[Problem]:
    """Whoever may do something to a row must be able to see it; where the release itself says otherwise, it may stay so."""
    view = table.get((code, resource, Verb.VIEW), Reach.NONE)
    for verb in verbs_of(resource):
        reach = table.get((code, resource, verb), Reach.NONE)
        released = tuple(DEFAULT_RIGHTS.get((base, resource, v), Reach.NONE) for v in (Verb.VIEW, verb))
        if _WIDTH[view] < _WIDTH[reach] and (view, reach) != released:
            params = {"role": code, "resource": resource, "verb": verb, "reach": reach, "sees": view}
            yield Problem("rights.view_narrower", f"{resource}-{Verb.VIEW}", params)


def check_copy(base: Role) -> list[Problem]:
    """Whether a role may be copied: those of the three administrators may not. Errors: none; the code is rights.no_copy."""
    return [Problem("rights.no_copy", "base", {"role": base})] if base in THREE_ADMINISTRATORS else []
