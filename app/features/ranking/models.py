"""Rule settings, ranking runs with frozen inputs and results, and their lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.features.assessment.models import AssessmentRound
from app.features.org.models import OrgUnit
from app.kit.access import Scope
from app.kit.db import Base, Exact, Instant, OnTree, Stamped


class RuleSetting(OnTree, Stamped, Base):
    """The ranking and bonus configuration of a unit, as versions; keys as in domain/config.py.

    `state`: proposed, then in_force or refused by another person, or replaced by the next proposal of the unit.
    """

    __tablename__ = "rule_setting"
    __scope__ = Scope(Resource.RULES, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(400))
    made_by: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="in_force", server_default="in_force")
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decision_reason: Mapped[str | None] = mapped_column(String(400))
    decided_at: Mapped[datetime | None] = mapped_column(Instant())


class RankingRun(OnTree, Stamped, Base):
    """One ranking of a published round: policy, inputs and results frozen; `unit` owns the ranking scope."""

    __tablename__ = "ranking_run"
    __scope__ = Scope(Resource.RANKINGS, published="is_published")
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("assessment_round.id"), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(16), default="computed")
    is_published: Mapped[bool] = mapped_column(default=False)
    rule_version: Mapped[str] = mapped_column(String(16))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    inputs: Mapped[list[Any]] = mapped_column(JSON, deferred=True)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)  # n, quotas, cuts, counts, warnings
    digest: Mapped[str] = mapped_column(String(64))
    run_by: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    reason: Mapped[str | None] = mapped_column(String(400))

    round: Mapped[AssessmentRound] = relationship()


class RankingLine(Base):
    """One village in a ranking run."""

    __tablename__ = "ranking_line"
    __scope__ = Scope(Resource.RANKINGS, through="run")
    __audited__ = False  # frozen with the run, whose digest covers it

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("ranking_run.id", ondelete="CASCADE"), index=True)
    village_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    rank: Mapped[int | None]
    position: Mapped[int | None]
    band: Mapped[str] = mapped_column(String(16))
    final: Mapped[Decimal | None] = mapped_column(Exact(2))
    base: Mapped[Decimal | None] = mapped_column(Exact(2))
    effective: Mapped[Decimal | None] = mapped_column(Exact(2))
    aspects: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_tie_undecided: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(String(400))

    run: Mapped[RankingRun] = relationship()
    village: Mapped[OrgUnit] = relationship()
