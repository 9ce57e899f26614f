"""The roster workbook, layout (a): 网格员花名册."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.domain.rights import Resource
from app.features.people.roster import roster_context, roster_rows, save_roster
from app.kit.excel import clean, rules
from app.kit.excel.columns import VILLAGE
from app.kit.excel.roles import GRID_LEADER, ROLE_NAMES, ROLE_WORDS
from app.kit.excel.sheet import Column, Finding, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.exchange import Door
from app.kit.i18n import _l

VOLUNTEER_KINDS = ("在职党员", "结对单位党员", "新乡贤", "埭长")
CERTIFICATE = re.compile(r"工作证\d+号$")


def _facts_of_remarks(row: Row, _facts: Facts) -> None:
    remarks = row.get("remarks")
    if remarks in VOLUNTEER_KINDS:
        row["volunteer_kind"] = remarks
    elif remarks and CERTIFICATE.match(remarks):
        row["certificate_no"] = remarks
    if row.get("role") == GRID_LEADER and row.get("sub_grids"):
        row["role"] = "sub_grid_leader"


def _whose_leader(row: Row, _facts: Facts) -> Iterator[Finding]:
    if row.get("role") == GRID_LEADER:
        yield Finding("role", "E33", "grid_leader")


def _dates_in_order(row: Row, _facts: Facts) -> Iterator[Finding]:
    begun, ended = row.get("appointed_on"), row.get("left_on")
    if begun and ended and ended != "open" and ended[: len(begun)] < begun[: len(ended)]:
        yield Finding("left_on", "E23", "before_start", {"start": begun})


def role_name(row: Row) -> str:
    """The role of a row in the words of the office."""
    return ROLE_NAMES.get(row["role"], str(row["role"]))


def _left(row: Row) -> Any:
    return "至今" if row.get("left_on") == "open" else row.get("left_on")


ROSTER = Sheet(
    code="a",
    name="花名册",
    title="{owner}网格员花名册",
    subtitle="填报单位：{owner}            填报日期：{day}",
    footer=("注：1.网格职务按六级填写；2.志愿者注明身份（在职党员、结对单位党员、新乡贤、埭长）。",),
    columns=(
        Column("serial_no", ("序号", "编号", "№"), clean.skip, width=6, format="0"),
        VILLAGE,
        Column("total_grid", ("总网格", "总网格名称"), clean.name, fill_down=True, width=18),
        Column(
            "sub_grids",
            ("子网格", "子网格名称", "所属网格", "网格名称"),
            clean.grids,
            expected=True,
            width=26,
            show=lambda row: "、".join(row.get("sub_grids", ())),
        ),
        Column("person_name", ("姓名", "人员姓名"), clean.name, required=True, width=12),
        Column("gender", ("性别",), clean.choice({"男": "男", "女": "女"}, "E22"), width=6, choices=("男", "女")),
        Column(
            "role",
            ("网格职务", "网格角色", "职务", "岗位", "角色"),
            clean.choice(ROLE_WORDS),
            required=True,
            width=12,
            show=role_name,
            choices=tuple(ROLE_NAMES.values()),
        ),
        Column("appointed_on", ("任职信息/任职日期", "任职日期"), clean.day, expected=True, width=12),
        Column("left_on", ("任职信息/离任日期", "离任日期"), clean.end_day, width=12, show=_left),
        Column("phone", ("联系电话", "电话", "手机号码", "手机", "联系方式"), clean.phone, expected=True, width=14),
        Column("identity", ("身份证号", "身份证号码", "证件号码"), clean.identity, hidden=True),
        Column(
            "certified",
            ("是否持证", "持证"),
            clean.boolean,
            width=9,
            choices=("√", "×"),
            show=lambda row: "√" if row.get("certified") else None,
        ),
        Column("remarks", ("备注", "说明", "其他"), clean.remark, width=20),
    ),
    key=("village", "sub_grids", "role", "person_name"),
    key_cell="person_name",
    derive=_facts_of_remarks,
    rules=(
        rules.total_grid_of_village,
        rules.sub_grids_of_village,
        _whose_leader,
        _dates_in_order,
        rules.past("appointed_on"),
    ),
    total_label="合计",
    counts="village",
    merged=("village", "total_grid"),
)

SHEETS = [
    Door(
        code="roster",
        title=_l("Roster of the grids"),
        layout=ROSTER,
        resource=Resource.PERSONS,
        context=roster_context,
        save=save_roster,
        rows=roster_rows,
        has_masked=True,
    )
]
