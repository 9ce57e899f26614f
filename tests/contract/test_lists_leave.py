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
