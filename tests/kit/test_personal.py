"""The register of fields against the tables, the generated pages and the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.extensions import db
from app.kit import masking, personal
from app.kit.masking import MaskedField
from app.kit.personal import Level, Mask

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "personal-data.md"
GUARDED = (Level.SENSITIVE, Level.SECRET)


def test_every_column_that_may_hold_words_stands_in_the_register_c28(app: Any) -> None:
    missing = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if personal.must_be_named(column) and personal.entry(table.name, column.name) is None
    ]
    assert not missing, f"say in seed/reference/fields.yaml what these hold, why and for how long: {missing}"


def test_every_table_stands_in_the_register_c28(app: Any) -> None:
    assert sorted(personal.register()["tables"]) == sorted(db.metadata.tables)


def test_the_register_names_no_column_that_is_not_there_c28(app: Any) -> None:
    gone = [
        f"{found.table}.{found.column}"
        for found in personal.all_entries(*Level)
        if found.column not in db.metadata.tables[found.table].columns
    ]
    assert gone == []


def test_every_kind_says_level_and_purpose_in_chinese_and_english_c28(app: Any) -> None:
    register = personal.register()
    for code, kind in register["kinds"].items():
        assert Level(kind["level"]) in Level and Mask(kind.get("mask", "")) in Mask, code
        assert all(kind[key] for key in ("name_zh", "name_en", "purpose_zh", "purpose_en")), code
    used = {found.kind for found in personal.all_entries(*Level)}
    assert used == set(register["kinds"]), "a kind nobody uses, or one that is not there"
    assert {found.kept for found in personal.all_entries(*Level)} <= set(register["kept"])


def test_what_the_register_says_about_days_is_what_is_done_c28(app: Any) -> None:
    from app.kit import idempotency, removed

    kept = personal.register()["kept"]
    assert kept["bin"]["days"] == removed.KEEP.days
    assert kept["request"]["days"] == idempotency.KEEP.days
    assert kept["upload"]["days"] == app.config["UPLOAD_DAYS"]


def offers(view: Any) -> dict[str, list[str]]:
    """What a generated view offers: by name of the list of columns."""
    lists = ("list_columns", "show_columns", "add_columns", "edit_columns", "search_columns", "order_columns")
    return {name: [str(column) for column in getattr(view, name, None) or []] for name in lists}


def generated_views(app: Any) -> list[Any]:
    return [view for view in app.appbuilder.baseviews if hasattr(view, "datamodel")]


def test_no_generated_page_offers_what_is_sensitive_or_secret_c28(app: Any) -> None:
    for view in generated_views(app):
        table = view.datamodel.obj.__tablename__
        for where, columns in offers(view).items():
            for column in columns:
                found = personal.entry(table, column)
                if found is None or found.level not in GUARDED:
                    continue
                assert found.level is not Level.SECRET, f"{type(view).__name__}.{where} offers {column}"
                assert where not in ("search_columns", "order_columns"), f"{type(view).__name__}.{where}: {column}"
                if where in ("list_columns", "show_columns"):
                    shown = (view.formatters_columns or {}).get(column)
                    assert shown and "*" in shown("13812345678"), f"{type(view).__name__}.{where} shows {column} whole"
                else:
                    fields = getattr(view, where.replace("columns", "form_extra_fields"))
                    assert fields[column].field_class is MaskedField, f"{type(view).__name__}.{where}: {column}"


def test_a_page_about_a_table_with_masked_columns_masks_them_by_itself_c28(app: Any) -> None:
    formatters = masking.formatters("person")
    assert formatters["phone"]("13812345678") == "138****5678"
    assert masking.formatters("web_session")["payload"]("secret") == "***"


def page() -> str:
    """docs/personal-data.md as the register makes it."""
    register = personal.register()
    lines = [
        "# Personal data: the register of fields",
        "",
        "Generated from `seed/reference/fields.yaml`; a test compares. Keys, dates, figures and yes/no columns that are not named hold nothing",
        "personal. In columns marked *free* the portal refuses identity and bank-card numbers.",
        "",
        "| table | column | holds | level | why | shown by the right on | kept | masked |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for found in personal.all_entries(Level.PERSONAL, Level.SENSITIVE, Level.SECRET):
        kind = register["kinds"][found.kind]
        masked = "free" if found.free else found.mask.value
        lines.append(
            f"| {found.table} | {found.column} | {kind['name_en']} | {found.level.value} | {kind['purpose_en']} "
            f"| {found.seen_by or '—'} | {register['kept'][found.kept]['name_en']} | {masked or '—'} |"
        )
    free = [f"`{found.table}.{found.column}`" for found in personal.all_entries(Level.NONE) if found.free]
    lines += ["", "## Words about the work", "", "Not personal, and free: " + ", ".join(free) + ".", ""]
    return "\n".join(lines)


def test_the_document_is_the_register_c28(app: Any) -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("table", ["person", "wage", "pay_line", "employment"])
def test_what_is_kept_of_a_person_says_whose_right_shows_it_c28(app: Any, table: str) -> None:
    assert all(found.seen_by for found in personal.entries_of(table).values())


def test_the_security_administrator_reads_the_register_and_others_do_not_c28(world: Any, sign_in: Any) -> None:
    browser = sign_in("security_administrator")
    shown = browser.get("/personal-data/").text
    assert "person.phone" in shown and "只显示前三位和后四位" in shown and "ab_user.password" in shown
    assert "scheme.name" not in shown and "scheme.name" in browser.get("/personal-data/?level=none").text
    assert sign_in("grid_worker").get("/personal-data/").status_code in (403, 404)
