"""The county's catalogue of lists: versions, their items, and the difference between two versions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, not_, select

from app.domain.errors import broken
from app.domain.list_versions import Difference, ItemChange, compare_versions
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.kinds import Kind, all_kinds, kind_named
from app.features.checklists.queries.lists import is_of_the_grid, is_shown, items_of_list, of_the_grid, top_units
from app.features.checklists.queries.packing import BESIDE
from app.features.checklists.words import ITEM_FIELDS
from app.features.org.models import OrgUnit
from app.kit import access, clock, excel
from app.kit.db import db
from app.kit.exchange import Options
from app.kit.i18n import _

OF_SHEET = {
    "responsible": "responsible_party",
    "legal_basis": "legal_basis",
    "time_limit_days": "time_limit_days",
    "time_limit_text": "time_limit_text",
    "disclosure": "disclosure_rule",
    "supervision": "supervisor",
    "authority": "delegated_authority",
    "funding": "funding_source",
    "consent": "consent_document",
    "remarks": "remarks",
    "flag": "flag",
}
"""The columns of the workbook, and the facets in which an item keeps what they say; steps are kept as steps."""
ADMITTED_BY = ("authority", "funding", "consent")
"""The columns a workbook may leave out: what an item says there stays as it is."""
NUMERALS = "一二三四五六七八九十"


def name_key(name: str) -> str:
    """A name of an item or list for comparison."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def facts_of(item: ListItem | Mapping[str, Any]) -> dict[str, Any]:
    """What an item says, as the workbook has it; what it does not say is absent."""
    if isinstance(item, ListItem):
        said: dict[str, Any] = {name: item.facets.get(facet) for name, facet in OF_SHEET.items()}
        said |= {"item_name": item.title, "category": item.category, "steps": [step["name"] for step in item.steps]}
    else:
        said = dict(item)
    wanted = ("item_name", "category", "steps", *OF_SHEET)
    found = {name: said[name] for name in wanted if said.get(name) not in (None, "", [], ())}
    return found | ({"steps": list(found["steps"])} if "steps" in found else {})


