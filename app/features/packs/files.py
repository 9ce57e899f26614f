"""Packs as files: those that come with the portal, and the text of one that comes from outside, which may be hostile."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import yaml

from app.config import data_dir
from app.domain.errors import broken
from app.domain.packs import Pack, parse_pack
from app.features.packs.caojing import as_pack
from app.features.reviews.services import shipped_review

MOST_BYTES, MOST_EVENTS, MOST_DEPTH = 512 * 1024, 100_000, 40
REVIEW_HERE = "ratings_of_departments"  # in the place of a form of its own
Data = Mapping[str, Any]

_PLAIN = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C where it is there, several times as fast


@functools.cache
def shipped() -> Mapping[str, Pack]:
    """The packs that come with the portal, by code, in the order of their names as files; read once."""
    files = sorted((data_dir("seed") / "packs").glob("*.yaml"))
    found = [parse_pack(_with_review(as_pack(read_file(path.name)))) for path in files]
    return {pack.code: pack for pack in found}


def _with_review(data: Data) -> Data:
    """The pack with the portal's own form for rating departments where it says it brings that one."""
    if not any(REVIEW_HERE in one for one in data.get("forms") or ()):
        return data
    forms = [
        {**shipped_review(), "shows": one.get("shows") or []} if REVIEW_HERE in one else one for one in data["forms"]
    ]
    return {**data, "forms": forms}


def read_file(name: str) -> Data:
    """What a file of seed/packs holds."""
    text = (data_dir("seed") / "packs" / name).read_text(encoding="utf-8")
    return _data(text)  # type: ignore[no-any-return]


def _data(text: str) -> Any:
    loader = _PLAIN(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def read_text(content: bytes) -> tuple[Pack, str]:
    """The pack in a file from outside, and its text.

    Errors: pack.too_large, pack.not_text, pack.not_yaml, pack.aliases, pack.too_deep, and those of `parse_pack`.
    """
    if len(content) > MOST_BYTES:
        raise broken("pack.too_large", "file", most=MOST_BYTES // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise broken("pack.not_text", "file") from error
    try:
        _check_shape(text)
        data = _data(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date no calendar has is a ValueError
        raise broken("pack.not_yaml", "file", line=_line(error)) from error
    return parse_pack(data), text


def _check_shape(text: str) -> None:
    """Refuse what unfolds to more than it says (aliases) or goes deeper than any pack, before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_PLAIN)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise broken("pack.aliases", "file")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH or number > MOST_EVENTS:
            raise broken("pack.too_deep", "file")


def _line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def as_text(data: Data) -> str:
    """A pack as the text of a file that `read_text` takes."""
    return yaml.dump(dict(data), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=150)


class _Writer(yaml.SafeDumper):
    """Writes no aliases: the same value twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
