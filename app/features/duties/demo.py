"""The months of the demonstration: September closed, October under way, a few urges, comments and leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from app.domain.rights import Role
from app.domain.transitions import DutyState
from app.features.duties import services
from app.features.duties.demo_certificates import acting_as_user, load_registers, load_waiting
from app.features.duties.models import Duty, Lead
from app.features.duties.queries import duties_below, responsible_candidates
from app.features.duties.queries.work import OWED
from app.features.org.queries import unit_by_code
from app.features.people.models import Person
from app.features.people.queries import persons_named, post_facts, posts_at
from app.kit import access, clock, seed
from app.kit.audit import acting
from app.kit.db import transaction

Record = dict[str, Any]
LEFT_TO_THE_VISITOR = ("T01-G1-01", "2026-10")  # the record the demonstration's sub-grid leader may fill in himself


def load_demo_months() -> None:
    """Both months of the town as its leaders left them; the first is locked."""
    services.load_missing_packs()
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    with transaction():
        load_registers(town, "2025-10", "zhenzhang")  # what the change against the year before is reckoned from
    for month, opened in (("2026-09", date(2026, 9, 1)), ("2026-10", date(2026, 10, 1))):
        with clock.at(_noon(opened)), acting_as_user("zhenzhang"):
            services.open_period(month, units=[town])
        with clock.at(_noon(opened + timedelta(days=24))), transaction():
            _load_month(town, month)
            load_registers(town, month, "zhenzhang")
    with clock.at(_noon(date(2026, 10, 28))):
        load_waiting("北汀村", town, "2026-10")
    with clock.at(_noon(date(2026, 10, 9))), acting_as_user("zhenzhang"):
        services.close_period("2026-09", units=[town])


def load_demo_talk() -> None:
    """What the supervisor of the first villages said about October, and what he asked for."""
    village = unit_by_code("T01")
    with clock.at(_noon(date(2026, 10, 30))), acting_as_user("dudao"):
        duties = duties_below(village, "2026-10")
        said = iter(
            ("例会议定事项写得清楚，请继续。", "应到人数与上月差异较大，请核对。", "走访情况实在，值得其他网格借鉴。")
        )
        for duty, words in zip([d for d in duties if d.state == DutyState.CONFIRMED][:6:2], said, strict=False):
            services.comment(duty, words)
        owed = [duty for duty in duties if duty.state in OWED]
        for person_id in list(dict.fromkeys(duty.person_id for duty in owed))[:3]:
            mine = [duty for duty in owed if duty.person_id == person_id]
            services.urge(mine, "请在月度例会前补齐本月记录。", date(2026, 11, 4))


def load_demo_leads() -> None:
    """Leads in every state of their course, each step taken by whoever takes it."""
    by_code: dict[str, Lead] = {}
    for entry in seed.read("demo/leads.json"):
        by_code[entry["code"]] = _lead(entry, by_code)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=clock.SHANGHAI)


def _acting_as_person(person: Person) -> Any:
    """Act as somebody who may have no account, with the rights of his posts."""
    posts = post_facts(person.id)
    return access.acting_as(access.Actor(None, person.name, person.name, person.id, posts))


# -- months ----------------------------------------------------------------------------------------


def _load_month(town: Any, month: str) -> None:
    duties = {_key(duty): duty for duty in duties_below(town, month)}
    records = [r | {"task": "T07-T11"} for r in seed.read(f"demo/monthly_log_{month}.json")["records"]]
    records = [r for r in records if (r["unit"], month) != LEFT_TO_THE_VISITOR]
    records += seed.read(f"demo/duty_records_{month}.json")["records"]
    found = [(duty, record) for record in records if (duty := duties.get(_record_key(record)))]
    _write_drafts(found)
    for day, part in groupby(sorted(found, key=_submitted_on), _submitted_on):
        if day:
            with clock.at(_noon(date.fromisoformat(day))):
                _hand_in([pair for pair in part if pair[1]["state"] != DutyState.DRAFT])
    _sign(town, found)


def _key(duty: Duty) -> tuple[str, str, str]:
    name = duty.person.name if duty.person and duty.template.per == "post" else ""
    return duty.template.code, duty.unit.code, name


def _record_key(record: Record) -> tuple[str, str, str]:
    return record["task"], record["unit"], record.get("person_name", "")


def _submitted_on(pair: tuple[Duty, Record]) -> str:
    return str(pair[1].get("submitted_on") or "")


def _write_drafts(found: Iterable[tuple[Duty, Record]]) -> None:
    drafts = [services.Entry(d, r["answers"]) for d, r in found if r["state"] == DutyState.DRAFT]
    services.save_draft(drafts)


def _hand_in(found: Sequence[tuple[Duty, Record]]) -> None:
    services.submit([services.Entry(d, r.get("answers", {}), nothing="answers" not in r) for d, r in found])
    # nobody confirms his own: the three logs of a chief grid leader stand as he handed them in
    confirmed = [d for d, r in found if r["state"] == DutyState.CONFIRMED and d.template.role != Role.CHIEF_GRID_LEADER]
    services.confirm(confirmed)
    for duty, record in found:
        if record["state"] == DutyState.RETURNED:
            services.return_duty([duty], record.get("reason") or "接待人次与接待日次数不符，请核对后重报。")


def _sign(town: Any, found: Iterable[tuple[Duty, Record]]) -> None:
    """Put the names of those who wrote and reviewed in place of the operator's."""
    chiefs = {post.unit_id: post.person.name for post in posts_at(town, Role.CHIEF_GRID_LEADER)}
    with transaction(), acting("portal.demo"):
        for duty, _record in found:
            if duty.submitted_at is not None and duty.person is not None:
                duty.submitted_by = duty.person.name
            if duty.reviewed_at is not None:
                duty.reviewed_by = chiefs.get(duty.total_grid_id or 0, duty.reviewed_by)


