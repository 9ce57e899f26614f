"""The main job from the roster to the pay workbook, by seven people at their own screens, on the county's own workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from browser.portal import LivePortal
from browser.visitor import Visitor
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[1] / "samples" / "workbooks"
ROSTER = SAMPLES / "clean" / "a_roster_14villages.xlsx"
SCORES = SAMPLES / "clean" / "d1_scores_14.xlsx"
WAGES = SAMPLES / "clean" / "e3_wages_months_14.xlsx"
UNITS = SAMPLES / "master" / "org_town.json"
COUNTY, TOWN = "澜禾县", "漕禾镇"
PASSWORD = "Shuimian-2026-abc"
# Who stands above the grid: user name, name, role, unit.
STAFF = [
    ("xitong", "邱明哲", "system_administrator", COUNTY),
    ("banshi", "柯安宁", "county_clerk", COUNTY),
    ("xianguan", "裴知远", "county_administrator", COUNTY),
    ("fuguan", "纪云舒", "county_administrator", COUNTY),
    ("kaohe", "简文澜", "evaluator", TOWN),
    ("zhenzhang", "樊景川", "township_head", TOWN),
]
# Who comes with the roster, and gets an account at the screen of the system administrator.
GRID = {"zongwangge": "许鹏军", "ziwangge": "唐曦平"}
MONTH = "2026-11"
RECORD = {
    "meetings": "1",
    "patrols": "4",
    "reception_days": "1",
    "reception_visitors": "6",
    "leads_received": "3",
    "leads_accepted": "3",
    "leads_closed": "2",
    "should_attend": "20",
    "attended": "18",
    "visits": "9",
}


@pytest.fixture(scope="module")
def town(standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A portal with the units of a town and the accounts of its staff, and nothing else."""
    portal = LivePortal(tmp_path_factory.mktemp("town"))
    portal.command("portal", "init", "--no-admin")
    portal.command("org", "load", str(UNITS))
    _appoint_staff(portal)
    portal.start()
    yield portal
    portal.stop()


def _appoint_staff(portal: LivePortal) -> None:
    """The first persons of a county are entered by whoever sets the portal up."""
    from app.domain.rights import Role
    from app.features.accounts.services import add_account
    from app.features.org.queries import resolve_unit
    from app.features.people.services import add_person, appoint
    from app.kit import access

    with portal.app.app_context(), access.acting_as(access.OPERATOR):
        for username, name, role, place in STAFF:
            unit = resolve_unit(place)
            person = add_person(unit, name)
            appoint(person, Role(role), unit)
            add_account(username, PASSWORD, person, must_change=False)


def test_from_the_roster_to_the_pay_workbook(town: LivePortal, visit: Callable[..., Visitor], tmp_path: Path) -> None:
    def comes(username: str) -> Visitor:
        return visit(town).sign_in(username, PASSWORD)

    clerk, administrator = comes("banshi"), comes("xianguan")
    bring_in_the_roster(clerk)
    given = give_accounts_to_the_grid(comes("xitong"))
    leader, chief = [visit(town).first_sign_in(who, given[who], PASSWORD) for who in ("ziwangge", "zongwangge")]
    open_the_month(administrator)
    log_the_month(leader)
    confirm_the_month(chief)

    evaluator = comes("kaohe")
    open_the_round(evaluator)
    score_the_villages(evaluator)
    deduct(evaluator)
    check_the_round(evaluator)
    publish_the_round(administrator)
    rank(evaluator)
    publish_the_ranking(administrator)
    everybody_reads_the_ranking(leader)

    bring_in_the_wages(clerk)
    confirm_the_multipliers(administrator, comes("fuguan"))
    compute_the_awards(administrator)
    head = comes("zhenzhang")
    on_screen = approve_the_awards(head)
    assert totals_of(take_the_pay_workbook_out(head, tmp_path)) == (on_screen, on_screen)


# -- roster and accounts -------------------------------------------------------------------------------


def bring_in_the_roster(clerk: Visitor) -> None:
    upload(clerk, "网格员花名册", ROSTER)
    clerk.sees("新增 710", "未通过 0", "东苇村 · 总网格长 · 许鹏军")
    clerk.press("确认保存")
    clerk.sees("已保存，回执见下。")
    clerk.choose("花名册")
    clerk.sees("在任710人次", "许鹏军", "100****0002")


def upload(clerk: Visitor, sheet: str, file: Path, **options: str) -> None:
    clerk.choose("表格导入导出")
    clerk.sees("上传、核对、确认三步")
    clerk.page.locator("main tr", has_text=sheet).first.get_by_role("link", name="上传").click()
    for name, value in options.items():
        if name == "unit":
            clerk.select("#unit", value)
        else:
            clerk.page.locator(f"#{name}").fill(value)
    clerk.upload(file, "上传并核对")


