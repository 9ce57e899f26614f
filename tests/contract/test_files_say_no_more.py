"""What leaves in a file is what its page shows: nothing in properties, comments, hidden sheets, hidden columns or parts."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.contract.test_round_trip import PLACES

WHOLE_NUMBERS = {
    "telephone": re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    "identity": re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dXx](?![\dXx])"),
    "bank": re.compile(r"(?<!\d)62\d{14,17}(?!\d)"),
}
OURS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core)\.xml|xl/(workbook|styles|sharedStrings|theme/theme1)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/sheet\d+\.xml|xl/metadata\.xml"
)
META = {"layout", "layout_version", "org_code", "period", "unit", "list_version", "exported_at"}


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: f"{place[0]}-{'-'.join(place[1].values())}")
def exported(request: pytest.FixtureRequest, demo_app: Any) -> bytes:
    from app.features.accounts.queries import user_by_name
    from app.features.exchange import queries, services
    from app.kit import access

    code, place = request.param
    with demo_app.app_context():
        with access.everything("the test chooses who acts"):
            who = access.actor_of_user(user_by_name("banshi").id)
        with access.acting_as(who):
            options = services.options_from(
                place.get("unit"), place.get("period"), None, place.get("round"), place.get("variant")
            )
            return services.export(queries.door_of(code), options)


@pytest.fixture(scope="module")
def accounts_and_phones(demo_app: Any) -> tuple[set[str], set[str]]:
    from sqlalchemy import select

    from app.features.accounts.models import PortalUser
    from app.features.people.models import Person
    from app.kit import access
    from app.kit.db import db

    with demo_app.app_context(), access.everything("the test compares"):
        accounts = set(db.session.scalars(select(PortalUser.username)))
        phones = set(db.session.scalars(select(Person.phone).where(Person.phone.is_not(None))))
    assert len(accounts) > 10 and len(phones) > 10
    return accounts, phones


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name).decode("utf-8") for name in package.namelist()}


def test_a_file_holds_only_the_parts_of_a_plain_workbook_c30(exported: bytes) -> None:
    """No comments, no custom properties, no links, no pictures, no macros, no printer settings, no saved paths."""
    found = parts(exported)
    assert [name for name in found if not OURS.fullmatch(name)] == []
    assert "absPath" not in found["xl/workbook.xml"] and "externalReference" not in found["xl/workbook.xml"]


def test_the_properties_of_a_file_name_nobody_c30(exported: bytes) -> None:
    properties = load_workbook(io.BytesIO(exported)).properties
    named = (properties.creator, properties.lastModifiedBy, properties.title, properties.subject)
    more = (properties.keywords, properties.description, properties.category, properties.identifier)
    assert [value for value in (*named, *more) if value] == []
    app_part = parts(exported)["docProps/app.xml"]
    assert "<Manager>" not in app_part and not re.search("<Company>.+</Company>", app_part)


def test_what_is_hidden_in_a_file_is_declared_and_no_data_c30(exported: bytes) -> None:
    book = load_workbook(io.BytesIO(exported))
    for sheet in book:
        hidden = {letter for letter, column in sheet.column_dimensions.items() if column.hidden}
        if sheet.sheet_state != "visible":
            assert sheet.title == "_meta"
            assert {row[0].value for row in sheet.iter_rows()} <= META
            continue
        assert not [row for row, facts in sheet.row_dimensions.items() if facts.hidden]
        for letter in hidden:
            values = [str(cell.value) for cell in sheet[letter] if cell.value is not None]
            assert values[0] == "_key" and all(re.fullmatch(r"[a-z_]*[:/]?\d+", value) for value in values[1:]), values[
                :3
            ]
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.comment]


def test_no_whole_number_and_no_account_stands_anywhere_in_a_file_c30(
    exported: bytes, accounts_and_phones: tuple[set[str], set[str]]
) -> None:
    accounts, phones = accounts_and_phones
    for name, text in parts(exported).items():
        words = re.sub(r"<[^>]+>", " ", text) if name.startswith("xl/") else text
        for kind, shape in WHOLE_NUMBERS.items():
            assert not shape.search(words), (name, kind)
        assert not [phone for phone in phones if phone in words], name
        assert not set(re.findall(r"[a-z][a-z0-9._-]{2,}", words)) & accounts, name
