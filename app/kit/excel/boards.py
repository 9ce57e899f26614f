"""Score sheets recognised: where each item, each village and each printed sum stands, whichever way round.

Both orientations become the same `Board`; what the values on it mean is written once, in matrix.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.kit.excel.book import Grid, column_letter
from app.kit.excel.clean import decimal
from app.kit.excel.context import DeductionFact, ItemFact, ReadContext, SchemeFacts
from app.kit.excel.mapping import DEEPEST, ENOUGH, SEARCHED_ROWS, HeaderMatch, find_header, normal
from app.kit.excel.sheet import Column, Matrix, Sheet
from app.kit.excel.values import Bad, empty, tight

VILLAGE_HEADERS = ("村（居）", "村居", "村名", "村（社区）", "行政村", "所在村", "单位", "村")
HEAD = Sheet(
    "d1-head",
    "评分",
    "",
    (
        Column("aspect", ("考核内容", "考核方面", "考核类别", "类别"), expected=True),
        Column("serial_no", ("序号", "编号", "№"), expected=True),
        Column("item_name", ("考核项目和指标", "考核项目", "项目", "事项名称", "责任内容", "内容"), expected=True),
        Column("max", ("满分", "分值", "标准分"), expected=True),
        Column("standard", ("计分标准", "评分标准")),
        Column("basis", ("考核依据", "依据")),
        Column("unit", ("责任单位", "考核单位")),
    ),
)
NEEDED = ("item_name", "max")
BARE = Sheet(HEAD.code, HEAD.name, "", tuple(replace(c, expected=c.field in NEEDED) for c in HEAD.columns))
SUMS = {
    "小计": "aspect",
    "合计得分": "base",
    "合计": "base",
    "总分": "base",
    "基础得分": "base",
    "基础分": "base",
    "扣分小计": "deductions",
    "扣分合计": "deductions",
    "最后得分": "final",
    "最终得分": "final",
    "总得分": "final",
    "名次": "rank",
    "排名": "rank",
    "平均": "average",
    "平均分": "average",
    "满分": "max",
}
END_OF_VILLAGES = frozenset(
    {"备注", "平均", "平均分", "平均得分", "平均值", "均分", "全镇平均", "全县平均", "合计", "小计", "总计", "说明"}
    | {"最高分", "最低分", "错误说明"}
)
_NUMBERING = re.compile(r"(?:\d+|[一二三四五六七八九十]+)[.、．,，]")
_OWN_MAX = re.compile(r"[(（](\d+(?:\.\d+)?)分[)）]")
CLOSING = re.compile(r"注|说明|备注[:：]|填表人|制表人|审核人|单位负责人|负责人|填报日期|联系电话|考核人员签字")


@dataclass(frozen=True)
class Place:
    """An item of the scheme at a row or column of the sheet; `sign` is -1 when its maximum is printed as negative."""

    fact: ItemFact | DeductionFact
    at: int
    max: Decimal
    max_cell: tuple[int, int]
    sign: int = 1


@dataclass
class Board:
    """A score sheet, whichever way round: positions of items, villages and printed sums."""

    items_down: bool
    items: list[Place] = field(default_factory=list)
    deductions: list[Place] = field(default_factory=list)
    villages: list[int] = field(default_factory=list)
    sums: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)  # kind, position, item codes it covers
    village_line: int = 0
    problems: list[tuple[str, int, int, str]] = field(default_factory=list)

    def cell(self, item: int, village: int) -> tuple[int, int]:
        """Row and column of a village's value for an item."""
        return (item, village) if self.items_down else (village, item)

    def head(self, village: int) -> tuple[int, int]:
        """Row and column of a village's name."""
        return (self.village_line, village) if self.items_down else (village, self.village_line)

    def label(self, village: int) -> int | str:
        """What a rejected village is named by: its column letter, or its row number."""
        return column_letter(village) if self.items_down else village + 1


@dataclass(frozen=True)
class MatrixMatch:
    """A score sheet recognised in a grid."""

    row: int
    share: float
    missing: tuple[str, ...]
    header: HeaderMatch | None = None
    names: tuple[tuple[int, str], ...] = ()


def header_of(variant: Sheet | Matrix, name: str) -> str:
    """The header we would print for a field."""
    columns = (HEAD if isinstance(variant, Matrix) else variant).by_field
    return columns[name].headers[0].rpartition("/")[2] if name in columns else name