# -- leads -----------------------------------------------------------------------------------------

_PATHS = {
    "reported": (),
    "accepted": ("accept",),
    "returned": ("return",),
    "merged": ("merge",),
    "verified": ("accept", "verify"),
    "submitted": ("accept", "verify", "submit"),
    "discussed": ("accept", "verify", "submit", "discuss"),
    "assigned": ("accept", "verify", "submit", "discuss", "assign"),
    "in_progress": ("accept", "verify", "submit", "discuss", "assign", "start"),
    "closed": ("accept", "verify", "submit", "discuss", "assign", "start", "close"),
}


def _lead(entry: Record, known: dict[str, Lead]) -> Lead:
    unit = unit_by_code(entry["unit"])
    assert unit is not None, entry["unit"]
    reporter = persons_named(entry["reporter"], unit)[0]
    leader = posts_at(unit, Role.SUB_GRID_LEADER)[0].person
    chief = posts_at(unit.parent, Role.CHIEF_GRID_LEADER)[0].person
    reported = date.fromisoformat(entry["reported_on"])
    with clock.at(_noon(reported)), _acting_as_person(reporter):
        lead = services.report_lead(unit, entry["category"], f"{entry['title']}：{entry['description']}")
    for action in _PATHS[entry["state"]]:
        who = chief if action in ("discuss", "assign") else leader
        with clock.at(_noon(_day_of(action, entry, reported))), _acting_as_person(who):
            _step(lead, action, entry, known)
    return lead


def _day_of(action: str, entry: Record, reported: date) -> date:
    after = {"accept": 1, "return": 1, "merge": 1, "verify": 2, "submit": 3}.get(action, 5)
    return (
        date.fromisoformat(entry["closed_on"])
        if action == "close"
        else reported.replace(day=min(28, reported.day + after))
    )


def _step(lead: Lead, action: str, entry: Record, known: dict[str, Lead]) -> None:
    if action == "accept":
        services.accept_lead(lead)
    elif action == "return":
        services.return_lead(lead, entry["reason"])
    elif action == "merge":
        services.merge_lead(lead, known[entry["merged_into"]], entry["reason"])
    elif action == "verify":
        services.verify_lead(lead, "已到现场核实，情况属实。")
    elif action == "submit" and lead.state == "verified":
        services.feed_back_lead(lead)
    elif action == "discuss":
        services.discuss_lead(lead, "例会议定：联系责任单位处理，子网格长跟踪到位。")
    elif action == "assign":
        person = next(p for p in responsible_candidates(lead) if p.name == entry["responsible"])
        services.assign_lead(lead, person, date.fromisoformat(entry["due_on"]))
    elif action == "start":
        services.start_lead(lead)
    elif action == "close":
        services.close_lead(lead, entry["outcome"])


STEPS = [("months", load_demo_months), ("talk", load_demo_talk), ("leads", load_demo_leads)]
