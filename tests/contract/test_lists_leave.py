"""Every list as a file, for every role: the rows of its own area and no other, masked, and only with the right to export.

Generated from the lists there are: a new generated page or declared list is covered by existing.
"""

from __future__ import annotations

from typing import Any

import pytest
from factories.strangers import make_strangers

from app.domain.rights import DEFAULT_RIGHTS, Role, Verb
from app.features.org.services import add_unit
from app.kit import access, listing

MARKER = "机密外人"
NUMBER = "13912345678"


@pytest.fixture
def stranger(world: Any) -> None:
    """One row of every table in another county, and a telephone number in each of its telephone columns."""
    county = add_unit("county", "D", f"{MARKER}县")
    township = add_unit("township", "D1", f"{MARKER}镇", county)
    village = add_unit("village", "Z1A", f"{MARKER}村", township)
    grid = add_unit("total_grid", "Z1A-G1", f"{MARKER}总网格", village)
    sub = add_unit("sub_grid", "Z1A-G1-01", f"{MARKER}子网格", grid)
    levels = {"county": county, "township": township, "village": village, "total_grid": grid, "sub_grid": sub}
    with access.everything("the test makes a stranger"):
        make_strangers(levels, MARKER)


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_no_list_takes_a_strangers_row_along(role: Role, world: Any, stranger: None, app: Any, sign_in: Any) -> None:
    world.persons["grid_worker"].phone = NUMBER
    access.db.session.commit()
    browser = sign_in(role.value)
    held = 0
    for code, found in listing.all_listings().items():
        answer = browser.post(f"/exports/list/{code}", data={"form": "csv"})
        if (role, found.resource, Verb.EXPORT) not in DEFAULT_RIGHTS:
            assert answer.status_code == 403, code
            continue
        held += 1
        assert answer.status_code == 200, code
        text = answer.get_data(as_text=True)
        assert MARKER not in text and NUMBER not in text, f"{role.value} takes too much along from {code}"
    page = browser.get("/exports/").get_data(as_text=True)
    assert page.count("/exports/list/") == held, "the export centre offers what may be taken, and nothing else"


def test_the_tree_procedures_and_rounds_leave_as_their_pages_show_them(world: Any, sign_in: Any) -> None:
    from app.features.assessment import queries as assessment
    from app.features.assessment import services as rounds
    from app.features.assessment.reference import load_schemes
    from app.features.checklists.services import load_lists
    from app.features.procedures.services import load_procedures

    with access.acting_as(access.OPERATOR):
        load_lists()
        load_procedures()
        load_schemes()
        scheme = next(one for one in assessment.schemes_at(world.units["C"]) if one.subject == "village")
        rounds.open_round("V2026", scheme, "2026", world.units["C1"])
    browser = sign_in("county_administrator")
    for page, code, words in (("/tree/", "units", "甲东村"), ("/assessment-rounds/", "rounds", "V2026")):
        assert f"/exports/list/{code}" in browser.get(page).get_data(as_text=True), page
        assert words in browser.post(f"/exports/list/{code}", data={"form": "csv"}).get_data(as_text=True)
    written = browser.post("/exports/list/procedures", data={"form": "csv"}).get_data(as_text=True)
    assert written.count(",P") == 3 and "、" in written, written


def test_accounts_leave_without_what_opens_them_and_rights_in_words(world: Any, operator: Any, session: Any) -> None:
    user = world.users["county_clerk"]
    user.totp_secret, user.recovery_codes = "geheim-totp", ["geheim-code"]
    session.commit()
    lines = list(listing.rows(listing.find("accounts"), listing.Args({"q": "county_clerk"})))
    assert lines[0][:2] == ["county_clerk", user.person.name]
    written = str(list(listing.rows(listing.find("accounts"), listing.Args())))
    assert "geheim" not in written and user.password not in written and len(user.password) > 20
    cells = list(listing.rows(listing.find("rights"), listing.Args({"role": "security_administrator"})))
    assert cells and all(None not in line for line in cells)
