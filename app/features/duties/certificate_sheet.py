"""The register of certificates and service cases, layout (g): one row is a village in a month, and empty is a zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from app.features.duties.certificates import (
    CertificateType,
    certificate_types,
    counts_named,
    named_counts,
    other_counts,
)
from app.kit.excel import clean
from app.kit.excel.columns import VILLAGE
from app.kit.excel.context import ReadContext
from app.kit.excel.sheet import Column, Finding, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.excel.totals import rate_differs
from app.kit.excel.values import Bad

_TYPES = certificate_types()


def _field(kind: CertificateType) -> str:
    return f"certificate_{kind.code}"


def _gathered(row: Row, facts: Facts) -> None:
    """The certificates under their names, their sum, and the month of the title."""
    if "month" not in row and facts.period:
        row["month"] = facts.period
    fields = {kind.name: row.pop(_field(kind)) for kind in _TYPES if _field(kind) in row}
    fields |= named_counts(row.pop("others", None) or "") or {}
    row["certificates"] = fields
    row["_printed_total"] = row.get("certificate_total")
    row["certificate_total"] = sum(fields.values())


def _total_agrees(row: Row, _facts: Facts) -> Iterator[Finding]:
    printed = row.pop("_printed_total")
    if printed is not None and printed != row["certificate_total"]:
        yield Finding("certificate_total", "W01", "parts", {"computed": row["certificate_total"]})


def _not_more_than(part: str, whole: str, header: str) -> Callable[[Row, Facts], Iterator[Finding]]:
    def rule(row: Row, _facts: Facts) -> Iterator[Finding]:
        few, many = row.get(part), row.get(whole)
        if isinstance(few, int) and isinstance(many, int) and few > many:
            yield Finding(part, "E23", "more_than", {"whole": header, "limit": many})

    return rule


def _rate_agrees(row: Row, _facts: Facts) -> Iterator[Finding]:
    printed = row.pop("rate", None)
    closed, accepted = row.get("closed"), row.get("accepted")
    if isinstance(closed, int) and isinstance(accepted, int):
        right = rate_differs(printed, closed, accepted)
        if right:
            yield Finding("rate", "W01", "rate", {"computed": right})


def _may_be_issued(row: Row, _facts: Facts) -> Iterator[Finding]:
    """W-PL1 for a certificate that should not be issued, unless the row states the reason."""
    for kind in _TYPES:
        if kind.is_forbidden and row["certificates"].get(kind.name) and not row.get("reason"):
            yield Finding(_field(kind), "W-PL1", "", {"certificate": kind.forbidden_as})


def _month_of_page(row: Row, facts: Facts) -> Iterator[Finding]:
    month, expected = row.get("month"), facts.context.page_period or facts.period
    if month and expected and month != expected:
        yield Finding("month", "E03", "row", {"expected": expected})


def _others(value: Any, facts: Facts | None = None) -> Any:
    """Names with their counts; E22 for what is written otherwise."""
    found = clean.text(value, facts)
    if not isinstance(found, str):
        return found
    counts = named_counts(found)
    return Bad("E22", "named_counts") if counts is None else counts_named(counts)


def _sum(row: Row) -> str:
    """The columns added up, and what stands by name beside them."""
    beside = sum(other_counts(row.get("certificates", {})).values())
    return f"=SUM({{{_FIRST}}}:{{{_LAST}}})" + (f"+{beside}" if beside else "")


def _certificate(kind: CertificateType) -> Column:
    return Column(
        _field(kind),
        (f"出具证明/{kind.name}", kind.name, *(f"出具证明/{name}" for name in kind.headers), *kind.headers),
        clean.tally,
        summed=True,
        width=8,
        format="0",
        show=lambda row: row.get("certificates", {}).get(kind.name),
    )


def _cases(field: str, *headers: str, **more: Any) -> Column:
    return Column(field, headers, clean.tally, summed=True, width=9, format="0", **more)


def _known_villages(context: ReadContext) -> list[Row]:
    return [{"village": village.name} for village in context.villages or () if village.allowed]


def _shown_rate(row: Row) -> Decimal | None:
    """The rate as the cell shows it; a share of 1 in a cell of percent."""
    accepted, closed = row.get("accepted"), row.get("closed")
    return Decimal(closed) / accepted if accepted and closed is not None else None


_FIRST, _LAST = _field(_TYPES[0]), _field(_TYPES[-1])

CERTIFICATES = Sheet(
    code="g",
    name="统计",
    title="村（社区）出具证明及便民服务办件情况统计表",
    subtitle="{year}年{month}月            单位：件",
    footer=("注：空白的按0计。列入不应出具清单的证明，如确需出具请在备注说明原因并经村民代表会议讨论。",),
    kinds=("month",),
    period_checked=True,
    columns=(
        VILLAGE,
        Column("month", ("月份", "年月", "时间"), clean.month, hidden=True),
        *(_certificate(kind) for kind in _TYPES),
        Column(
            "certificate_total",
            ("出具证明/小计", "出具证明/合计", "证明小计"),
            clean.whole,
            summed=True,
            width=8,
            format="0",
            formula=_sum,
        ),
        _cases("accepted", "便民服务/受理", "受理", "受理件数", "受理数", expected=True),
        _cases("closed", "便民服务/办结", "办结", "办结件数", "办结数", expected=True),
        _cases("instant", "便民服务/其中：即办", "其中即办", "即办", "即办件", "即办件数"),
        _cases("overdue", "便民服务/超期", "超期", "超期件数"),
        Column(
            "rate",
            ("便民服务/办结率", "办结率"),
            clean.rate,
            width=9,
            format="0.00%",
            share=("closed", "accepted"),
            show=_shown_rate,
            formula=lambda _row: "={closed}/{accepted}",
        ),
        Column(
            "others",
            ("其他证明（名称、件数）", "其他证明", "清单内其他证明"),
            _others,
            width=22,
            show=lambda row: counts_named(other_counts(row.get("certificates", {}))) or None,
        ),
        Column("reason", ("备注", "说明", "原因", "其他"), clean.text, width=30),
    ),
    key=("village", "month"),
    key_cell="village",
    derive=_gathered,
    rules=(
        _total_agrees,
        _month_of_page,
        _not_more_than("closed", "accepted", "受理"),
        _not_more_than("instant", "closed", "办结"),
        _rate_agrees,
        _may_be_issued,
    ),
    extras=lambda _rows, _facts: {"empty_is_zero": True},
    total_label="合计",
    prefill=_known_villages,
)
