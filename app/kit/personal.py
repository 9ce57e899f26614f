"""The register of fields: what every column may hold of a person, why, who sees it, how long it stays, how it is masked.

The register is data (seed/reference/fields.yaml). Masking asks it everywhere; a test holds it against the tables.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.sql.schema import Column

from app.domain.rights import Resource
from app.kit import access, names, seed
from app.kit.db import Base
from app.kit.i18n import _, chosen


class Level(StrEnum):
    """How much a column says of a person."""

    NONE = "none"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    SECRET = "secret"


class Mask(StrEnum):
    """How a value is shown to those who may not see it whole."""

    OPEN = ""
    PHONE = "phone"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Entry:
    """One column of the register; `seen_by` is the resource whose view right shows it, empty when no page does.

    `free`: people write in it; `in_trail`: its values are copied into the audit trail.
    """

    table: str
    column: str
    kind: str
    level: Level
    mask: Mask
    free: bool
    in_trail: bool
    seen_by: str
    kept: str


@functools.cache
def register() -> Mapping[str, Any]:
    """The file: levels, kinds, kept, tables."""
    return seed.read("reference/fields.yaml")  # type: ignore[no-any-return]


@functools.cache
def entries_of(table: str) -> Mapping[str, Entry]:
    """The named columns of a table by their names; a table the register does not know has none."""
    about = register()["tables"].get(table, {})
    seen_by, kept = about.get("seen_by", _resource_of(table)), about.get("kept", "record")
    return {
        column: Entry(
            table,
            column,
            kind,
            Level(_kind(kind)["level"]),
            Mask(_kind(kind).get("mask", "")),
            bool(_kind(kind).get("free")),
            bool(_kind(kind).get("trail", True)),
            "" if _kind(kind)["level"] == Level.SECRET else seen_by,
            kept,
        )
        for column, kind in about.get("columns", {}).items()
    }


def _kind(code: str) -> Mapping[str, Any]:
    return register()["kinds"][code]  # type: ignore[no-any-return]


def _resource_of(table: str) -> str:
    for mapper in Base.registry.mappers:
        scope = getattr(mapper.class_, "__scope__", None)
        if mapper.local_table is not None and getattr(mapper.local_table, "name", "") == table:
            return scope.resource.value if isinstance(scope, access.Scope) else ""
    return ""


def entry(table: str, column: str) -> Entry | None:
    """What the register says about a column; None for structure."""
    return entries_of(table).get(column)


def must_be_named(column: Column[Any]) -> bool:
    """True for a column that may hold words: text, JSON and binary ones that are no key."""
    free = isinstance(column.type, String | JSON | LargeBinary)
    return free and not column.foreign_keys


def masks_of(table: str) -> Mapping[str, Mask]:
    """The columns of a table that are not shown whole."""
    return {name: found.mask for name, found in entries_of(table).items() if found.mask is not Mask.OPEN}


@functools.cache
def free_columns(table: str) -> frozenset[str]:
    """The columns of a table in which people write freely."""
    return frozenset(name for name, found in entries_of(table).items() if found.free)


def all_entries(*levels: Level) -> Iterator[Entry]:
    """Every named column of these levels, by table."""
    for table in register()["tables"]:
        yield from (found for found in entries_of(table).values() if found.level in levels)


def counts() -> Mapping[Level, int]:
    """How many named columns there are of each level."""
    return {level: sum(1 for _entry in all_entries(level)) for level in Level}


# -- in words --------------------------------------------------------------------------------------


def _named(section: str, code: str, what: str = "name") -> str:
    entry = register()[section][code]
    return chosen({language: entry.get(f"{what}_{language}") or "" for language in ("zh", "en", "ko")})


def table_word(table: str) -> str:
    """What a table holds."""
    return _named("tables", table)


def kind_word(kind: str) -> str:
    """What a column of this kind is."""
    return _named("kinds", kind)


def purpose_word(kind: str) -> str:
    """Why it is kept."""
    return _named("kinds", kind, "purpose")


def level_word(level: Level) -> str:
    """How much it says of a person."""
    return _named("levels", level.value)


def kept_word(kept: str) -> str:
    """How long it is kept."""
    return _named("kept", kept)


def mask_word(found: Entry) -> str:
    """How it is shown, in words; empty when it is shown as it is."""
    if found.mask is Mask.PHONE:
        return str(_("first three and last four digits"))
    if found.mask is Mask.WITHHELD:
        return str(_("never shown"))
    return str(_("identity and bank-card numbers are refused")) if found.free else ""


def seen_by_word(resource: str) -> str:
    """Whose right shows it; empty when no page does."""
    return names.resource(resource) if resource in set(Resource) else ""
