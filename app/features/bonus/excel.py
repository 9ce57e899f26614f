"""Pay workbooks, layout (e): the yearly pay table, and the two wage tables (joined and left dates; month by month)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.rights import Resource
from app.features.bonus.queries import pay_context, pay_rows
from app.features.bonus.services import save_pay_rows
from app.kit.excel import ExportMeta, clean, rules, write
from app.kit.excel.clean import half_up
from app.kit.excel.columns import VILLAGE
from app.kit.excel.sheet import Column, Finding, Layout, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.exchange import Door
from app.kit.i18n import _l

PARTS = ("base", "post_allowance", "title_allowance", "rank_allowance")
MONTHS = tuple(range(1, 13))
CLOSE = Decimal("0.01")


def _adds_up(row: Row, _facts: Facts) -> Iterator[Finding]:
    parts = [row[name] for name in PARTS if name in row]
    if "monthly" in row and len(parts) == len(PARTS) and abs(sum(parts) - row["monthly"]) > CLOSE:
        yield Finding("monthly", "W01", "parts", {"computed": format(sum(parts, Decimal(0)), "f")})


def _award_as_computed(row: Row, _facts: Facts) -> Iterator[Finding]:
    if not all(name in row for name in ("monthly", "multiplier", "months", "award_due")):
        return
    due = half_up(row["monthly"] * row["multiplier"] * row["months"] / 12)
    if abs(due - row["award_due"]) > CLOSE:
        yield Finding("award_due", "W01", "award", {"computed": format(due, "f")})


def _year_exceeded(earlier: Row, later: Row) -> bool:
    """Two rows of one person in one village are two segments of the year unless they hold more than 12 months."""
    return int(earlier.get("months", 12)) + int(later.get("months", 12)) > 12


def _dates_overlap(earlier: Row, later: Row) -> bool:
    def begin(row: Row) -> str:
        return str(row.get("joined_on", "0000"))

    def end(row: Row) -> str:
        return "9999" if row.get("left_on", "open") == "open" else str(row["left_on"])

    return begin(earlier) <= end(later) and begin(later) <= end(earlier)


def _months_overlap(earlier: Row, later: Row) -> bool:
    return not earlier["monthly"].keys().isdisjoint(later["monthly"])


def _dates_in_order(row: Row, _facts: Facts) -> Iterator[Finding]:
    joined, left = row.get("joined_on"), row.get("left_on")
    if joined and left and left != "open" and left[: len(joined)] < joined[: len(left)]:
        yield Finding("left_on", "E23", "before_start", {"start": joined})


def _gather_months(row: Row, _facts: Facts) -> None:
    monthly = {}
    for number in MONTHS:
        wage = row.pop(f"month_{number}", None)
        if wage:
            monthly[str(number)] = wage
    total, remarks = row.pop("total", None), row.pop("remarks", None)
    row["monthly"] = monthly
    row["months"] = len(monthly)
    row |= {name: value for name, value in (("total", total), ("remarks", remarks)) if value is not None}


def _some_month(row: Row, _facts: Facts) -> Iterator[Finding]:
    if not row["monthly"]:
        yield Finding("month_1", "E11", "months")
    elif "total" in row:
        total = sum(row["monthly"].values(), Decimal(0))
        if abs(total - row["total"]) > CLOSE:
            yield Finding("total", "W01", "parts", {"computed": format(total, "f")})


def _unit(_rows: list[Row], facts: Facts) -> Mapping[str, Any]:
    return {"unit": facts.unit or "元"}


def _unit_and_total(rows: list[Row], facts: Facts) -> Mapping[str, Any]:
    total = sum((row["award_due"] for row in rows if "award_due" in row), Decimal(0))
    return {"unit": facts.unit or "元", "total_award_due": total}


def _money(field: str, *headers: str, **more: Any) -> Column:
    return Column(field, headers, clean.money, money=True, width=12, format="#,##0.00", **more)


def _sum_of_parts(row: Row) -> str | None:
    """The formula of the monthly wage, where it is the sum of its parts and will stay so."""
    parts = [row[name] for name in PARTS if name in row]
    whole = len(parts) == len(PARTS) and sum(parts) == row.get("monthly")
    return "=SUM({base}:{rank_allowance})" if whole else None


def _award(row: Row) -> str | None:
    """The formula of the award, where nothing else (a budget, a difference) was applied to it."""
    if not all(name in row for name in ("monthly", "multiplier", "months")):
        return None
    due = half_up(row["monthly"] * row["multiplier"] * row["months"] / 12)
    return "=ROUND({monthly}*{multiplier}*{months}/12,2)" if due == row["award_due"] else None


def _sum_of_months(row: Row) -> str | None:
    months = sum(row["monthly"].values(), Decimal(0))
    return "=SUM({month_1}:{month_12})" if months == row.get("total") else None


SERIAL = Column("serial_no", ("序号", "编号", "№"), clean.skip, width=6, format="0")
PERSON = Column("person_name", ("姓名", "人员姓名"), clean.name, required=True, width=10)
POST = Column("post", ("职务", "岗位"), clean.name, width=14)

PAY_TABLE = Sheet(
    code="e",
    name="发放表",
    title="{label}村（居）工作者绩效奖励发放表",
    subtitle="填报单位：{owner}            单位：{unit}",
    footer=("制表人：            审核人：            单位负责人：            {day}",),
    kinds=("year", "half_year", "quarter"),
    period_checked=True,
    columns=(
        SERIAL,
        VILLAGE,
        PERSON,
        POST,
        _money("base", "应发月工资/基本补贴", "基本补贴", expected=True, summed=True),
        _money("post_allowance", "应发月工资/岗位补贴", "岗位补贴", summed=True),
        _money("title_allowance", "应发月工资/职称补贴", "职称补贴", summed=True),
        _money("rank_allowance", "应发月工资/职级补贴", "职级补贴", summed=True),
        _money("monthly", "应发月工资/小计", "月工资小计", "小计", required=True, summed=True, formula=_sum_of_parts),
        Column("months", ("任职月数", "月数"), clean.months, required=True, width=9, format="0"),
        Column("score", ("考核得分", "得分", "实得分"), clean.score, width=10, format="0.00"),
        Column("rank", ("排名", "名次"), clean.whole, width=7, format="0"),
        Column("band", ("等次", "档次"), clean.text, width=9),
        Column("multiplier", ("倍数", "系数"), clean.multiplier, width=7, format="0.0###"),
        _money("award_due", "应发奖励", expected=True, summed=True, formula=_award),
        _money("award_paid", "实发奖励", summed=True),
        Column("remarks", ("签名", "备注", "说明", "其他"), clean.text, width=16),
    ),
    key=("village", "person_name"),
    key_cell="person_name",
    clash=_year_exceeded,
    rules=(_adds_up, _award_as_computed),
    extras=_unit_and_total,
    in_words="award_due",
    total_label="合  计",
    subtotal_by="village",
    merged=("village",),
)

WAGES_BY_DATE = Sheet(
    code="e-dates",
    name="工资标准",
    title="{owner}{year}年度村干部月工资标准表",
    subtitle="年度：{year}年　　单位：{unit}",
    footer=("制表人：　　审核人：",),
    kinds=("year",),
    period_checked=True,
    columns=(
        VILLAGE,
        PERSON,
        POST,
        _money("monthly", "应发月工资", "月工资", required=True),
        Column("joined_on", ("任职时间", "到岗时间", "到任时间", "到岗", "到任"), clean.day, expected=True, width=12),
        Column(
            "left_on",
            ("离任时间", "离岗时间", "离任", "离岗"),
            clean.end_day,
            expected=True,
            width=12,
            show=lambda row: "至今" if row.get("left_on") == "open" else row.get("left_on"),
        ),
        Column("remarks", ("备注", "暂缓", "发放状态", "说明"), clean.text, width=16),
    ),
    key=("village", "person_name"),
    key_cell="person_name",
    clash=_dates_overlap,
    rules=(_dates_in_order, rules.past("joined_on")),
    extras=_unit,
)

WAGES_BY_MONTH = Sheet(
    code="e-months",
    name="工资明细",
    title="{owner}{year}年村干部应发工资明细",
    subtitle="单位：{unit}",
    kinds=("year",),
    period_checked=True,
    columns=(
        SERIAL,
        VILLAGE,
        PERSON,
        POST,
        *(
            _money(
                f"month_{number}",
                f"各月应发工资/{number}月",
                f"{number}月",
                expected=True,
                show=lambda row, number=number: row["monthly"].get(str(number)),
            )
            for number in MONTHS
        ),
        _money("total", "合计", formula=_sum_of_months),
        Column("remarks", ("备注", "说明", "其他"), clean.text, width=18),
    ),
    key=("village", "person_name"),
    key_cell="person_name",
    clash=_months_overlap,
    derive=_gather_months,
    rules=(_some_month,),
    extras=_unit,
)

PAY = Layout(name="pay", variants=(PAY_TABLE, WAGES_BY_DATE, WAGES_BY_MONTH))


def pay_workbook(rows: Sequence[Row], meta: ExportMeta) -> bytes:
    """The pay table of these rows as a workbook."""
    return write(PAY, rows, meta)


SHEETS = [
    Door(
        code="pay",
        title=_l("Payroll sheet"),
        layout=PAY,
        resource=Resource.PAY,
        context=pay_context,
        save=save_pay_rows,
        rows=pay_rows,
        needs_period=True,
        needs_round=True,
    )
]
