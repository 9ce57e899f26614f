"""Who acts, what he may do, which rows he reaches: the rights table turned into SQL and into yes or no.

Knows no feature: `org` and `people` register providers at start-up. Two walls. The first is explicit:
`visible(statement, Model)` and `require(verb, row)`. The second stands in kit/wall.py: a query or a write that
forgot the first is limited to the actor's reach, and outside a request it raises unless the code says
`everything(reason)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from app.domain.rights import DEFAULT_RIGHTS, Grant, Reach, Resource, Verb
from app.kit.db import LEVELS, db


class NotAllowed(Exception):
    """The actor may not do this to this row. A page answers 404 for a row he cannot see, 403 otherwise."""

    def __init__(self, resource: str, verb: str, hidden: bool = False) -> None:
        self.resource, self.verb, self.hidden = resource, verb, hidden
        super().__init__(f"{verb} on {resource} is not allowed")


class ScopeError(RuntimeError):
    """A scoped table was touched with nobody acting and no `everything(reason)`."""


WRITING = tuple(verb for verb in Verb if verb not in (Verb.VIEW, Verb.EXPORT, Verb.UNMASK))


@dataclass(frozen=True)
class Scope:
    """How a model hangs on the tree.

    `owner` names the attribute with the person id that OWN means; `published` the flag that PUBLISHED and
    VILLAGE_PUBLISHED mean, valid below the unit in `published_under`; `inherited` rows of a unit are seen by
    every post below it; `through` names the relationship to the parent whose scope holds. What the owner of a row
    that `passes_on` may do, whoever stands in for him at its unit may do too: his work, never his pay.
    """

    resource: Resource
    owner: str | None = None
    published: str | None = None
    published_under: str = "unit_id"
    inherited: bool = False
    through: str | None = None
    passes_on: bool = False


@dataclass(frozen=True)
class Unscoped:
    """A model that belongs to no unit; the reason is read in review."""

    reason: str


@dataclass(frozen=True)
class PostFact:
    """A post in force today: role, unit, and the ancestors of the unit, itself included, by level."""

    id: int
    role: str  # one of domain.rights.Role, or the code of a copy (kit.roles)
    unit_id: int
    level: str
    ancestors: Mapping[str, int]
    acting_for_id: int | None = None  # the post stood in for, and who holds it
    stands_in_for_id: int | None = None
    stands_in_for: str = ""
    unit_name: str = ""


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a user with his posts, or the operator at the machine."""

    user_id: int | None
    username: str
    name: str = ""
    person_id: int | None = None
    posts: tuple[PostFact, ...] = ()
    is_operator: bool = False
    rights: Mapping[Grant, Reach] = field(default_factory=lambda: DEFAULT_RIGHTS, repr=False, compare=False)
    asked: dict[Resource, tuple[Verb, PostFact | None]] = field(default_factory=dict, repr=False, compare=False)

    def reach(self, post: PostFact, resource: Resource, verb: Verb) -> Reach:
        """How far a post carries a verb on a resource."""
        return self.rights.get((post.role, resource, verb), Reach.NONE)

    def grants(self, resource: Resource, verb: Verb) -> list[tuple[PostFact, Reach]]:
        """The posts that give the right, each with its reach: never a union of roles over units."""
        pairs = ((post, self.reach(post, resource, verb)) for post in self.posts)
        return [(post, reach) for post, reach in pairs if reach is not Reach.NONE]

    def holds(self, resource: Resource, verb: Verb = Verb.VIEW) -> bool:
        """True when some post gives the right, whatever its reach."""
        return self.is_operator or bool(self.grants(resource, verb))


NOBODY = Actor(user_id=None, username="")
OPERATOR = Actor(user_id=None, username="operator", name="operator", is_operator=True)

_actor: ContextVar[tuple[Actor, object] | None] = ContextVar("actor", default=None)
_everything: ContextVar[str | None] = ContextVar("everything", default=None)
_provider: dict[str, Callable[..., Any]] = {}


def register_provider(name: str, function: Callable[..., Any]) -> None:
    """Tell access where facts come from.

    `actor_of(user_id) -> Actor`, `ancestors_of(unit_ids) -> {unit_id: {level: id}}`, `person_of(username) -> id | None`.
    """
    _provider[name] = function


