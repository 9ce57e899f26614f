"""How many items a list of a pack states, names and leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Data = Mapping[str, object]


@dataclass(frozen=True)
class ListCount:
    """The counts of one list: `stated` is None where its source prints no number."""

    code: str
    stated: int | None
    named: int
    open_places: int


def count_of(data: Data) -> ListCount:
    """The counts of one list in the list data shape.

    >>> count_of({"code": "L", "stated_count": 36, "open_places": 33, "items": [{}, {}, {}]})
    ListCount(code='L', stated=36, named=3, open_places=33)
    """
    stated = data.get("stated_count")
    return ListCount(
        str(data.get("code") or ""), whole(stated), len(entries(data, "items")), whole(data.get("open_places")) or 0
    )


def list_counts(lists: Sequence[Data]) -> tuple[ListCount, ...]:
    """The counts of each list, in order."""
    return tuple(count_of(data) for data in lists)


def entries(data: Data, key: str) -> Sequence[Data]:
    """The objects listed under a key; what is no list of objects counts as none."""
    listed = data.get(key)
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return ()
    return [entry for entry in listed if isinstance(entry, Mapping)]


def whole(value: object) -> int | None:
    """A whole number, or None for everything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
