"""What the lists tell the kit, and where responsibilities and systems are read."""

from __future__ import annotations

from app.domain.checklists import ListKind
from app.domain.formspec import FieldType
from app.domain.rights import Resource
from app.features.checklists import rules
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.problems import CONSTRAINTS, SENTENCES
from app.features.checklists.queries import KindPage, register_page
from app.features.checklists.queries.impact import ledger_lines, register_impact
from app.features.checklists.queries.named import items_named
from app.features.forms.references import register_finder
from app.kit import lookup, problems


def register() -> None:
    """Rules, sentences, look-ups, what rests on a list, and the pages of the kinds of lists that are read here."""
    rules.install()
    problems.register(SENTENCES)
    problems.register_constraints(CONSTRAINTS)
    lookup.register(GovernanceList, GovernanceList.name, GovernanceList.code)
    lookup.register(ListItem, ListItem.title, ListItem.code)
    register_page(ListKind.RESPONSIBILITY, KindPage("FourListsView.show"))
    register_page(ListKind.ASSESSMENT, KindPage("AssessmentListView.start"))
    register_page(ListKind.SYSTEM, KindPage("FourListsView.show", Resource.SYSTEMS))
    register_impact(ledger_lines)
    register_finder(FieldType.LIST_ITEM, items_named)