def give_accounts_to_the_grid(system: Visitor) -> dict[str, str]:
    """The passwords for the first sign-in, each shown once, by user name."""
    return {username: _give_account(system, username, name) for username, name in GRID.items()}


def _give_account(system: Visitor, username: str, name: str) -> str:
    system.choose("账号")
    system.page.locator("main a[href$='/accounts/add']").first.click()
    system.page.get_by_label("人员姓名").fill(name)
    system.press("查询")
    system.follow("选择")
    system.page.get_by_label("用户名").fill(username)
    system.press("建立账号")
    system.sees("首次登录密码", "请当面交给本人")
    return system.page.locator("main code").first.inner_text().strip()


# -- the month -----------------------------------------------------------------------------------------


def open_the_month(administrator: Visitor) -> None:
    administrator.choose("月份与完成情况")
    administrator.page.locator("#period").fill(MONTH)
    administrator.press("开放")
    administrator.sees("月份已开放，各岗位任务已生成。", "2026年11月", "开放填报", "东苇村")


def log_the_month(leader: Visitor) -> None:
    """The sub-grid leader fills in the record of his sub-grid, first as a draft."""
    leader.choose("本期待办")
    leader.sees("第一子网格", "月度工作记录", "未填", "期限 2026-12-05")
    for name, value in RECORD.items():
        leader.page.locator(f"[name$='-{name}']").fill(value)
    leader.press("保存草稿")
    leader.sees("草稿已保存，尚未提交。")
    leader.press("提交已填写的任务")
    leader.sees("已提交 1 项。", "本月任务已全部提交。")


def confirm_the_month(chief: Visitor) -> None:
    """The chief grid leader has nothing to report himself, and confirms what his sub-grid leader wrote."""
    chief.choose("本期待办")
    chief.press("其余均无，全部提交")
    chief.sees("已提交 3 项。", "本期无")
    chief.choose("记录审核")
    row = chief.page.locator("main tr", has_text="唐曦平")
    expect(row).to_contain_text("18 / 20")
    row.get_by_role("checkbox").check()
    chief.press("确认所选记录")
    chief.sees("已确认 1 项。")
    chief.follow("全部")
    expect(chief.page.locator("main tr", has_text="唐曦平")).to_contain_text("已确认")


# -- the round -----------------------------------------------------------------------------------------


def open_the_round(evaluator: Visitor) -> None:
    evaluator.choose("考核轮次")
    evaluator.sees("还没有考核轮次。")
    evaluator.follow("开启考核轮次")
    evaluator.select("#scheme", "总网格(村居)年度考核方案")
    evaluator.page.get_by_label("期次").fill("2025")
    evaluator.page.get_by_label("代码").fill("V2025")
    evaluator.press("开启")
    evaluator.sees("评分中", "0 / 14", "尚未开始评分。")


def score_the_villages(evaluator: Visitor) -> None:
    """The county's workbook brings the bulk; one cell is typed and a block is pasted, without a mouse."""
    upload(evaluator, "考核评分表", SCORES, unit=TOWN, period="2025", round="V2025")
    evaluator.sees("新增 14", "未通过 0")
    evaluator.press("确认保存")
    evaluator.sees("已保存，回执见下。")
    evaluator.choose("考核轮次")
    evaluator.follow("V2025")
    evaluator.sees("14 / 14", "没有缺项")
    evaluator.follow("录入评分")
    assert _final(evaluator, "东苇村") == "87.30"
    expect(evaluator.cell("东苇村", "A1")).to_be_focused()
    evaluator.page.keyboard.type("3.6")
    evaluator.page.keyboard.press("Enter")
    expect(evaluator.cell("东苇村", "A1")).to_have_attribute("data-stored", "3.60")
    expect(evaluator.cell("西苇村", "A1")).to_be_focused()
    evaluator.paste("3.9\t4.8\n3.2\t4.1")
    evaluator.sees("将改动 4 格，0 格不变，0 格有误，0 格超出表格范围。")
    evaluator.page.keyboard.press("Enter")
    expect(evaluator.cell("南汀村", "A2")).to_have_attribute("data-stored", "4.10")
    evaluator.sees("已保存")
    assert [_final(evaluator, village) for village in ("东苇村", "西苇村", "南汀村")] == ["87.40", "97.76", "78.52"]


def _final(evaluator: Visitor, village: str) -> str:
    row = evaluator.page.locator(f"tr[data-village='{village}']")
    return row.locator("[data-total=final]").inner_text()


def deduct(evaluator: Visitor) -> None:
    evaluator.choose("登记扣分")
    evaluator.select("#sheet", "云汀社区 · V2025")
    evaluator.select("#item_code", "X7 无正当理由缺席例会或培训")
    evaluator.page.get_by_label("日期").fill("2025-09-12")
    evaluator.page.get_by_label("依据条款").fill("镇级会议、培训纪律")
    evaluator.page.get_by_label("事由").fill("9月镇级培训1人未请假缺席")
    evaluator.press("登记")
    evaluator.sees("我登记的", "镇级会议、培训纪律 9月镇级培训1人未请假缺席")


