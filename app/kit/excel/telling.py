"""What a column most likely is: how like our headers its header is, and what its cells say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from app.kit.excel import clean
from app.kit.excel.context import ReadContext, grid_key, key
from app.kit.excel.mapping import normal_path
from app.kit.excel.sheet import Column, Sheet
from app.kit.excel.titles import Facts
from app.kit.excel.values import Bad, shown, tight

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施牛樊葛邢安齐庞伍庄章鲁裴柯简纪翟柴华欧阳朴全玄南太千池元"
)
_PERSON = re.compile(r"[\u3400-\u9fff]{2,4}$|[\u3400-\u9fff]+[·•．][\u3400-\u9fff]+$")
_PHONE = re.compile(r"1\d{10}$|0\d{2,3}-?\d{7,8}$")
_GRID = re.compile(r"网格|片区|小组$")


def by_name(table: Sheet, path: str) -> tuple[str, float]:
    return max(((column.field, name_likeness(column, path)) for column in table.columns), key=lambda one: one[1])


def name_likeness(column: Column, path: str) -> float:
    return max((_likeness(normal_path(header), path) for header in column.headers), default=0.0) if path else 0.0


@lru_cache(maxsize=16384)
def _likeness(header: str, path: str) -> float:
    leaf = path.rpartition("/")[2]
    if header == path:
        return 1.0
    if header in (leaf, path.replace("/", "")) or header.replace("/", "") == leaf:
        return 0.95
    own = header.rpartition("/")[2]
    if "/" in header and own == leaf:
        return 0.85
    shorter, longer = sorted((own, leaf), key=len)
    if len(shorter) >= 2 and shorter in longer:
        return 0.6 + 0.25 * len(shorter) / len(longer)
    return SequenceMatcher(None, own, leaf).ratio() * 0.85 if len(shorter) >= 2 else 0.0


def content_likeness(column: Column, values: Sequence[Any], facts: Facts) -> float | None:
    """The share of the values that could be of the field; None for a field whose values could be anything."""
    telling = _TELLING.get(column.field) or _BY_CLEANER.get(column.clean)
    if telling is None and "choice." in getattr(column.clean, "__qualname__", ""):
        telling = _clean_alone
    if telling is None or not values:
        return None
    if telling is _clean_alone:
        good = [column.clean(value, facts) for value in values]
        return sum(one is not None and not isinstance(one, Bad) for one in good) / len(values)
    return sum(telling(value, facts) for value in values) / len(values)


def _clean_alone(_value: Any, _facts: Facts) -> bool:
    return True


def _is_village(value: Any, facts: Facts) -> bool:
    known = facts.context.villages is not None and isinstance(value, str) and facts.context.village(value)
    return bool(known)


def _is_person(value: Any, facts: Facts) -> bool:
    if not isinstance(value, str):
        return False
    name = tight(value)
    return bool(_PERSON.match(name)) and (name[0] in _SURNAMES or name in _known_persons(facts.context))


def _are_persons(value: Any, facts: Facts) -> bool:
    parts = clean.names(value) if isinstance(value, str) else None
    return isinstance(parts, tuple) and all(_is_person(part, facts) for part in parts)


def _known_persons(context: ReadContext) -> frozenset[str]:
    return frozenset(name for names in (context.holders or {}).values() for name in names)


def _is_sub_grid(value: Any, facts: Facts) -> bool:
    if not isinstance(value, str):
        return False
    known = {grid_key(grid) for village in facts.context.villages or () for grid in village.sub_grids}
    parts = clean.grids(value)
    return isinstance(parts, tuple) and all(grid_key(part) in known or _GRID.search(part) for part in parts)


def _is_total_grid(value: Any, facts: Facts) -> bool:
    return isinstance(value, str) and ("总网格" in value or bool(facts.context.of_total_grid(key(value))))


def _is_phone(value: Any, _facts: Facts) -> bool:
    return bool(_PHONE.match(tight(shown(value))))


def _is_day(value: Any, facts: Facts) -> bool:
    """A date or a text that reads as one; a bare number could be any count."""
    return isinstance(value, str | date) and not isinstance(clean.day(value, facts), Bad | None)


def _is_end(value: Any, facts: Facts) -> bool:
    return isinstance(value, str | date) and not isinstance(clean.end_day(value, facts), Bad | None)


def _is_yes_or_no(value: Any, facts: Facts) -> bool:
    return isinstance(value, str) and not isinstance(clean.boolean(value, facts), Bad)


_TELLING: dict[str, Callable[[Any, Facts], bool]] = {
    "person_name": _is_person,
    "reporter": _is_person,
    "holders": _are_persons,
    "sub_grid": _is_sub_grid,
    "sub_grids": _is_sub_grid,
    "total_grid": _is_total_grid,
}
_BY_CLEANER: dict[Any, Callable[[Any, Facts], bool]] = {
    clean.village: _is_village,
    clean.phone: _is_phone,
    clean.day: _is_day,
    clean.end_day: _is_end,
    clean.month: _is_day,
    clean.boolean: _is_yes_or_no,
}
