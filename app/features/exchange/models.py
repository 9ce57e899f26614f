"""Imports: what was uploaded, what the preview said, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.kit.access import Unscoped
from app.kit.db import Base, Instant, Stamped


class ImportBatch(Stamped, Base):
    """One uploaded workbook; the typed rows wait here between preview and confirm, so the file is read once."""

    __tablename__ = "import_batch"
    __scope__ = Unscoped("shown only to the account that uploaded it; the rows are checked again when saved")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # unit, period, scheme
    state: Mapped[str] = mapped_column(String(16), default="previewed")
    outcome: Mapped[str] = mapped_column(String(24))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    applied_at: Mapped[datetime | None] = mapped_column(Instant())
