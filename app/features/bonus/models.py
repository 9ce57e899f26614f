"""Wages by month, award batches, pay lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.features.people.models import Employment, Person
from app.features.ranking.models import RankingRun
from app.kit.access import Scope
from app.kit.db import Base, Exact, Instant, OnTree, Stamped


class Wage(OnTree, Stamped, Base):
    """The wage of one employment in one month, by its parts, in yuan."""

    __tablename__ = "wage"
    __scope__ = Scope(Resource.PAY, owner="person_id")
    __table_args__ = (UniqueConstraint("employment_id", "month"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    employment_id: Mapped[int] = mapped_column(ForeignKey("employment.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    month: Mapped[str] = mapped_column(String(7), index=True)
    base_allowance: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))
    post_allowance: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))
    insurance_allowance: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))
    title_allowance: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))
    rank_allowance: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))

    employment: Mapped[Employment] = relationship()
    person: Mapped[Person] = relationship()


class BonusBatch(OnTree, Stamped, Base):
    """The awards that follow from one ranking run: policy and inputs frozen; computed, approved, exported.

    `corrects` is the approved batch whose awards this one replaces: its lines then hold the difference to be paid.
    """

    __tablename__ = "bonus_batch"
    __scope__ = Scope(Resource.PAY)
    __table_args__ = (UniqueConstraint("ranking_run_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ranking_run_id: Mapped[int] = mapped_column(ForeignKey("ranking_run.id"), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    year: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), default="computed")
    rule_version: Mapped[str] = mapped_column(String(16))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    inputs: Mapped[dict[str, Any]] = mapped_column(
        JSON, deferred=True
    )  # bands of the villages, segments of the persons
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)  # totals by band, warnings
    digest: Mapped[str] = mapped_column(String(64))
    run_by: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str | None] = mapped_column(String(400))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("bonus_batch.id"))

    ranking_run: Mapped[RankingRun] = relationship()
    corrects: Mapped[BonusBatch | None] = relationship(remote_side=[id])


class PayLine(OnTree, Stamped, Base):
    """The award of one person in a batch, with the segments it was computed from; `paid` is written back from the workbook.

    `earlier_award` is what the corrected batch awarded; the line hangs on the village of the last segment.
    """

    __tablename__ = "pay_line"
    __scope__ = Scope(Resource.PAY, owner="person_id")
    __table_args__ = (UniqueConstraint("batch_id", "person_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("bonus_batch.id", ondelete="CASCADE"), index=True)
    employment_id: Mapped[int] = mapped_column(ForeignKey("employment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    months: Mapped[int] = mapped_column(Integer)
    monthly_wage: Mapped[Decimal] = mapped_column(Exact(2))
    wage_parts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    final: Mapped[Decimal | None] = mapped_column(Exact(2))
    rank: Mapped[int | None]
    band: Mapped[str] = mapped_column(String(16))
    multiplier: Mapped[Decimal] = mapped_column(Exact(4))
    award: Mapped[Decimal] = mapped_column(Exact(2))
    payable_now: Mapped[Decimal] = mapped_column(Exact(2))
    status: Mapped[str] = mapped_column(String(16))
    segments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    earlier_award: Mapped[Decimal | None] = mapped_column(Exact(2))
    before_budget: Mapped[Decimal | None] = mapped_column(Exact(2))  # only where a budget limit was met
    paid: Mapped[Decimal | None] = mapped_column(Exact(2))
    remarks: Mapped[str | None] = mapped_column(String(400))

    batch: Mapped[BonusBatch] = relationship()
    employment: Mapped[Employment] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def difference(self) -> Decimal | None:
        """What a correction adds (补发) or takes back (扣回); None in a batch that corrects nothing."""
        return None if self.earlier_award is None else self.award - self.earlier_award
