"""Reading packs: the gallery, how a pack stands where it was loaded, and whether its figures are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.indicators import value_of
from app.domain.packs import Held, Pack, Standing, readable_figures, standing
from app.domain.packs.figures import agrees
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at
from app.features.packs.files import read_text, shipped
from app.features.packs.models import PackFile, PackLoad
from app.features.packs.parts import PARTS, stands_already
from app.kit import access
from app.kit.db import db

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """A pack in the gallery: what it brings, and the load of it at the unit, if any."""

    pack: Pack
    load: PackLoad | None
    file: PackFile | None = None  # None for those that come with the portal
    came: int = 0  # how many of its things every installation has from the start and that stand here, loaded or not

    @property
    def things(self) -> int:
        """How many things it brings."""
        return len(keys_of(self.pack))

    @property
    def is_newer(self) -> bool:
        """Whether a later version is there than the one that was loaded."""
        return self.load is not None and self.pack.version > self.load.version


@dataclass(frozen=True)
class Figure:
    """A figure the source of a pack prints, and the one that is held at the unit."""

    capability: str
    place: str
    stated: str
    held: str | None

    @property
    def agrees(self) -> bool:
        """Whether they are the same number."""
        return agrees(self.stated, self.held)


def owners() -> Sequence[OrgUnit]:
    """The units at which the actor may keep lists and that stand under no other such unit: where packs are loaded."""
    units = [*units_at("prefecture"), *units_at("county")]
    mine = [unit for unit in units if access.can_at(Verb.EDIT, Resource.LISTS, unit)]
    ids = {unit.id for unit in mine}
    return [unit for unit in mine if unit.prefecture_id == unit.id or unit.prefecture_id not in ids]


def owner(unit_id: int | None) -> OrgUnit:
    """The chosen one of them, or the first. Errors: NotAllowed where there is none."""
    found = next((unit for unit in owners() if unit_id in (None, unit.id)), None)
    if found is None:
        raise access.NotAllowed(Resource.LISTS, Verb.EDIT, hidden=unit_id is not None)
    return found


def gallery(unit: OrgUnit) -> list[Card]:
    """Every pack that can be loaded at a unit, the newest version of each: first the loaded ones, then those of the portal."""
    loads = {load.code: load for load in _loads(unit)}
    taken = {file.code: file for file in _files(unit)}  # ordered by version: the last one stays
    cards = [Card(pack, loads.get(code), came=_came(unit, pack)) for code, pack in shipped().items()]
    cards += [Card(_parsed(file), loads.get(file.code), file) for file in taken.values()]
    return sorted(cards, key=lambda card: card.load is None and not card.came)


def _came(unit: OrgUnit, pack: Pack) -> int:
    """How many things of a pack stand at a unit or above it because every installation has them, found by their codes."""
    above = list(unit.ancestors().values())
    found = 0
    with access.everything("what came with the portal stands for everybody below"):
        for name in (name for name in PARTS if stands_already(pack, name)):
            codes = {str(data["code"]) for data in pack.part(name)}
            found += len(PARTS[name].codes_at(above) & codes)
    return found


def _loads(unit: OrgUnit) -> Sequence[PackLoad]:
    return db.session.scalars(access.visible(select(PackLoad), PackLoad).where(PackLoad.unit_id == unit.id)).all()


def _files(unit: OrgUnit) -> Sequence[PackFile]:
    statement = access.visible(select(PackFile), PackFile).where(PackFile.unit_id == unit.id)
    return db.session.scalars(statement.order_by(PackFile.code, PackFile.version)).all()


def _parsed(file: PackFile) -> Pack:
    return read_text(file.content.encode("utf-8"))[0]


def card_of(unit: OrgUnit, code: str) -> Card:
    """The card of one pack. Errors: NotAllowed, hidden, when there is none of this code."""
    found = next((card for card in gallery(unit) if card.pack.code == code), None)
    if found is None:
        raise access.NotAllowed(Resource.LISTS, Verb.VIEW, hidden=True)
    return found


def pack_named(unit: OrgUnit, code: str) -> Pack:
    """A pack by its code, for commands. Errors: pack.unknown (params: code, known)."""
    cards = {card.pack.code: card.pack for card in gallery(unit)}
    if code not in cards:
        raise broken("pack.unknown", "code", code=code, known="、".join(cards))
    return cards[code]


def here(unit: OrgUnit, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Data]:
    """What stands at a unit under these (part, code), as plain data."""
    found: dict[tuple[str, str], Data] = {}
    for name, part in PARTS.items():
        codes = [code for part_name, code in keys if part_name == name]
        found |= {(name, code): data for code, data in (part.here(unit, codes) if codes else {}).items()}
    return found


def keys_of(pack: Pack) -> list[tuple[str, str]]:
    """(part, code) of everything a pack brings."""
    return [(name, str(data["code"])) for name in PARTS for data in pack.part(name)]


def standing_at(unit: OrgUnit, pack: Pack) -> list[Standing]:
    """How each thing of a pack stands at a unit, see domain.packs.standing."""
    load = next((load for load in _loads(unit) if load.code == pack.code), None)
    loaded = {_key(text): (pair[0], pair[1]) for text, pair in (load.parts if load else {}).items()}
    return standing(pack, loaded, here(unit, [*keys_of(pack), *loaded]))


def _key(text: str) -> tuple[str, str]:
    part, _, code = text.partition("/")
    return part, code


def figures(unit: OrgUnit, pack: Pack) -> list[Figure]:
    """Every figure the pack states, with what the portal holds at the unit now."""
    held = here(unit, keys_of(pack))
    by_part: dict[str, dict[str, Any]] = {name: {} for name in PARTS}
    for (part, code), data in held.items():
        by_part[part][code] = data
    values = {code: _value(data) for code, data in by_part["indicators"].items()}
    known = Held(by_part["lists"], by_part["procedures"], values)
    return [Figure(*found) for found in readable_figures(pack.facts or {}, known)]


def _value(indicator: Data) -> dict[str, Decimal | None]:
    """Both figures the source prints for an indicator, and what they come to by its formula here."""
    stated = indicator.get("stated") or {}
    first, second = (Decimal(stated[key]) if key in stated else None for key in ("first", "second"))
    value = None if first is None else value_of(indicator["formula"], first, second)
    return {"first": first, "second": second, "value": value}
