"""The workbooks of duties: the monthly work log, layout (c), and the register of certificates and cases, layout (g)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.domain.rights import Resource
from app.features.duties.certificate_sheet import CERTIFICATES
from app.features.duties.queries.registers import certificate_context, certificate_rows
from app.features.duties.services import (
    monthly_log_context,
    monthly_log_rows,
    save_monthly_logs,
    save_registers,
)
from app.kit.excel import clean, rules
from app.kit.excel.columns import VILLAGE
from app.kit.excel.context import ReadContext
from app.kit.excel.sheet import Column, Finding, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.exchange import Door
from app.kit.i18n import _l


def _month(row: Row, facts: Facts) -> None:
    period = facts.period or facts.context.page_period
    if "month" not in row and period:
        row["month"] = period


def _month_of_page(row: Row, facts: Facts) -> Iterator[Finding]:
    """E03 for a row of another month than the page, or than the title."""
    month, expected = row.get("month"), facts.context.page_period or facts.period
    if month and expected and month != expected:
        yield Finding("month", "E03", "row", {"expected": expected})


def _not_more_than(part: str, whole: str) -> Any:
    def rule(row: Row, _facts: Facts) -> Iterator[Finding]:
        few, many = row.get(part), row.get(whole)
        if isinstance(few, int) and isinstance(many, int) and few > many:
            yield Finding(
                part,
                "E23",
                "more_than",
                {"whole": MONTHLY_LOG.by_field[whole].headers[0].split("/")[-1], "limit": many},
            )

    return rule


def _count(field: str, *headers: str) -> Column:
    return Column(
        field,
        headers,
        clean.count,
        summed=True,
        width=9,
        format="0",
        show=lambda row: "/" if row.get(field) == "NA" else row.get(field),
    )


def _sub_grids(context: ReadContext) -> list[Row]:
    villages = (village for village in context.villages or () if village.allowed)
    return [{"village": village.name, "sub_grid": grid} for village in villages for grid in village.sub_grids]


MONTHLY_LOG = Sheet(
    code="c",
    name="汇总",
    title="网格月度工作记录表",
    subtitle="填报单位：{owner}（盖章）            {year}年{month}月",
    footer=("注：“信息线索”当月没有的填0，不适用的填“/”。",),
    kinds=("month",),
    period_checked=True,
    columns=(
        VILLAGE,
        Column("sub_grid", ("子网格", "子网格名称", "所属网格", "网格名称"), clean.name, required=True, width=14),
        Column("month", ("月份", "年月", "时间"), clean.month, hidden=True),
        Column("reporter", ("填报人", "姓名", "责任人"), clean.name, width=10),
        _count("meetings", "例会次数", "例会"),
        _count("patrols", "巡查次数", "巡查"),
        _count("reception_days", "接待日/次数", "接待日次数"),
        _count("reception_visitors", "接待日/接待人次", "接待人次"),
        _count("leads_received", "信息线索/收集", "线索收集"),
        _count("leads_accepted", "信息线索/受理", "线索受理"),
        _count("leads_closed", "信息线索/办结", "线索办结"),
        _count("should_attend", "主题党日/应到", "应到"),
        _count("attended", "主题党日/实到", "实到"),
        _count("visits", "走访户数", "走访"),
        Column("main_work", ("主要工作及问题", "主要工作"), clean.text, width=40),
        Column("remarks", ("备注", "说明", "其他"), clean.text, width=20),
    ),
    key=("village", "sub_grid", "month"),
    key_cell="sub_grid",
    derive=_month,
    rules=(
        rules.sub_grids_of_village,
        _month_of_page,
        _not_more_than("leads_accepted", "leads_received"),
        _not_more_than("attended", "should_attend"),
    ),
    total_label="合计",
    merged=("village",),
    prefill=_sub_grids,
)

SHEETS = [
    Door(
        "monthly-log",
        _l("Monthly log"),
        MONTHLY_LOG,
        Resource.DUTIES,
        monthly_log_context,
        save_monthly_logs,
        monthly_log_rows,
        needs_period=True,
        independent=True,
    ),
    Door(
        "certificates",
        _l("Certificates and service cases"),
        CERTIFICATES,
        Resource.DUTIES,
        certificate_context,
        save_registers,
        certificate_rows,
        needs_period=True,
    ),
]