def check_the_round(evaluator: Visitor) -> None:
    evaluator.choose("考核轮次")
    evaluator.follow("V2025")
    evaluator.press("完成核对")
    evaluator.sees("核对完成，现在可由另一人发布。", "由有发布权限且未参与评分、核对的人员发布。")
    expect(evaluator.page.get_by_role("button", name="发布", exact=True)).to_have_count(0)


def publish_the_round(administrator: Visitor) -> None:
    administrator.choose("考核轮次")
    administrator.follow("V2025")
    administrator.follow("查看将要发布的内容")
    administrator.sees("发布前核对", "将冻结的内容", "84.71")
    administrator.press("发布")
    administrator.sees("已发布并冻结。", "裴知远")
    administrator.page.locator("main tr", has_text="云汀社区").get_by_role("link", name="得分说明").click()
    administrator.sees("无正当理由缺席例会或培训", "84.71")


# -- ranking and awards --------------------------------------------------------------------------------


def rank(evaluator: Visitor) -> None:
    evaluator.choose("排名")
    evaluator.sees("还没有排名。")
    evaluator.press("计算排名")
    evaluator.sees("排名已计算。请核对，并由另一人公布。", "14个村×25%＝3.5，四舍五入，名额4个。")
    assert [evaluator.figure(band) for band in ("前25%", "中间", "后10%")] == ["4", "9", "1"]
    expect(evaluator.page.get_by_role("button", name="发布", exact=True)).to_have_count(0)


def publish_the_ranking(administrator: Visitor) -> None:
    administrator.choose("排名")
    administrator.follow(TOWN)
    administrator.press("发布")
    administrator.sees("排名已公布，范围内人员均可查看。", "前25%分界线")
    assert [chart["drawn"] and chart["told"] for chart in administrator.charts()] == [True]


def everybody_reads_the_ranking(leader: Visitor) -> None:
    leader.choose("排名")
    leader.follow(TOWN)
    leader.sees("西苇村", "97.76", "后10%分界线")


def bring_in_the_wages(clerk: Visitor) -> None:
    upload(clerk, "发放表", WAGES, unit=TOWN, period="2025")
    clerk.sees("新增 28", "未通过 0")
    clerk.press("确认保存")
    clerk.sees("已保存，回执见下。")


def confirm_the_multipliers(administrator: Visitor, second: Visitor) -> None:
    administrator.choose("排名与奖励规则")
    administrator.page.locator("main tr", has_text=TOWN).get_by_role("link").first.click()
    administrator.sees("未确认", "确认之前不能审批奖励。")
    administrator.page.get_by_label("中段倍数").first.fill("2.0")
    administrator.page.get_by_label("后段倍数").first.fill("1.0")
    administrator.page.get_by_label("决定依据").fill("镇党委会议纪要2026年第3号")
    administrator.press("提请确认倍数")
    administrator.sees("已提出。另一名管理员批准后，倍数即生效。", "提出人不能批准")
    second.choose("排名与奖励规则")
    second.page.locator("main tr", has_text=TOWN).get_by_role("link").first.click()
    second.sees("镇党委会议纪要2026年第3号")
    second.press("批准生效")
    second.sees("已生效。今后计算的排名和奖励按此执行。")


def compute_the_awards(administrator: Visitor) -> None:
    administrator.choose("绩效奖励")
    administrator.press("计算奖励")
    administrator.sees("奖励已计算。请核对，并由另一人审批。", "已计算，待审批", "曹知知")
    administrator.press("审批通过")
    administrator.sees("计算奖励的人不能自己审批，须由另一人审批。")


def approve_the_awards(head: Visitor) -> Decimal:
    """The total on the screen of whoever approves."""
    head.choose("绩效奖励")
    head.follow(TOWN)
    head.press("审批通过")
    head.sees("本批奖励已审批通过。", "已审批")
    return Decimal(head.figure("奖励总额").replace(",", ""))


def take_the_pay_workbook_out(head: Visitor, folder: Path) -> Path:
    file = head.download("导出发放表", folder)
    head.page.reload()
    head.sees("已导出")
    return file


def totals_of(workbook: Path) -> tuple[Decimal, Decimal]:
    """The sum of the lines of a pay workbook, and the total it states below them."""
    rows = list(openpyxl.load_workbook(workbook, data_only=True).worksheets[0].iter_rows(values_only=True))
    column = next(row for row in rows if "应发奖励" in row).index("应发奖励")
    lines = [_cents(row[column]) for row in rows if isinstance(row[0], int)]
    stated = next(_cents(row[column]) for row in rows if str(row[0]).replace(" ", "") == "合计")
    assert len(lines) == 28
    return sum(lines, Decimal(0)), stated


def _cents(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
