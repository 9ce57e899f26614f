"""Procedure definitions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, OnTree, Stamped


class ProcedureDefinition(OnTree, Stamped, Base):
    """How a matter is handled, step by step, with the responsible role at each step; `spec` is read by domain/procedures.py."""

    __tablename__ = "procedure_definition"
    __scope__ = Scope(Resource.PROCEDURES, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(16), default="derived")
    pack: Mapped[str | None] = mapped_column(String(64))  # the pack it came from, with its version: NH@1

    def __str__(self) -> str:
        return self.name
