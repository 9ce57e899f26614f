"""What org tells the kit."""

from __future__ import annotations

from app.features.org import queries, rules
from app.features.org.models import Department, OrgUnit
from app.features.org.problems import CONSTRAINTS, SENTENCES
from app.kit import access, lookup, problems, saving


def register() -> None:
    """The tree for scope, the rules of units and departments, and both for look-ups."""
    access.register_provider("ancestors_of", queries.ancestors_of)
    lookup.register(OrgUnit, OrgUnit.sort_order, OrgUnit.code, search=queries.search, labels=queries.labels)
    lookup.register(Department, Department.sort_order, Department.name, Department.code)
    saving.register(OrgUnit, rules.before, rules.after)
    saving.register(Department, rules.before_departments)
    problems.register(SENTENCES)
    problems.register_constraints(CONSTRAINTS)
