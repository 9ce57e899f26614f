"""Forms, their versions, and the records written on them; a record stays bound to the version it was written on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.rights import Resource
from app.features.people.models import Person
from app.kit.access import Scope, Unscoped
from app.kit.db import LEVELS, Base, Exact, Instant, OnTree, Stamped
from app.kit.i18n import chosen

TEXT_SLOTS, NUMBER_SLOTS, DAY_SLOTS = 6, 6, 2


class Form(OnTree, Stamped, Base):
    """A form as a whole: what it is for, who fills it in where and how often. What it asks stands in its versions.

    `keeper_level` is the level of the units its records hang on; `fill_roles` who fills it in, nobody named: whoever may
    edit records there. `cycle` (month, quarter, half_year, year) binds a record to a period; without one it has none.
    `per` says how many there may be: many, one a unit (and period), or one a person. `slots` keeps for each field that
    is listed the column of the record its answer is copied into, over all versions.
    """

    __tablename__ = "form"
    __scope__ = Scope(Resource.FORMS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(16), default="register")  # register | report | review | duty
    keeper_level: Mapped[str] = mapped_column(String(16), default="village")
    fill_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    cycle: Mapped[str | None] = mapped_column(String(16))
    per: Mapped[str] = mapped_column(String(8), default="many")  # many | unit | person
    needs_review: Mapped[bool] = mapped_column(default=False)
    slots: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="active")  # active | retired
    pack: Mapped[str | None] = mapped_column(String(64))  # the pack it came from, with its version: NH@1

    def __str__(self) -> str:
        return chosen(self.title) or self.code


class FormVersion(OnTree, Stamped, Base):
    """One version of a form; `spec` is what app/domain/formspec reads.

    draft: being designed; testing: test entries may be written; published: in use while `is_current`; withdrawn.
    """

    __tablename__ = "form_version"
    __scope__ = Scope(Resource.FORMS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("form.id"), index=True)
    code: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_current: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(16), default="published", server_default="published")
    note: Mapped[str | None] = mapped_column(String(400))  # what the version changes, in the words of who made it
    made_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    published_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(Instant())
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    form: Mapped[Form | None] = relationship()

    __mapper_args__ = {"version_id_col": revision}

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
        return [chosen(field["label"]) if isinstance(field["label"], dict) else field["label"] for field in fields]


class FormRecord(OnTree, Stamped, Base):
    """One filled-in form of a unit; `answers` follow the form version. `person_id` is who filled it in.

    The slots hold copies of listed answers, so that lists, filters and charts read no JSON.
    """

    __tablename__ = "form_record"
    __scope__ = Scope(Resource.RECORDS, owner="person_id", passes_on=True)
    __table_args__ = (
        Index("ix_form_record_form_period", "form_id", "period", "id"),
        Index("ix_form_record_form_person", "form_id", "person_id", "id"),
        Index("ix_form_record_form_newest", "form_id", "id"),
        UniqueConstraint("form_id", "single"),  # rows without one do not meet each other
        # With the ancestors above: a filter on a unit and the reach of its reader are both answered by the index.
        *(
            Index(
                f"ix_form_record_form_{level}", "form_id", f"{level}_id", "id", *(f"{up}_id" for up in LEVELS[1:depth])
            )
            for depth, level in enumerate(LEVELS)
            if depth
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"), index=True)
    issue_id: Mapped[int | None] = mapped_column(Integer, index=True)  # the report issue it answers, if any
    period: Mapped[str | None] = mapped_column(String(16))
    # Where a form allows one record: whose it is, "unit:5:2026-10" or "person:17:2026-10", so that there are never two.
    single: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="draft")  # draft | submitted | returned | confirmed
    is_test: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant())
    submitted_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant())
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    return_reason: Mapped[str | None] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(Integer, default=1)

    text1: Mapped[str | None] = mapped_column(String(120))
    text2: Mapped[str | None] = mapped_column(String(120))
    text3: Mapped[str | None] = mapped_column(String(120))
    text4: Mapped[str | None] = mapped_column(String(120))
    text5: Mapped[str | None] = mapped_column(String(120))
    text6: Mapped[str | None] = mapped_column(String(120))
    number1: Mapped[Decimal | None] = mapped_column(Exact(6))
    number2: Mapped[Decimal | None] = mapped_column(Exact(6))
    number3: Mapped[Decimal | None] = mapped_column(Exact(6))
    number4: Mapped[Decimal | None] = mapped_column(Exact(6))
    number5: Mapped[Decimal | None] = mapped_column(Exact(6))
    number6: Mapped[Decimal | None] = mapped_column(Exact(6))
    day1: Mapped[date | None]
    day2: Mapped[date | None]

    # The indexes above, with the form in front, serve instead of one for each ancestor.
    prefecture_id: Mapped[int | None] = mapped_column(Integer)
    county_id: Mapped[int | None] = mapped_column(Integer)
    township_id: Mapped[int | None] = mapped_column(Integer)
    village_id: Mapped[int | None] = mapped_column(Integer)
    total_grid_id: Mapped[int | None] = mapped_column(Integer)
    sub_grid_id: Mapped[int | None] = mapped_column(Integer)

    form: Mapped[Form] = relationship()
    form_version: Mapped[FormVersion] = relationship()
    person: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.form} {self.period or self.id}"


def slot_names() -> dict[str, tuple[str, ...]]:
    """The columns of a record that hold copies of answers, by kind: text, number, day."""
    many = {"text": TEXT_SLOTS, "number": NUMBER_SLOTS, "day": DAY_SLOTS}
    return {kind: tuple(f"{kind}{n}" for n in range(1, most + 1)) for kind, most in many.items()}


for _name in (name for names in slot_names().values() for name in names):
    _column = getattr(FormRecord, _name)
    _used = _column.is_not(None)  # most forms use few slots: an index holds only the records that use its own
    Index(
        f"ix_form_record_form_{_name}",
        FormRecord.form_id,
        _column,
        FormRecord.id,
        sqlite_where=_used,
        postgresql_where=_used,
    )

_tests = FormRecord.is_test.is_(True)  # few, and every list leaves them out
Index("ix_form_record_tests", FormRecord.form_id, sqlite_where=_tests, postgresql_where=_tests)


class FormAttachment(Stamped, Base):
    """A file kept with a record; its answer names it by id."""

    __tablename__ = "form_attachment"
    __scope__ = Scope(Resource.RECORDS, through="record")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("form_record.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))

    record: Mapped[FormRecord] = relationship()

    def __str__(self) -> str:
        return self.name


class HeldFile(Base):
    """A file sent with a page of a form that was refused: kept for a day, until the page comes again and takes it along."""

    __tablename__ = "held_file"
    __scope__ = Unscoped("handed only to the account that sent it, by the pages of the same form")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int] = mapped_column(Integer, index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    held_at: Mapped[datetime] = mapped_column(Instant(), index=True)


class MissingCopies(Base):
    """Fields that were listed lately, whose answers are not yet copied beside the older records; gone once they are.

    `after` is the id up to which records have them.
    """

    __tablename__ = "missing_copies"
    __scope__ = Unscoped("the codes of fields and a place in a count; nothing of a record")
    __audited__ = False

    form_id: Mapped[int] = mapped_column(ForeignKey("form.id", ondelete="CASCADE"), primary_key=True)
    fields: Mapped[list[str]] = mapped_column(JSON)
    after: Mapped[int] = mapped_column(Integer, default=0)


class FormChart(OnTree, Stamped, Base):
    """A chart built from the records of a form: what is counted or added up, by what; pinned to the first page of roles."""

    __tablename__ = "form_chart"
    __scope__ = Scope(Resource.RECORDS, inherited=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16), default="bar")  # bar | line | pie
    dimension: Mapped[str] = mapped_column(String(64))  # a listed field, or unit, township, village, period, state
    measure: Mapped[str | None] = mapped_column(String(64))  # a listed number; nothing: how many records
    aggregate: Mapped[str] = mapped_column(String(8), default="count")  # count | sum | average
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    pinned_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    sort_order: Mapped[int] = mapped_column(Integer, default=0)

    form: Mapped[Form] = relationship()

    def __str__(self) -> str:
        return self.title
