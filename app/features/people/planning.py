"""What saving the rows of a roster would do: where each row stands, which person and which posts it means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.errors import Problem
from app.domain.rights import GRID_ROLES, Role, Verb
from app.features.org.models import OrgUnit
from app.features.people.comparing import Plan, compare, is_that_one, phone_of
from app.features.people.models import Person, Post
from app.features.people.places import Village
from app.features.people.rules import LED_BY_ONE
from app.kit import access, clock, roles
from app.kit.db import db

_AT_TOTAL_GRID = (Role.CHIEF_GRID_LEADER, Role.GRID_INSTRUCTOR)
_CHUNK = 5000


class Planner:
    """Compares the rows of one file with what is stored, with a few statements for all of them."""

    def __init__(self, villages: Sequence[Village], rows: Sequence[Mapping[str, Any]]) -> None:
        self.villages: dict[str, list[Village]] = defaultdict(list)
        for village in villages:
            for name in {village.unit.name, village.unit.code, *village.unit.aliases}:
                self.villages[name].append(village)
        self.plans = [Plan(row) for row in rows]
        for plan in self.plans:
            self._place(plan)
        self._load()
        for plan in self.plans:
            if not plan.problems:
                self._match(plan)
                compare(plan)
                _not_oneself(plan)
        self._one_leader()

    # where a row stands
    def _place(self, plan: Plan) -> None:
        row = plan.row
        if not (row.get("village") and row.get("role") and row.get("person_name")):
            plan.problems.append(Problem("people.row_incomplete"))
            return
        if row["role"] not in set(GRID_ROLES):
            plan.problems.append(Problem("people.unknown_role", "role", {"role": row["role"]}))
            return
        plan.role = Role(row["role"])
        fits = self.villages.get(row["village"], [])
        fits = [village for village in fits if village.may_import] or fits
        if len(fits) != 1:
            code = "org.ambiguous_unit" if fits else "org.unknown_unit"
            plan.problems.append(Problem(code, "village", {"text": row["village"], "unit": row["village"]}))
        elif not fits[0].may_import:
            plan.problems.append(Problem("not_allowed", "village", {"verb": Verb.IMPORT, "resource": row["village"]}))
        else:
            plan.village = fits[0]
            self._targets(plan, plan.village)

    def _targets(self, plan: Plan, village: Village) -> None:
        grids = [grid for grid in village.total_grids if grid.name == plan.row.get("total_grid")]
        grids = grids or village.total_grids
        within = {grid.id for grid in grids}
        subs: list[OrgUnit] = []
        for name in plan.row.get("sub_grids") or ():
            found = [grid for grid in village.sub_grids if grid.name == name and grid.total_grid_id in within]
            if not found:
                plan.problems.append(Problem("org.unknown_unit", "sub_grids", {"unit": name}))
            subs += found[:1]
        if plan.role is Role.SUPERVISOR:
            plan.targets = [village.unit]
        elif plan.role in _AT_TOTAL_GRID:
            above = [grid for grid in grids if subs and grid.id == subs[0].total_grid_id] or grids[:1]
            plan.targets, plan.covers = above, [grid.id for grid in subs]
        else:
            plan.targets = subs
        if not plan.targets and not plan.problems:
            code = "people.no_total_grid" if plan.role in _AT_TOTAL_GRID else "required"
            plan.problems.append(Problem(code, "sub_grids", {"unit": village.unit.name}))

    # what is stored
    def _load(self) -> None:
        village_ids = sorted({plan.village.unit.id for plan in self.plans if plan.village})
        statement = select(Post).where(Post.village_id.in_(village_ids)).options(joinedload(Post.person))
        statement = statement.where(Post.role.in_(roles.codes_of(*GRID_ROLES))).order_by(Post.id)
        self.posts = {post.id: post for post in db.session.scalars(statement)} if village_ids else {}
        self.by_place: dict[tuple[int, str], list[Post]] = defaultdict(list)
        self.named_in: dict[tuple[str, int], list[Person]] = defaultdict(list)
        for post in self.posts.values():
            self.by_place[post.unit_id, roles.base_of(post.role)].append(post)
            self.named_in[post.person.name, post.village_id or 0].append(post.person)
        self.by_phone: dict[tuple[str, str], Person] = {}
        wanted = sorted({str(plan.row["person_name"]) for plan in self.plans if plan.village})
        for start in range(0, len(wanted), _CHUNK):
            named = select(Person).where(Person.name.in_(wanted[start : start + _CHUNK]), Person.phone.is_not(None))
            for person in db.session.scalars(access.visible(named, Person)):
                self.by_phone.setdefault((person.name, person.phone or ""), person)

    # which posts and which person a row means
    def _match(self, plan: Plan) -> None:
        keyed = self._by_row_key(plan)
        if keyed:
            plan.person = keyed[0].person
            for post in keyed:
                if any(post.unit_id == unit.id for unit in plan.targets):
                    plan.posts[post.unit_id] = post
                else:
                    plan.gone.append(post)
        for unit in plan.targets:
            if unit.id not in plan.posts and (post := self._natural(plan, unit)):
                plan.posts[unit.id] = post
                plan.person = plan.person or post.person
        plan.person = plan.person or self._known_person(plan)

    def _by_row_key(self, plan: Plan) -> list[Post]:
        ids = [int(part) for part in str(plan.row.get("row_key") or "").split("+") if part.isdigit()]
        posts = [self.posts[i] for i in ids if i in self.posts and roles.base_of(self.posts[i].role) is plan.role]
        return [post for post in posts if post.person_id == posts[0].person_id]

    def _natural(self, plan: Plan, unit: OrgUnit) -> Post | None:
        name, phone = plan.row["person_name"], phone_of(plan.row)
        fits = [post for post in self.by_place[unit.id, str(plan.role)] if post.person.name == name]
        if plan.person is not None:
            fits = [post for post in fits if post.person is plan.person]
        if phone and len({post.person_id for post in fits}) > 1:
            fits = [post for post in fits if post.person.phone == phone] or fits
        alive = [post for post in fits if post.to_on is None or post.to_on >= clock.today()]
        return next(iter(alive), None) or next((post for post in fits if is_that_one(plan.row, post)), None)

    def _known_person(self, plan: Plan) -> Person | None:
        assert plan.village is not None
        name, phone = plan.row["person_name"], phone_of(plan.row)
        if phone and (name, phone) in self.by_phone:
            return self.by_phone[name, phone]
        same = {person.id: person for person in self.named_in[name, plan.village.unit.id]}
        same = {key: person for key, person in same.items() if not phone or not person.phone}
        return next(iter(same.values())) if len(same) == 1 else None

    # a total grid and a sub-grid have one leader at a time
    def _one_leader(self) -> None:
        ending = {id(post) for plan in self.plans if not plan.problems for post in plan.gone}
        heirs: dict[tuple[int, Role], list[str]] = defaultdict(list)
        for plan in self.plans:
            if plan.problems or plan.role not in LED_BY_ONE:
                continue
            for unit in plan.targets:
                post = plan.posts.get(unit.id)
                if not _in_force(post, plan.post_values.get(unit.id, {})):
                    ending.add(id(post))
                elif plan.posts.get(unit.id) is None:
                    heirs[unit.id, plan.role].append(plan.row["person_name"])
        for plan in self.plans:
            if plan.problems or plan.role not in LED_BY_ONE:
                continue
            for unit in plan.targets:
                holder = self._other_holder(plan, unit, heirs, ending)
                if holder:
                    params = {"unit": unit.name, "name": holder}
                    plan.problems.append(Problem("people.post_taken", "person_name", params))

    def _other_holder(self, plan: Plan, unit: OrgUnit, heirs: Any, ending: set[int]) -> str | None:
        if plan.posts.get(unit.id) is not None or not _in_force(None, plan.post_values.get(unit.id, {})):
            return None
        for post in self.by_place[unit.id, str(plan.role)]:
            if post.acting_for_id is None and id(post) not in ending and _in_force(post, {}):
                return str(post.person.name)
        first = heirs[unit.id, plan.role][0]
        return None if first == plan.row["person_name"] else first


def _not_oneself(plan: Plan) -> None:
    """Nobody gives himself a post, or changes the days of his own, by workbook either."""
    me = access.actor().person_id
    if me is None or plan.person is None or plan.person.id != me:
        return
    dates = any({"from_on", "to_on"} & values.keys() for values in plan.post_values.values())
    if dates or plan.gone or any(unit.id not in plan.posts for unit in plan.targets):
        plan.problems.append(Problem("people.own_post", "person_name"))


def _in_force(post: Post | None, values: Mapping[str, Any]) -> bool:
    ends = values.get("to_on", post.to_on if post else None)
    return ends is None or ends >= clock.today()
