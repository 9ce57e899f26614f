"""旧表对接: a workbook in a layout nobody declared is matched once, and the next one of its kind is read by itself."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.features.exchange import allowance, fits
from app.features.exchange.models import ImportBatch, MadeFile, SheetMapping
from app.features.exchange.queries import door_of
from app.features.org.queries import unit_by_code
from app.kit import access, sealing

HEAD = ["辖村", "片", "同志", "承担工作", "上岗", "手机"]
MEN = [
    ["甲东村", "第二子网格", "吴新人", "队员", "2026.6.1", "13812345678"],
    ["甲东村", "第一子网格", "郑乙", "队员", "2026年7月", "13812345679"],
]
POINTED = ["village", "sub_grids", "person_name", "role", "appointed_on", "phone"]


def workbook(head: list[str], men: list[list[str]], titles: list[str]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    paper = book.add_worksheet("人员")
    for number, row in enumerate([*([title] for title in titles), head, *men]):
        paper.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


FIRST = workbook(HEAD, MEN, ["某办队伍情况表"])
NEXT = workbook(
    ["序", *reversed(HEAD), "籍贯"],
    [[str(n), *reversed(man), "本地"] for n, man in enumerate(MEN, 1)],
    ["某办十一月队伍情况", "报送单位：某办"],
)


@pytest.fixture
def clerk(world: Any, sign_in: Any) -> Any:
    return sign_in("county_administrator")


def upload(browser: Any, content: bytes, unit: str = "C1") -> str:
    data = {"file": (io.BytesIO(content), "队伍.xlsx"), "unit": unit}
    answer = browser.post("/exchange/import/roster", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def pointed(name: str = "队伍表", **more: str) -> dict[str, str]:
    head = {"sheet": "人员", "variant": "a", "head": "2", "depth": "1", "first": "3", "was": "人员|2|1|a", "name": name}
    words = {"meaning-1-typed": "队员", "meaning-1-field": "role", "meaning-1-as": "网格员"}
    return head | {f"column-{n}": field for n, field in enumerate(POINTED)} | words | more


def mapped(browser: Any, session: Any, unit: str = "C1", **more: str) -> ImportBatch:
    number = int(upload(browser, FIRST, unit).rsplit("/", 1)[1])
    answer = browser.post(f"/exchange/mapping/batch/{number}", data=pointed(**more))
    assert answer.status_code == 302, answer.text
    return session.get(ImportBatch, number)


def test_a_file_of_an_unknown_layout_comes_to_the_page_that_matches_it(clerk: Any) -> None:
    page = upload(clerk, FIRST)
    assert page.startswith("/exchange/mapping/batch/")
    text = clerk.get(page).text
    assert "承担工作" in text and 'value="village" selected' in text


def test_matched_once_it_is_read_and_the_next_one_goes_straight_to_the_preview(clerk: Any, session: Any) -> None:
    batch = mapped(clerk, session)
    assert (batch.outcome, batch.changes["counts"]["new"]) == ("rows", 2)
    assert "队伍表" in clerk.get(f"/exchange/batch/{batch.id}").text
    preview = upload(clerk, NEXT)
    assert preview.startswith("/exchange/batch/")
    later = session.get(ImportBatch, int(preview.rsplit("/", 1)[1]))
    assert (later.changes["counts"]["new"], later.mapping_id) == (2, batch.mapping_id)


def test_a_change_makes_a_version_and_an_earlier_one_can_be_taken_back(clerk: Any, session: Any) -> None:
    first = mapped(clerk, session).mapping_id
    second = mapped(clerk, session, **{"column-5": ""}).mapping_id
    versions = {one.id: (one.version, one.state) for one in session.query(SheetMapping)}
    assert versions == {first: (1, "earlier"), second: (2, "active")}
    assert clerk.post(f"/exchange/mapping/{first}/use").status_code == 302
    session.expire_all()
    assert session.get(SheetMapping, first).state == "active" and session.get(SheetMapping, second).state == "earlier"
    assert "队伍表" in clerk.get("/exchange/mapping/").text


def test_a_required_column_that_is_not_matched_keeps_the_page(clerk: Any, session: Any) -> None:
    page = upload(clerk, FIRST)
    answer = clerk.post(page, data=pointed(**{"column-0": ""}))
    assert answer.status_code == 200 and session.query(SheetMapping).count() == 0


def test_a_county_s_mapping_serves_its_townships_and_two_townships_never_see_each_other_s(
    clerk: Any, session: Any, sign_in: Any
) -> None:
    county, own = mapped(clerk, session, "C"), mapped(clerk, session, "C1", name="镇上的表")
    door = door_of("roster")
    with access.acting_as(access.OPERATOR):
        seen = {
            code: {one.id for one in fits.mappings_for(door, unit_by_code(code))} for code in ("C", "C1", "C2", "C1A")
        }
    both = {county.mapping_id, own.mapping_id}
    assert seen == {"C": {county.mapping_id}, "C1": both, "C2": {county.mapping_id}, "C1A": both}
    stranger = sign_in("township_head_2")
    assert "镇上的表" not in stranger.get("/exchange/mapping/").text
    assert stranger.post(f"/exchange/mapping/{own.mapping_id}/retire").status_code == 404
    assert stranger.get(f"/exchange/mapping/batch/{own.id}").status_code == 404


def test_a_header_that_changed_too_much_is_named_and_begins_from_the_earlier_mapping(clerk: Any, session: Any) -> None:
    mapped(clerk, session)
    changed = ["辖村", "片", "姓甚名谁", "任何职", "上岗", "手机"]
    page = upload(clerk, workbook(changed, MEN, ["新表"]))
    assert page.startswith("/exchange/mapping/batch/")
    text = clerk.get(page).text
    assert "同志、承担工作" in text and 'value="队伍表"' in text
    assert text.count('value="village" selected') == 1 and 'value="person_name" selected' in text


def test_results_go_back_into_the_office_s_own_workbook(clerk: Any, session: Any) -> None:
    batch = mapped(clerk, session)
    assert clerk.post(f"/exchange/batch/{batch.id}/confirm").status_code == 302
    answer = clerk.post("/exchange/export/roster.xlsx", data={"unit": "C1", "own": str(batch.mapping_id)})
    paper = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    lines = [[cell.value for cell in line[:6]] for line in paper.iter_rows()]
    assert lines[:2] == [["某办队伍情况表", None, None, None, None, None], HEAD]
    assert ["甲东村", "第二子网格", "吴新人", "队员"] in [line[:4] for line in lines[2:]]
    back = upload(clerk, answer.data)
    later = session.get(ImportBatch, int(back.rsplit("/", 1)[1]))
    assert {kind: n for kind, n in later.changes["counts"].items() if n and kind != "warned"} == {
        "same": len(lines) - 2
    }


def test_the_kept_form_holds_nobody(clerk: Any, session: Any) -> None:
    mapping = session.get(SheetMapping, mapped(clerk, session).mapping_id)
    content = sealing.opened(mapping.template, allowance.PURPOSE)
    texts = [cell.value for line in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in line]
    assert set(filter(None, texts)) == {"某办队伍情况表", *HEAD}


def test_a_column_of_an_uploaded_workbook_is_filled_in(clerk: Any, session: Any) -> None:
    batch = mapped(clerk, session)
    clerk.post(f"/exchange/batch/{batch.id}/confirm")
    empty = workbook(["序", *HEAD], [[str(n), *man[:4], "", ""] for n, man in enumerate(MEN, 1)], ["核对表"])
    waiting = int(upload(clerk, empty).rsplit("/", 1)[1])
    answer = clerk.post(f"/exchange/mapping/batch/{waiting}/filled.xlsx", data={"field": "appointed_on"})
    paper = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [[cell.value for cell in line][3:] for line in paper.iter_rows(min_row=3)] == [
        ["吴新人", "队员", "2026-06-01", None],
        ["郑乙", "队员", "2026-07-01", None],
    ]


def test_a_file_can_be_read_as_the_form_of_the_portal_all_the_same(clerk: Any, session: Any) -> None:
    batch = mapped(clerk, session)
    assert clerk.post(f"/exchange/mapping/batch/{batch.id}/plain").status_code == 302
    session.expire_all()
    assert (batch.outcome, batch.mapping_id) == ("refused", None)


def test_nobody_fills_another_office_s_workbook(clerk: Any, session: Any, sign_in: Any) -> None:
    own = mapped(clerk, session, "C1").mapping_id
    stranger = sign_in("township_head_2")
    for chosen in (str(own), "9" * 40, "x", "²"):
        assert stranger.post("/exchange/export/roster.xlsx", data={"unit": "C2", "own": chosen}).status_code == 404


def test_a_long_file_is_read_by_its_mapping_in_a_job(clerk: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = mapped(clerk, session)
    monkeypatch.setattr(allowance, "long_bytes", lambda: 1)
    mapping_again = clerk.post(f"/exchange/mapping/batch/{batch.id}", data=pointed())
    assert mapping_again.status_code == 302
    session.expire_all()
    assert (batch.state, batch.changes["counts"]["new"]) == ("previewed", 2)
    assert session.get(SheetMapping, batch.mapping_id).version == 2


def test_large_workbooks_are_made_by_a_job_and_wait_in_the_export_centre(
    clerk: Any, session: Any, app: Any, monkeypatch: Any
) -> None:
    batch = mapped(clerk, session)
    clerk.post(f"/exchange/batch/{batch.id}/confirm")
    waiting = int(upload(clerk, workbook(["序", *HEAD], [["1", *MEN[0][:4], "", ""]], ["核对表"])).rsplit("/", 1)[1])
    own = {"unit": "C1", "own": str(batch.mapping_id)}
    monkeypatch.setitem(app.config, "LONG_FILE_ROWS", 0)
    monkeypatch.setitem(app.config, "EXPORT_AT_ONCE_ROWS", 0)
    for address, data in (
        (f"/exchange/mapping/batch/{waiting}/filled.xlsx", {"field": "appointed_on"}),
        ("/exchange/export/roster.xlsx", own),
        ("/exchange/export/roster.xlsx", {"unit": "C1"}),
    ):
        answer = clerk.post(address, data=data)
        assert answer.status_code == 302 and answer.location.startswith("/jobs/"), answer.location
        assert "/exports/" in clerk.get(answer.location).text
        made = session.scalars(select(MadeFile).order_by(MadeFile.id.desc())).first()
        paper = openpyxl.load_workbook(io.BytesIO(made.content)).active
        assert "吴新人" in {cell.value for line in paper.iter_rows() for cell in line} and made.rows
    assert session.scalar(select(func.count()).select_from(MadeFile)) == 3
