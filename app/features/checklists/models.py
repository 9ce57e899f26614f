"""Kinds of lists, lists in versions, their items, the procedure of a change, and the ledger kept with the responsibility list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.checklists import SourceTag
from app.domain.list_change import Outcome, Said, Stage
from app.domain.rights import Resource
from app.features.org.models import Department
from app.kit.access import Scope
from app.kit.db import Base, Instant, OnTree, Stamped
from app.kit.i18n import chosen


class ListKindDefinition(OnTree, Stamped, Base):
    """A kind of list: what its items say, and by which rules of admission they are kept.

    `behaviour` is the kind of app/domain/checklists whose rules hold (an own kind takes one of those). `facets` are
    {code, label {zh, en, ko}, type, required} in the order of the page.
    """

    __tablename__ = "list_kind"
    __scope__ = Scope(Resource.LISTS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    name_ko: Mapped[str | None] = mapped_column(String(120))
    behaviour: Mapped[str] = mapped_column(String(32), default="other")
    facets: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return chosen({"zh": self.name, "en": self.name_en or "", "ko": self.name_ko or ""})

    def __str__(self) -> str:
        return self.label


class GovernanceList(OnTree, Stamped, Base):
    """One version of a list of a kind (responsibility, procedure, system, assessment), owned by a unit, seen by all below."""

    __tablename__ = "governance_list"
    __scope__ = Scope(Resource.LISTS, published="is_published", inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    code: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    name_ko: Mapped[str | None] = mapped_column(String(120))
    question: Mapped[str | None] = mapped_column(String(120))
    purpose: Mapped[str | None] = mapped_column(String(400))
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    is_published: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(16), default="derived")
    # How a version came to hold: draft, published, superseded by a later one, or withdrawn before it held.
    state: Mapped[str] = mapped_column(String(16), default="published", server_default="published")
    title: Mapped[str | None] = mapped_column(String(200))  # as the county prints it
    edition: Mapped[str | None] = mapped_column(String(40))
    document: Mapped[str | None] = mapped_column(String(120))
    made_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decision_reason: Mapped[str | None] = mapped_column(String(400))
    stated_count: Mapped[int | None]  # as its source prints it; the places not yet named are items that are open
    # What else its source states: categories with their counts, versions with theirs, the phrase it was read from.
    stated: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    pack: Mapped[str | None] = mapped_column(String(64))  # the pack it came from, with its version: NH@1
    extends_id: Mapped[int | None] = mapped_column(
        ForeignKey("governance_list.id"), index=True
    )  # 特色清单 of a lower unit
    effective_period: Mapped[str | None] = mapped_column(String(16))
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    extends: Mapped[GovernanceList | None] = relationship(remote_side="GovernanceList.id")

    __mapper_args__ = {"version_id_col": revision}

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return chosen({"zh": self.name, "en": self.name_en or "", "ko": self.name_ko or ""})

    def __str__(self) -> str:
        return self.label


class ListItem(Stamped, Base):
    """One item of a list. `facets` are what its kind asks for; `derived` are our proposals, which an administrator changes."""

    __tablename__ = "list_item"
    __scope__ = Scope(Resource.LISTS, through="governance_list")
    __table_args__ = (UniqueConstraint("list_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("governance_list.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    role: Mapped[str | None] = mapped_column(String(40))
    category: Mapped[str | None] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(400))
    title_en: Mapped[str | None] = mapped_column(String(400))
    requirement: Mapped[str | None] = mapped_column(String(1000))
    cycle: Mapped[str | None] = mapped_column(String(32))
    evidence: Mapped[str | None] = mapped_column(String(400))
    facets: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    source: Mapped[str] = mapped_column(String(16), default="derived")
    source_phrase: Mapped[str | None] = mapped_column(String(400))
    derived_fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_open_place: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # counted by the source, not named
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    thresholds: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    overrides: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )  # guard -> reason, by, at
    # The files with the item, {id, kind, name, size}; `id` is that of a ListFile, which later versions name as well.
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")

    governance_list: Mapped[GovernanceList] = relationship()

    @property
    def label(self) -> str:
        """The title in the reader's language."""
        return chosen({"zh": self.title, "en": self.title_en or ""})

    def source_of(self, field: str) -> str:
        """Where one value of the item comes from: text, reading or derived."""
        return SourceTag.DERIVED.value if field in self.derived_fields else self.source

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class ListFile(OnTree, Stamped, Base):
    """A file with items of a list: kept once, and named by the item of every version it belongs to."""

    __tablename__ = "list_file"
    __scope__ = Scope(Resource.LISTS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))

    def __str__(self) -> str:
        return self.name


