"""The workbooks of the lists: the ledger of responsibilities, layout (b), and the catalogue of lists, layout (f)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.domain.rights import Resource
from app.features.checklists.directory_sheet import LIST_DIRECTORY
from app.features.checklists.queries import ledger_context, ledger_rows
from app.features.checklists.queries.directory import directory_context, directory_rows
from app.features.checklists.services import save_directory, save_ledger
from app.kit.excel import clean, rules
from app.kit.excel.roles import ROLE_NAMES, ROLE_WORDS
from app.kit.excel.sheet import Column, Finding, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.excel.values import Bad, tight
from app.kit.exchange import Door
from app.kit.i18n import _l

LEDGER_ROLES = ROLE_WORDS | {"网格长": "sub_grid_leader"}
STATE_NAMES = {"done": "完成", "in_progress": "进行中", "not_done": "未完成"}
_STATES = {
    "完成": "done",
    "已完成": "done",
    "√": "done",
    "✓": "done",
    "是": "done",
    "进行中": "in_progress",
    "未完成": "not_done",
    "×": "not_done",
    "否": "not_done",
}
_SERIAL = re.compile(r"\(?[Rr]?0*(\d{1,3})[).、]?$")
_TIMES = re.compile(r"(?:已)?完成(\d+)[次个场轮项]$")


def _state(value: Any, _facts: Facts | None = None) -> Any:
    """The state as (state, how often done); 完成3次 is under way, three times done."""
    found = clean.text(value)
    if not isinstance(found, str):
        return found
    word = tight(found)
    if times := _TIMES.match(word):
        return "in_progress", int(times[1])
    return (_STATES[word], None) if word in _STATES else Bad("E22", "word", {"choices": "完成、进行中、未完成"})


def _serial(value: Any, facts: Facts | None = None) -> Any:
    """The number of an item, also as R01, （1） or 1、."""
    numbered = _SERIAL.match(tight(value)) if isinstance(value, str) else None
    return clean.whole(numbered[1] if numbered else value, facts)


def _derive(row: Row, facts: Facts) -> None:
    """The code of the item, by its title where the list has it: offices number each role anew; else by its number."""
    serial = row.pop("serial_no", None)
    title = tight(row.get("title", ""))
    titled = [code for code, listed in facts.context.titles.items() if title and tight(listed) == title]
    if len(titled) == 1:
        row["item_code"] = titled[0]
    elif serial is not None:
        row["item_code"] = f"R{serial:02d}"
    if "state" in row:
        row["state"], times = row["state"]
        if times is not None:
            row["done_count"] = times


def _holders_in_post(row: Row, facts: Facts) -> Iterator[Finding]:
    """E33 for a holder who is not in that role in the village of the title."""
    known = facts.context.holders
    if known is None or facts.village is None or "role" not in row:
        return
    in_post = known.get((facts.village, row["role"]), ())
    for holder in row.get("holders", ()):
        if holder not in in_post:
            yield Finding(
                "holders", "E33", "holder", {"village": facts.village, "role": ROLE_NAMES[row["role"]]}, holder
            )


def _title_as_listed(row: Row, facts: Facts) -> Iterator[Finding]:
    listed = facts.context.titles.get(row.get("item_code", ""))
    if listed and row.get("title") and tight(listed) != tight(row["title"]):
        yield Finding("title", "W05", "", {"listed": listed})


def _shown_state(row: Row) -> Any:
    if "done_count" in row:
        return f"完成{row['done_count']}次"
    return STATE_NAMES.get(row.get("state", ""))


RESPONSIBILITY_LIST = Sheet(
    code="b",
    name="责任清单",
    title="{year}年网格责任清单及落实情况台账",
    subtitle="总网格：{village}总网格            考核年度：{year}年度",
    footer=("说明：完成情况填“完成、未完成、进行中”。",),
    kinds=("year",),
    period_checked=True,
    columns=(
        Column(
            "role",
            ("网格职务", "网格角色", "职务", "岗位", "角色"),
            clean.choice(LEDGER_ROLES),
            required=True,
            fill_down=True,
            width=12,
            show=lambda row: ROLE_NAMES.get(row.get("role", "")),
            choices=tuple(ROLE_NAMES.values()),
        ),
        Column(
            "serial_no",
            ("序号", "编号", "№"),
            _serial,
            required=True,
            width=6,
            format="0",
            show=lambda row: int(row["item_code"][1:]) if "item_code" in row else None,
        ),
        Column("title", ("责任内容", "事项名称", "项目", "内容"), clean.text, required=True, width=30),
        Column("requirement", ("工作要求", "要求"), clean.text, width=36),
        Column("time_limit", ("完成时限", "时限"), clean.text, width=10),
        Column(
            "holders",
            ("责任人", "姓名"),
            clean.names,
            expected=True,
            width=30,
            show=lambda row: "、".join(row.get("holders", ())),
        ),
        Column(
            "state",
            ("落实情况/完成情况", "完成情况"),
            _state,
            expected=True,
            width=12,
            show=_shown_state,
            choices=tuple(STATE_NAMES.values()),
        ),
        Column("done_on", ("落实情况/完成日期", "完成日期"), clean.day, width=12),
        Column("remarks", ("备注", "说明", "其他"), clean.text, width=20),
    ),
    key=("item_code",),
    key_cell="serial_no",
    derive=_derive,
    rules=(_holders_in_post, _title_as_listed, rules.past("done_on", of_period=True)),
    extras=lambda _rows, facts: {"village": facts.village} if facts.village else {},
    count_line="共%d项",
    merged=("role",),
)

SHEETS = [
    Door(
        code="responsibility-list",
        title=_l("Ledger of responsibilities"),
        layout=RESPONSIBILITY_LIST,
        resource=Resource.DUTIES,
        context=ledger_context,
        save=save_ledger,
        rows=ledger_rows,
        needs_period=True,
    ),
    Door(
        code="list-directory",
        title=_l("Catalogue of lists"),
        layout=LIST_DIRECTORY,
        resource=Resource.LISTS,
        context=directory_context,
        save=save_directory,
        rows=directory_rows,
        complete=True,
    ),
]
