"""What was deleted is kept for a while and can be put back: the bin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import access
from app.kit.db import Base, Instant


class RemovedRow(Base):
    """One deleted row with everything it held; `unit_id` and the resource say whose it was."""

    __tablename__ = "removed_row"
    __scope__ = access.Unscoped("shown to whoever may edit such a row at its unit, by the queries of this module")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(64), index=True)
    row_id: Mapped[str] = mapped_column(String(64), index=True)
    resource: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(Integer, index=True)
    label: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    removed_by: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    restored_at: Mapped[datetime | None] = mapped_column(Instant())
    restored_by: Mapped[str | None] = mapped_column(String(64))
