"""Users (the accounts of persons), failed sign-ins, and the rights table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.features.people.models import Person
from app.kit.access import Unscoped
from app.kit.db import Base, Instant

__all__ = ["ApiKey", "FabRole", "PortalUser", "RightsEntry", "SignInFailure"]


class PortalUser(User):
    """The account of one person; what it may do comes from the person's posts."""

    __tablename__ = "ab_user"
    __scope__ = Unscoped("accounts are managed by the system administrator through the accounts resource")
    __told__ = ("last_login", "login_count", "fail_login_count")  # by the entry of the sign-in

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_set_at: Mapped[datetime | None] = mapped_column(Instant())
    password_history: Mapped[list[Any] | None] = mapped_column(JSON)
    locked_until: Mapped[datetime | None] = mapped_column(Instant())
    initial_used_at: Mapped[datetime | None] = mapped_column(Instant())  # a password handed over opens once
    totp_secret: Mapped[str | None] = mapped_column(String(255))  # encrypted, see accounts/second_factor.py
    totp_since: Mapped[datetime | None] = mapped_column(Instant())
    totp_last_step: Mapped[int | None]  # a code is good for one sign-in
    recovery_codes: Mapped[list[Any] | None] = mapped_column(JSON)  # hashes; each is good once

    person: Mapped[Person | None] = relationship()

    def __str__(self) -> str:
        return self.person.name if self.person else str(self.username)


class SignInFailure(Base):
    """One refused sign-in: kept for some minutes, so that an address that guesses is stopped on every worker."""

    __tablename__ = "sign_in_failure"
    __scope__ = Unscoped("belongs to an address, not to a unit")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant(), index=True)


class ApiKey(Base):
    """A key with which a machine acts as the account at the interface; kept as a digest, shown once when it is made."""

    __tablename__ = "api_key"
    __scope__ = Unscoped("belongs to an account, like its password")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    may_write: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(Instant())
    expires_on: Mapped[date]
    used_at: Mapped[datetime | None] = mapped_column(Instant())
    revoked_at: Mapped[datetime | None] = mapped_column(Instant())

    def __str__(self) -> str:
        return self.name


class RightsEntry(Base):
    """One cell of the rights table: a role may do a verb on a resource as far as `reach`."""

    __tablename__ = "rights_entry"
    __scope__ = Unscoped("the rights table belongs to the whole installation")
    __table_args__ = (UniqueConstraint("role", "resource", "verb"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    role: Mapped[str] = mapped_column(String(40))
    resource: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(40))
    reach: Mapped[str] = mapped_column(String(40))
