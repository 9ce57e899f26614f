"""The figures a pack states of itself, and what is held where it points: `list NH-L1`, `category NH-L1 公共权力事项` …"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from app.domain.errors import Problem
from app.domain.indicators import percentage
from app.domain.packs.counting import Data, count_of, entries, whole

Figure = str | None


@dataclass(frozen=True)
class Held:
    """What is held, by code, as plain data; the value of an indicator stands in it as `first`, `second` and `value`."""

    lists: Mapping[str, Data] = field(default_factory=dict)
    procedures: Mapping[str, Data] = field(default_factory=dict)
    indicators: Mapping[str, Mapping[str, Decimal | None]] = field(default_factory=dict)


def figure_of(place: str, held: Held) -> Figure:
    """The figure that is held at a place, as it is printed; None where nothing is held there.

    >>> figure_of("list A", Held(lists={"A": {"stated_count": 36}}))
    '36'
    """
    word, _, rest = place.partition(" ")
    read, least = _READERS.get(word, (None, 0))
    arguments = rest.split(" ", least - 1) if rest else []
    return read(held, arguments) if read and len(arguments) == least else None


def agrees(stated: str, found: Figure) -> bool:
    """Whether a stated figure is the one that was found: as a number where both are numbers."""
    if found is None:
        return False
    try:
        return Decimal(stated) == Decimal(found)
    except InvalidOperation:
        return stated == found


def readable_figures(facts: Mapping[str, Mapping[str, str]], held: Held) -> list[tuple[str, str, str, Figure]]:
    """Every figure a pack states: (capability, place, stated, held), in the order of the pack."""
    return [
        (capability, place, stated, figure_of(place, held))
        for capability, places in facts.items()
        for place, stated in places.items()
    ]


def figure_problems(facts: object) -> list[Problem]:
    """Places that nobody can read a figure from. Errors: (returned) pack.bad_facts, pack.unknown_figure."""
    if not isinstance(facts, Mapping) or not all(isinstance(places, Mapping) for places in facts.values()):
        return [Problem("pack.bad_facts", "facts")]
    return [
        Problem("pack.unknown_figure", f"facts.{capability}", {"place": str(place)})
        for capability, places in facts.items()
        for place, stated in places.items()
        if not isinstance(stated, str) or not _is_place(str(place))
    ]


def _is_place(place: str) -> bool:
    word, _, rest = place.partition(" ")
    _read, least = _READERS.get(word, (None, 0))
    return least > 0 and len(rest.split(" ", least - 1)) == least and bool(rest)


# -- the readers: (held, arguments) -> figure ----------------------------------------------------------------


def _counted(key: str) -> Callable[[Held, Sequence[str]], Figure]:
    def read(held: Held, arguments: Sequence[str]) -> Figure:
        data = held.lists.get(arguments[0])
        if data is None:
            return None
        count = count_of(data)
        number = {"named": count.named, "open": count.open_places, "stated": count.stated}[key]
        return str(count.named if number is None else number)

    return read


def _category(held: Held, arguments: Sequence[str]) -> Figure:
    listed = entries(held.lists.get(arguments[0], {}), "categories")
    return next((str(one["stated_count"]) for one in listed if one.get("name") == arguments[1]), None)


def _categories(held: Held, arguments: Sequence[str]) -> Figure:
    data = held.lists.get(arguments[0], {})
    stated = whole(data.get("stated_categories"))
    return str(stated or len(entries(data, "categories")))


def _version(held: Held, arguments: Sequence[str]) -> Figure:
    count = _version_count(held.lists.get(arguments[0], {}), arguments[1])
    return None if count is None else str(count)


def _version_count(data: Data, label: str) -> int | None:
    return next((whole(one.get("count")) for one in entries(data, "versions") if str(one.get("label")) == label), None)


def _versions_in_all(held: Held, label: str) -> int:
    return sum(_version_count(data, label) or 0 for data in held.lists.values())


def _versions(held: Held, arguments: Sequence[str]) -> Figure:
    return str(_versions_in_all(held, arguments[0]))


def _reduction(held: Held, arguments: Sequence[str]) -> Figure:
    old, new = (_versions_in_all(held, label) for label in arguments)
    rate = percentage(old - new, old)
    return None if rate is None else str(rate)


def _change(held: Held, arguments: Sequence[str]) -> Figure:
    code, label, key = arguments
    for one in entries(held.lists.get(code, {}), "versions"):
        changes = one.get("changes")
        if str(one.get("label")) == label and isinstance(changes, Mapping):
            return str(changes[key]) if key in changes else None
    return None


def _item(held: Held, code: str, item_code: str) -> Data:
    listed = entries(held.lists.get(code, {}), "items")
    return next((one for one in listed if one.get("code") == item_code), {})


def _labels(held: Held, arguments: Sequence[str]) -> Figure:
    listed = entries(held.lists.get(arguments[0], {}), "versions")
    return "、".join(str(one.get("label")) for one in listed) or None


def _threshold(held: Held, arguments: Sequence[str]) -> Figure:
    listed = entries(_item(held, *arguments), "thresholds")
    return str(listed[0].get("amount")) if listed else None


def _facet(held: Held, arguments: Sequence[str]) -> Figure:
    code, item_code, name = arguments
    facets = _item(held, code, item_code).get("facets")
    value = facets.get(name) if isinstance(facets, Mapping) else None
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else None if value is None else str(value)


def _stated_facets(held: Held, arguments: Sequence[str]) -> Figure:
    listed = held.lists.get(arguments[0], {}).get("stated_facets")
    return str(len(listed)) if isinstance(listed, list | tuple) else None


def _lists(held: Held, arguments: Sequence[str]) -> Figure:
    """How many lists stand between two codes that differ in their last number."""
    first, last = (code.rsplit("L", 1) for code in arguments)
    numbers = range(int(first[1]), int(last[1]) + 1)
    return str(sum(f"{first[0]}L{number}" in held.lists for number in numbers))


def _steps(held: Held, arguments: Sequence[str]) -> Figure:
    data = held.procedures.get(arguments[0])
    return None if data is None else str(len(entries(data, "steps")))


def _of_indicator(key: str) -> Callable[[Held, Sequence[str]], Figure]:
    def read(held: Held, arguments: Sequence[str]) -> Figure:
        value = held.indicators.get(arguments[0], {}).get(key)
        return None if value is None else str(value)

    return read


_READERS: Mapping[str, tuple[Callable[[Held, Sequence[str]], Figure], int]] = {
    "list": (_counted("stated"), 1),
    "named": (_counted("named"), 1),
    "open": (_counted("open"), 1),
    "category": (_category, 2),
    "categories": (_categories, 1),
    "version": (_version, 2),
    "versions": (_versions, 1),
    "labels": (_labels, 1),
    "reduction": (_reduction, 2),
    "change": (_change, 3),
    "threshold": (_threshold, 2),
    "facet": (_facet, 3),
    "facets": (_stated_facets, 1),
    "lists": (_lists, 2),
    "steps": (_steps, 1),
    "indicator": (_of_indicator("value"), 1),
    "first": (_of_indicator("first"), 1),
    "second": (_of_indicator("second"), 1),
}
