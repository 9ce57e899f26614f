"""Every event of the catalogue, done once through its public door, and told once by the trail (C23)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from factories.browsing import of, send
from factories.small_round import checked_small_round, pay, publish_small_round
from factories.world import PASSWORD
from sqlalchemy import func, select

from app.features.audit.events import EVENTS, Event
from app.kit import access, clock
from app.kit.audit import AuditEntry

NEW = "Qinghe-2027-xyz"
Act = Callable[[], Any]


@dataclass
class Env:
    """What a door needs: the county, who signs in, the command line."""

    world: Any
    session: Any
    sign_in: Any
    app: Any

    def as_(self, username: str) -> Any:
        return access.acting_as(access.actor_of_user(self.world.users[username].id))

    def run(self, *words: str) -> Any:
        answer = self.app.test_cli_runner().invoke(args=list(words))
        assert answer.exit_code in (0, 2), answer.output
        return answer

    def login(self, password: str) -> Any:
        data = {"username": "grid_worker", "password": password}
        return self.app.test_client().post("/login/", data=data)

    def account(self, act: str, by: str = "system_administrator") -> Act:
        browser, user = self.sign_in(by), self.world.users["grid_worker"]
        return lambda: browser.post(f"/accounts/{user.id}/{act}", data=of(user))


def locked(env: Env) -> Act:
    for _ in range(4):
        env.login("wrong")
    return lambda: env.login("wrong")


def sign_out(env: Env) -> Act:
    browser = env.sign_in("grid_worker")
    return lambda: browser.post("/logout/")


def session_ended(env: Env) -> Act:
    env.sign_in("grid_worker")
    browser = env.sign_in("grid_worker")
    pages = re.findall(r'action="(/account/sessions/[^"]+/end)"', browser.get("/account/").text)
    return lambda: browser.post(pages[-1])


def password_changed(env: Env) -> Act:
    browser, form = env.sign_in("grid_worker"), {"present": PASSWORD, "password": NEW, "again": NEW}
    return lambda: send(browser, "/account/password", **form)


def factor_reset(env: Env) -> Act:
    env.world.users["grid_worker"].totp_secret = "kept"
    env.session.commit()
    return env.account("reset-factor", "security_administrator")


def account_made(env: Env) -> Act:
    from app.features.accounts.services import add_account
    from app.features.people.services import add_person

    person = add_person(env.world.units["C1A"], "新来的")

    def act() -> None:
        with env.as_("system_administrator"):
            add_account("xinlaide", PASSWORD, person)

    return act


def account_on(env: Env) -> Act:
    env.account("deactivate")()
    return env.account("activate")


def rights_changed(env: Env) -> Act:
    from app.domain.rights import Reach, Resource, Role, Verb
    from app.domain.rights_change import digest_of
    from app.features.accounts.queries import rights_table
    from app.features.accounts.services import change_rights

    def act() -> None:
        cell = (Role.EVALUATOR, Resource.PAY, Verb.EXPORT)
        with env.as_("security_administrator"):
            change_rights({cell: Reach.SUBTREE}, "镇里的要求", digest_of(rights_table()))

    return act


def role_copied(env: Env) -> Act:
    browser = env.sign_in("security_administrator")
    return lambda: browser.post(
        "/copied-roles/volunteer/copy", data={"zh": "河道志愿者", "en": "River volunteer", "ko": ""}
    )


def seen_as(env: Env) -> Act:
    browser, post = env.sign_in("security_administrator"), env.world.posts["volunteer"]
    return lambda: browser.post(f"/see-as/{post.id}")


def post_given(env: Env) -> Act:
    from app.domain.rights import Role
    from app.features.people.services import add_person, appoint

    unit = env.world.units["C1A-G1-01"]
    person = add_person(unit, "新来的")

    def act() -> None:
        with env.as_("county_administrator"):
            appoint(person, Role.VOLUNTEER, unit)

    return act


def post_ended(env: Env) -> Act:
    browser, post = env.sign_in("county_administrator"), env.world.posts["volunteer"]
    form = of(post, to_on=(clock.today() + timedelta(days=3)).isoformat())
    return lambda: browser.post(f"/person/posts/{post.id}/end", data=form)


def substitute(env: Env) -> Act:
    from app.features.people import services

    post, person = env.world.posts["grid_worker"], env.world.persons["volunteer"]
    day = clock.today()

    def act() -> None:
        with env.as_("county_administrator"):
            services.substitute(post, person, day, day + timedelta(days=9), reason="休假")

    return act


def unmasked(env: Env) -> Act:
    browser, person = env.sign_in("county_administrator"), env.world.persons["grid_worker"]
    return lambda: browser.post(f"/person/{person.id}/unmask", data={"reason": "电话通知"})


def disclosed(env: Env) -> Act:
    from app.features.accounts import own_data

    person = env.world.persons["grid_worker"]

    def act() -> None:
        with env.as_("county_administrator"):
            own_data.about(person, "本人申请查阅")

    return act


def _batch(env: Env) -> Any:
    from app.features.bonus.services import run_batch
    from app.features.ranking.services import approve_setting, confirm_multipliers, publish_ranking, run_ranking

    run = publish_ranking(run_ranking(publish_small_round(env.world)))
    approve_setting(confirm_multipliers(env.world.units["C"], middle="2.0", bottom="1.0", reason="县里研究"))
    pay(env.world.persons["chief_grid_leader"], env.world.units["C1A"])
    return run_batch(run)


def pay_approved(env: Env) -> Act:
    batch = _batch(env)
    browser = env.sign_in("township_head")
    return lambda: browser.post(f"/award-batches/{batch.id}/approve", data=of(batch))


def pay_viewed(env: Env) -> Act:
    batch = _batch(env)
    browser = env.sign_in("county_administrator")
    return lambda: browser.get(f"/award-batches/{batch.id}/payroll")


def pay_exported(env: Env) -> Act:
    batch = _batch(env)
    browser = env.sign_in("county_administrator")
    return lambda: browser.post(f"/award-batches/{batch.id}/export")


def exported(env: Env) -> Act:
    browser = env.sign_in("county_administrator")
    return lambda: browser.post("/exchange/export/roster.xlsx", data={"unit": "C1"})


def imported(env: Env) -> Act:
    import io

    import xlsxwriter

    buffer, browser = io.BytesIO(), env.sign_in("county_administrator")
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"])
    sheet.write_row(1, 0, ["甲东村", "第二子网格", "吴新人", "", "网格员", "", "13812345678"])
    book.close()
    data = {"file": (io.BytesIO(buffer.getvalue()), "名册.xlsx"), "unit": "C1"}
    page = browser.post("/exchange/import/roster", data=data, content_type="multipart/form-data").location
    return lambda: send(browser, page, f"{page}/confirm")


def undone(env: Env) -> Act:
    from app.features.exchange.models import ImportBatch
    from app.features.exchange.services import undo

    imported(env)()
    batch = ImportBatch.query.order_by(ImportBatch.id.desc()).first()
    return lambda: undo.undo(batch, "传错文件")


def _october(env: Env) -> bytes:
    from app.features.duties.services import open_period
    from app.features.exchange.services import offline

    with env.as_("county_administrator"):
        open_period("2026-10", units=[env.world.units["C1"]])
        return offline.make(env.world.units["C1A"], "2026-10").content


def taken_along(env: Env) -> Act:
    _october(env)
    browser = env.sign_in("county_administrator")
    return lambda: browser.post("/offline-workbook/make", data={"unit": "C1A", "period": "2026-10"})


def brought_back(env: Env) -> Act:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(_october(env)))
    book["月度工作记录"]["D5"].value = 3
    buffer, browser = io.BytesIO(), env.sign_in("county_administrator")
    book.save(buffer)
    data = {"file": (io.BytesIO(buffer.getvalue()), "离线.xlsx")}
    page = browser.post("/offline-workbook/upload", data=data, content_type="multipart/form-data").location
    return lambda: send(browser, page, f"{page}/save")


def trail_exported(env: Env) -> Act:
    browser = env.sign_in("audit_administrator")
    return lambda: browser.post("/audit/export")


def read_by_key(env: Env) -> Act:
    """Asked three times, told once."""
    from app.features.accounts.services.keys import make_key

    with env.as_("county_administrator"):
        key = {"Authorization": f"Bearer {make_key('台账平台', 30, False)}"}
    machine = env.app.test_client()

    def act() -> None:
        for _ in range(3):
            assert machine.get("/api/v1/lists", headers=key).status_code == 200
            env.app.extensions["reads_told"][1].clear()  # another worker answers the next

    return act


def refused(env: Env) -> Act:
    browser = env.sign_in("grid_worker")
    return lambda: browser.get("/audit/list/")


def rule_proposed(env: Env) -> Act:
    from app.features.ranking.services import save_settings

    def act() -> None:
        with env.as_("county_administrator"):
            save_settings(env.world.units["C"], {"top_ratio": "0.2"}, reason="县里研究")

    return act


def rule_approved(env: Env) -> Act:
    from app.features.ranking.services import approve_setting, save_settings

    with env.as_("county_administrator"):
        setting = save_settings(env.world.units["C"], {"top_ratio": "0.2"}, reason="县里研究")

    def act() -> None:
        with env.as_("county_administrator_b"):
            approve_setting(setting)

    return act


def round_published(env: Env) -> Act:
    from app.features.assessment.services import publish_round

    round_ = checked_small_round(env.world)

    def act() -> None:
        with env.as_("township_head"):
            publish_round(round_)

    return act


def ranking_published(env: Env) -> Act:
    from app.features.ranking.services import run_ranking

    run = run_ranking(publish_small_round(env.world))
    browser, page = env.sign_in("township_head"), f"/rankings/{run.id}"
    return lambda: send(browser, page, f"{page}/publish")


def pack_loaded(env: Env) -> Act:
    return lambda: env.run("packs", "load", "PY")


def pack_handed_out(env: Env) -> Act:
    unit, browser = env.world.units["C"], env.sign_in("county_administrator")
    form = {"name": "本县清单", "code": "OWN", "version": "1", "parts": "procedures"}
    return lambda: browser.post(f"/packs/export?unit={unit.id}", data=form)


def month_locked(env: Env) -> Act:
    env.run("duties", "open", "2026-10")
    return lambda: env.run("duties", "close", "2026-10", "--unit", "C1")


def reopening_asked(env: Env) -> Act:
    from app.features.duties import services

    month_locked(env)()

    def act() -> None:
        with env.as_("county_administrator"):
            services.ask_reopen("2026-10", "补录", units=[env.world.units["C1"]])

    return act


def month_reopened(env: Env) -> Act:
    from app.features.duties import services

    reopening_asked(env)()

    def act() -> None:
        with env.as_("county_administrator_b"):
            services.allow_reopen("2026-10", units=[env.world.units["C1"]])

    return act


def unit_moved(env: Env) -> Act:
    from app.features.org.services import move_unit

    def act() -> None:
        with env.as_("county_administrator"):
            move_unit(env.world.units["C1B"], env.world.units["C2"])

    return act


def _removed(env: Env) -> tuple[Any, Act]:
    from app.features.org.services import add_unit

    unit = add_unit("village", "C1Z", "新村", env.world.units["C1"])
    browser = env.sign_in("county_administrator")
    return browser, lambda: browser.post(f"/units/delete/{unit.id}", data=of(unit))


def put_back(env: Env) -> Act:
    from app.kit.removed import RemovedRow

    browser, act = _removed(env)
    act()
    kept = env.session.scalars(select(RemovedRow)).one()
    return lambda: browser.post(f"/bin/{kept.id}/restore")


def restored(env: Env) -> Act:
    from app.kit.db import transaction

    village, browser = env.world.units["C1A"], env.sign_in("county_administrator")
    with transaction():
        village.households = 10
    first = env.session.scalars(
        select(AuditEntry.id)
        .where(AuditEntry.table_name == "org_unit", AuditEntry.row_id == str(village.id))
        .order_by(AuditEntry.id)
    ).first()
    address = f"/history/org_unit/{village.id}/{first}/restore"
    return lambda: browser.post(address, data=of(village))


DOORS: dict[str, Callable[[Env], Act]] = {
    "sign_in": lambda env: lambda: env.login(PASSWORD),
    "sign_in_refused": lambda env: lambda: env.login("wrong"),
    "locked": locked,
    "sign_out": sign_out,
    "session_ended": session_ended,
    "password_changed": password_changed,
    "password_reset": lambda env: env.account("reset"),
    "factor_reset": factor_reset,
    "account_made": account_made,
    "account_off": lambda env: env.account("deactivate"),
    "account_on": account_on,
    "unlocked": lambda env: (locked(env)(), env.account("unlock", "security_administrator"))[1],
    "rights_changed": rights_changed,
    "role_copied": role_copied,
    "seen_as": seen_as,
    "post_given": post_given,
    "post_ended": post_ended,
    "substitute": substitute,
    "unmasked": unmasked,
    "disclosed": disclosed,
    "pay_viewed": pay_viewed,
    "exported": exported,
    "pay_exported": pay_exported,
    "trail_exported": trail_exported,
    "imported": imported,
    "undone": undone,
    "taken_along": taken_along,
    "brought_back": brought_back,
    "read_by_key": read_by_key,
    "refused": refused,
    "refused_command": lambda env: lambda: env.run("audit", "verify", "--as", "grid_worker"),
    "rule_proposed": rule_proposed,
    "rule_approved": rule_approved,
    "round_published": round_published,
    "ranking_published": ranking_published,
    "pay_approved": pay_approved,
    "pack_loaded": pack_loaded,
    "pack_handed_out": pack_handed_out,
    "month_locked": month_locked,
    "reopening_asked": reopening_asked,
    "month_reopened": month_reopened,
    "unit_moved": unit_moved,
    "removed": lambda env: _removed(env)[1],
    "put_back": put_back,
    "restored": restored,
    "verified": lambda env: lambda: env.run("audit", "verify"),
}
ELSEWHERE = {
    "backup": "tests/kit/test_backup.py",
    "purged": "tests/features/audit/test_commands.py",
    "unmasked_file": "tests/features/exchange/test_exporting.py",
    "downloaded": "tests/features/exchange/test_exporting.py",
    "original": "tests/features/exchange/test_receipts.py",
}
"""Doors that need a database of their own; what they leave in the trail is asserted there."""


def test_every_event_has_its_door() -> None:
    assert {event.code for event in EVENTS} == DOORS.keys() | ELSEWHERE.keys()


def test_acts_kinds_and_records_of_the_catalogue_are_read_in_words(world: Any, sign_in: Any) -> None:
    from app.features.audit import words

    assert {event.kind for event in EVENTS} <= words.KINDS.keys()
    assert {event.table for event in EVENTS} - {""} <= words.RECORDS.keys()
    page = sign_in("audit_administrator").get("/audit/events/").text
    assert page.count("<tr>") == len(EVENTS) + 1 and "有人登录" in page


def test_every_act_of_the_product_has_a_name_in_words(app: Any) -> None:
    from pathlib import Path

    from app.features.audit import words

    sources = [path.read_text(encoding="utf-8") for path in Path(app.root_path).rglob("*.py")]
    acts = {name for source in sources for name in re.findall(r'\bacting\(\s*"([a-z_]+\.[a-z_.]+)"', source)}
    with app.test_request_context():
        assert len(acts) > 60 and {name for name in acts if words.act(name) == name} == set()


@pytest.mark.parametrize("event", [event for event in EVENTS if event.code in DOORS], ids=lambda event: event.code)
def test_each_event_stands_in_the_trail_once_c23(
    event: Event, world: Any, session: Any, sign_in: Any, app: Any
) -> None:
    act = DOORS[event.code](Env(world, session, sign_in, app))
    session.commit()
    before = session.scalar(select(func.max(AuditEntry.id))) or 0
    act()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.id > before).order_by(AuditEntry.id)).all()
    told = [entry for entry in entries if event.is_told_by(entry.action, entry.kind, entry.table_name)]
    seen = [(entry.action, entry.kind, entry.table_name) for entry in entries]
    assert len(told) == 1, seen
    assert told[0].username and told[0].address in ("127.0.0.1", "console") and told[0].row_id is not None
