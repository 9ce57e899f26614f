"""Loading packs, bringing them up to date, taking in one from elsewhere, and handing out the county's own lists as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.packs import Difference, Pack, fingerprint, parse_pack
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList
from app.features.org.models import OrgUnit
from app.features.packs import queries
from app.features.packs.files import as_text, read_text, shipped
from app.features.packs.models import PackFile, PackLoad
from app.features.packs.parts import PARTS, data_of, stands_already
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

Key = tuple[str, str]


def load_pack(pack: Pack, unit: OrgUnit) -> PackLoad:
    """Everything the pack brings, made at a unit, in one go: kinds, lists, procedures, forms, indicators.

    Loading it again makes what is not there yet and nothing else: what the county changed, or took away, stays so.
    Errors: those of the loaders; NotAllowed without the right to edit and approve lists at the unit.
    """
    found = queries.standing_at(unit, pack)
    missing = {(one.part, one.code) for one in found if one.difference is Difference.ADDED}
    if not _load_of(pack, unit):
        missing |= {key for key in queries.keys_of(pack) if stands_already(pack, key[0])}
    return _bring(pack, unit, missing, "packs.load")


def update_pack(pack: Pack, unit: OrgUnit, also: Collection[Key] = ()) -> PackLoad:
    """The pack brought up to date: what it adds and changes, as far as nobody changed that here, and what `also` names.

    Errors: pack.not_loaded; those of the loaders; NotAllowed as above.
    """
    found = queries.standing_at(unit, pack)
    if not _load_of(pack, unit):
        raise broken("pack.not_loaded", "code", code=pack.code)
    wanted = {(one.part, one.code) for one in found if one.is_safe or (one.part, one.code) in set(also)}
    return _bring(pack, unit, wanted, "packs.update")


def _bring(pack: Pack, unit: OrgUnit, wanted: Collection[Key], act: str) -> PackLoad:
    _require_keeper(unit)
    with transaction(), acting(act):
        for part, code in queries.keys_of(pack):
            if (part, code) in wanted and not stands_already(pack, part):
                PARTS[part].load(unit, data_of(pack, part, code), pack.label)
        db.session.flush()
        load = _load_of(pack, unit) or PackLoad(unit=unit, code=pack.code, parts={})
        load.parts = {**load.parts, **_fingerprints(pack, unit, wanted)}
        load.version, load.sha256 = pack.version, _digest(pack)
        load.counts = pack.counts()
        load.loaded_at, load.loaded_by = clock.now(), signature(unit)
        db.session.add(load)
        db.session.flush()
    return load


def _require_keeper(unit: OrgUnit) -> None:
    for verb in (Verb.EDIT, Verb.APPROVE):
        access.require_at(verb, Resource.LISTS, unit)


def _load_of(pack: Pack, unit: OrgUnit) -> PackLoad | None:
    statement = select(PackLoad).where(PackLoad.unit_id == unit.id, PackLoad.code == pack.code)
    return db.session.scalar(statement)


def _fingerprints(pack: Pack, unit: OrgUnit, keys: Collection[Key]) -> dict[str, list[str]]:
    now = queries.here(unit, list(keys))
    said = {(part, str(data["code"])): data for part in PARTS for data in pack.part(part)}
    return {f"{part}/{code}": [fingerprint(said[part, code]), fingerprint(data)] for (part, code), data in now.items()}


def _digest(pack: Pack) -> str:
    return fingerprint({name: pack.part(name) for name in PARTS})


def take_in(unit: OrgUnit, content: bytes) -> PackFile:
    """A pack from elsewhere kept at a unit, to look at and to load; the same file twice is the same pack.

    Errors: those of `read_text`; pack.ships_with_portal, pack.version_taken (params: code, version); NotAllowed.
    """
    _require_keeper(unit)
    pack, text = read_text(content)
    if pack.code in shipped():
        raise broken("pack.ships_with_portal", "file", code=pack.code)
    digest = fingerprint(text)
    with transaction(), acting("packs.take_in"):
        mine = select(PackFile).where(PackFile.unit_id == unit.id, PackFile.code == pack.code)
        found = db.session.scalar(mine.where(PackFile.version == pack.version))
        if found and found.sha256 != digest:
            raise broken("pack.version_taken", "file", code=pack.code, version=pack.version)
        if found:
            return found
        made = PackFile(unit=unit, code=pack.code, version=pack.version, name=str(pack.name)[:120], content=text)
        made.sha256, made.taken_by = digest, signature(unit)
        db.session.add(made)
    return made


def export_pack(
    unit: OrgUnit, code: str, name: str, version: int, lists: Collection[int], parts: Iterable[str] = ()
) -> bytes:
    """The county's own lists, and if asked its own procedures, forms and indicators, as a file another county takes in.

    Shape:  `lists` are ids of lists in force at the unit; their kinds go along. `parts` are further parts, whole.
    Errors: pack.nothing_chosen, those of `parse_pack`; NotAllowed without the right to export lists at the unit.
    """
    access.require_at(Verb.EXPORT, Resource.LISTS, unit)
    chosen = [row for row in PARTS["lists"].rows(unit) if row.id in set(lists)]
    also = [part for part in PARTS if part in set(parts) - {"kinds", "lists"}]
    if not chosen and not also:
        raise broken("pack.nothing_chosen", "lists")
    data: dict[str, Any] = {"pack": {"code": code, "version": version, "name": {"zh": name}, "source": unit.name}}
    data["kinds"] = _kinds_of(unit, chosen)
    data["lists"] = [_plain(PARTS["lists"].as_data(row)) for row in chosen]
    for part in also:
        data[part] = [_plain(PARTS[part].as_data(row)) for row in PARTS[part].rows(unit)]
    data = {key: value for key, value in data.items() if value}
    parse_pack(data)  # whoever takes it in must be able to read it
    with transaction(), acting("packs.export"):
        audit.record("export", PackFile.__tablename__, unit.code, {"code": code, "lists": len(chosen)})
    return as_text(data).encode("utf-8")


def _kinds_of(unit: OrgUnit, lists: Sequence[GovernanceList]) -> list[Mapping[str, Any]]:
    codes = {row.kind for row in lists}
    return [_plain(PARTS["kinds"].as_data(row)) for row in PARTS["kinds"].rows(unit) if row.code in codes]


def _plain(data: Any) -> Any:
    """The same data out of what YAML writes: tuples become lists, numbers that are calculated with texts."""
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data if data is None or isinstance(data, bool | int | str) else str(data)