class ListChange(OnTree, Stamped, Base):
    """The procedure by which a version of a list comes to hold, from proposal to filing; see domain/list_change.py."""

    __tablename__ = "list_change"
    __scope__ = Scope(Resource.LISTS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("governance_list.id"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("governance_list.id"), index=True)
    stage: Mapped[str] = mapped_column(String(16), default="proposed", index=True)
    trigger: Mapped[str] = mapped_column(String(16))  # law | policy | practice
    reason: Mapped[str] = mapped_column(String(1000))
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)  # kinds of cases the items were drawn from
    proposed_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    consulted_from: Mapped[date | None]
    consulted_to: Mapped[date | None]
    first_approved_by: Mapped[str | None] = mapped_column(String(64))
    first_approved_at: Mapped[datetime | None] = mapped_column(Instant())
    approved_by: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(Instant())
    effective_period: Mapped[str | None] = mapped_column(String(16))
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    filed_with: Mapped[str | None] = mapped_column(String(200))
    filed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant())  # withdrawn, refused or rolled back
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_reason: Mapped[str | None] = mapped_column(String(400))
    revision: Mapped[int] = mapped_column(Integer, default=1)

    draft: Mapped[GovernanceList] = relationship(foreign_keys=[draft_id])
    base: Mapped[GovernanceList | None] = relationship(foreign_keys=[base_id])

    __mapper_args__ = {"version_id_col": revision}

    def __str__(self) -> str:
        return str(self.draft)


class ListOpinion(Stamped, Base):
    """What somebody said of a change: in the consultation, or a department of legality, of the whole or of one item."""

    __tablename__ = "list_opinion"
    __scope__ = Scope(Resource.LISTS, through="change")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("list_change.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(16))  # consultation | legality
    body: Mapped[str] = mapped_column(String(120))  # a department, 党员大会, 群众代表会议 …
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    item_code: Mapped[str | None] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(String(16))  # agreed | amend | objected
    words: Mapped[str | None] = mapped_column(String(1000))
    # What a department of legality has held the draft against, of domain.list_change.Comparison.
    compared: Mapped[list[str]] = mapped_column(JSON, default=list)
    document: Mapped[str | None] = mapped_column(String(120))
    given_on: Mapped[date]
    recorded_by: Mapped[str | None] = mapped_column(String(64))

    change: Mapped[ListChange] = relationship()
    department: Mapped[Department | None] = relationship()

    @property
    def counts(self) -> bool:
        """True where it is weighed before the change moves on; see domain.list_change.Said."""
        said = Said(Stage(self.stage), self.body, self.item_code, Outcome(self.outcome), frozenset(self.compared or ()))
        return said.counts

    def __str__(self) -> str:
        return self.body


class LedgerEntry(OnTree, Stamped, Base):
    """How one responsibility was carried out in a total grid in a period: who holds it, its state, when it was done."""

    __tablename__ = "ledger_entry"
    __scope__ = Scope(Resource.DUTIES)
    __table_args__ = (UniqueConstraint("item_id", "unit_id", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("list_item.id"), index=True)
    period: Mapped[str] = mapped_column(String(16), index=True)
    requirement: Mapped[str | None] = mapped_column(String(1000))
    time_limit: Mapped[str | None] = mapped_column(String(120))
    holders: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str | None] = mapped_column(String(16))
    done_count: Mapped[int | None]
    done_on: Mapped[str | None] = mapped_column(String(10))  # a day, or a month where the ledger states no day
    remarks: Mapped[str | None] = mapped_column(String(400))

    item: Mapped[ListItem] = relationship()
