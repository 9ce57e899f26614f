"""What comes in and goes out: uploads with their rows, mappings, offline workbooks, files made for download."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.features.exchange.staging import Packed
from app.kit.access import Unscoped
from app.kit.db import Base, Instant, OnTree, Stamped


class ImportBatch(Stamped, Base):
    """One uploaded workbook; its rows wait in ImportRow between preview and confirm, so the file is read once.

    Shape: `state` is reading, previewed, saving, applied or cancelled; `outcome` that of the reader; `result` holds what the
    file says of itself (`shown`), how its sheets were read (`readings`, `places`) and what it states once (`extras`);
    `changes["counts"]` how many rows are new, changed, same, refused, warned; `content` is the file, sealed.
    """

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
    outcome: Mapped[str] = mapped_column(String(24), default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    applied_at: Mapped[datetime | None] = mapped_column(Instant())
    undone_at: Mapped[datetime | None] = mapped_column(Instant())
    job_id: Mapped[int | None] = mapped_column(Integer)
    mapping_id: Mapped[int | None] = mapped_column(ForeignKey("sheet_mapping.id", ondelete="SET NULL"))


class ImportRow(Base):
    """One row of an upload between preview and confirmation, and afterwards in its receipt.

    Shape: `kind` is new, changed, same or refused; `typed` the typed row; `cells` field -> [old, new] where they differ;
    `problems` what the reader found (with `cell`) and what the service refused (with `where`); `typed_cells` what stands
    in the cells of a refused row by field, for mending it on the page; `warned`: something in it deserves a look.
    """

    __tablename__ = "import_row"
    __scope__ = Unscoped("read through its upload, which only the account that uploaded it sees")
    __audited__ = False
    __table_args__ = (Index("ix_import_row_batch_kind", "batch_id", "kind", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    sheet: Mapped[str] = mapped_column(String(64), default="")
    row: Mapped[str] = mapped_column(String(16), default="")
    kind: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(200), default="")
    typed: Mapped[dict[str, Any] | None] = mapped_column(Packed())
    cells: Mapped[dict[str, Any]] = mapped_column(Packed(), default=dict)
    problems: Mapped[list[Any]] = mapped_column(Packed(), default=list)
    typed_cells: Mapped[dict[str, Any]] = mapped_column(Packed(), default=dict)
    warned: Mapped[bool] = mapped_column(Boolean, default=False)


class SheetMapping(OnTree, Stamped, Base):
    """How one office's own workbook is read as one of our sheets (旧表对接); a change makes a new version.

    Shape: `definition` says title, header, data, footer and key places and column -> field; `signature` is what its
    headers say, by which next month's file is known again; `template` is the office's workbook, to write results into.
    """

    __tablename__ = "sheet_mapping"
    __scope__ = Unscoped("offered to whoever may import the sheet at the office, by the queries of this feature")
    __table_args__ = (UniqueConstraint("unit_id", "sheet", "name", "version", name="uq_sheet_mapping_version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sheet: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(16), default="active")
    signature: Mapped[list[str]] = mapped_column(JSON, default=list)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    template: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    template_name: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[str] = mapped_column(String(64), default="")


class ValueMeaning(OnTree, Stamped, Base):
    """What an office means by a word nobody else knows, settled once: 示例村村委会 is 示例村."""

    __tablename__ = "value_meaning"
    __scope__ = Unscoped("used when that office imports, by the queries of this feature")
    __table_args__ = (UniqueConstraint("unit_id", "field", "typed", name="uq_value_meaning_typed"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str] = mapped_column(String(40))
    typed: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(64), default="")


class OfflineBook(OnTree, Stamped, Base):
    """One offline workbook handed out: what stood in it then, by which each returning cell is compared three ways.

    Shape: `content` is sheet code -> {name, rows: hidden key -> {name, cells}}, as our own reader read the file.
    """

    __tablename__ = "offline_book"
    __scope__ = Unscoped(
        "known by its stamp to whoever may fill in the same at its unit; every row is checked when saved"
    )
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    stamp: Mapped[str] = mapped_column(String(40), unique=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    period: Mapped[str] = mapped_column(String(16))
    versions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    content: Mapped[dict[str, Any]] = deferred(mapped_column(Packed()))
    returned_at: Mapped[datetime | None] = mapped_column(Instant())


class MadeFile(Stamped, Base):
    """A file made for download, kept until it expires."""

    __tablename__ = "made_file"
    __scope__ = Unscoped("handed only to the account that asked for it")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    job_id: Mapped[int | None] = mapped_column(Integer)
    sheet: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    media: Mapped[str] = mapped_column(String(100))
    rows: Mapped[int] = mapped_column(Integer, default=0)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer, default=0)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    expires_at: Mapped[datetime] = mapped_column(Instant(), index=True)
