"""Packs brought in from elsewhere, and which version of a pack was loaded where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, Instant, OnTree, Stamped


class PackFile(OnTree, Stamped, Base):
    """A pack another county exported, taken in here; those that come with the portal stand in seed/packs."""

    __tablename__ = "pack_file"
    __scope__ = Scope(Resource.LISTS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    taken_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PackLoad(OnTree, Stamped, Base):
    """A pack loaded at a unit; `counts` say how many kinds, lists, items, procedures, forms and indicators it made.

    `parts` keeps for each thing brought two fingerprints, of the pack's data and of what was read back after loading, so
    that what the county changed since is told from what a later version of the pack changes.
    """

    __tablename__ = "pack_load"
    __scope__ = Scope(Resource.LISTS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    parts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    loaded_by: Mapped[str | None] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Instant())

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"
