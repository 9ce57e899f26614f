"""Duty templates, periods, duties (the monthly logs), comments, urges and leads."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.features.forms.models import FormVersion
from app.features.people.models import Person
from app.kit import names
from app.kit.access import Scope
from app.kit.db import Base, Instant, OnTree, Stamped
from app.kit.i18n import chosen


class DutyTemplate(OnTree, Stamped, Base):
    """What a role has to log each cycle, and on which form."""

    __tablename__ = "duty_template"
    __scope__ = Scope(Resource.FORMS, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(40), index=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    cycle: Mapped[str] = mapped_column(String(16), default="month")
    per: Mapped[str] = mapped_column(String(8), default="post")  # post | unit: one duty a post, or one a unit
    form_code: Mapped[str] = mapped_column(String(64))
    from_items: Mapped[list[str]] = mapped_column(JSON, default=list)
    due_day: Mapped[int] = mapped_column(Integer, default=5)
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return chosen(self.title) or self.code

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return str(self)

    @property
    def role_name(self) -> str:
        """The role in the reader's language."""
        return names.role(self.role)


class DutyPeriod(OnTree, Stamped, Base):
    """A period opened for a township; closed, it is locked. One person asks to reopen it, another allows it."""

    __tablename__ = "duty_period"
    __scope__ = Scope(Resource.DUTIES, inherited=True)
    __table_args__ = (UniqueConstraint("unit_id", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[str] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    opened_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Instant())
    closed_by: Mapped[str | None] = mapped_column(String(64))
    reopen_asked_at: Mapped[datetime | None] = mapped_column(Instant())
    reopen_asked_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    reopened_at: Mapped[datetime | None] = mapped_column(Instant())
    reopened_by: Mapped[str | None] = mapped_column(String(64))
    reopen_reason: Mapped[str | None] = mapped_column(String(400))
    reopen_refused_by: Mapped[str | None] = mapped_column(String(64))
    reopen_refusal: Mapped[str | None] = mapped_column(String(400))


class Duty(OnTree, Stamped, Base):
    """One duty of one post (or unit) in one period, with what was logged; `answers` follow the form version."""

    __tablename__ = "duty"
    __scope__ = Scope(Resource.DUTIES, owner="person_id", passes_on=True)
    __table_args__ = (
        UniqueConstraint("template_id", "subject", "period"),
        Index("ix_duty_village_period", "village_id", "period"),
        Index("ix_duty_person_period", "person_id", "period"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("duty_template.id"), index=True)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"))
    period: Mapped[str] = mapped_column(String(16), index=True)
    subject: Mapped[str] = mapped_column(String(32))  # "post:17" or "unit:5"; stays when somebody stands in
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(24), default="open", index=True)
    is_nothing: Mapped[bool] = mapped_column(default=False)  # 本期无
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_on: Mapped[date]
    submitted_at: Mapped[datetime | None] = mapped_column(Instant())
    submitted_by: Mapped[str | None] = mapped_column(String(64))
    is_late: Mapped[bool] = mapped_column(default=False)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant())
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    return_reason: Mapped[str | None] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(Integer, default=1)

    template: Mapped[DutyTemplate] = relationship()
    form_version: Mapped[FormVersion] = relationship()
    person: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.template} {self.period}"


class DutyComment(Stamped, Base):
    """What a supervisor says about a log."""

    __tablename__ = "duty_comment"
    __scope__ = Scope(Resource.DUTIES, through="duty")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id"), index=True)
    author: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(String(1000))

    duty: Mapped[Duty] = relationship()


class Urge(OnTree, Stamped, Base):
    """督办: a supervisor asks a person for what is missing, by a date that stands first on that person's page."""

    __tablename__ = "urge"
    __scope__ = Scope(Resource.DUTIES, owner="person_id", passes_on=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    period: Mapped[str | None] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(400))
    due_on: Mapped[date]
    urged_by: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime | None] = mapped_column(Instant())

    person: Mapped[Person] = relationship()
    duty: Mapped[Duty | None] = relationship()
    lead: Mapped[Lead | None] = relationship()


class Lead(OnTree, Stamped, Base):
    """民情线索: what a worker or volunteer noticed; the sub-grid leader takes it or returns it."""

    __tablename__ = "lead"
    __scope__ = Scope(Resource.LEADS, owner="reporter_id", passes_on=True)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    category: Mapped[str] = mapped_column(String(32))
    is_urgent: Mapped[bool] = mapped_column(default=False)  # does not wait for the monthly meeting
    place: Mapped[str | None] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(1000))
    reported_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), default="reported", index=True)
    reason: Mapped[str | None] = mapped_column(String(400))
    finding: Mapped[str | None] = mapped_column(String(1000))
    solution: Mapped[str | None] = mapped_column(String(1000))
    result: Mapped[str | None] = mapped_column(String(1000))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(Integer, default=1)

    reporter: Mapped[Person | None] = relationship(foreign_keys=[reporter_id])
    responsible: Mapped[Person | None] = relationship(foreign_keys=[responsible_id])
    merged_into: Mapped[Lead | None] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.id} {self.words[:20]}"


class LeadEvent(Stamped, Base):
    """One step in the life of a lead."""

    __tablename__ = "lead_event"
    __scope__ = Scope(Resource.LEADS, through="lead")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    action: Mapped[str] = mapped_column(String(24))
    author: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(String(1000))

    lead: Mapped[Lead] = relationship()


class VillageRegister(OnTree, Stamped, Base):
    """What a village counted in a month: certificates by kind, and service cases. One row per village and month.

    It hangs on the total grid of the village where there is exactly one, so that its leaders keep it.
    """

    __tablename__ = "village_register"
    __scope__ = Scope(Resource.DUTIES)
    __table_args__ = (UniqueConstraint("village_id", "period"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[str] = mapped_column(String(16), index=True)
    # Kind -> count, a kind left out is 0; a certificate the form has no column for stands under its name.
    certificates: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    accepted: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[int] = mapped_column(Integer, default=0)
    instant: Mapped[int] = mapped_column(Integer, default=0)
    overdue: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(400))  # why a certificate was issued that should not be
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def certificate_total(self) -> int:
        """How many certificates were issued."""
        return sum(self.certificates.values())

    def __str__(self) -> str:
        return f"{self.period} {self.unit}"


class CertificateException(OnTree, Stamped, Base):
    """A certificate no list keeps, wanted in one case: asked for by the village, allowed or refused above it.

    It says which certificate, who wants to see it and why; nothing of the villager it is about.
    """

    __tablename__ = "certificate_exception"
    __scope__ = Scope(Resource.DUTIES)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[str] = mapped_column(String(16), index=True)  # the month in whose register it is counted
    certificate: Mapped[str] = mapped_column(String(60))
    requesting_body: Mapped[str] = mapped_column(String(120))  # the office that wants to see it
    reason: Mapped[str] = mapped_column(String(400))
    risk: Mapped[str] = mapped_column(String(16))
    minutes_no: Mapped[str | None] = mapped_column(String(60))  # the number of the minutes where a risk was talked over
    state: Mapped[str] = mapped_column(String(16), default="asked", index=True)
    asked_by: Mapped[str | None] = mapped_column(String(64))  # a signature, see kit/signing.py
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decision_reason: Mapped[str | None] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.period} {self.certificate}"
