"""Roles of an installation: the fourteen of the product, and copies of them with rights and a name of their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import access
from app.kit.db import Base, Stamped


class CustomRole(Stamped, Base):
    """A role made by copying: it stands where `base` stands and excludes what `base` excludes; its rights are its own."""

    __tablename__ = "custom_role"
    __scope__ = access.Unscoped("roles belong to the whole installation")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    base: Mapped[str] = mapped_column(String(40))
    title: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True)
