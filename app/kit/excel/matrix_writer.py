"""Score sheets written: items down (d1) or across (d2), with sums as formulas, and 扣分明细 beside them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from app.kit.excel.book import address, column_letter
from app.kit.excel.celltext import fit
from app.kit.excel.context import ItemFact, SchemeFacts
from app.kit.excel.output import Output
from app.kit.excel.result import NOT_APPLICABLE
from app.kit.excel.sheet import ExportMeta, Matrix, Row, Sheet
from app.kit.excel.writer import Table

POINTS = "0.00"
DOWN_HEADERS = ("考核内容", "序号", "考核项目和指标", "计分标准", "满分", "考核依据", "责任单位")
DOWN_WIDTHS = (16, 6, 24, 40, 7, 16, 14)
ACROSS_SUMS = ("基础得分", "扣分合计", "最后得分", "排名")


def write_matrix(
    output: Output,
    variant: Matrix,
    companions: Sequence[Sheet],
    rows: Sequence[Row],
    meta: ExportMeta,
    scheme: SchemeFacts,
    detail: Sequence[Row],
) -> None:
    """The villages' scores on one sheet; the occurrences of deductions on the companion when there are any."""
    (_Down if variant.items_down else _Across)(output, variant, rows, meta, scheme).write()
    if detail and companions:
        Table(output, companions[0], meta, companions[0].name).write([_named(row, scheme) for row in detail])


def _named(row: Row, scheme: SchemeFacts) -> Row:
    """A detail row with the words of the scheme instead of codes."""
    fact = next((d for d in scheme.deductions if d.code == row.get("item_code")), None)
    level = next((name for code, name, _p in fact.levels if code == row.get("level")), None) if fact else None
    return {**row, "item_name": fact.name if fact else row.get("item_code"), "level": level}


class _Scores:
    """What both ways round share: the value of a cell, the sums, the rank."""

    def __init__(
        self, output: Output, variant: Matrix, rows: Sequence[Row], meta: ExportMeta, scheme: SchemeFacts
    ) -> None:
        self.output, self.variant, self.rows, self.meta, self.scheme = output, variant, rows, meta, scheme
        self.paper = output.add_sheet(variant.name)
        finals = [row["computed"]["final"] for row in rows if row.get("computed")]
        self.ranks = {final: 1 + sum(other > final for other in finals) for final in finals}

    def titles(self, last: int) -> None:
        words = self.meta.words()
        self.output.across(self.paper, 0, last, self.variant.title.format(**words), self.output.title())
        self.output.across(self.paper, 1, last, self.variant.subtitle.format(**words), self.output.line())

    def aspects(self) -> list[tuple[str, list[ItemFact]]]:
        """The items by aspect, under the printed name, e.g. 网格日常运行（30分）."""
        names = {aspect.code: f"{aspect.name}（{aspect.max.normalize():f}分）" for aspect in self.scheme.aspects}
        grouped = groupby(self.scheme.items, key=lambda item: item.aspect)
        return [(names.get(code, code or "考核项目"), list(items)) for code, items in grouped]

    def put(self, row: int, column: int, value: Any, pattern: str = POINTS) -> None:
        form = self.output.text() if isinstance(value, str) else self.output.number(pattern)
        self.output.put(self.paper, row, column, "/" if value == NOT_APPLICABLE else value, form)

    def formula(self, row: int, column: int, formula: str, value: Decimal | int, pattern: str = POINTS) -> None:
        self.paper.write_formula(row, column, formula, self.output.total(pattern), float(value))

    def head(self, row: int, column: int, text: str, down: int = 0, right: int = 0) -> None:
        form = self.output.header()
        if down or right:
            self.paper.merge_range(row, column, row + down, column + right, "", form)
        self.output.put_text(self.paper, row, column, fit(text), form)

    def floor(self, formula: str) -> str:
        return formula if self.scheme.floor is None else f"MAX({self.scheme.floor:f},{formula})"


