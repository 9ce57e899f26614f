"""The pack of the four Caojing lists stands in a shape of its own; here it gets the face every pack has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CODE = "CJ"
Data = Mapping[str, Any]


def as_pack(data: Data) -> Data:
    """The data of a pack; what stands in the common shape already is given back as it is."""
    if "meta" not in data:
        return data
    meta = data["meta"]
    name = {language: meta[f"name_{language}"] for language in ("zh", "en", "ko")}
    return {
        "pack": {"code": CODE, "version": meta["version"], "name": name, "source": meta["stated_in_zh"]},
        "bodies": data["bodies"],
        "lists": [_list(entry, data) for entry in data["lists"]],
        "procedures": [{**one, "bodies": data["bodies"]} for one in data["procedure_list"]["procedures"]],
        **{part: data[part] for part in ("forms", "indicators", "facts") if part in data},
    }


def _list(entry: Data, data: Data) -> Data:
    section = data[f"{entry['kind']}_list"]
    listed = section.get("items") or section.get("procedures") or section.get("systems") or ()
    items = [_item(one) for one in listed] if entry["kind"] != "assessment" else []  # those are of its scheme
    name = {language: entry[f"name_{language}"] for language in ("zh", "en", "ko")}
    stated = section["stated_count"]["value"] if items else None
    counts = {"stated_count": stated, "open_places": 0} if items else {"is_open": True}
    return {"code": entry["code"], "kind": entry["kind"], "name": name, **counts, "source": "text", "items": items}


def _item(one: Data) -> Data:
    said = {
        "code": one["code"],
        "name": one.get("title_zh") or one["name_zh"],
        "name_en": one.get("title_en") or one.get("name_en", ""),
        "category": one.get("aspect_zh"),
        "role": one.get("role"),
        "source": one["source"],
    }
    return {key: value for key, value in said.items() if value}
