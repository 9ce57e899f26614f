"""Packs at a county: loaded once, brought up to date without loss, handed from county to county, hostile files refused."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from factories.browsing import send

from app.domain.errors import RuleBroken
from app.domain.packs import Difference, parse_pack
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.rules import writing
from app.features.checklists.services import load_lists
from app.features.forms.models import Form
from app.features.org.services import add_unit
from app.features.packs import queries, services
from app.features.packs.files import as_text, read_text, shipped
from app.features.packs.models import PackFile, PackLoad
from app.features.packs.parts import PARTS
from app.features.procedures.services import load_procedures
from app.features.reviews.queries import ratings
from app.features.reviews.services import set_up_review
from app.kit import access


@pytest.fixture
def county(world: Any) -> Any:
    return queries.owner(None)


def small(**parts: Any) -> dict[str, Any]:
    items = [{"code": "01", "name": "修路", "source": "derived"}, {"code": "02", "name": "修桥", "source": "derived"}]
    one = {"code": "TM-L1", "kind": "power", "name": {"zh": "本县清单"}, "source": "derived", "items": items}
    face = {"code": "TM", "version": 1, "name": {"zh": "图们做法"}}
    return {"pack": face, "lists": [one], **parts}


def test_the_thirteen_packs_of_the_portal_can_be_read() -> None:
    assert set(shipped()) == {"MN", "NH", "HC", "JY", "CD", "LY", "JS", "ST", "YU", "LJ", "CJ", "PY", "YB"}


def test_loading_makes_everything_once_and_again_nothing(county: Any, session: Any) -> None:
    pack = shipped()["NH"]
    load = services.load_pack(pack, county)
    assert (load.version, load.counts["lists"], load.counts["open_places"]) == (1, 11, 206)
    assert session.query(ListItem).filter(ListItem.is_open_place).count() == 206
    assert {one.difference for one in queries.standing_at(county, pack)} == {Difference.SAME}
    before = session.query(ListItem).count(), session.query(Form).count()
    services.load_pack(pack, county)
    assert (session.query(ListItem).count(), session.query(Form).count()) == before
    assert session.query(PackLoad).count() == 1


def test_an_update_keeps_what_the_county_changed_unless_it_is_told(county: Any, session: Any) -> None:
    services.load_pack(parse_pack(small()), county)
    item = (
        session.query(ListItem).join(GovernanceList).filter(GovernanceList.code == "TM-L1", ListItem.code == "01").one()
    )
    with writing():
        item.title = "修水渠"
        session.flush()
    later = small(procedures=[])
    later["pack"]["version"] = 2
    later["lists"][0]["items"][1]["name"] = "修大桥"
    pack = parse_pack(later)
    (one,) = queries.standing_at(county, pack)
    assert one.difference is Difference.BOTH and {change.new for change in one.changes} == {"修路", "修大桥"}
    services.update_pack(pack, county)
    assert item.title == "修水渠"
    services.update_pack(pack, county, also=[("lists", "TM-L1")])
    names = [row.title for row in session.query(ListItem).filter_by(list_id=item.list_id).order_by(ListItem.code)]
    assert names == ["修路", "修大桥"]


def test_what_a_county_hands_out_stands_the_same_where_another_loads_it(county: Any, session: Any) -> None:
    """All five parts, through the file, at a county that had nothing: read back they are equal, one by one."""
    pack = shipped()["LJ"]
    services.load_pack(pack, county)
    lists = [row.id for row in PARTS["lists"].rows(county) if row.code.startswith("LJ-")]
    parts = [part for part in PARTS if part not in ("kinds", "lists")]
    content = services.export_pack(county, "TM2", "图们做法", 1, lists, parts)
    given = read_text(content)[0]
    other = add_unit("county", "D", "邻县")
    services.load_pack(given, other)
    for part, row in PARTS.items():
        codes = [str(data["code"]) for data in pack.part(part)]
        made = row.here(other, codes)
        assert (list(made), made) == (list(row.here(county, codes)), row.here(county, codes)), part
        assert set(made) == set(codes) and codes, part
    assert {one.difference for one in queries.standing_at(other, given)} == {Difference.SAME}


def test_a_pack_is_taken_in_once_and_its_version_is_taken(county: Any, session: Any) -> None:
    services.load_pack(parse_pack(small()), county)
    (row,) = [row for row in PARTS["lists"].rows(county) if row.code == "TM-L1"]
    content = services.export_pack(county, "TM2", "图们做法", 1, [row.id])
    made = services.take_in(county, content)
    assert services.take_in(county, content).id == made.id
    card = queries.card_of(county, "TM2")
    assert [one["name"] for one in card.pack.lists[0]["items"]] == ["修路", "修桥"]
    changed = content.replace("修桥".encode(), "架桥".encode())
    with pytest.raises(RuleBroken, match="pack.version_taken"):
        services.take_in(county, changed)


def test_a_pack_of_the_portal_survives_its_own_text() -> None:
    for pack in shipped().values():
        data = {"pack": {"code": pack.code, "version": 1, "name": {"zh": "甲"}}, "lists": list(pack.lists)}
        assert read_text(as_text(data).encode())[0].lists == pack.lists


BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nlists: [*b,*b]\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB.encode(), "pack.aliases"),
        (b"[" * 100_000, "pack.not_yaml"),
        (b"[" * 60 + b"]" * 60, "pack.too_deep"),
        (b"- a\n" * 120_000, "pack.too_deep"),
        (b"x" * 600_000, "pack.too_large"),
        (b"\xff\xfe\x00", "pack.not_text"),
        (b"a: [", "pack.not_yaml"),
        (b"!!python/object/apply:os.system ['true']", "pack.not_yaml"),
        (b"pack: !!binary aGk=", "pack.bad_value"),
        (b"pack: {code: A, version: 1.5, name: {zh: x}}", "pack.bad_value"),
        (b"a: 2026-13-45", "pack.not_yaml"),
        (b"just words", "pack.not_an_object"),
        (
            yaml.safe_dump({"pack": {"code": "NH", "version": 9, "name": {"zh": "x"}}}).encode(),
            "pack.ships_with_portal",
        ),
    ],
)
def test_hostile_files_are_refused_and_nothing_is_kept(county: Any, session: Any, content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        services.take_in(county, content)
    assert code in {problem.code for problem in refused.value.problems}
    assert session.query(PackFile).count() == 0


def test_the_gallery_shows_each_pack_and_loads_it_with_one_click(county: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("county_administrator")
    words = browser.get("/packs/").get_data(as_text=True)
    assert all(str(pack.name) in words for pack in shipped().values())
    assert "五议决策法" in browser.get("/packs/NH").get_data(as_text=True)
    assert session.query(PackLoad).count() == 0
    assert send(browser, "/packs/NH", f"/packs/NH/load?unit={county.id}").status_code == 302
    assert session.query(PackLoad).one().code == "NH"
    assert browser.get("/packs/NH/differences").status_code == 200


def test_the_gallery_says_what_of_a_pack_came_with_the_portal_and_what_is_still_to_be_loaded(
    county: Any, sign_in: Any
) -> None:
    load_lists()
    load_procedures()
    card = queries.card_of(county, "CJ")
    assert card.load is None and (card.came, card.things) == (7, len(queries.keys_of(card.pack)))
    assert "随系统装载7项" in sign_in("county_administrator").get("/packs/").text
    services.load_pack(card.pack, county)
    assert "随系统装载" not in sign_in("county_administrator").get("/packs/").text
    assert queries.card_of(county, "NH").came == 0


def test_the_pack_of_yanbian_brings_the_ratings_of_the_portal_and_no_register_of_its_own_yb_22(
    county: Any, world: Any
) -> None:
    assert ratings.review_form(world.units["C1A"]) is None
    services.load_pack(shipped()["YB"], county)
    form = ratings.review_form(world.units["C1A"])
    assert form is not None and (form.code, form.purpose, form.pack) == ("department_review", "review", "YB@1")
    with pytest.raises(RuleBroken, match=r"review\.has_form"):
        set_up_review(county)


def test_only_who_keeps_the_lists_sees_packs(county: Any, sign_in: Any) -> None:
    for username in ("chief_grid_leader", "township_head", "county_clerk"):
        assert sign_in(username).get("/packs/").status_code == 403
    other = access.acting_as(access.actor_of_user(_user("chief_grid_leader")))
    with other, pytest.raises(access.NotAllowed):
        services.load_pack(shipped()["PY"], county)


def _user(username: str) -> int:
    from app.features.accounts.queries import user_by_name

    with access.everything("a test"):
        return int(user_by_name(username).id)


def test_a_file_is_taken_in_on_the_page_and_an_own_pack_leaves_it(county: Any, sign_in: Any, session: Any) -> None:
    services.load_pack(parse_pack(small()), county)
    browser = sign_in("county_administrator")
    row = session.query(GovernanceList).filter_by(code="TM-L1").one()
    form = {"name": "图们做法", "code": "TM3", "version": "1", "lists": [str(row.id)]}
    given = send(browser, "/packs/export", f"/packs/export?unit={county.id}", **form)
    assert given.status_code == 200 and "TM3" in given.headers["Content-Disposition"]
    file = (io.BytesIO(given.get_data()), "TM3.yaml")
    answer = send(browser, "/packs/", f"/packs/take-in?unit={county.id}", file=file)
    assert answer.status_code == 302 and "/packs/TM3" in answer.headers["Location"]


def test_the_command_lists_loads_and_compares(county: Any, app: Any, session: Any) -> None:
    run = app.test_cli_runner().invoke
    assert "NH" in run(args=["packs", "list"]).output
    assert run(args=["packs", "load", "PY", "--json"]).exit_code == 0
    assert "same" in run(args=["packs", "compare", "PY"]).output
    assert "PY" in run(args=["packs", "load", "XX"]).output
