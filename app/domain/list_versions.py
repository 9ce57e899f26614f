"""Two versions of a list side by side: what was added, removed, changed or moved. Items are known by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

Fields = Mapping[str, str]


class Difference(StrEnum):
    """What became of an item from one version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    SAME = "same"


@dataclass(frozen=True)
class ItemChange:
    """One item in two versions; `fields` is field -> (old, new) where they differ; moved: another category or place."""

    name: str
    kind: Difference
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    is_moved: bool = False


def compare_versions(old: Sequence[tuple[str, Fields]], new: Sequence[tuple[str, Fields]]) -> list[ItemChange]:
    """Every item of both versions, in the order of the new one; the removed ones last.

    Shape: a version is (name, fields) in its order, fields as text; names are unique. An item that is changed and moved
           counts as changed.
    >>> a = [("公开", {"category": "管理"}), ("印章", {"category": "管理"})]
    >>> [(c.name, str(c.kind)) for c in compare_versions(a, [("印章", {"category": "服务"}), ("代办", {})])]
    [('印章', 'moved'), ('代办', 'added'), ('公开', 'removed')]
    """
    before, after = dict(old), dict(new)
    moved = _moved([name for name, _ in old if name in after], [name for name, _ in new if name in before])
    found = []
    for name, fields in new:
        if name not in before:
            found.append(ItemChange(name, Difference.ADDED, {key: ("", text) for key, text in fields.items() if text}))
            continue
        keys = dict.fromkeys([*before[name], *fields])
        pairs = {key: (before[name].get(key, ""), fields.get(key, "")) for key in keys}
        differing = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        is_moved = name in moved or "category" in differing
        kind = Difference.CHANGED if differing.keys() - {"category"} else Difference.SAME
        found.append(
            ItemChange(name, Difference.MOVED if kind is Difference.SAME and is_moved else kind, differing, is_moved)
        )
    gone = [
        (name, {key: (text, "") for key, text in fields.items() if text}) for name, fields in old if name not in after
    ]
    return found + [ItemChange(name, Difference.REMOVED, pairs) for name, pairs in gone]


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The names that do not keep their order among the others."""
    kept: set[str] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept.update(new[block.b : block.b + block.size])
    return set(new) - kept