class _Down(_Scores):
    """Items down, one column for each village."""

    def write(self) -> None:
        first, last = len(DOWN_HEADERS), len(DOWN_HEADERS) + max(len(self.rows), 1) - 1
        self.titles(last)
        for place, (header, width) in enumerate(zip(DOWN_HEADERS, DOWN_WIDTHS, strict=True)):
            self.head(2, place, header, down=1)
            self.paper.set_column(place, place, width)
        self.head(2, first, "各村（居）得分", right=last - first)
        for number, row in enumerate(self.rows):
            self.head(3, first + number, row["village"])
        self.paper.set_column(first, last, 10)
        self.paper.repeat_rows(2, 3)
        self.paper.freeze_panes(4, first)
        self.line, self.first = 4, first
        sums = [self.write_aspect(name, items) for name, items in self.aspects()]
        self.write_results(sums)

    def write_item(self, serial: int, fact: Any, maximum: Decimal) -> None:
        self.put(self.line, 1, serial, "0")
        self.put(self.line, 2, fact.name)
        self.put(self.line, 3, fact.standard)
        self.put(self.line, 4, maximum, "0.##")
        self.put(self.line, 5, fact.basis)
        self.put(self.line, 6, fact.unit)

    def block(self, name: str, top: int) -> None:
        self.head(top, 0, name, down=self.line - 1 - top)

    def write_aspect(self, name: str, items: list[ItemFact]) -> int:
        top = self.line
        for item in items:
            self.write_item(self.scheme.items.index(item) + 1, item, item.max)
            for number, row in enumerate(self.rows):
                self.put(self.line, self.first + number, row["scores"].get(item.code))
            self.line += 1
        self.block(name, top)
        self.sum_line("小计")
        maximum = sum((item.max for item in items), Decimal(0))
        self.formula(self.line, 4, f"=SUM(E{top + 1}:E{self.line})", maximum, "0.##")
        for number, row in enumerate(self.rows):
            letter = column_letter(self.first + number)
            values = [row["scores"].get(item.code) for item in items]
            total = sum((v for v in values if isinstance(v, Decimal)), Decimal(0))
            self.formula(self.line, self.first + number, f"=SUM({letter}{top + 1}:{letter}{self.line})", total)
        self.line += 1
        return self.line

    def sum_line(self, label: str) -> None:
        for place in range(len(DOWN_HEADERS)):
            self.paper.write_blank(self.line, place, None, self.output.total())
        self.paper.write_string(self.line, 0, label, self.output.total())

    def write_results(self, sums: list[int]) -> None:
        base = self.line
        self.sum_line("合计得分")
        self.formula(base, 4, "=" + "+".join(f"E{line}" for line in sums), self.scheme.full_score, "0.##")
        self.line += 1
        top = self.line
        for serial, fact in enumerate(self.scheme.deductions, 1):
            self.write_item(serial, fact, -fact.cap)
            for number, row in enumerate(self.rows):
                points = row["deduction_points"].get(fact.code)
                self.put(self.line, self.first + number, -points if points else None)
            self.line += 1
        if self.scheme.deductions:
            self.block("反向扣分项目", top)
        taken, final, rank = self.line, self.line + 1, self.line + 2
        for self.line, label in ((taken, "扣分小计"), (final, "最后得分"), (rank, "名次")):
            self.sum_line(label)
        if self.scheme.total_cap is not None:
            self.put(taken, 4, -self.scheme.total_cap, "0.##")
        for number, row in enumerate(self.rows):
            self.write_result(self.first + number, row, base, top, sums)
        self.output.across(self.paper, rank + 1, self.first, "考核人员签字：", self.output.line())

    def write_result(self, column: int, row: Row, base: int, top: int, sums: list[int]) -> None:
        letter = column_letter(column)
        computed = row.get("computed")
        taken, final = top + len(self.scheme.deductions), top + len(self.scheme.deductions) + 1
        earned = sum((v for v in row["scores"].values() if isinstance(v, Decimal)), Decimal(0))
        self.formula(base, column, "=" + "+".join(f"{letter}{line}" for line in sums), earned)
        span = f"{letter}{top + 1}:{letter}{taken}"
        effective = computed["effective"] if computed else self.taken(row)
        cap = self.scheme.total_cap
        inner = f"SUM({span})" if self.scheme.deductions else "0"
        self.formula(taken, column, f"={inner}" if cap is None else f"=MAX({inner},-{cap:f})", -effective)
        if not computed:
            return
        scores, maxima = f"{letter}$5:{letter}${base}", f"$E$5:$E${base}"
        applicable = f'({self.scheme.full_score:f}-SUMIF({scores},"/",{maxima}))'
        evened = f"ROUND({letter}{base + 1}*{self.scheme.full_score:f}/{applicable},2)"
        result = self.floor(f"{evened}+{letter}{taken + 1}")
        self.formula(final, column, f"={result}", computed["final"])
        last = column_letter(self.first + len(self.rows) - 1)
        line = f"${column_letter(self.first)}${final + 1}:${last}${final + 1}"
        self.formula(final + 1, column, f"=RANK({letter}{final + 1},{line})", self.ranks[computed["final"]], "0")

    def taken(self, row: Row) -> Decimal:
        """The deductions of a village whose scores are not complete, under the total cap."""
        total = sum(row["deduction_points"].values(), Decimal(0))
        return total if self.scheme.total_cap is None else min(total, self.scheme.total_cap)


