"""The registers of the demonstration, and the exceptions its villages asked for where the county's list keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.certificates import Risk
from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.queries.certificates import counted_certificates
from app.features.duties.queries.registers import RegisterPlace, register_places
from app.features.people.queries import post_facts, posts_at
from app.kit import access, seed
from app.kit.exchange import Options

Wish = Mapping[str, str]
WISHES: Mapping[str, Wish] = {
    "insurance": {"certificate": "参保证明", "requesting_body": "县社会保险经办机构"},
    "political_review": {"certificate": "政审证明", "requesting_body": "用人单位"},
    "accident": {"certificate": "意外伤害证明", "requesting_body": "保险公司"},
    "kinship": {
        "certificate": "亲属关系证明",
        "requesting_body": "县公证处",
        "risk": Risk.MEETING,
        "minutes_no": "村民代表会议记录2026-10",
    },
    "marriage_birth": {"certificate": "婚育证明", "requesting_body": "用人单位"},
}
WAITING: Wish = {"certificate": "收入证明", "requesting_body": "镇农商银行", "risk": Risk.NONE}
USUAL: Wish = {"reason": "村里已上门核实，情况属实，暂无其他材料可以代替。", "risk": Risk.NONE}


def load_registers(town: Any, month: str, decider: str) -> None:
    """What the villages counted of certificates and cases; what no list keeps was allowed by somebody above before."""
    rows = seed.read("demo/village_registers.json")[month]
    options = Options(unit=town, period=month)
    _allow(rows, options, decider)
    changes = services.save_registers(rows, options, False)
    assert not any(change.problems for change in changes), month


def load_waiting(village_name: str, town: Any, month: str) -> None:
    """One wish nobody has decided yet."""
    place = next(place for place in register_places(town) if place.village.name == village_name)
    _ask(place, month, WAITING)


def _allow(rows: Sequence[Mapping[str, Any]], options: Options, decider: str) -> None:
    places = {place.village.name: place for place in register_places(options.unit)}
    month = str(options.period)
    counted = counted_certificates(list(places.values()), month, [])
    for row in rows:
        place = places[row["village"]]
        counts = counted[place.village.id].codes(row["certificates"])
        for one in counted[place.village.id].all:
            for _time in range(counts.get(one.kind.code, 0) if one.is_outside else 0):
                wish = _ask(place, month, WISHES[one.kind.code])
                with acting_as_user(decider):
                    services.approve_exception(wish)


def _ask(place: RegisterPlace, month: str, wish: Wish) -> Any:
    chief = posts_at(place.unit, Role.CHIEF_GRID_LEADER)[0].person
    with access.acting_as(access.Actor(None, chief.name, chief.name, chief.id, post_facts(chief.id))):
        return services.ask_exception(place, month, {**USUAL, **wish})


def acting_as_user(username: str) -> Any:
    """Act as the holder of an account of the demonstration."""
    user = user_by_name(username)
    assert user is not None, username
    return access.acting_as(access.actor_of_user(user.id))
