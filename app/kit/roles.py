"""Roles of an installation: the fourteen of the product, and copies of them with rights and a name of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import g, has_app_context
from sqlalchemy import JSON, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.rights import Role
from app.kit import access
from app.kit.db import Base, Stamped, db


class CustomRole(Stamped, Base):
    """A role made by copying: it stands where `base` stands and excludes what `base` excludes; its rights are its own."""

    __tablename__ = "custom_role"
    __scope__ = access.Unscoped("roles belong to the whole installation")

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    base: Mapped[str] = mapped_column(String(40))
    title: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return str(self.title.get("zh") or self.code)


class Copied(NamedTuple):
    """What everybody asks of a copied role."""

    base: Role
    title: Mapping[str, str]
    is_active: bool


_RELEASED = frozenset(role.value for role in Role)


def copied() -> Mapping[str, Copied]:
    """The copied roles by code, in the order in which they were made; read once a request."""
    if not has_app_context():
        return {}
    if "copied_roles" not in g:
        columns = (CustomRole.code, CustomRole.base, CustomRole.title, CustomRole.is_active)
        with db.session.no_autoflush:
            rows = db.session.execute(select(*columns).order_by(CustomRole.id)).tuples().all()
        g.copied_roles = {code: Copied(Role(base), title, active) for code, base, title, active in rows}
    return g.copied_roles  # type: ignore[no-any-return]


def forget() -> None:
    """Read the copied roles anew: after one was made, renamed or switched."""
    if has_app_context():
        g.pop("copied_roles", None)


def base_of(code: str) -> Role:
    """The role of the release that a role is, or is a copy of: levels, exclusions and duties follow it.

    Errors: ValueError for a code nobody knows.
    """
    if code in _RELEASED:
        return Role(code)
    found = copied().get(code)
    if found is None:
        raise ValueError(f"{code!r} is not a role")
    return found.base


def known() -> dict[str, Role]:
    """Every role by code with its base, in the order of rank: each copy stands behind the one it was copied from."""
    copies = copied()
    found: dict[str, Role] = {}
    for role in Role:
        found[role.value] = role
        found |= {code: role for code, copy in copies.items() if copy.base is role}
    return found


def is_offered(code: str) -> bool:
    """True when a post may be given this role: a copy may be switched off."""
    return code in _RELEASED or (code in copied() and copied()[code].is_active)


def codes_of(*bases: Role) -> list[str]:
    """These roles and all their copies, for conditions in SQL."""
    wanted = set(bases)
    return [code for code, base in known().items() if base in wanted]
