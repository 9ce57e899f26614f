"""Roles by copying: made, renamed, switched off and on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from sqlalchemy import select

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Role
from app.domain.rights_change import check_copy
from app.features.accounts.models import RightsEntry
from app.features.accounts.queries import rights_table
from app.features.accounts.role_facts import posts_holding
from app.features.accounts.services.rights import load_default_rights, require_rights
from app.kit import names, roles
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.roles import CustomRole
from app.kit.security import show_rights

LONGEST = 40


def copy_role(code: str, title: Mapping[str, str]) -> CustomRole:
    """A new role with the rights of another one and a name of its own, to be changed in the matrix.

    Shape:  `title` is the name by language, `zh` required.
    Errors: rights.unknown_role, rights.no_copy (the three administrators), required, rights.name_taken, rights.name_long;
            NotAllowed without the right over rights.
    """
    require_rights()
    if code not in roles.known():
        raise broken("rights.unknown_role", "base", role=code)
    base = roles.base_of(code)
    if problems := check_copy(base):
        raise RuleBroken(problems)
    with transaction() as session, acting("accounts.copy_role"):
        load_default_rights()
        role = CustomRole(code=_free_code(base), base=base.value, title=_title(title))
        session.add(role)
        session.flush()
        session.add_all(
            RightsEntry(role=role.code, resource=resource.value, verb=verb.value, reach=reach.value)
            for (who, resource, verb), reach in rights_table().items()
            if who == code
        )
        session.flush()
        roles.forget()
        show_rights(rights_table())
    return role


def rename_role(code: str, title: Mapping[str, str]) -> None:
    """The copied role has another name. Errors: required, rights.name_taken, rights.name_long, rights.unknown_role; NotAllowed."""
    require_rights()
    with transaction(), acting("accounts.rename_role"):
        _copied(code).title = _title(title, but=code)
    roles.forget()


def switch_role(code: str, active: bool) -> None:
    """The copied role is offered for posts, or is not any more.

    Errors: rights.role_held while a post in force or to come holds it, rights.unknown_role for no copy; NotAllowed.
    """
    require_rights()
    with transaction(), acting("accounts.switch_role_on" if active else "accounts.switch_role_off"):
        role = _copied(code)
        if not active and (held := posts_holding(code)):
            raise broken("rights.role_held", "", role=code, count=held)
        role.is_active = active
    roles.forget()


def _copied(code: str) -> CustomRole:
    role = db.session.scalar(select(CustomRole).where(CustomRole.code == code).with_for_update())
    if role is None:
        raise broken("rights.unknown_role", "", role=code)
    return role


def _free_code(base: Role) -> str:
    known = roles.known()
    return next(code for number in count(2) if (code := f"{base.value}_{number}") not in known)


def _title(title: Mapping[str, str], but: str = "") -> dict[str, str]:
    wanted = {language: " ".join(words.split()) for language, words in title.items()}
    wanted = {language: words for language, words in wanted.items() if words}
    if "zh" not in wanted:
        raise broken("required", "zh")
    if any(len(words) > LONGEST for words in wanted.values()):
        raise broken("rights.name_long", "zh", limit=LONGEST)
    taken = {words for code, words in names.role_titles() if code != but}
    if double := taken & set(wanted.values()):
        raise broken("rights.name_taken", "zh", name=min(double))
    return wanted