def find_matrix(variant: Matrix, grid: Grid, context: ReadContext) -> MatrixMatch | None:
    """The header of a score sheet in the variant's orientation, or None."""
    return _find_down(grid, context) if variant.items_down else _find_across(grid, scheme_of(context))


def scheme_of(context: ReadContext) -> SchemeFacts:
    """The scheme of the context; a score sheet cannot be read without one."""
    if context.scheme is None:
        raise ValueError("a score sheet is read against a scheme: ReadContext.scheme is missing")
    return context.scheme


def _find_down(grid: Grid, context: ReadContext) -> MatrixMatch | None:
    header = find_header(HEAD, grid) or find_header(BARE, grid)
    if header is None or "item_name" not in header.columns:
        return None
    missing = tuple(name for name in NEEDED if name not in header.columns)
    header = _down_to_villages(grid, header, context)
    return MatrixMatch(header.row, header.share, missing, header)


def _down_to_villages(grid: Grid, header: HeaderMatch, context: ReadContext) -> HeaderMatch:
    """The header as high as down to the row with the names of the villages, which may stand lower than the other headers."""
    right = range(max(header.columns.values()) + 1, grid.width)

    def known(row: int) -> int:
        texts = (grid.cell(row, column) for column in right)
        return sum(context.villages is not None and isinstance(t, str) and bool(context.village(t)) for t in texts if t)

    if known(header.first_data_row - 1):
        return header
    lower = max(range(header.row, min(header.row + DEEPEST, grid.height)), key=known)
    return replace(header, depth=lower - header.row + 1) if known(lower) else header


def _find_across(grid: Grid, scheme: SchemeFacts) -> MatrixMatch | None:
    known = _by_name(scheme)
    for row in range(min(SEARCHED_ROWS, grid.height)):
        names = tuple((c, v) for c, v in enumerate(grid.row(row)) if isinstance(v, str) and item_key(v) in known)
        found = {known[item_key(v)].code for _c, v in names} & {item.code for item in scheme.items}
        share = len(found) / len(scheme.items)
        if share >= ENOUGH:
            missing = () if _village_column(grid, row) is not None else ("village",)
            return MatrixMatch(row, share, missing, names=names)
    return None


def _by_name(scheme: SchemeFacts) -> dict[str, ItemFact | DeductionFact]:
    facts: tuple[ItemFact | DeductionFact, ...] = (*scheme.items, *scheme.deductions)
    return {normal(fact.name): fact for fact in facts}


def item_key(name: str) -> str:
    """The name of an item for comparison: without its number and what is in brackets.

    >>> item_key("1．网格队伍配备（4分）") == item_key("网格队伍配备")
    True
    """
    return normal(_NUMBERING.sub("", tight(name), count=1) if _NUMBERING.match(tight(name)) else name)


def _village_column(grid: Grid, row: int) -> int | None:
    wanted = {normal(header) for header in VILLAGE_HEADERS}
    for above in (row, row - 1, row - 2):
        for column in range(grid.width):
            value = grid.cell(above, column) if above >= 0 else ""
            if isinstance(value, str) and value and normal(value) in wanted:
                return column
    return None


def board_down(grid: Grid, match: MatrixMatch, scheme: SchemeFacts) -> Board:
    """The board of a sheet with items down and villages across."""
    header = match.header
    assert header is not None
    board = Board(True, village_line=header.first_data_row - 1)
    board.villages = list(_village_columns(grid, header))
    known = _by_name(scheme)
    aspects = {normal(aspect.name) for aspect in scheme.aspects} - known.keys()
    block: list[str] = []
    for row in range(header.first_data_row, grid.height):
        if row in grid.hidden_rows:
            continue
        first = next((v for v in grid.row(row) if not empty(v)), "")
        if isinstance(first, str) and CLOSING.match(tight(first)):
            break
        kind = next((k for k in (_sum_kind(grid.cell(row, c)) for c in range(3)) if k), None)
        if kind:
            board.sums.append((kind, row, tuple(block)))
            block = []
            continue
        name, printed = grid.cell(row, header.columns["item_name"]), grid.cell(row, header.columns["max"])
        if empty(name) or item_key(str(name)) in aspects:
            continue  # the line of an aspect
        fact = _placed(board, known, str(name), row, (row, header.columns["item_name"]), printed, header.columns["max"])
        if fact:
            block.append(fact.code)
    return board


