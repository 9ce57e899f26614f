"""A form from the designer to its records, by three people: made, tried, filled in on a telephone, found, and made anew."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.portal import LivePortal
from browser.visitor import PHONE, Visitor
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

TITLE = "险情巡查记录"
SPEC = """
title: {zh: 险情巡查记录}
sections:
  - code: main
    title: {zh: 巡查情况}
    fields:
      - {code: village, label: {zh: 所在村}, type: text, known: village.name, is_listed: true}
      - code: kind
        label: {zh: 险情类别}
        type: choice
        required: true
        is_listed: true
        choices: [{code: fire, label: {zh: 火情}}, {code: flood, label: {zh: 汛情}}]
      - {code: water, label: {zh: 水位（米）}, type: decimal, condition: "kind == 'flood'", required: true}
      - code: costs
        label: {zh: 开支明细}
        type: rows
        columns:
          - {code: name, label: {zh: 名称}, type: text, required: true}
          - {code: amount, label: {zh: 金额}, type: money}
      - {code: total, label: {zh: 开支合计}, type: money, computed: "sum(costs.amount)", is_listed: true}
"""


@pytest.fixture
def password(demo_portal: LivePortal) -> str:
    from app.features.accounts.demo import demo_password

    with demo_portal.app.app_context():
        return demo_password() or ""


def test_a_form_is_built_filled_in_on_a_telephone_found_and_made_anew(
    demo_portal: LivePortal, visit: Callable[..., Visitor], password: str, tmp_path: Path
) -> None:
    maker = visit(demo_portal).sign_in("xianguan", password)
    _design(maker)
    worker = visit(demo_portal).sign_in("wanggeyuan", password)
    record = _fill_in(worker)
    evaluator = visit(demo_portal).sign_in("kaohe", password)
    _find(evaluator)
    _chart(maker)
    evaluator.follow("图表")
    evaluator.page.get_by_text("查看数据表").first.click()
    evaluator.sees("各类险情", "汛情")
    _take_along(evaluator, tmp_path)
    _make_anew(maker)
    old = worker.open(record)
    assert old.status == 200
    worker.sees("所在村", "水位（米）")
    worker.follow("打印件")
    worker.sees("开支明细", "沙袋")
    assert "处置措施" not in worker.text()
    worker.open("/records/")
    worker.page.get_by_role("row", name=TITLE).get_by_role("link", name="填报").click()
    expect(worker.page.get_by_label("处置措施")).to_be_visible()


def _design(maker: Visitor) -> None:
    """The county makes the form, tries it once, and publishes it."""
    page = maker.page
    maker.open("/form-designer/new")
    page.locator("#title").fill(TITLE)
    page.locator("#keeper_level").select_option("sub_grid")
    page.get_by_label("网格员", exact=True).check()
    maker.press("创建并设计")
    _as_text(page).fill(SPEC)
    maker.press("保存文本")
    page.locator("[data-add=long_text]").click()
    page.locator("[id^=label-]:visible").first.fill("现场备注")
    expect(page.locator("#preview").get_by_label("现场备注")).to_be_visible()
    page.locator("#preview-box, #preview").first.get_by_label("险情类别").select_option("flood")
    expect(page.locator("#preview").get_by_label("水位（米）")).to_be_visible()
    page.locator("#go-on").click()
    maker.press("先试填")
    maker.follow("试填一份")
    if page.locator("#unit").count():
        page.get_by_role("button", name="继续").click()
    page.get_by_label("险情类别").select_option("fire")
    maker.press("提交")
    maker.sees("已提交。")
    page.go_back()
    _publish(maker, "首次发布")


def _as_text(page: Page) -> Locator:
    """The form as text, with its disclosure opened."""
    page.locator("details", has=page.locator("#spec-text")).locator("summary").click()
    return page.locator("#spec-text")


def _publish(maker: Visitor, note: str) -> None:
    maker.choose("表单")
    maker.follow(TITLE)
    maker.page.locator("main .page-actions a.btn-primary").first.click()
    if maker.page.locator("#go-on").count():
        maker.page.locator("#go-on").click()
    maker.page.locator("#note").fill(note)
    maker.press("发布")
    expect(maker.page.locator("#note")).to_have_count(0)


def _fill_in(worker: Visitor) -> str:
    """On a telephone: a question appears, rows are added, the sum follows; the address of the record."""
    page = worker.page
    page.set_viewport_size(PHONE)
    worker.open("/records/")
    page.get_by_role("row", name=TITLE).get_by_role("link", name="填报").click()
    expect(page.get_by_label("所在村")).to_have_attribute("readonly", "")
    expect(page.get_by_label("水位（米）")).to_be_hidden()
    page.get_by_label("险情类别").select_option("flood")
    page.get_by_label("水位（米）").fill("2.5")
    _row(page, 0, "沙袋", "0.10")
    _row(page, 1, "雨衣", "0.20")
    page.locator("#costs-1-amount").press("Enter")
    expect(page.locator("#costs-2-name")).to_be_focused()
    _row(page, 2, "手电", "１，000")
    expect(page.locator("#total")).to_have_text("1000.30")
    page.locator("tr[data-row='costs-2']").get_by_role("button", name="删除").click()
    expect(page.locator("#total")).to_have_text("0.30")
    assert not worker.overflow()
    worker.press("提交")
    worker.sees("已提交。", "0.30 元", "雨衣")
    return page.url.removeprefix(worker.address)


def _row(page: Page, number: int, name: str, amount: str) -> None:
    page.locator(f"#costs-{number}-name").fill(name)
    page.locator(f"#costs-{number}-amount").fill(amount)


def _find(evaluator: Visitor) -> None:
    """The evaluator finds it by its choice, and not by another."""
    evaluator.choose("填报表单")
    evaluator.follow(TITLE)
    evaluator.sees("0.30 元", "汛情")
    evaluator.page.locator("#flt-q_kind").select_option("fire")
    evaluator.press("查询")
    evaluator.sees("没有符合条件的记录")


def _chart(maker: Visitor) -> None:
    """The county keeps a chart of the kinds."""
    maker.choose("填报表单")
    maker.follow(TITLE)
    maker.follow("图表")
    maker.page.locator("#title").fill("各类险情")
    maker.page.locator("#dimension").select_option("kind")
    maker.press("查看")
    maker.press("保存图表")
    maker.sees("图表已保存", "各类险情")


def _take_along(evaluator: Visitor, folder: Path) -> None:
    """The record stands in the workbook of the form, its rows on their own sheet."""
    from openpyxl import load_workbook

    evaluator.page.go_back()
    evaluator.page.get_by_role("link", name="重置").click()
    evaluator.follow("导出")
    book = load_workbook(evaluator.download("下载", folder))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"汛情", "沙袋", "雨衣"} <= cells


def _make_anew(maker: Visitor) -> None:
    """Version 2 asks something else."""
    maker.choose("表单")
    maker.follow(TITLE)
    maker.press("设计新版")
    page = maker.page
    _as_text(page).fill(f"{SPEC}      - {{code: act, label: {{zh: 处置措施}}, type: text}}\n")
    maker.press("保存文本")
    _publish(maker, "增加处置措施")


CASES = [
    ("kind == 'a' and n > 3", {"kind": "a", "n": 4}),
    ("kind == 'a' and n > 3", {"kind": None, "n": 1}),
    ("kind == 'a' or n > 3", {"kind": None, "n": 4}),
    ("not filled(kind)", {"kind": None}),
    ("0.1 + 0.2 == 0.3", {}),
    ("round(n / 3, 4)", {"n": 7}),
    ("n / 0", {"n": 7}),
    ("kind < n", {"kind": "a", "n": 1}),
    ("round(n / 8, 2)", {"n": -1}),
    ("sum(rows.x) + count(rows)", {"rows": [{"x": 1}, {"x": None}, {"x": 2}]}),
    ("average(rows.x)", {"rows": []}),
    ("average(rows.x)", {"rows": [{"x": 1}, {"x": 2}]}),
    ("min(n, m)", {"n": 2, "m": None}),
    ("max(rows.x) - min(rows.x)", {"rows": [{"x": 5}, {"x": -2}]}),
    ("n if filled(kind) else -n", {"n": 2, "kind": None}),
    ("1 < n < 3", {"n": 2}),
    ("abs(n) - 0.5", {"n": -2}),
]


def test_the_page_reckons_as_the_server_does() -> None:
    from shutil import which

    from app.domain.expressions import as_json, parse_expression

    if which("node") is None:
        pytest.skip("node is not installed")
    script = Path(__file__).parents[2] / "app" / "kit" / "static" / "js" / "record-form.js"
    program = (
        "const f = require(process.argv[1]);"
        "const put = (v) => Array.isArray(v) ? v.map((r) => Object.fromEntries(Object.entries(r).map(([k, x]) => [k, put(x)])))"
        " : typeof v === 'number' ? f.number(String(v)) : v;"
        "const say = (v) => f.isNumber(v) ? f.written(f.rounded(v, 6), 6) : v;"
        "const cases = JSON.parse(process.argv[2]);"
        "console.log(JSON.stringify(cases.map(([t, v]) => say(f.evaluate(t,"
        " Object.fromEntries(Object.entries(v).map(([k, x]) => [k, put(x)])))))));"
    )
    sent = json.dumps([[as_json(parse_expression(text)), values] for text, values in CASES])
    answer = subprocess.run(["node", "-e", program, str(script), sent], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [_on_the_server(text, values) for text, values in CASES]


def _on_the_server(text: str, values: dict[str, object]) -> object:
    from decimal import Decimal

    from app.domain.errors import RuleBroken
    from app.domain.expressions import evaluate, parse_expression

    def typed(value: object) -> object:
        if isinstance(value, list):
            return tuple({key: typed(cell) for key, cell in row.items()} for row in value)
        return Decimal(value) if isinstance(value, int) else value

    try:
        found = evaluate(parse_expression(text), {name: typed(value) for name, value in values.items()})
    except RuleBroken:
        return None
    return f"{found:.6f}" if isinstance(found, Decimal) else found