def in_words(facts: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an item as text, for comparison and for a redline."""
    days = facts.get("time_limit_days")
    text = {name: str(facts.get(name) or "") for name in ("category", "responsible", "legal_basis", "disclosure")}
    return text | {
        "steps": "→".join(facts.get("steps") or ()),
        "time_limit": str(facts.get("time_limit_text") or "") if days is None else f"{days}日",
        **{name: str(facts.get(name) or "") for name in ("supervision", *ADMITTED_BY)},
        "remarks": str(facts.get("remarks") or ""),
        "flag": str(facts.get("flag") or ""),
    }


@dataclass(frozen=True)
class CatalogueEntry:
    """One list of the catalogue: the version in force, the one that waits, all versions, and how many items there are."""

    name: str
    kind: Kind
    current: GovernanceList | None
    draft: GovernanceList | None
    versions: tuple[GovernanceList, ...]
    count: int


def catalogue_lists(unit_ids: Iterable[int] | None = None) -> list[GovernanceList]:
    """Every version of every list of the catalogue that the actor may see, newest last; drafts only for who edits."""
    statement = access.visible(select(GovernanceList), GovernanceList).where(not_(of_the_grid()))
    if unit_ids is not None:
        statement = statement.where(GovernanceList.unit_id.in_(list(unit_ids)))
    order = (GovernanceList.unit_id, GovernanceList.code, GovernanceList.number)
    return [row for row in db.session.scalars(statement.order_by(*order)) if may_read(row)]


def may_read(row: GovernanceList) -> bool:
    """True for a version that is or was in force, and for a draft to whoever may bring it in or decide it."""
    return is_shown(row) or row.state == "superseded" or access.can(Verb.IMPORT, row) or access.can(Verb.APPROVE, row)


def catalogue() -> list[tuple[OrgUnit, list[CatalogueEntry]]]:
    """The catalogue unit by unit, its lists in the order of their kinds."""
    rows = catalogue_lists()
    statement = select(ListItem.list_id, func.count()).where(ListItem.list_id.in_([row.id for row in rows]))
    counts = dict(db.session.execute(statement.group_by(ListItem.list_id)).tuples().all())
    found: dict[int, list[CatalogueEntry]] = {}
    kinds = all_kinds()
    for (unit_id, _code), group in groupby(rows, key=lambda row: (row.unit_id, row.code)):
        versions = tuple(group)
        current = next((row for row in reversed(versions) if row.is_published), None)
        draft = next((row for row in reversed(versions) if row.state == "draft"), None)
        shown = current or draft or versions[-1]
        entry = CatalogueEntry(
            shown.name, kind_named(shown.kind, kinds), current, draft, versions[::-1], counts.get(shown.id, 0)
        )
        found.setdefault(unit_id, []).append(entry)
    units = {row.unit_id: row.unit for row in rows}
    return [(units[unit_id], sorted(entries, key=lambda e: e.kind.order)) for unit_id, entries in found.items()]


def version_before(row: GovernanceList) -> GovernanceList | None:
    """What a version is compared with: the one in force for a draft, else the latest one before that was in force."""
    statement = access.visible(select(GovernanceList), GovernanceList).where(
        GovernanceList.unit_id == row.unit_id,
        GovernanceList.code == row.code,
        GovernanceList.number < row.number,
        GovernanceList.state.in_(("published", "superseded")),
    )
    return db.session.scalars(statement.order_by(GovernanceList.number.desc()).limit(1)).first()


@dataclass(frozen=True)
class Redline:
    """A version against the one before it: the changes item by item, and how many of each kind."""

    version: GovernanceList
    before: GovernanceList | None
    changes: tuple[ItemChange, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many items were added, removed, changed, moved."""
        kinds = [change.kind for change in self.changes]
        return {kind.value: kinds.count(kind) for kind in Difference}


def redline_of(row: GovernanceList) -> Redline:
    """What a version changes."""
    before = version_before(row)
    old = _as_version(items_of_list(before)) if before else []
    return Redline(row, before, tuple(compare_versions(old, _as_version(items_of_list(row)))))


def _as_version(items: Iterable[ListItem]) -> list[tuple[str, dict[str, str]]]:
    return [(item.title, everything_said(item)) for item in items]


def everything_said(item: ListItem) -> dict[str, str]:
    """All an item says, facet by facet, as text for a redline."""
    said = {name: str(getattr(item, name) or "") for name in ("category", "role", "requirement", "cycle", "evidence")}
    said |= {name: str(value) for name, value in item.facets.items() if name not in BESIDE}
    said |= {"procedure": "→".join(step_in_words(step) for step in item.steps)}
    said |= {"thresholds": "；".join(threshold_in_words(one) for one in item.thresholds)}
    said |= {"files": "、".join(str(one["name"]) for one in item.files or ())}
    return {name: text for name, text in said.items() if text}


def step_in_words(step: Mapping[str, Any]) -> str:
    """A step with all it says: its name, who takes it, until when, and the risk it bears."""
    more = [*(step.get("roles") or ()), f"{step['time_limit_days']}日" if step.get("time_limit_days") else ""]
    more += [str(_("Key step")) if step.get("key") else "", step.get("risk") or ""]
    said = "，".join(text for text in more if text)
    return f"{step['name']}（{said}）" if said else str(step["name"])


def threshold_in_words(one: Mapping[str, Any]) -> str:
    """A threshold as a sentence: what is measured, the figure, and where a matter goes above and below it."""
    return str(
        _(
            "%(what)s: from %(amount)s %(above)s, below %(below)s",
            what=one["what"],
            amount=one["amount"],
            above=one["at_or_above"],
            below=one["below"],
        )
    )


def version_of(list_id: int) -> GovernanceList:
    """A version of a list of the catalogue the actor may read.

    Errors: NotAllowed, hidden.
    """
    row: GovernanceList = access.find(GovernanceList, list_id)
    if is_of_the_grid(row) or not may_read(row):
        raise access.NotAllowed(Resource.LISTS, Verb.VIEW, hidden=True)
    return row


def draft_to_write(list_id: int) -> GovernanceList:
    """A version of a list, of the catalogue or one of the four, that the actor may prepare.

    Errors: NotAllowed, hidden.
    """
    row: GovernanceList = access.find(GovernanceList, list_id)
    if not access.can(Verb.IMPORT, row):
        raise access.NotAllowed(Resource.LISTS, Verb.IMPORT, hidden=not may_read(row))
    return row


# -- the workbook ----------------------------------------------------------------------------------


def directory_unit(options: Options) -> OrgUnit | None:
    """The unit whose catalogue a workbook is: the one chosen, or the only one at the top within reach; else None."""
    if options.unit is not None:
        return options.unit  # type: ignore[no-any-return]
    tops = [unit for unit in top_units() if access.can_at(Verb.VIEW, Resource.LISTS, unit)]
    return tops[0] if len(tops) == 1 else None


def bases_at(unit: OrgUnit) -> dict[str, GovernanceList]:
    """By the key of its name, the version of each list that a workbook is compared with: in force, else the draft."""
    found: dict[str, GovernanceList] = {}
    for row in catalogue_lists([unit.id]):
        if row.is_published or (row.state == "draft" and not _in_force(found.get(name_key(row.name)))):
            found[name_key(row.name)] = row
    return found


def _in_force(row: GovernanceList | None) -> bool:
    return row is not None and row.is_published


def directory_context(options: Options) -> excel.ReadContext:
    """What the reader of layout (f) must know: nothing but the page."""
    return excel.ReadContext(page_period=options.period)


def directory_rows(options: Options) -> tuple[list[dict[str, Any]], excel.ExportMeta]:
    """The items of the catalogue of a unit, list by list, and what the workbook states of each list.

    Errors: directory.unit_unclear.
    """
    unit = directory_unit(options)
    if unit is None:
        raise broken("directory.unit_unclear", "unit")
    rows: list[dict[str, Any]] = []
    sheets: dict[str, dict[str, str]] = {}
    kinds = all_kinds()
    for row in sorted(bases_at(unit).values(), key=lambda one: (kind_named(one.kind, kinds).order, one.code)):
        items = items_of_list(row)
        rows += _numbered(row, items)
        sheets[row.name[:31]] = {"title": row.title or f"{unit.name}{row.name}", "note": _note(row, items)}
    exported = clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes")
    return rows, excel.ExportMeta(owner=unit.name, org_code=unit.code, exported_at=exported, sheets=sheets)


def _numbered(row: GovernanceList, items: Sequence[ListItem]) -> list[dict[str, Any]]:
    """The rows of a list, each category with its number and the count of its items as the county prints them."""
    rows = []
    runs = [(name, list(run)) for name, run in groupby(items, key=lambda item: item.category)]
    for number, (name, run) in enumerate(runs):
        numeral = NUMERALS[number] if number < len(NUMERALS) else str(number + 1)
        printed = f"{numeral}、{name}（{len(run)}项）" if name else None
        for item in run:
            kept = {
                "list": row.name,
                **facts_of(item),
                "category_printed": printed,
                "row_key": f"{row.code}/{item.code}",
            }
            rows.append(kept)
    return rows


def _note(row: GovernanceList, items: Sequence[ListItem]) -> str:
    categories = len({item.category for item in items if item.category})
    parts = [f"共{categories}大类{len(items)}项"]
    if row.document:
        parts.append(f"发布文号：{row.document}")
    if row.effective_from:
        day = row.effective_from
        parts.append(f"施行日期：{day.year}年{day.month}月{day.day}日")
    return "        ".join(parts)


def changed_fields(changes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The fields that differ, under the words the reader knows them by."""
    return {str(ITEM_FIELDS[name]): pair for name, pair in changes.items()}


def next_code(taken: Iterable[str]) -> str:
    """A code no item of a list has yet: the number after the highest."""
    numbers = [int(code) for code in taken if re.fullmatch(r"\d{1,6}", code)]
    return f"{max(numbers, default=0) + 1:03d}"
