"""A request sent twice is done once: the key a form carries is kept in the transaction of what the form did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import access
from app.kit.db import Base, Instant


class RequestKey(Base):
    """One unsafe request that was done, and what it answered, for whoever sends it again."""

    __tablename__ = "request_key"
    __scope__ = access.Unscoped("belongs to one form on one page of one user")
    __audited__ = False

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(String(400))
    made_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(1000))
    body: Mapped[str | None] = mapped_column(Text)
