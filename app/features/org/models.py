"""The org tree."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import LEVELS, Base, OnTree, Stamped
from app.kit.i18n import chosen


class OrgUnit(Stamped, Base):
    """A unit: prefecture, county, township, village, total grid or sub-grid; carries its own ancestors, itself included."""

    __tablename__ = "org_unit"
    __scope__ = Scope(Resource.UNITS, inherited=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    level: Mapped[str] = mapped_column(String(16), index=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    households: Mapped[int | None]

    prefecture_id: Mapped[int | None] = mapped_column(Integer, index=True)
    county_id: Mapped[int | None] = mapped_column(Integer, index=True)
    township_id: Mapped[int | None] = mapped_column(Integer, index=True)
    village_id: Mapped[int | None] = mapped_column(Integer, index=True)
    total_grid_id: Mapped[int | None] = mapped_column(Integer, index=True)
    sub_grid_id: Mapped[int | None] = mapped_column(Integer, index=True)

    parent: Mapped[OrgUnit | None] = relationship(remote_side=[id])
    unit_id = synonym("id")

    __table_args__ = (Index("ix_org_unit_parent_name", "parent_id", "name"),)

    def ancestors(self) -> dict[str, int]:
        """Ids by level, itself included; levels that are absent are left out."""
        pairs = ((level, getattr(self, f"{level}_id")) for level in LEVELS)
        return {level: unit_id for level, unit_id in pairs if unit_id is not None}

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<OrgUnit {self.code} {self.name}>"


class Department(OnTree, Stamped, Base):
    """A department of a county or township (民政局, 司法局): issues reports, reviews lists, is rated by villages. Has no accounts."""

    __tablename__ = "department"
    __scope__ = Scope(Resource.UNITS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    name_ko: Mapped[str | None] = mapped_column(String(120))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return chosen({"zh": self.name, "en": self.name_en or "", "ko": self.name_ko or ""})

    def __str__(self) -> str:
        return self.label
