"""Form specifications in versions; a record stays bound to the version it was written on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, OnTree, Stamped
from app.kit.i18n import chosen


class FormVersion(OnTree, Stamped, Base):
    """One version of a form; `spec` is what app/domain/formspec.py reads."""

    __tablename__ = "form_version"
    __scope__ = Scope(Resource.FORMS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_current: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return chosen(self.title) or self.code

    @property
    def field_names(self) -> list[str]:
        """What the form asks for, in order."""
        fields = (field for section in self.spec["sections"] for field in section["fields"])
        return [chosen(field["label"]) for field in fields]
