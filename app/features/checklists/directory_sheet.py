"""The catalogue of lists, layout (f): one sheet is a list, one row an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from app.kit.excel import clean
from app.kit.excel.dates import chinese_digits, day
from app.kit.excel.sheet import Column, Finding, Place, Row, Sheet, Typed
from app.kit.excel.titles import Facts, folded
from app.kit.excel.values import Bad, shown, tight

UNDEFINED_BASIS = "依据待补"
_ORDINAL = re.compile(
    r"^(?:[(（](?:[一二三四五六七八九十]+|\d{1,2})[)）]|第[一二三四五六七八九十]+[大]?类|(?:[一二三四五六七八九十]+|\d{1,2})[、.．])"
    r"[、.．:：\s]*"
)
_PRINTED = re.compile(r"[(（]\s*(?:共\s*)?(\d+|[一二三四五六七八九十]+)\s*[项条个]\s*[)）]")
_NEW, _CHANGED = "★☆※", "▲△◆"
_FLAG = re.compile(f"[{_NEW}{_CHANGED}]")
_STEPS = re.compile(r"[-=－]+[>＞]|[→➔➜➝➞➙⟶⇒▶>、；;\n\r]+|[-－—–‐]+")
_ARROWS = re.compile(r"[-=－]+[>＞]|[→➔➜➝➞➙⟶⇒▶>\n\r]+")
_STEP_NUMBER = re.compile(r"^(?:[(（]?\d{1,2}[)）.．]|[①-⑳])\s*")
_DAYS = re.compile(r"(\d{1,3})个?(?:工作)?[日天](?:以?内)?$")
_NUMBER = "[0-9一二三四五六七八九十]+"
_COUNTS = re.compile(f"共(?:({_NUMBER})大?类[、,]?)?({_NUMBER})[项条]")
_LIST_OF_TITLE = re.compile(
    r"(?:村级|村[(（]居[)）]|村居|县|市|区|州|镇|乡|街道)?([^县市区州镇乡]{2,20}?)(?:事项)?(?:清单|目录)"
)
_EDITION = re.compile(r"(\d{4}年版)")
_DOCUMENT = re.compile(r"(?:发布)?文号[:：]\s*(\S+)")
_FROM = re.compile(r"(?:施行|实施|生效)日期[:：]\s*(\S+)")
_OF_DELEGATED = "协助、下放事项须写明；其他清单留空"
_NO_NAME = re.compile(r"(?i)sheet\d*|工作表\d*|目录|汇总|清单|清单目录|事项目录")


def _category(value: Any, facts: Facts | None = None) -> Any:
    """A category without its number and the printed count: 一、重大决策类（10项） is 重大决策类."""
    found = clean.name(value, facts)
    if not isinstance(found, str):
        return found
    bare = _PRINTED.sub("", found).strip()
    return _ORDINAL.sub("", bare).strip("：:、 ") or bare


def _item_name(value: Any, facts: Facts | None = None) -> Any:
    """The name of an item with the mark of a new or changed one, as (name, flag)."""
    found = clean.name(value, facts)
    if not isinstance(found, str):
        return found
    marks = "".join(_FLAG.findall(found))
    bare = clean.name(_FLAG.sub("", found))
    flag = "new" if any(mark in _NEW for mark in marks) else "changed" if marks else ""
    return (bare, flag) if isinstance(bare, str) else bare


def _steps(value: Any, facts: Facts | None = None) -> Any:
    """The steps of a flow, whatever sign stands between them."""
    found = clean.text(value, facts)
    if not isinstance(found, str):
        return found
    between = _ARROWS if _ARROWS.search(found) else _STEPS  # beside arrows a mark of enumeration is part of a step
    parts = (clean.name(_STEP_NUMBER.sub("", part.strip())) for part in between.split(found))
    return tuple(part for part in parts if isinstance(part, str))


def _limit(value: Any, facts: Facts | None = None) -> Any:
    """A time limit: a number of days where it is a plain one, else the words."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return clean.whole(value) if value == int(value) else shown(value)
    found = clean.text(value, facts)
    if not isinstance(found, str):
        return found
    plain = tight(found)
    days = _DAYS.match(plain)
    return int(days[1]) if days else int(plain) if plain.isdecimal() and len(plain) <= 3 else found


def _basis(value: Any, facts: Facts | None = None) -> Any:
    found = clean.text(value, facts)
    return None if isinstance(found, str) and tight(found) == UNDEFINED_BASIS else found


def _said(value: Any, facts: Facts | None = None) -> Any:
    """A text, "" where nothing is said: a column that is not there leaves what stands, an empty cell takes it out."""
    found = clean.text(value, facts)
    return "" if found is None else found


def list_name(sheet: str | None, facts: Facts) -> str:
    """Which list a sheet holds: its own name, or where that says nothing, what the title says."""
    own = unicodedata.normalize("NFKC", sheet or "").strip()
    if own and not _NO_NAME.fullmatch(own):
        return own
    for _row, _column, text in facts.titles:
        if found := _LIST_OF_TITLE.search(folded(text)):
            return found[1].removeprefix("村级")
    return own


