"""What an import did to every row, so that it can be undone: the row before, and which version it left behind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.access import Unscoped
from app.kit.db import Base


class RowEffect(Base):
    """One row that a set of changes added, edited or deleted. `before` holds all its columns, null for an added row."""

    __tablename__ = "row_effect"
    __scope__ = Unscoped("read by the undo of the import it belongs to, which asks the rights of every row anew")
    __audited__ = False
    __table_args__ = (Index("ix_row_effect_row", "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    change_set: Mapped[str] = mapped_column(String(40), index=True)  # e.g. import-12
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))  # add, edit, delete
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after_stamp: Mapped[str] = mapped_column(String(40), default="")
