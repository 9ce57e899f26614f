"""Lists, their items, and the ledger kept with the responsibility list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.checklists import SourceTag
from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, Instant, OnTree, Stamped
from app.kit.i18n import chosen


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
