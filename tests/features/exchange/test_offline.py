"""The offline workbook: what two persons type without a network comes together, and what does not belong is refused in words."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from factories.browsing import send
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.assessment import queries as assessment
from app.features.assessment import services as rounds
from app.features.assessment.models import ItemScore, Sheet
from app.features.assessment.reference import load_schemes
from app.features.checklists.models import LedgerEntry
from app.features.checklists.services import load_lists
from app.features.duties import services as duties
from app.features.duties.models import Duty, VillageRegister
from app.features.exchange.models import ImportBatch, ImportRow, MadeFile, OfflineBook
from app.features.exchange.services import offline, offline_saving, undo
from app.kit import access, effects, problems
from app.kit.audit import AuditEntry
from app.kit.db import db
from app.kit.excel.table import ROW_KEY
from app.kit.exchange import Options

PERIOD = "2026-10"
LOG, SCORES, LEDGER = "月度工作记录", "评分 V2026", "责任清单台账"


@pytest.fixture
def season(world: Any) -> Any:
    """October is open in township C1 for both sub-grids of C1A, the ledger has its list, and a round is being scored."""
    load_lists()
    duties.open_period(PERIOD, units=[world.units["C1"]])
    rows = [
        {"village": "甲东村", "sub_grid": grid, "month": PERIOD, "meetings": 1, "patrols": 4, "remarks": "=旧"}
        for grid in ("第一子网格", "第二子网格")
    ]
    duties.save_monthly_logs(rows, Options(world.units["C1"], PERIOD), False)
    load_schemes()
    scheme = {one.code: one for one in assessment.schemes_at(world.units["C"])}["CJ-VILLAGE-DEMO"]
    world.round = rounds.open_round("V2026", scheme, "2026", world.units["C1"])
    return world


def made(world: Any, unit: str = "C1A") -> bytes:
    return offline.make(world.units[unit], PERIOD).content


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook opened, changed and saved by another program."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def place(paper: Any, header: str, name: str) -> Any:
    """The cell below a header in the row in which a name stands."""
    head = next(c for row in paper.iter_rows(max_row=6) for c in row if str(c.value or "").startswith(header))
    line = next(c.row for row in paper.iter_rows(min_row=head.row + 1) for c in row if c.value == name)
    return paper.cell(line, head.column)


def typed(data: bytes, *cells: tuple[str, str, str, Any]) -> bytes:
    """The workbook with (sheet, header, name in the row, value) typed in."""

    def change(book: Any) -> None:
        for sheet, header, name, value in cells:
            place(book[sheet], header, name).value = value

    return edited(data, change)


def returned(data: bytes) -> ImportBatch:
    return offline.compare(data, "离线.xlsx")


def sheets(batch: ImportBatch) -> dict[str, Any]:
    return {sheet["name"]: sheet for sheet in batch.result["shown"]["sheets"]}


def staged(batch: ImportBatch, kind: str = "") -> list[ImportRow]:
    rows = db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)).all()
    return [row for row in rows if not kind or row.kind == kind]


def answers(grid: str) -> dict[str, Any]:
    db.session.expire_all()
    found = db.session.scalars(select(Duty).where(Duty.subject.like("unit:%"), Duty.period == PERIOD)).all()
    return next(d.answers for d in found if d.unit.name == grid and d.unit.code.startswith("C1A"))


def refusal(act: Callable[[], Any]) -> Any:
    with pytest.raises(RuleBroken) as refused:
        act()
    return refused.value.problems[0]


def test_an_export_that_nobody_touched_changes_nothing_in_any_sheet(season: Any) -> None:
    data = made(season)
    for content in (data, edited(data, lambda book: None)):
        batch = returned(content)
        assert {LOG, SCORES, LEDGER, "走访与志愿服务"} <= sheets(batch).keys()
        for name, sheet in sheets(batch).items():
            assert (sheet["problems"], sheet["rows"]) == ([], {}), name
            assert sheet["same"] > 0 and not any(
                sheet["cells"][kind] for kind in ("mine", "theirs", "agreed", "conflict")
            )
        assert refusal(lambda batch=batch: offline_saving.apply(batch)).code == "exchange.nothing_to_save"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_persons_workbooks_come_together_whoever_is_first(season: Any, order: tuple[int, int]) -> None:
    files = [
        typed(
            made(season),
            (LOG, "例会次数", "第一子网格", 2),
            (LOG, "备注", "第二子网格", "我改的"),
            (SCORES, "网格队伍配备", "甲东村", 3.5),
            (LEDGER, "完成情况", "指导网格队伍建设", "完成3次"),
        ),
        typed(
            made(season),
            (LOG, "例会次数", "第二子网格", 3),
            (LOG, "巡查次数", "第一子网格", 9),
            ("走访与志愿服务", "走访户数", "甲东村", 12),
            (LEDGER, "备注", "指导网格队伍建设", "另一人写"),
        ),
    ]
    for number in order:
        batch = returned(files[number])
        assert not staged(batch, "conflict") and not staged(batch, "refused")
        offline_saving.apply(batch)
    first, second = answers("第一子网格"), answers("第二子网格")
    assert (first["meetings"], first["patrols"], first["remarks"]) == (2, 9, "=旧")
    assert (second["meetings"], second["patrols"], second["remarks"]) == (3, 4, "我改的")
    score = db.session.scalar(
        select(ItemScore).join(Sheet, Sheet.id == ItemScore.sheet_id).where(ItemScore.item_code == "A1")
    )
    assert score is not None and score.points == Decimal("3.50")
    entry = db.session.scalar(select(LedgerEntry))
    assert entry is not None and (entry.state, entry.done_count, entry.remarks) == ("in_progress", 3, "另一人写")
    written = [
        d.answers["visits"] for d in db.session.scalars(select(Duty)) if d.subject.startswith("post") and d.answers
    ]
    assert written == [12]


def test_a_cell_both_changed_waits_for_a_choice_and_the_choice_is_kept(season: Any, session: Any) -> None:
    mine = typed(made(season), (LOG, "例会次数", "第一子网格", 2), (LOG, "例会次数", "第二子网格", 5))
    theirs = typed(made(season), (LOG, "例会次数", "第一子网格", 7), (LOG, "例会次数", "第二子网格", 6))
    offline_saving.apply(returned(theirs))
    batch = returned(mine)
    rows = staged(batch, "conflict")
    assert [row.cells["meetings"]["words"] for row in rows] == [["1", "7", "2"], ["1", "6", "5"]]
    assert refusal(lambda: offline_saving.apply(batch)).params == {"count": 2}
    offline_saving.choose(
        batch, {(rows[0].id, "meetings"): "theirs", (rows[1].id, "patrols"): "mine", (0, "meetings"): "mine"}
    )
    assert offline_saving.undecided(batch) == 1
    offline_saving.choose_all(batch, "mine")
    assert offline_saving.apply(batch)["changed"] == 1
    assert (answers("第一子网格")["meetings"], answers("第二子网格")["meetings"]) == (7, 5)
    before = session.query(AuditEntry).count()
    assert offline_saving.apply(batch) == {} and session.query(AuditEntry).count() == before


def test_a_sheet_sorted_filtered_and_lengthened_still_matches(season: Any) -> None:
    def mess(book: Any) -> None:
        paper = book[LOG]
        head = next(c.row for row in paper.iter_rows() for c in row if c.value == ROW_KEY)
        place(paper, "例会次数", "第一子网格").value = 8
        lines = [[cell.value for cell in paper[line]] for line in (head + 1, head + 2)]
        for line, values in zip((head + 1, head + 2), reversed(lines), strict=True):
            for column, value in enumerate(values, 1):
                cell = paper.cell(line, column)
                cell.value = value
                cell.data_type = "s" if isinstance(value, str) else cell.data_type
        paper.insert_rows(head + 2)
        paper.row_dimensions[head + 3].hidden = True
        paper.column_dimensions["E"].hidden = True
        paper.title = "改名的表"

    batch = returned(edited(made(season), mess))
    assert [(row.kind, row.label.split()[1], row.cells["meetings"]["words"]) for row in staged(batch)] == [
        ("changed", "第一子网格", ["1", "1", "8"])
    ]


def test_a_deleted_row_is_told_and_stays(season: Any) -> None:
    def delete(book: Any) -> None:
        book[LOG].delete_rows(place(book[LOG], "例会次数", "第二子网格").row)
        del book[SCORES]

    batch = returned(edited(made(season), delete))
    assert [(row.kind, "第二子网格" in row.label) for row in staged(batch)] == [("missing", True)]
    assert sheets(batch)[SCORES]["problems"][0]["code"] == "exchange.offline_sheet_missing"
    assert answers("第二子网格")["meetings"] == 1


def test_keys_typed_over_or_taken_from_another_unit_move_nothing_to_another_row(season: Any) -> None:
    other = openpyxl.load_workbook(io.BytesIO(made(season, "C1")))[LOG]
    foreign = next(c for row in other.iter_rows() for c in row if c.value == ROW_KEY)

    def swap(book: Any) -> None:
        paper = book[LOG]
        head = next(c for row in paper.iter_rows() for c in row if c.value == ROW_KEY)
        place(paper, "例会次数", "第一子网格").value = 8
        paper.cell(head.row + 1, head.column).value = other.cell(foreign.row + 1, foreign.column).value
        ledger = book[LEDGER]
        keys = next(c for row in ledger.iter_rows() for c in row if c.value == ROW_KEY)
        one, two = (ledger.cell(keys.row + n, keys.column) for n in (1, 2))
        one.value, two.value = two.value, one.value
        ledger.cell(keys.row + 1, 7).value = "完成"

    batch = returned(edited(made(season), swap))
    kinds = [(row.sheet, row.kind, row.problems[0]["code"]) for row in staged(batch)]
    assert kinds.count((LEDGER, "refused", "exchange.offline_mixed")) == 2
    assert (LOG, "changed", "exchange.offline_foreign") in kinds and len(kinds) == 3
    offline_saving.apply(batch)
    assert answers("第一子网格")["meetings"] == 8 and db.session.scalar(select(LedgerEntry)) is None


def test_what_does_not_belong_here_is_refused_with_the_reason(season: Any, session: Any) -> None:
    data = made(season)

    def meta(name: str, value: str) -> bytes:
        def change(book: Any) -> None:
            cell = next(row[0] for row in book["_meta"].iter_rows() if row[0].value == name)
            book["_meta"].cell(cell.row, 2).value = value

        return edited(data, change)

    def code(content: bytes, unit: Any = None) -> str:
        return str(refusal(lambda: offline.compare(content, "离线.xlsx", unit)).code)

    assert code(b"PK\x03\x04 broken") == "exchange.offline_unreadable"
    assert code(edited(data, lambda book: book.remove(book["_meta"]))) == "exchange.offline_no_stamp"
    assert code(meta("stamp", "0" * 24)) == "exchange.offline_unknown"
    assert code(meta("org_code", "C1B")) == "exchange.offline_tampered"
    assert code(data, season.units["C1B"]) == "exchange.offline_page_unit"
    stranger = access.actor_of_user(season.users["chief_grid_leader_2"].id)
    with access.acting_as(stranger):
        problem = refusal(lambda: offline.compare(data, "离线.xlsx"))
        assert (problem.code, problem.params["unit"]) == ("exchange.offline_other_unit", "甲东村")
    book = session.scalar(select(OfflineBook))
    book.created_at -= timedelta(days=offline.DAYS + 1)
    session.commit()
    assert code(data) == "exchange.offline_old"
    assert session.query(ImportBatch).count() == 0


def test_a_changed_form_a_closed_month_and_a_closed_round_keep_their_sheet_out(season: Any, session: Any) -> None:
    data = typed(made(season), (LOG, "例会次数", "第一子网格", 8), (SCORES, "网格队伍配备", "甲东村", 3.5))
    duties.close_period(PERIOD, units=[season.units["C1"]])
    season.round.state = "checked"
    book = session.scalar(select(OfflineBook))
    ledger = next(code for code in book.versions if code.startswith("ledger"))
    book.versions = {**book.versions, ledger: "CJ-R-0"}
    session.commit()
    batch = returned(data)
    why = {name: [p["code"] for p in sheet["problems"]] for name, sheet in sheets(batch).items()}
    assert (why[LOG], why[SCORES], why[LEDGER]) == (
        ["duties.period_closed"],
        ["exchange.offline_sheet_closed"],
        ["exchange.offline_version"],
    )
    assert staged(batch) == []


def test_what_cannot_be_read_or_saved_is_refused_row_by_row_and_the_rest_is_saved(season: Any) -> None:
    data = typed(
        made(season),
        (LOG, "例会次数", "第一子网格", "约3"),
        (LOG, "例会次数", "第二子网格", 99),
        (SCORES, "网格队伍配备", "甲东村", 99),
        (LEDGER, "备注", "指导网格队伍建设", "好"),
    )
    batch = returned(data)
    assert [(row.sheet, row.kind) for row in staged(batch)] == [
        (LOG, "refused"),
        (LOG, "refused"),
        (LEDGER, "changed"),
        (SCORES, "refused"),
    ]
    assert all(row.problems for row in staged(batch, "refused"))
    offline_saving.apply(batch)
    assert (answers("第一子网格")["meetings"], answers("第二子网格")["meetings"]) == (1, 1)


def test_a_save_between_comparing_and_saving_is_noticed_and_shown(season: Any) -> None:
    batch = returned(typed(made(season), (LOG, "例会次数", "第一子网格", 8)))
    row = {
        "village": "甲东村",
        "sub_grid": "第一子网格",
        "month": PERIOD,
        "meetings": 6,
        "patrols": 4,
        "remarks": "=旧",
    }
    duties.save_monthly_logs([row], Options(season.units["C1"], PERIOD), False)
    assert refusal(lambda: offline_saving.apply(batch)).code == "exchange.offline_moved"
    assert [r.cells["meetings"]["words"] for r in staged(batch, "conflict")] == [["1", "6", "8"]]
    assert answers("第一子网格")["meetings"] == 6
    offline_saving.choose_all(batch, "mine")
    offline_saving.apply(batch)
    assert answers("第一子网格")["meetings"] == 8


def test_a_leader_takes_home_his_own_forms_and_nobody_elses(season: Any) -> None:
    leader = access.actor_of_user(season.users["sub_grid_leader"].id)
    with access.acting_as(leader):
        data = offline.make(season.units["C1A-G1-01"], PERIOD).content
        batch = returned(data)
        assert list(sheets(batch)) == ["月度工作记录", "网格日常巡查与信息更新", "走访与志愿服务"]
        assert {
            row["name"][1]
            for sheet in db.session.scalar(select(OfflineBook)).content.values()
            for row in sheet["rows"].values()
        } == {"第一子网格"}
        assert refusal(lambda: offline.make(season.units["C1B"], PERIOD)).code == "exchange.offline_no_right"


def test_a_row_added_in_the_file_becomes_a_record_and_what_was_done_can_be_undone(season: Any, session: Any) -> None:
    record = next(d for d in session.scalars(select(Duty).where(Duty.period == PERIOD)) if d.unit.name == "第二子网格")
    session.delete(record)
    session.commit()

    def add(book: Any) -> None:
        paper = book[LOG]
        line = place(paper, "例会次数", "第一子网格").row + 1
        paper.cell(line, 1).value, paper.cell(line, 2).value, paper.cell(line, 4).value = "甲东村", "第二子网格", 5

    batch = returned(edited(made(season), add))
    assert [(row.kind, row.label) for row in staged(batch)] == [("new", "甲东村 第二子网格 2026-10")]
    assert offline_saving.apply(batch)["new"] == 1
    assert answers("第二子网格") == {"meetings": 5}
    assert [effect.table_name for effect in effects.of(f"import-{batch.id}")] == ["duty"]
    assert undo.undo(batch, "弄错了") == 1 and batch.state == "undone"
    assert not [d for d in session.scalars(select(Duty).where(Duty.period == PERIOD)) if d.unit.name == "第二子网格"]


def test_the_register_is_filled_in_without_a_network_and_an_untouched_village_stays_uncounted(season: Any) -> None:
    data = typed(made(season, "C1"), ("证明和办件统计", "受理", "甲东村", 9), ("证明和办件统计", "办结", "甲东村", 7))
    batch = returned(data)
    assert [(row.kind, row.label) for row in staged(batch)] == [("changed", "甲东村 2026-10")]
    offline_saving.apply(batch)
    (register,) = db.session.scalars(select(VillageRegister)).all()
    assert (register.accepted, register.closed, register.certificate_total) == (9, 7, 0)


def test_the_pages_lead_from_the_unit_to_the_receipt(season: Any, sign_in: Any, session: Any) -> None:
    session.commit()
    browser = sign_in("county_clerk")
    assert LOG in browser.get("/offline-workbook/?unit=C1A&period=2026-10").text
    given = browser.post("/offline-workbook/make", data={"unit": "C1A", "period": PERIOD}).data
    mine = typed(given, (LOG, "例会次数", "第一子网格", 2))
    offline_saving.apply(returned(typed(given, (LOG, "例会次数", "第一子网格", 7))))
    data = {"file": (io.BytesIO(mine), "离线.xlsx")}
    page = browser.post("/offline-workbook/upload", data=data, content_type="multipart/form-data").location
    shown = browser.get(page).text
    (row,) = staged(session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first(), "conflict")
    assert f'name="pick-{row.id}-meetings"' in shown
    send(browser, page, f"{page}/choose", **{f"pick-{row.id}-meetings": "mine"})
    assert "checked" in browser.get(page).text and answers("第一子网格")["meetings"] == 7
    send(browser, page, f"{page}/save")
    assert answers("第一子网格")["meetings"] == 2
    number = page.rsplit("/", 1)[1]
    for there in (
        "/exchange/",
        "/imports/",
        f"/imports/{number}",
        f"/imports/{number}/undo",
    ):
        assert browser.get(there).status_code == 200, there
    receipt = browser.get(f"/imports/{number}").text
    assert "例会次数" in receipt and "甲东村 第一子网格" in receipt
    assert sign_in("county_administrator").get(page).status_code == 404


def test_the_commands_make_compare_and_save(season: Any, session: Any, app: Any, tmp_path: Path) -> None:
    session.commit()

    def run(*words: str) -> Any:
        return app.test_cli_runner().invoke(args=["exchange", "offline", *words])

    file = tmp_path / "离线.xlsx"
    assert run("make", "--unit", "C1A", "--period", PERIOD, "--out", str(file)).exit_code == 0
    offline_saving.apply(returned(typed(file.read_bytes(), (LOG, "例会次数", "第一子网格", 7))))
    file.write_bytes(typed(file.read_bytes(), (LOG, "例会次数", "第一子网格", 2)))
    answer = run("compare", str(file), "--json")
    found = json.loads(answer.output)
    assert answer.exit_code == 1 and [row["kind"] for row in found["rows"]] == ["conflict"]
    assert run("apply", str(found["import"])).exit_code == 2
    assert json.loads(run("apply", str(found["import"]), "--take", "mine", "--json").output)["changed"] == 1
    assert run("compare", str(file), "--unit", "C1B").exit_code == 2


def test_a_large_workbook_is_made_by_a_job(season: Any, sign_in: Any, session: Any, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "LONG_FILE_ROWS", 1)
    browser = sign_in("county_clerk")
    answer = browser.post("/offline-workbook/make", data={"unit": "C1A", "period": PERIOD})
    assert (answer.location or "").startswith("/jobs/"), answer.text
    made = session.scalars(select(MadeFile)).one()
    assert session.scalars(select(OfflineBook)).one().period == PERIOD and LOG in openpyxl.load_workbook(
        io.BytesIO(made.content)
    )


def test_of_a_score_workbook_only_the_villages_scored_anew_stand_in_the_way_and_are_named(season: Any) -> None:
    other = season.units["C1B"].name
    batch = returned(
        typed(made(season, "C1"), *((SCORES, "网格队伍配备", village, 3.5) for village in ("甲东村", other)))
    )
    offline_saving.apply(batch)
    offline_saving.apply(returned(typed(made(season, "C1"), (SCORES, "网格队伍配备", "甲东村", 2))))
    found = undo.blockers(batch)
    assert {blocker.label for blocker in found} == {f"甲东村 {season.round.name}", "甲东村 A1"}
    words = [str(problems.sentence(blocker.problem)) for blocker in found]
    assert all("甲东村" in said and other not in said for said in words), words