def _village_columns(grid: Grid, header: HeaderMatch) -> Iterator[int]:
    line = header.first_data_row - 1
    for column in range(max(header.columns.values()) + 1, grid.width):
        value = grid.cell(line, column)
        heads = (value, grid.cell(header.row, column))
        if empty(value) or any(isinstance(head, str) and normal(head) in END_OF_VILLAGES for head in heads):
            return
        if column not in grid.hidden_columns:
            yield column


def _sum_kind(value: Any) -> str | None:
    return SUMS.get(tight(value)) or SUMS.get(normal(value)) if isinstance(value, str) else None


def _placed(
    board: Board,
    known: dict[str, ItemFact | DeductionFact],
    name: str,
    at: int,
    name_cell: tuple[int, int],
    printed: Any,
    max_line: int,
) -> ItemFact | DeductionFact | None:
    """Put an item on the board; what cannot be put there becomes a problem of the whole file."""
    fact = known.get(normal(name)) or known.get(item_key(name))
    if fact is None:
        board.problems.append(("E03", *name_cell, "item"))
        return None
    if any(place.fact is fact for place in (*board.items, *board.deductions)):
        board.problems.append(("E61", *name_cell, "item"))
        return None
    max_cell = (at, max_line) if board.items_down else (max_line, at)
    if empty(printed):
        own = _OWN_MAX.search(name)
        printed = own[1] if own else fact.cap if isinstance(fact, DeductionFact) else ""
    maximum = printed if isinstance(printed, Decimal) else decimal(printed)
    if isinstance(maximum, Bad) or maximum is None:
        board.problems.append((maximum.code if isinstance(maximum, Bad) else "E11", *max_cell, ""))
        return None
    place = Place(fact, at, abs(maximum), max_cell, -1 if maximum < 0 else 1)
    (board.items if isinstance(fact, ItemFact) else board.deductions).append(place)
    return fact


def board_across(grid: Grid, match: MatrixMatch, scheme: SchemeFacts) -> Board:
    """The board of a sheet with villages down and items across."""
    column = _village_column(grid, match.row)
    assert column is not None
    board = Board(False, village_line=column)
    items = [place for place, _name in match.names]
    maxima = _maxima_row(grid, match.row, column, items)
    known = _by_name(scheme)
    sums: list[int] = []
    for at in range(grid.width):
        name = grid.cell(match.row, at)
        if empty(name) or at in grid.hidden_columns:
            continue
        if kind := _sum_kind(name):
            board.sums.append((kind, at, ()))
            continue
        if item_key(str(name)) not in known and _deducted(grid, match.row, at):
            sums.append(at)
        elif item_key(str(name)) in known or min(items) < at < max(items):
            printed = grid.cell(maxima, at) if maxima is not None else ""
            _placed(board, known, str(name), at, (match.row, at), printed, maxima if maxima is not None else match.row)
    board.villages = list(_village_rows(grid, (match.row if maxima is None else maxima) + 1, column))
    for at in sums:
        if any(decimal(grid.cell(row, at)) not in (None, 0) for row in board.villages):
            board.problems.append(("E03", match.row, at, "aggregated"))
    return board


def _deducted(grid: Grid, row: int, at: int) -> bool:
    """Whether a column holds deductions by what its headers say: several items of the scheme in one sum."""
    heads = (grid.cell(above, at) for above in range(max(0, row - 2), row + 1))
    return any(isinstance(head, str) and "扣分" in head for head in heads)


def _maxima_row(grid: Grid, row: int, column: int, items: list[int]) -> int | None:
    """The row of maxima under the item names: numbers, and no village in it."""
    headers = {normal(header) for header in VILLAGE_HEADERS} | {"", "满分", "分值", "标准分"}
    for below in range(row + 1, min(row + 4, grid.height)):
        head = grid.cell(below, column)
        numbers = sum(isinstance(decimal(grid.cell(below, at)), Decimal) for at in items)
        if isinstance(head, str) and normal(head) in headers and numbers * 2 > len(items):
            return below
    return None


def _village_rows(grid: Grid, start: int, column: int) -> Iterator[int]:
    for row in range(start, grid.height):
        if not grid.occupied[row] or row in grid.hidden_rows:
            continue
        first = next((v for v in grid.row(row) if not empty(v)), "")
        if isinstance(first, str) and CLOSING.match(tight(first)):
            return
        if not any(_sum_kind(grid.cell(row, c)) for c in range(3)):
            yield row