class _Across(_Scores):
    """Villages down, one column for each item."""

    def write(self) -> None:
        items, deductions = len(self.scheme.items), len(self.scheme.deductions)
        self.sums = 2 + items + deductions
        last = self.sums + len(ACROSS_SUMS) - 1
        self.titles(last)
        self.head(2, 0, "序号", down=2)
        self.head(2, 1, "村（居）", down=2)
        column = 2
        groups: list[tuple[str, list[Any]]] = [*self.aspects(), ("反向扣分", list(self.scheme.deductions))]
        for name, facts in groups:
            if facts:
                self.head(2, column, name, right=len(facts) - 1)
            for fact in facts:
                self.head(3, column, fact.name)
                self.put(4, column, fact.max if isinstance(fact, ItemFact) else fact.cap, "0.##")
                column += 1
        for number, name in enumerate(ACROSS_SUMS):
            self.head(2, self.sums + number, name, down=2)
        self.paper.set_column(0, 0, 6)
        self.paper.set_column(1, 1, 14)
        self.paper.set_column(2, last, 8)
        self.paper.repeat_rows(2, 4)
        self.paper.freeze_panes(5, 2)
        for number, row in enumerate(self.rows):
            self.write_village(5 + number, number + 1, row)
        if self.rows:
            self.write_averages(5 + len(self.rows), last)

    def write_village(self, line: int, serial: int, row: Row) -> None:
        self.put(line, 0, serial, "0")
        self.put(line, 1, row["village"])
        for number, item in enumerate(self.scheme.items):
            self.put(line, 2 + number, row["scores"].get(item.code))
        start = 2 + len(self.scheme.items)
        for number, fact in enumerate(self.scheme.deductions):
            self.put(line, start + number, row["deduction_points"].get(fact.code))
        computed = row.get("computed")
        if not computed:
            for number in range(len(ACROSS_SUMS)):
                self.put(line, self.sums + number, None)
            return
        self.write_sums(line, start, computed)

    def write_sums(self, line: int, start: int, computed: dict[str, Any]) -> None:
        full = f"{self.scheme.full_score:f}"
        scores = f"{address(line, 2)}:{address(line, start - 1)}"
        maxima = f"${column_letter(2)}$5:${column_letter(start - 1)}$5"
        base = f'=ROUND(SUM({scores})*{full}/({full}-SUMIF({scores},"/",{maxima})),2)'
        self.formula(line, self.sums, base, computed["base"])
        span = f"SUM({address(line, start)}:{address(line, self.sums - 1)})" if self.scheme.deductions else "0"
        cap = self.scheme.total_cap
        taken = f"={span}" if cap is None else f"=MIN({span},{cap:f})"
        self.formula(line, self.sums + 1, taken, computed["effective"])
        result = self.floor(f"{address(line, self.sums)}-{address(line, self.sums + 1)}")
        self.formula(line, self.sums + 2, f"={result}", computed["final"])
        letter = column_letter(self.sums + 2)
        finals = f"${letter}$6:${letter}${5 + len(self.rows)}"
        rank = f"=RANK({letter}{line + 1},{finals})"
        self.formula(line, self.sums + 3, rank, self.ranks[computed["final"]], "0")

    def write_averages(self, line: int, last: int) -> None:
        self.paper.write_string(line, 0, "平均分", self.output.total())
        self.paper.write_blank(line, 1, None, self.output.total())
        for column in range(2, last):
            values = [self.value(row, column) for row in self.rows]
            numbers = [value for value in values if isinstance(value, Decimal)]
            if numbers:
                letter = column_letter(column)
                average = sum(numbers, Decimal(0)) / len(numbers)
                self.formula(line, column, f"=AVERAGE({letter}6:{letter}{line})", average)

    def value(self, row: Row, column: int) -> Any:
        codes = [item.code for item in self.scheme.items]
        if column - 2 < len(codes):
            return row["scores"].get(codes[column - 2])
        if column < self.sums:
            return row["deduction_points"].get(self.scheme.deductions[column - 2 - len(codes)].code)
        return (row.get("computed") or {}).get(("base", "effective", "final")[column - self.sums])
