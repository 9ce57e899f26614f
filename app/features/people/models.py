"""Persons, posts and employments. A person may have no account; an account is a user (see accounts)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.rights import Resource
from app.kit.access import Scope
from app.kit.db import Base, OnTree, Stamped


class Person(OnTree, Stamped, Base):
    """A person with the facts of the roster; `unit` is where his first post or employment stands."""

    __tablename__ = "person"
    __scope__ = Scope(Resource.PERSONS, owner="id")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    gender: Mapped[str | None] = mapped_column(String(8))
    phone: Mapped[str | None] = mapped_column(String(40))
    training_date: Mapped[date | None]
    record_book_no: Mapped[str | None] = mapped_column(String(40))
    certificate_no: Mapped[str | None] = mapped_column(String(40))
    certificate_issued_on: Mapped[date | None]
    volunteer_kind: Mapped[str | None] = mapped_column(String(40))
    remarks: Mapped[str | None] = mapped_column(String(400))

    def __str__(self) -> str:
        return self.name


class Post(OnTree, Stamped, Base):
    """A person in a role at a unit, from one day to another; rights come from posts in force.

    `covers` names the sub-grids an instructor of a total grid looks after (unit ids); `acting_for` the post he stands in for.
    """

    __tablename__ = "post"
    __scope__ = Scope(Resource.POSTS, owner="person_id")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(40), index=True)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    acting_for_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    covers: Mapped[list[int]] = mapped_column(JSON, default=list)
    is_certified: Mapped[bool] = mapped_column(default=False)
    remarks: Mapped[str | None] = mapped_column(String(400))

    person: Mapped[Person] = relationship()
    acting_for: Mapped[Post | None] = relationship(remote_side=[id])

    def __str__(self) -> str:
        return f"{self.person} · {self.role} · {self.unit}"


class Employment(OnTree, Stamped, Base):
    """A person employed by a village or unit from one day to another; wages by month hang on it (see bonus)."""

    __tablename__ = "employment"
    __scope__ = Scope(Resource.PERSONS, owner="person_id")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str | None] = mapped_column(String(60))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    payroll_eligible: Mapped[bool] = mapped_column(default=True)
    is_primary: Mapped[bool] = mapped_column(default=True)
    hold: Mapped[str] = mapped_column(String(16), default="none")  # none | hold | zero: the person gate of the award
    remarks: Mapped[str | None] = mapped_column(String(400))

    person: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return f"{self.person} · {self.unit}"