def _derive(row: Row, facts: Facts) -> None:
    row["list"] = list_name(row.get("sheet"), facts)
    if "item_name" in row:
        row["item_name"], flag = row["item_name"]
        if flag:
            row["flag"] = flag
    row["steps"] = row.get("steps", ())
    limit = row.pop("time_limit", None)
    if limit is not None:
        row["time_limit_days" if isinstance(limit, int) else "time_limit_text"] = limit


def _number(text: str) -> int:
    """A number in digits or in Chinese numerals up to 99."""
    return int(chinese_digits(f"{text}号").rstrip("号"))


def _counts_agree(rows: list[Row], typed: Typed, facts: Facts) -> Iterator[tuple[Place, Finding]]:
    """W01 where the title or a category prints another number of items than there are."""
    runs = [(name, list(run)) for name, run in groupby(rows, key=lambda row: row.get("category"))]
    for name, run in runs:
        cell = next((text for row in run if isinstance(text := typed(row, "category"), str) and text), "")
        printed = _PRINTED.search(unicodedata.normalize("NFKC", cell))
        if name and printed and _number(printed[1]) != len(run):
            yield (run[0]["row"] - 1, "category"), Finding("category", "W01", "items", {"computed": len(run)})
    for line, column, text in facts.titles:
        printed = _COUNTS.search(folded(text))
        if not printed:
            continue
        counted = len({name for name, _run in runs if name})
        if _number(printed[2]) != len(rows):
            yield (line, column), Finding("", "W01", "items", {"computed": len(rows)})
        elif printed[1] and _number(printed[1]) != counted:
            yield (line, column), Finding("", "W01", "categories", {"computed": counted})


def _stated(rows: list[Row], facts: Facts) -> Mapping[str, Any]:
    """What the title states of a list: edition, document and day; the edition for the whole file, too."""
    found: dict[str, Any] = {}
    for _row, _column, text in facts.titles:
        line = folded(text)
        if edition := _EDITION.search(line):
            found.setdefault("edition", edition[1])
        if document := _DOCUMENT.search(text):
            found.setdefault("document", document[1])
        if start := _FROM.search(text):
            begins = day(start[1])
            found |= {} if isinstance(begins, Bad) or not begins else {"effective_from": begins}
    if facts.titles:
        found["title"] = clean.text(facts.titles[0][2]) or ""
    stated: dict[str, Any] = {"lists": {rows[0]["list"]: found}} if rows else {}
    return stated | ({"version": found["edition"]} if "edition" in found else {})


def _shown_limit(row: Row) -> Any:
    days = row.get("time_limit_days")
    return row.get("time_limit_text") if days is None else f"{days}日"


def _shown_name(row: Row) -> str:
    return {"new": "★", "changed": "▲"}.get(row.get("flag", ""), "") + str(row.get("item_name", ""))


LIST_DIRECTORY = Sheet(
    code="f",
    name="清单事项目录",
    title="{title}",
    subtitle="{note}",
    footer=("注：标“★”的为新增事项；“▲”为调整事项。设定依据没有的留空，系统显示为“依据待补”。",),
    kinds=(),
    columns=(
        Column(
            "category",
            ("类别", "大类", "事项类别", "类型"),
            _category,
            expected=True,
            fill_down=True,
            width=18,
            show=lambda row: row.get("category_printed") or row.get("category"),
        ),
        Column("serial_no", ("序号", "编号", "№"), clean.skip, width=6, format="0"),
        Column(
            "item_name",
            ("事项名称", "事项", "清单事项", "项目", "内容"),
            _item_name,
            required=True,
            width=28,
            show=_shown_name,
        ),
        Column("responsible", ("责任主体", "责任单位", "实施主体"), clean.text, expected=True, width=14),
        Column("legal_basis", ("设定依据", "依据", "政策依据", "法律依据"), _basis, width=24),
        Column(
            "steps",
            ("办理流程", "操作流程", "流程", "程序"),
            _steps,
            width=36,
            show=lambda row: "→".join(row.get("steps", ())) or None,
        ),
        Column("time_limit", ("办理时限", "时限", "完成时限"), _limit, width=12, show=_shown_limit),
        Column("disclosure", ("公开方式", "公开公示", "公开形式"), clean.text, width=16),
        Column("supervision", ("监督方式", "监督主体", "监督"), clean.text, width=18),
        Column("authority", ("下放权限", "权限界限", "授权范围"), _said, width=20, note=_OF_DELEGATED),
        Column("funding", ("经费来源", "经费保障", "资金来源"), _said, width=18, note=_OF_DELEGATED),
        Column("consent", ("同意文件", "同意依据", "准入文件"), _said, width=20, note=_OF_DELEGATED),
        Column("remarks", ("备注", "说明", "其他"), clean.text, width=18),
    ),
    key=("list", "item_name"),
    key_cell="item_name",
    derive=_derive,
    numbered="serial",
    sections="category",
    whole=_counts_agree,
    extras=_stated,
    count_line="小计：%d项",
    sheet_by="list",
    merged=("category",),
)
