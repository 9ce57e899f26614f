"""The rights table as the matrix page shows it: one cell for each thing a role can do to a resource, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.rights import THREE_ADMINISTRATORS, Grant, Reach, Resource, Verb
from app.domain.rights_change import ADMINISTRATION, reaches_of, verbs_of
from app.kit import names, roles
from app.kit.i18n import _


@dataclass(frozen=True)
class Cell:
    """One cell: what is stored, what is chosen, and what may be chosen; nothing may be in a locked one."""

    field: str
    label: str
    stored: Reach
    chosen: Reach
    choices: tuple[tuple[str, str], ...]

    @property
    def is_changed(self) -> bool:
        """True when something else was chosen than is stored."""
        return self.chosen is not self.stored


@dataclass(frozen=True)
class Change:
    """One line of the redline: before and after in words."""

    field: str
    resource: str
    verb: str
    before: Reach
    after: Reach


def is_locked(code: str) -> bool:
    """True for the roles whose rights come with the release."""
    return roles.base_of(code) in THREE_ADMINISTRATORS


def resources_of(code: str) -> tuple[Resource, ...]:
    """The rows of a role's page: its own work, or for the three administrators everything."""
    return tuple(resource for resource in Resource if is_locked(code) or resource not in ADMINISTRATION)


def rows_of(
    code: str, table: Mapping[Grant, Reach], typed: Mapping[Grant, Reach]
) -> list[tuple[str, list[tuple[str, Cell | None]]]]:
    """The matrix of a role: per resource its name and per verb the verb's name and the cell, None where there is none."""
    resources = resources_of(code)
    verbs = [verb for verb in Verb if any(verb in verbs_of(resource) for resource in resources)]
    return [
        (names.resource(resource), [(names.verb(verb), _cell(code, resource, verb, table, typed)) for verb in verbs])
        for resource in resources
    ]


def _cell(
    code: str, resource: Resource, verb: Verb, table: Mapping[Grant, Reach], typed: Mapping[Grant, Reach]
) -> Cell | None:
    reaches = reaches_of(roles.base_of(code), resource, verb)
    if not reaches:
        return None
    stored = table.get((code, resource, verb), Reach.NONE)
    offered = reaches if stored in reaches else (stored, *reaches)
    return Cell(
        f"{resource}-{verb}",
        f"{names.resource(resource)} · {names.verb(verb)}",
        stored,
        typed.get((code, resource, verb), stored),
        () if is_locked(code) else tuple((reach.value, names.reach(reach)) for reach in offered),
    )


def typed_changes(form: Mapping[str, str], code: str) -> dict[Grant, Reach]:
    """The cells in which something else was chosen than the page had shown (`was-…`); what is no reach is left out."""
    known = set(Reach)
    return {
        (code, resource, verb): Reach(form[field])
        for resource in Resource
        for verb in Verb
        if (field := f"{resource}-{verb}") in form
        and form[field] in known
        and form[field] != form.get(f"was-{field}", Reach.NONE.value)
    }


def redline(table: Mapping[Grant, Reach], typed: Mapping[Grant, Reach]) -> list[Change]:
    """What would change, line by line, in the order of the table."""
    lines = []
    for (code, resource, verb), after in typed.items():
        before = table.get((code, resource, verb), Reach.NONE)
        if before is not after:
            lines.append(Change(f"{resource}-{verb}", names.resource(resource), names.verb(verb), before, after))
    return lines


def reached_by_roles(
    resource: Resource, table: Mapping[Grant, Reach]
) -> tuple[list[str], list[tuple[str, list[Reach | None]]]]:
    """Who reaches a resource: the names of its verbs, and per role its code and its reach for each of them."""
    verbs = verbs_of(resource)
    return [names.verb(verb) for verb in verbs], [
        (code, [table.get((code, resource, verb)) for verb in verbs]) for code in roles.known()
    ]


def in_words(code: str, table: Mapping[Grant, Reach]) -> list[tuple[str, str]]:
    """What a role may do: per resource its name, and its verbs by their reach."""
    lines = []
    for resource in Resource:
        verbs: dict[Reach, list[str]] = {}
        for verb in Verb:
            if reach := table.get((code, resource, verb)):
                verbs.setdefault(reach, []).append(names.verb(verb))
        parts = [_("%(verb)s (%(reach)s)", verb="、".join(of), reach=names.reach(reach)) for reach, of in verbs.items()]
        if parts:
            lines.append((names.resource(resource), "；".join(parts)))
    return lines