def ancestors_of(unit_ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """By unit, its ancestors, itself included, by level."""
    with everything("the tree above a unit"):
        return _provider["ancestors_of"](unit_ids)  # type: ignore[no-any-return]


def person_of(username: str) -> int | None:
    """The id of the person behind an account; None for the operator, and where there is none."""
    with everything("who is behind an account"):
        return _provider["person_of"](username)  # type: ignore[no-any-return]


@contextmanager
def everything(reason: str) -> Iterator[None]:
    """Lift the second wall for a calculation or a lookup; the reason is for the reviewer."""
    token = _everything.set(reason)
    try:
        yield
    finally:
        _everything.reset(token)


def lifted() -> str | None:
    """Why the second wall is lifted just now; None when it stands."""
    return _everything.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as somebody: commands, jobs, tests. A request that starts inside the block is not affected."""
    token = _actor.set((actor, _request()))
    try:
        yield actor
    finally:
        _actor.reset(token)


def _request() -> object:
    return request._get_current_object() if has_request_context() else None  # type: ignore[attr-defined]


def actor_of_user(user_id: int) -> Actor:
    """The actor behind an account, with the posts in force today."""
    with everything("who acts"):
        return _provider["actor_of"](user_id)  # type: ignore[no-any-return]


def actor() -> Actor:
    """Whoever acts now; NOBODY when no one has signed in."""
    chosen = _actor.get()
    if chosen is not None and chosen[1] is _request():
        return chosen[0]
    if not has_request_context():
        return NOBODY
    if "actor" not in g:
        g.actor = NOBODY  # while the user itself is loaded
        from flask_login import current_user

        with everything("who acts"):
            user_id = current_user.id if current_user.is_authenticated else None
        g.actor = actor_of_user(user_id) if user_id else NOBODY
        if not user_id:
            g.pop("actor")
            return NOBODY
    return g.actor  # type: ignore[no-any-return]


def forget_actor() -> None:
    """Forget the actor of this request: after sign-in, sign-out and a change of posts."""
    if has_request_context():
        g.pop("actor", None)


def holds(resource: Resource, verb: Verb = Verb.VIEW) -> bool:
    """True when the actor has the right on some row."""
    return actor().holds(resource, verb)


# -- one row ---------------------------------------------------------------------------------------


def scope_of(model: type[Any]) -> Scope | Unscoped:
    """How the model declares that it hangs on the tree."""
    scope = getattr(model, "__scope__", None)
    if scope is None:
        raise ScopeError(f"{model.__name__} does not say how it hangs on the tree (__scope__)")
    return scope  # type: ignore[no-any-return]


def scope_or_none(row: Any) -> Scope | Unscoped | None:
    """The declared scope of a row's class, None for a table that is not ours."""
    return getattr(type(row), "__scope__", None)


def can(verb: Verb, row: Any, who: Actor | None = None) -> bool:
    """True when the actor may do `verb` to this row: the same answer as `visible` gives in SQL."""
    who = who or actor()
    scope = scope_of(type(row))
    if isinstance(scope, Unscoped) or who.is_operator:
        return True
    return bool(granting(verb, row, who))


def granting(verb: Verb, row: Any, who: Actor | None = None) -> list[PostFact]:
    """The posts of the actor that let him do `verb` to this row; none where the row hangs on nothing."""
    who = who or actor()
    scope = scope_of(type(row))
    if isinstance(scope, Unscoped):
        return []
    if scope.through:
        parent = getattr(row, scope.through)
        return [] if parent is None else granting(verb, parent, who)
    grants = who.grants(scope.resource, verb)
    return [post for post, reach in grants if _row_in(post, reach, row, scope, verb, who)]


def _row_in(post: PostFact, reach: Reach, row: Any, scope: Scope, verb: Verb, who: Actor) -> bool:
    reached = _ROW_TESTS[reach](post, row, scope, who)
    if verb is Verb.VIEW and not reached:
        reached = _inherited(post, row, scope, reach) or _published(post, row, scope, reach)
    return reached


def _under(row: Any, level: str, unit_id: int | None) -> bool:
    return unit_id is not None and getattr(row, f"{level}_id") == unit_id


def _row_own(post: PostFact, row: Any, scope: Scope, who: Actor) -> bool:
    if scope.owner is None:
        return bool(row.unit_id == post.unit_id)
    owner = getattr(row, scope.owner)
    if owner is not None and owner == post.stands_in_for_id and scope.passes_on and row.unit_id == post.unit_id:
        return True
    return owner is not None and owner == who.person_id


def _is_published(row: Any, scope: Scope) -> bool:
    return scope.published is not None and bool(getattr(row, scope.published))


def _published(post: PostFact, row: Any, scope: Scope, reach: Reach) -> bool:
    if reach is Reach.VILLAGE_PUBLISHED or not _is_published(row, scope):
        return False
    return getattr(row, scope.published_under) in post.ancestors.values()


def _inherited(post: PostFact, row: Any, scope: Scope, reach: Reach) -> bool:
    return scope.inherited and reach is not Reach.PUBLISHED and row.unit_id in post.ancestors.values()


_ROW_TESTS: dict[Reach, Callable[[PostFact, Any, Scope, Actor], bool]] = {
    Reach.ALL: lambda post, row, scope, who: True,
    Reach.SUBTREE: lambda post, row, scope, who: _under(row, post.level, post.unit_id),
    Reach.VILLAGE: lambda post, row, scope, who: _under(row, "village", post.ancestors.get("village")),
    Reach.VILLAGE_PUBLISHED: lambda post, row, scope, who: (
        _is_published(row, scope) and _under(row, "village", post.ancestors.get("village"))
    ),
    Reach.UNIT: lambda post, row, scope, who: bool(row.unit_id == post.unit_id),
    Reach.OWN: _row_own,
    Reach.PUBLISHED: lambda post, row, scope, who: False,
}


def reaches_all(verb: Verb, scope: Scope, rows: Iterable[Any], who: Actor | None = None) -> bool:
    """True when the actor may do `verb` (not view) to each of these rows of one scope; his posts are looked up once."""
    who = who or actor()
    grants = who.grants(scope.resource, verb)
    if who.is_operator or any(reach is Reach.ALL for _post, reach in grants):
        return True
    tests = [(_ROW_TESTS[reach], post) for post, reach in grants]
    return all(any(test(post, row, scope, who) for test, post in tests) for row in rows)


def require(verb: Verb, row: Any, who: Actor | None = None) -> None:
    """Raise NotAllowed unless the actor may do `verb` to this row (hidden when he may not even see it)."""
    scope = scope_of(type(row))
    if not can(verb, row, who):
        resource = scope.resource if isinstance(scope, Scope) else type(row).__name__
        raise NotAllowed(resource, verb, hidden=not can(Verb.VIEW, row, who))
    if isinstance(scope, Scope):
        _note_asked(scope.resource, verb, granting(verb, row, who), who or actor())


def can_at(verb: Verb, resource: Resource, unit: Any, who: Actor | None = None) -> bool:
    """True when the actor may do `verb` on `resource` at a unit: for rows that do not exist yet."""
    who = who or actor()
    return who.is_operator or bool(_granting_at(verb, resource, unit, who))


def _granting_at(verb: Verb, resource: Resource, unit: Any, who: Actor) -> list[PostFact]:
    probe, row = Scope(resource), _UnitRow(unit)
    return [post for post, reach in who.grants(resource, verb) if _ROW_TESTS[reach](post, row, probe, who)]


def require_at(verb: Verb, resource: Resource, unit: Any, who: Actor | None = None) -> None:
    """Raise NotAllowed unless `can_at` (hidden when the actor may not even see the unit)."""
    if not can_at(verb, resource, unit, who):
        raise NotAllowed(resource, verb, hidden=not can(Verb.VIEW, unit, who))
    who = who or actor()
    _note_asked(resource, verb, _granting_at(verb, resource, unit, who), who)


def where_at(verb: Verb, resource: Resource, units: Collection[Any], who: Actor | None = None) -> set[int]:
    """The ids of the units at which the actor may do `verb` on `resource`: `can_at` for many, his posts looked up once.

    Shape:  each unit as a row of columns: `id`, `unit_id` (the same) and the ancestor of each level.
    """
    who = who or actor()
    if who.is_operator:
        return {unit.id for unit in units}
    probe, grants = Scope(resource), who.grants(resource, verb)
    tests = [(_ROW_TESTS[reach], post) for post, reach in grants]
    found = {unit.id for unit in units if any(test(post, unit, probe, who) for test, post in tests)}
    if found:
        _note_asked(resource, verb, [post for post, _reach in grants], who)
    return found


def stands_in(who: Actor | None = None) -> bool:
    """True when the actor stands in for somebody in one of his posts."""
    return any(post.stands_in_for_id is not None for post in (who or actor()).posts)


class _UnitRow:
    """A unit seen as a row that would hang on it."""

    def __init__(self, unit: Any) -> None:
        self.unit_id = unit.id
        for level in LEVELS:
            setattr(self, f"{level}_id", getattr(unit, f"{level}_id"))


# -- for whom ----------------------------------------------------------------------------------------


def _note_asked(resource: Resource, verb: Verb, posts: Collection[PostFact], who: Actor) -> None:
    """Keep under which post the actor was last allowed to write: what is written next is written for its holder."""
    if verb in WRITING and not who.is_operator:
        who.asked.pop(resource, None)  # the last act stands last
        who.asked[resource] = (verb, _acting_alone(posts))


def _acting_alone(posts: Collection[PostFact]) -> PostFact | None:
    """The acting post when only acting posts give a right; a post of one's own comes first."""
    return next(iter(posts)) if posts and all(post.stands_in_for_id is not None for post in posts) else None


def stands_in_by(row: Any, verb: Verb | None = None, who: Actor | None = None) -> PostFact | None:
    """The acting post by which alone the actor may do `verb` to this row; None when a post of his own lets him.

    Without a verb the one he was last allowed to do on that resource counts, and for a row he reaches by no right of
    his (a consequence of the act, an account, a setting) the last act of all.
    """
    who = who or actor()
    scope = scope_or_none(row)
    last = next(reversed(who.asked.values()), (None, None))[1]
    if not isinstance(scope, Scope):
        return last or _acting_alone(who.posts)
    asked = verb or who.asked.get(scope.resource, (None, None))[0]
    posts = granting(asked, row, who) if asked else [p for v in WRITING for p in granting(v, row, who)]
    return _acting_alone(posts) if posts else last


def on_behalf_of(row: Any, verb: Verb | None = None, who: Actor | None = None) -> str | None:
    """The name of the person the actor stands in for when he does `verb` to this row (see `stands_in_by`), else None."""
    post = stands_in_by(row, verb, who)
    return post.stands_in_for if post else None


# -- many rows -------------------------------------------------------------------------------------


def where(model: type[Any], verb: Verb = Verb.VIEW, who: Actor | None = None) -> ColumnElement[bool]:
    """The SQL condition for the rows of `model` to which the actor may do `verb`."""
    who = who or actor()
    scope = scope_of(model)
    if isinstance(scope, Unscoped) or who.is_operator:
        return true()
    if scope.through:
        relation = getattr(model, scope.through)
        return relation.has(where(relation.property.mapper.class_, verb, who))  # type: ignore[no-any-return]
    clauses = [_sql(post, reach, model, scope, verb, who) for post, reach in who.grants(scope.resource, verb)]
    return or_(*clauses) if clauses else false()


def _sql(post: PostFact, reach: Reach, model: type[Any], scope: Scope, verb: Verb, who: Actor) -> ColumnElement[bool]:
    clauses = [_SQL_TESTS[reach](post, model, scope, who)]
    if verb is Verb.VIEW:
        above = sorted(post.ancestors.values())
        if scope.inherited and reach is not Reach.PUBLISHED:
            clauses.append(model.unit_id.in_(above))
        if scope.published and reach is not Reach.VILLAGE_PUBLISHED:
            clauses.append(
                and_(getattr(model, scope.published).is_(True), getattr(model, scope.published_under).in_(above))
            )
    return or_(*clauses)


def _sql_under(model: type[Any], level: str, unit_id: int | None) -> ColumnElement[bool]:
    return false() if unit_id is None else getattr(model, f"{level}_id") == unit_id


def _sql_own(post: PostFact, model: type[Any], scope: Scope, who: Actor) -> ColumnElement[bool]:
    if scope.owner is None:
        return model.unit_id == post.unit_id  # type: ignore[no-any-return]
    owner = getattr(model, scope.owner)
    own = false() if who.person_id is None else owner == who.person_id
    if scope.passes_on and post.stands_in_for_id is not None:
        return or_(own, and_(owner == post.stands_in_for_id, model.unit_id == post.unit_id))
    return own  # type: ignore[no-any-return]


def _sql_village_published(post: PostFact, model: type[Any], scope: Scope, who: Actor) -> ColumnElement[bool]:
    if scope.published is None:
        return false()
    return and_(getattr(model, scope.published).is_(True), _sql_under(model, "village", post.ancestors.get("village")))


_SQL_TESTS: dict[Reach, Callable[[PostFact, type[Any], Scope, Actor], ColumnElement[bool]]] = {
    Reach.ALL: lambda post, model, scope, who: true(),
    Reach.SUBTREE: lambda post, model, scope, who: _sql_under(model, post.level, post.unit_id),
    Reach.VILLAGE: lambda post, model, scope, who: _sql_under(model, "village", post.ancestors.get("village")),
    Reach.VILLAGE_PUBLISHED: _sql_village_published,
    Reach.UNIT: lambda post, model, scope, who: model.unit_id == post.unit_id,
    Reach.OWN: _sql_own,
    Reach.PUBLISHED: lambda post, model, scope, who: false(),
}


def visible(statement: Select[Any], model: type[Any], verb: Verb = Verb.VIEW) -> Select[Any]:
    """The statement limited to the rows to which the actor may do `verb`."""
    return statement.where(where(model, verb))


def find(model: type[Any], row_id: Any, verb: Verb = Verb.VIEW) -> Any:
    """The row with this id, if the actor may do `verb` to it; NotAllowed (hidden) otherwise, as for one that is not there."""
    key = str(row_id)  # an address gives text, a form may give nothing
    row = None
    if key.isdecimal() and len(key) < 19:
        row = db.session.scalars(visible(select(model).where(model.id == int(key)), model)).one_or_none()
    if row is None:
        scope = scope_of(model)
        raise NotAllowed(getattr(scope, "resource", model.__name__), verb, hidden=True)
    require(verb, row)
    return row
