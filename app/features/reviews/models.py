"""Star plates of villages, and indicators: definitions and their values by unit and period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, Exact, OnTree, Stamped
from app.kit.i18n import chosen


class StarPlate(OnTree, Stamped, Base):
    """The stars a village was given and the plate that hangs there; withdrawn with a reason, never deleted."""

    __tablename__ = "star_plate"
    __scope__ = Scope(Resource.RECORDS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[str] = mapped_column(String(16), index=True)
    stars: Mapped[int] = mapped_column(Integer)
    score: Mapped[Decimal | None] = mapped_column(Exact(2))
    basis: Mapped[str] = mapped_column(String(200))
    given_on: Mapped[date]
    given_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(400))

    def __str__(self) -> str:
        return f"{self.unit} {self.period}"


class Indicator(OnTree, Stamped, Base):
    """An indicator kept here: which formula of app/domain/indicators.py, of which two counts, and where they come from."""

    __tablename__ = "indicator"
    __scope__ = Scope(Resource.RECORDS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    formula: Mapped[str] = mapped_column(String(32))  # a key of domain.indicators.FORMULAS
    first: Mapped[dict[str, str]] = mapped_column(JSON)  # what the first count is, in words
    second: Mapped[dict[str, str]] = mapped_column(JSON)
    source: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # {form, first, second} when counted from records
    pack: Mapped[str | None] = mapped_column(String(64))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)

    def __str__(self) -> str:
        return chosen(self.title) or self.code


class IndicatorValue(OnTree, Stamped, Base):
    """Both counts of an indicator for a unit and period, as stated or entered."""

    __tablename__ = "indicator_value"
    __scope__ = Scope(Resource.RECORDS)
    __table_args__ = (
        UniqueConstraint("indicator_id", "unit_id", "period"),
        Index("ix_indicator_value_period", "indicator_id", "period"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    period: Mapped[str] = mapped_column(String(16))
    first: Mapped[Decimal] = mapped_column(Exact(2))
    second: Mapped[Decimal] = mapped_column(Exact(2))
    note: Mapped[str | None] = mapped_column(String(400))
    entered_by: Mapped[str | None] = mapped_column(String(64))

    indicator: Mapped[Indicator] = relationship()
