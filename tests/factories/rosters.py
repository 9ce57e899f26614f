"""Roster workbooks as clerks send them."""

from __future__ import annotations

import io

import xlsxwriter

HEAD = ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"]
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
_GIVEN = "安平宁康福寿喜乐顺和"


def roster(rows: int, village: str = "甲东村") -> bytes:
    """A workbook of grid workers with different names in the sub-grids of a village."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, HEAD)
    for n in range(rows):
        name = _FAMILY[n % len(_FAMILY)] + _GIVEN[n // len(_FAMILY) % 10] + _GIVEN[n // len(_FAMILY) // 10 % 10]
        grid = "第一子网格" if n % 2 else "第二子网格"
        sheet.write_row(n + 1, 0, [village, grid, name, "", "网格员", "", f"138{n:08d}"])
    book.close()
    return buffer.getvalue()
