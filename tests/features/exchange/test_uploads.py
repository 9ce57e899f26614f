"""Uploads through their pages: names, what is kept of them and for how long, how many may wait, who sees them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
import xlsxwriter

from app.features.exchange.allowance import ALLOWED, original, tidy
from app.features.exchange.models import ImportBatch, ImportRow
from app.kit import clock

HEAD = ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"]
PHONE = "13812345678"


def roster(*lines: list[str]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    for number, line in enumerate([HEAD, *lines]):
        sheet.write_row(number, 0, line)
    book.close()
    return buffer.getvalue()


GOOD = ["甲东村", "第二子网格", "吴新人", "", "网格员", "", PHONE]
FAULTY = ["甲东村", "第二子网格", "王某", "", "飞行员", "", ""]


@pytest.fixture
def clerk(world: Any, sign_in: Any) -> Any:
    return sign_in("county_administrator")


def sent(browser: Any, name: str = "名册.xlsx", content: bytes | None = None) -> Any:
    data = {"file": (io.BytesIO(content or roster(GOOD)), name), "unit": "C1"}
    return browser.post("/exchange/import/roster", data=data, content_type="multipart/form-data")


def uploaded(browser: Any, session: Any, **what: Any) -> ImportBatch:
    answer = sent(browser, **what)
    assert answer.status_code == 302, answer.text
    return session.get(ImportBatch, int(answer.headers["Location"].rsplit("/", 1)[1]))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.d/roster.xlsx", "roster.xlsx"),
        ("C:/temp/名册 2026.xlsx", "名册 2026.xlsx"),
        ("水绵镇（居）花名册—定稿.xlsx", "水绵镇（居）花名册—定稿.xlsx"),
        ("名册<b>|?.xlsx", "名册b.xlsx"),
        ("xslx.\u202exslx.xlsx", "xslx.xslx.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_a_name_leads_nowhere_and_comes_back_whole_c38(clerk: Any, session: Any, name: str, kept: str) -> None:
    batch = uploaded(clerk, session, name=name, content=roster(FAULTY))
    assert batch.filename == kept
    answer = clerk.get(f"/exchange/batch/{batch.id}/marked.xlsx")
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment; ") and "\n" not in header
    given = unquote(header.split("filename*=UTF-8''")[1]) if "filename*" in header else header.split("filename=")[1]
    assert given.strip('"').startswith(kept.rsplit(".", 1)[0][:100])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_upload_makes_no_file_anywhere_c38(app: Any, clerk: Any, session: Any, tmp_path: Path) -> None:
    """It waits in the database under a number, so there is no name to guess and no folder to serve by mistake."""

    def files() -> set[Path]:
        places = (Path(app.config["INSTANCE_DIR"]), Path(app.root_path))
        return {
            path for place in places for path in place.rglob("*") if path.suffix not in {".pyc", ".db-wal", ".db-shm"}
        }

    before = files()
    batch = uploaded(clerk, session)
    assert clerk.get(f"/exchange/batch/{batch.id}").status_code == 200
    assert files() == before


def test_somebody_else_s_upload_is_not_there_c38(clerk: Any, session: Any, sign_in: Any) -> None:
    batch = uploaded(clerk, session, content=roster(FAULTY))
    stranger = sign_in("evaluator")
    for path in ("", "/marked.xlsx"):
        assert stranger.get(f"/exchange/batch/{batch.id}{path}").status_code == 404
    for act in ("confirm", "cancel"):
        assert stranger.post(f"/exchange/batch/{batch.id}/{act}").status_code == 404
    assert batch.state == "previewed"


def test_so_many_uploads_may_wait_and_no_more_c38(clerk: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ALLOWED, "waiting", 2)
    first, _second = uploaded(clerk, session), uploaded(clerk, session)
    assert sent(clerk).status_code == 200 and session.query(ImportBatch).count() == 2
    clerk.post(f"/exchange/batch/{first.id}/cancel")
    uploaded(clerk, session)


def test_so_many_megabytes_may_wait_and_no_more_c38(clerk: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ALLOWED, "megabytes", 1)
    batch = uploaded(clerk, session)
    batch.content = bytes((1 << 20) - 100)
    session.commit()
    assert "1 MB" in sent(clerk).text and session.query(ImportBatch).count() == 1


def rows_of(session: Any, batch: ImportBatch) -> list[ImportRow]:
    session.expire_all()
    return list(session.query(ImportRow).filter_by(batch_id=batch.id).order_by(ImportRow.number))


def test_of_a_file_that_is_put_aside_nothing_is_kept_c38(clerk: Any, session: Any) -> None:
    batch = uploaded(clerk, session)
    assert PHONE in str(rows_of(session, batch)[0].typed)
    clerk.post(f"/exchange/batch/{batch.id}/cancel")
    assert (rows_of(session, batch), batch.state, batch.content) == ([], "cancelled", b"")
    assert clerk.get(f"/exchange/batch/{batch.id}").status_code == 200
    assert clerk.get(f"/exchange/batch/{batch.id}/marked.xlsx").mimetype == "text/html"


def test_of_a_file_that_is_saved_the_original_is_kept_sealed_and_no_typed_row_c31_c38(clerk: Any, session: Any) -> None:
    batch = uploaded(clerk, session, content=roster(GOOD, FAULTY))
    clerk.post(f"/exchange/batch/{batch.id}/confirm", data={"only_good": "1"})
    good, faulty = rows_of(session, batch)
    assert batch.state == "applied" and good.typed is None and PHONE not in str((good.cells, good.typed_cells))
    assert "王某" not in str(faulty.typed_cells)
    assert not batch.content.startswith(b"PK") and original(batch).startswith(b"PK")


def test_what_nobody_confirmed_in_a_week_is_put_aside_c38(clerk: Any, session: Any) -> None:
    old = uploaded(clerk, session)
    with time_machine.travel(clock.now() + timedelta(days=ALLOWED.days, minutes=1)):
        from factories.world import PASSWORD

        clerk.post("/login/", data={"username": "county_administrator", "password": PASSWORD})
        uploaded(clerk, session)
    session.refresh(old)
    assert (old.state, old.content) == ("cancelled", b"")


def test_the_original_and_the_rows_go_after_their_days_and_the_receipt_stays_c28(
    app: Any, clerk: Any, session: Any
) -> None:
    batch = uploaded(clerk, session, content=roster(GOOD, FAULTY))
    clerk.post(f"/exchange/batch/{batch.id}/confirm", data={"only_good": "1"})
    assert tidy() == 0
    with time_machine.travel(clock.now() + timedelta(days=app.config["UPLOAD_DAYS"], minutes=1)):
        assert (tidy(), tidy()) == (1, 0)
    assert (rows_of(session, batch), batch.state, batch.content) == ([], "applied", b"")
    assert batch.sha256 and batch.changes["counts"]["new"] == 1
    assert clerk.get(f"/exchange/batch/{batch.id}").status_code == 200
