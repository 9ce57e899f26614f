"""Schemes with aspects, items and deduction items; rounds; sheets with scores and deductions; frozen snapshots."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, Exact, Instant, OnTree, Stamped


class Scheme(OnTree, Stamped, Base):
    """An assessment list with its rules: what is scored for villages or sub-grids."""

    __tablename__ = "scheme"
    __scope__ = Scope(Resource.SCHEMES, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(16), default="village")  # village | sub_grid
    months: Mapped[int] = mapped_column(Integer, default=12)  # the period `expected` figures are written for
    full_score: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(100))
    total_cap: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(20))
    floor_total: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(0))
    min_applicable: Mapped[Decimal] = mapped_column(Exact(2), default=Decimal(60))
    source: Mapped[str] = mapped_column(String(16), default="derived")
    is_current: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class SchemeAspect(Stamped, Base):
    """One of the aspects of a scheme with its maximum."""

    __tablename__ = "scheme_aspect"
    __scope__ = Scope(Resource.SCHEMES, through="scheme")
    __table_args__ = (UniqueConstraint("scheme_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    maximum: Mapped[Decimal] = mapped_column(Exact(2))
    source: Mapped[str] = mapped_column(String(16), default="derived")  # of the name; the maximum is always derived
    sort_order: Mapped[int] = mapped_column(Integer, default=0)

    scheme: Mapped[Scheme] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SchemeItem(Stamped, Base):
    """One scored item: maximum, how it is calculated, its standard, evidence and responsible office."""

    __tablename__ = "scheme_item"
    __scope__ = Scope(Resource.SCHEMES, through="scheme")
    __table_args__ = (UniqueConstraint("scheme_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id", ondelete="CASCADE"), index=True)
    aspect_code: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    maximum: Mapped[Decimal] = mapped_column(Exact(2))
    calc: Mapped[str] = mapped_column(String(16), default="manual")
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    na_allowed: Mapped[bool] = mapped_column(default=False)
    standard: Mapped[str | None] = mapped_column(String(1000))
    basis: Mapped[str | None] = mapped_column(String(400))
    responsible_office: Mapped[str | None] = mapped_column(String(120))
    cycle: Mapped[str | None] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(16), default="derived")
    sort_order: Mapped[int] = mapped_column(Integer, default=0)

    scheme: Mapped[Scheme] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SchemeDeduction(Stamped, Base):
    """One deduction item (反向扣分项目): points each time or by level, and its cap."""

    __tablename__ = "scheme_deduction"
    __scope__ = Scope(Resource.SCHEMES, through="scheme")
    __table_args__ = (UniqueConstraint("scheme_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    points: Mapped[Decimal | None] = mapped_column(Exact(2))
    levels: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{code, name, points}]
    cap: Mapped[Decimal] = mapped_column(Exact(2))
    per: Mapped[str | None] = mapped_column(String(16))
    standard: Mapped[str | None] = mapped_column(String(1000))
    evidence: Mapped[str | None] = mapped_column(String(400))
    recorded_by: Mapped[str | None] = mapped_column(String(40))
    mitigation: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    linked: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(16), default="derived")
    sort_order: Mapped[int] = mapped_column(Integer, default=0)

    scheme: Mapped[Scheme] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AssessmentRound(OnTree, Stamped, Base):
    """One assessment of the units below its owner for a period: draft, open, checked, published."""

    __tablename__ = "assessment_round"
    __scope__ = Scope(Resource.SCORES, published="is_published", inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(120))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    period: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="draft")
    is_published: Mapped[bool] = mapped_column(default=False)
    checked_by: Mapped[str | None] = mapped_column(String(64))
    checked_at: Mapped[datetime | None] = mapped_column(Instant())
    published_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str | None] = mapped_column(String(400))  # why it was last returned or is being corrected
    version: Mapped[int] = mapped_column(Integer, default=1)

    scheme: Mapped[Scheme] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Sheet(OnTree, Stamped, Base):
    """The score sheet of one unit in one round, with its totals; `round_unit_id` is the owner of the round."""

    __tablename__ = "sheet"
    __scope__ = Scope(Resource.SCORES, published="is_published", published_under="round_unit_id")
    __table_args__ = (UniqueConstraint("round_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("assessment_round.id", ondelete="CASCADE"), index=True)
    round_unit_id: Mapped[int] = mapped_column(Integer, index=True)
    is_published: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(16), default="not_scored")
    excluded_reason: Mapped[str | None] = mapped_column(String(400))
    earned: Mapped[Decimal | None] = mapped_column(Exact(2))
    applicable: Mapped[Decimal | None] = mapped_column(Exact(2))
    base: Mapped[Decimal | None] = mapped_column(Exact(2))
    raw: Mapped[Decimal | None] = mapped_column(Exact(2))
    item_capped: Mapped[Decimal | None] = mapped_column(Exact(2))
    effective: Mapped[Decimal | None] = mapped_column(Exact(2))
    unfloored: Mapped[Decimal | None] = mapped_column(Exact(2))
    final: Mapped[Decimal | None] = mapped_column(Exact(2), index=True)
    aspects: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {code: {earned, applicable}} as strings
    last_request: Mapped[str | None] = mapped_column(
        String(40)
    )  # key of the last save from the grid: sent twice, saved once
    version: Mapped[int] = mapped_column(Integer, default=1)

    round: Mapped[AssessmentRound] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.unit.name} {self.round.name}"


class ItemScore(Stamped, Base):
    """The score of one item on one sheet: the fact the evaluator entered and the points the rule made of it."""

    __tablename__ = "item_score"
    __scope__ = Scope(Resource.SCORES, through="sheet")
    __table_args__ = (UniqueConstraint("sheet_id", "item_code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="CASCADE"), index=True)
    item_code: Mapped[str] = mapped_column(String(32))
    points: Mapped[Decimal | None] = mapped_column(Exact(2))
    is_not_applicable: Mapped[bool] = mapped_column(default=False)
    fact: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str | None] = mapped_column(String(400))
    scored_by: Mapped[str | None] = mapped_column(String(64))

    sheet: Mapped[Sheet] = relationship()

    def __str__(self) -> str:
        return f"{self.sheet.unit.name} {self.item_code}"


class DeductionEntry(Stamped, Base):
    """One occurrence of a deduction item on a sheet: clause, date, note, how often; waived ones stay on record."""

    __tablename__ = "deduction_entry"
    __scope__ = Scope(Resource.SCORES, through="sheet")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id", ondelete="CASCADE"), index=True)
    item_code: Mapped[str] = mapped_column(String(32))
    happened_on: Mapped[date | None]
    clause: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(400))
    count: Mapped[int] = mapped_column(Integer, default=1)
    level: Mapped[str | None] = mapped_column(String(16))
    points: Mapped[Decimal | None] = mapped_column(Exact(2))  # only where a workbook gave points instead of occurrences
    is_self_reported: Mapped[bool] = mapped_column(default=False)
    is_waived: Mapped[bool] = mapped_column(default=False)
    waive_reason: Mapped[str | None] = mapped_column(String(400))
    waived_by: Mapped[str | None] = mapped_column(String(64))
    same_fact: Mapped[str | None] = mapped_column(String(64))
    recorded_by: Mapped[str | None] = mapped_column(String(64))

    sheet: Mapped[Sheet] = relationship()

    def __str__(self) -> str:
        return f"{self.sheet.unit.name} {self.item_code}"


class RoundSnapshot(Stamped, Base):
    """What was published: scheme, facts, scores and slips, frozen with the version of the rules that made them."""

    __tablename__ = "round_snapshot"
    __scope__ = Scope(Resource.SCORES, through="round")
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("assessment_round.id"), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    rule_version: Mapped[str] = mapped_column(String(16))
    published_by: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))

    round: Mapped[AssessmentRound] = relationship()
