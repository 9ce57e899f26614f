"""Reports issued to units, planned inspections and meetings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.features.forms.models import Form
from app.features.org.models import Department
from app.kit.access import Scope
from app.kit.db import Base, Instant, OnTree, Stamped


class ReportIssue(OnTree, Stamped, Base):
    """A report asked of the units of a level below the unit that issues it, on a form, with the approval it rests on.

    draft: waits for issuing; issued; halted: stays on record; merged: into another issue. An issued report whose
    `merged_into` is a draft still runs until that one is issued.
    """

    __tablename__ = "report_issue"
    __scope__ = Scope(Resource.RECORDS, inherited=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    level: Mapped[str] = mapped_column(String(16), default="village")
    cycle: Mapped[str] = mapped_column(String(16))  # month | quarter | half_year | year | once (an emergency)
    emergency_reason: Mapped[str | None] = mapped_column(String(400))
    approving_body: Mapped[str | None] = mapped_column(String(120))
    approval_document: Mapped[str | None] = mapped_column(String(120))
    approved_on: Mapped[date | None]
    first_period: Mapped[str] = mapped_column(String(16))
    last_period: Mapped[str | None] = mapped_column(String(16))
    due_day: Mapped[int] = mapped_column(Integer, default=5)
    minutes: Mapped[int] = mapped_column(Integer, default=10)  # one filling-in takes, as estimated
    state: Mapped[str] = mapped_column(String(16), default="draft", index=True)
    made_by: Mapped[str] = mapped_column(String(64))  # a signature, see kit/signing.py
    issued_by: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime | None] = mapped_column(Instant())
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(Instant())
    ended_reason: Mapped[str | None] = mapped_column(String(400))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("report_issue.id"))
    revision: Mapped[int] = mapped_column(Integer, default=1)

    form: Mapped[Form] = relationship()
    department: Mapped[Department | None] = relationship()
    merged_into: Mapped[ReportIssue | None] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": revision}

    def __str__(self) -> str:
        return self.title


class InspectionPlan(OnTree, Stamped, Base):
    """An inspection or assessment a department plans at villages; one comprehensive inspection a department and year."""

    __tablename__ = "inspection_plan"
    __scope__ = Scope(Resource.RECORDS, inherited=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    year: Mapped[int] = mapped_column(Integer, index=True)
    kind: Mapped[str] = mapped_column(String(16))  # comprehensive | special | assessment
    subject: Mapped[str] = mapped_column(String(200))
    planned_on: Mapped[date | None]
    approval_document: Mapped[str] = mapped_column(String(120))
    consent_document: Mapped[str | None] = mapped_column(String(120))  # of the county, where a department assesses
    state: Mapped[str] = mapped_column(String(16), default="planned")  # planned | done | cancelled
    remarks: Mapped[str | None] = mapped_column(String(400))

    department: Mapped[Department] = relationship()

    def __str__(self) -> str:
        return f"{self.year} {self.subject}"


class MeetingPlan(OnTree, Stamped, Base):
    """A meeting village cadres are called to; told when it falls on a day without meetings or its matter had one already."""

    __tablename__ = "meeting_plan"
    __scope__ = Scope(Resource.RECORDS, inherited=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    held_on: Mapped[date] = mapped_column(index=True)
    matter: Mapped[str] = mapped_column(String(200))
    attendance: Mapped[str | None] = mapped_column(String(200))
    exception_reason: Mapped[str | None] = mapped_column(String(400))
    state: Mapped[str] = mapped_column(String(16), default="planned")  # planned | held | cancelled

    department: Mapped[Department | None] = relationship()

    def __str__(self) -> str:
        return f"{self.held_on} {self.matter}"


class BurdenSetting(OnTree, Stamped, Base):
    """What a unit has set of the limits on reports, documents, meetings; keys as in domain/burden.py, the rest as released."""

    __tablename__ = "burden_setting"
    __scope__ = Scope(Resource.RULES, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}
