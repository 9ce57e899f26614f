"""A form from the designer to its records, by three people: made, tried, filled in on a telephone, found, and made anew."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.portal import LivePortal
from browser.visitor import PHONE, Visitor
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TITLE = "险情巡查记录"


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
    _questions(page)
    preview = page.locator("#preview")
    expect(preview.get_by_label("现场备注")).to_be_visible()
    expect(preview.get_by_label("水位（米）")).to_be_hidden()
    preview.get_by_label("险情类别").select_option("汛情")
    expect(preview.get_by_label("水位（米）")).to_be_visible()
    expect(page.locator("#problems-head")).to_contain_text("可以试填和发布")
    page.locator("#go-on").click()
    maker.press("先试填")
    maker.follow("试填一份")
    if page.locator("#unit").count():
        page.get_by_role("button", name="继续").click()
    page.get_by_label("险情类别").select_option("火情")
    maker.press("提交")
    maker.sees("已提交。")
    maker.choose("表单")
    maker.follow(TITLE)
    page.locator("main .page-actions a.btn-primary").first.click()
    _publish(maker, "首次发布")


def _questions(page: Page) -> None:
    """The questions, by mouse and keyboard: a condition chosen in words, rows, what is summed up, what the portal fills in."""
    keys = page.keyboard
    _ask(page, "choice", "险情类别", "必填", "在列表中显示")
    page.get_by_label("选项 1", exact=True).fill("火情")
    keys.press("Enter")
    keys.insert_text("汛情")
    _ask(page, "decimal", "水位（米）", "必填")
    page.get_by_label("选条件").check()
    page.get_by_label("取值").select_option(label="汛情")
    _ask(page, "rows", "开支明细")
    page.get_by_label("名称 1").fill("名称")
    keys.press("Enter")
    keys.insert_text("金额")
    page.get_by_label("列的类型").last.select_option(label="金额")
    _ask(page, "money", "开支合计", "在列表中显示")
    page.get_by_label("自动计算").click()
    page.get_by_label("插入函数").select_option(label="合计")
    page.get_by_label("插入字段").select_option(label="开支明细：金额")
    expect(page.get_by_text("意思是：“开支明细”各行的“金额”之和")).to_be_visible()
    _ask(page, "text", "所在村", "在列表中显示")
    page.get_by_label("由系统带出").select_option(label="村（居）名称")
    for _ in range(4):
        keys.press("Alt+ArrowUp")
    _ask(page, "long_text", "现场备注")


def _ask(page: Page, kind: str, label: str, *ticks: str) -> None:
    """A new field, its name typed where the cursor stands."""
    page.locator(f"[data-add={kind}]").click()
    page.keyboard.insert_text(label)
    for tick in ticks:
        page.locator(".field-card.open").get_by_label(tick, exact=True).check()


def _publish(maker: Visitor, note: str) -> None:
    """From the page that says what publishing does."""
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
    page.get_by_label("险情类别").select_option("汛情")
    page.get_by_label("水位（米）").fill("2.5")
    _row(page, 0, "沙袋", "0.10")
    _row(page, 1, "雨衣", "0.20")
    page.locator("#kaizhimingxi-1-jine").press("Enter")
    expect(page.locator("#kaizhimingxi-2-mingcheng")).to_be_focused()
    _row(page, 2, "手电", "１，000")
    expect(page.locator("#kaizhiheji")).to_have_text("1000.30")
    page.locator("tr[data-row='kaizhimingxi-2']").get_by_role("button", name="删除").click()
    expect(page.locator("#kaizhiheji")).to_have_text("0.30")
    assert not worker.overflow()
    worker.press("提交")
    worker.sees("已提交。", "0.30 元", "雨衣")
    return page.url.removeprefix(worker.address)


def _row(page: Page, number: int, name: str, amount: str) -> None:
    page.locator(f"#kaizhimingxi-{number}-mingcheng").fill(name)
    page.locator(f"#kaizhimingxi-{number}-jine").fill(amount)


def _find(evaluator: Visitor) -> None:
    """The evaluator finds it by its choice, and not by another."""
    evaluator.choose("填报表单")
    evaluator.follow(TITLE)
    evaluator.sees("0.30 元", "汛情")
    evaluator.page.get_by_label("险情类别").select_option("火情")
    evaluator.press("查询")
    evaluator.sees("没有符合条件的记录")


def _chart(maker: Visitor) -> None:
    """The county keeps a chart of the kinds."""
    maker.choose("填报表单")
    maker.follow(TITLE)
    maker.follow("图表")
    maker.page.locator("#title").fill("各类险情")
    maker.page.locator("#dimension").select_option(label="险情类别")
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
    _ask(maker.page, "text", "处置措施")
    maker.page.locator("#go-on").click()  # what is typed goes along
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
