"""What org tells the kit."""

from __future__ import annotations

from app.features.org import queries, rules
from app.features.org.models import OrgUnit
from app.features.org.problems import CONSTRAINTS, SENTENCES
from app.kit import access, lookup, problems, saving


def register() -> None:
    """The tree for scope, the rules of units, and units for look-ups."""
    access.register_provider("ancestors_of", queries.ancestors_of)
    lookup.register(OrgUnit, OrgUnit.sort_order, OrgUnit.code, search=queries.search, labels=queries.labels)
    saving.register(OrgUnit, rules.before, rules.after)
    problems.register(SENTENCES)
    problems.register_constraints(CONSTRAINTS)
