"""Text as a cell and a sheet's tab can hold it: nothing a cell cannot store, nothing that is taken for anything else.

What Excel cannot store is replaced by the mark for a lost character, what is too long is cut with a sign at its end;
both are counted by whoever writes, and the file says so. Everything else goes in and comes back as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 32_767
"""UTF-16 units in a cell, by the limits Excel documents."""

LONGEST_TAB = 31
CUT = "…（超出单元格上限，已截断）"
LOST = "\ufffd"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAB_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_LIKE = re.compile("['\\s\ufeff\u200b]*[=+@|＝＋－＠\t\r-]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def units(text: str) -> int:
    """How long Excel takes a text for: what stands beyond the first plane counts twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def fit(text: str) -> str:
    """The text as a cell can hold it: unstorable characters marked, the end cut off with a sign.

    Example:
        >>> fit("甲\\x0b乙"), fit("=1+1"), fit("13800138000")
        ('甲\ufffd乙', '=1+1', '13800138000')
    """
    if len(text) <= LONGEST // 2 and text.isprintable():  # nearly all there is, at next to no cost
        return text
    whole = _UNFIT.sub(LOST, text)
    if len(whole) <= LONGEST // 2 or units(whole) <= LONGEST:
        return whole
    return head(whole, LONGEST - len(CUT)) + CUT


def head(text: str, most: int) -> str:
    """The beginning of a text, of at most so many UTF-16 units, never half of a character."""
    short = text[:most]
    while units(short) > most:
        short = short[: -max(1, (units(short) - most) // 2)]
    return short


def csv_text(text: str) -> str:
    """The text as a .csv holds it: with an apostrophe before what a spreadsheet would take for a formula.

    A plain number stays one, so that negative deductions are added up.

    Example:
        >>> csv_text("=1+1"), csv_text("-2.5"), csv_text("'=1"), csv_text("村民")
        ("'=1+1", '-2.5', "''=1", '村民')
    """
    whole = _UNFIT.sub(LOST, text)
    return "'" + whole if _FORMULA_LIKE.match(whole) and not _NUMBER.fullmatch(whole) else whole


def csv_typed(text: str) -> str:
    """What was typed, out of a text of `csv_text`."""
    return text[1:] if text.startswith("'") and _FORMULA_LIKE.match(text[1:]) else text


def tab_name(wanted: str, taken: Collection[str] = ()) -> str:
    """A sheet name Excel takes: 31 units, without forbidden signs, not reserved, unlike those taken, whatever their case.

    Example:
        >>> tab_name("1/2 [考核]: 结果?"), tab_name("清单", ["清单"]), tab_name("")
        ('1-2 -考核-- 结果-', '清单 (2)', 'Sheet')
    """
    plain = _TAB_UNFIT.sub("-", wanted).strip("' ") or "Sheet"
    if plain.casefold() in ("history", "_meta", "_lists"):  # reserved by Excel, and by our own hidden sheets
        plain += "-"
    used = {name.casefold() for name in taken}
    name, number = head(plain, LONGEST_TAB).rstrip("' "), 2
    while name.casefold() in used:
        mark = f" ({number})"
        name, number = head(plain, LONGEST_TAB - len(mark)).rstrip("' ") + mark, number + 1
    return name
