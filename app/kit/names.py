"""Names of roles, levels and kinds of volunteers in the reader's language, out of the reference data in seed/."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import yaml

from app.config import data_dir
from app.kit.i18n import chosen


@functools.cache
def _reference(name: str) -> Mapping[str, Mapping[str, Any]]:
    text = (data_dir("seed") / "reference" / f"{name}.yaml").read_text(encoding="utf-8")
    return {entry["code"]: entry for entry in yaml.safe_load(text)}


def _name(kind: str, code: str | None) -> str:
    entry = _reference(kind).get(code or "")
    return code or "" if entry is None else chosen({key: entry.get(f"name_{key}") or "" for key in ("zh", "en", "ko")})


def role(code: str | None) -> str:
    """The name of a role, e.g. 总网格长."""
    return _name("roles", code)


def level(code: str | None) -> str:
    """The name of a level of the tree, e.g. 村（居）."""
    return _name("levels", code)


def volunteer_kind(code: str | None) -> str:
    """Who a volunteer is, e.g. 在职党员."""
    return _name("volunteer_kinds", code)


def volunteer_kind_code(word: str | None) -> str | None:
    """The code of a kind of volunteer out of its code or its Chinese name as workbooks write it; the word when unknown."""
    kinds = _reference("volunteer_kinds")
    return next((code for code, entry in kinds.items() if word in (code, entry["name_zh"])), word)


def volunteer_kind_word(code: str | None) -> str:
    """The Chinese name of a kind of volunteer, as workbooks write it."""
    return str(_reference("volunteer_kinds").get(code or "", {}).get("name_zh", code or ""))


def roles() -> dict[str, str]:
    """Every role with its name, in the order of rank."""
    return {code: role(code) for code in _reference("roles")}


def levels() -> dict[str, str]:
    """Every level with its name, from the top."""
    return {code: level(code) for code in _reference("levels")}


def volunteer_kinds() -> dict[str, str]:
    """Every kind of volunteer with its name."""
    return {code: volunteer_kind(code) for code in _reference("volunteer_kinds")}
