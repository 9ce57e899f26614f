"""Who may do what, how far: roles, resources, verbs, reach, and the default rights table.

The table is data: it is loaded into the database by `flask portal sync`, changed there by the security
administrator, and read per request. Nothing here decides about a row (see app/kit/access.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Role(StrEnum):
    """The posts a person can hold. Source: the six grid roles of Caojing, then township, county and the three administrators."""

    SUPERVISOR = "supervisor"
    CHIEF_GRID_LEADER = "chief_grid_leader"
    GRID_INSTRUCTOR = "grid_instructor"
    SUB_GRID_LEADER = "sub_grid_leader"
    GRID_WORKER = "grid_worker"
    VOLUNTEER = "volunteer"
    SUPERVISION_COMMITTEE = "village_supervision_committee"
    EVALUATOR = "evaluator"
    TOWNSHIP_HEAD = "township_head"
    COUNTY_ADMINISTRATOR = "county_administrator"
    COUNTY_CLERK = "county_clerk"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"


GRID_ROLES = (
    Role.SUPERVISOR,
    Role.CHIEF_GRID_LEADER,
    Role.GRID_INSTRUCTOR,
    Role.SUB_GRID_LEADER,
    Role.GRID_WORKER,
    Role.VOLUNTEER,
)
THREE_ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)

POST_LEVELS: Mapping[Role, tuple[str, ...]] = {
    Role.SUPERVISOR: ("village",),
    Role.CHIEF_GRID_LEADER: ("total_grid",),
    Role.GRID_INSTRUCTOR: ("total_grid",),
    Role.SUB_GRID_LEADER: ("sub_grid",),
    Role.GRID_WORKER: ("sub_grid",),
    Role.VOLUNTEER: ("sub_grid",),
    Role.SUPERVISION_COMMITTEE: ("village",),
    Role.EVALUATOR: ("township", "county"),
    Role.TOWNSHIP_HEAD: ("township",),
    Role.COUNTY_ADMINISTRATOR: ("county", "prefecture"),
    Role.COUNTY_CLERK: ("county", "prefecture"),
    Role.SYSTEM_ADMINISTRATOR: ("county", "prefecture"),
    Role.SECURITY_ADMINISTRATOR: ("county", "prefecture"),
    Role.AUDIT_ADMINISTRATOR: ("county", "prefecture"),
}
"""The levels of the org tree at which a post of a role may stand."""


class Resource(StrEnum):
    """The kinds of things a right is about."""

    UNITS = "units"
    LISTS = "lists"
    PROCEDURES = "procedures"
    SYSTEMS = "systems"
    PERSONS = "persons"
    POSTS = "posts"
    DUTIES = "duties"
    LEADS = "leads"
    PROCEDURE_RUNS = "procedure_runs"
    SCORES = "scores"
    RANKINGS = "rankings"
    PAY = "pay"
    FORMS = "forms"
    RECORDS = "records"
    SCHEMES = "schemes"
    RULES = "rules"
    ACCOUNTS = "accounts"
    SETTINGS = "settings"
    RIGHTS = "rights"
    AUDIT = "audit"


class Verb(StrEnum):
    """What can be done; letters as in the rights table of the handbook."""

    VIEW = "view"
    EDIT = "edit"
    SUBMIT = "submit"
    CONFIRM = "confirm"
    APPROVE = "approve"
    PUBLISH = "publish"
    IMPORT = "import"
    EXPORT = "export"
    UNMASK = "unmask"
    COMMENT = "comment"
    URGE = "urge"
    OBJECT = "object"
    SELF_SCORE = "self_score"
    APPEAL = "appeal"


class Reach(StrEnum):
    """How far a right goes, measured from the unit of the post that gives it."""

    ALL = "all"
    SUBTREE = "subtree"
    VILLAGE = "village"
    VILLAGE_PUBLISHED = "village_published"  # the own village, and only what is published
    UNIT = "unit"
    OWN = "own"
    PUBLISHED = "published"
    NONE = "none"


_LETTERS = {
    "v": Verb.VIEW,
    "e": Verb.EDIT,
    "s": Verb.SUBMIT,
    "c": Verb.CONFIRM,
    "a": Verb.APPROVE,
    "p": Verb.PUBLISH,
    "i": Verb.IMPORT,
    "x": Verb.EXPORT,
    "u": Verb.UNMASK,
}

# One line per role: its reach where a cell says nothing else, then `resource[,resource] = verbs`.
# A cell is letters or verb names; `@reach` after a word changes the reach of that word.
_TABLE = """
supervisor subtree
  units,lists,procedures,systems = v
  persons,posts = v
  duties = v comment urge
  records = v comment
  leads = v urge
  procedure_runs = v a
  scores = v@published
  rankings = v@published
chief_grid_leader subtree
  units,lists,procedures,systems = v
  persons,posts = v e x
  duties = v e s c x
  records = v e s c x
  leads = v e c
  procedure_runs = v e s x
  scores = v@village_published self_score@village appeal@village
  rankings = v@published
  pay = v@own
grid_instructor subtree
  units,lists,procedures,systems = v
  persons,posts = v
  duties = v e@own s@own x
  records = v e@own s@own x
  leads = v e
  procedure_runs = v e
  scores = v@published
  rankings = v@published
  pay = v@own
sub_grid_leader unit
  units,lists,procedures,systems = v
  persons,posts = v
  duties = v e s x
  records = v e s x
  leads = v e c
  procedure_runs = v
  scores = v@published
  rankings = v@published
  pay = v@own
grid_worker own
  units,lists,procedures,systems = v
  duties = v e s
  records = v e s
  leads = v e s
  rankings = v@published
  pay = v@own
volunteer own
  lists = v@published
  records = v e s
  leads = v e s
  rankings = v@published
village_supervision_committee village
  units,lists,procedures,systems = v
  duties = v
  records = v e s
  leads = v
  procedure_runs = v object
  scores = e
  rankings = v@published
evaluator subtree
  units,lists,procedures,systems = v
  persons,posts = v
  duties = v x
  records = v e s c x
  leads = v
  procedure_runs = v
  scores = v e s i x
  rankings = v e s x
  pay = v
  forms,schemes,rules = v
township_head subtree
  units,procedures,systems = v
  lists = v i
  persons,posts = v a
  duties = v p x
  records = v c a p x
  leads = v
  procedure_runs = v a x
  scores = v a p x
  rankings = v a p x
  pay = v a x
  forms,schemes,rules = v
county_administrator subtree
  units,lists,procedures,systems = v e a p i x
  persons,posts = v e a i x u
  duties = v p i x
  records = v e s c a p i x
  leads = v x
  procedure_runs = v e x
  scores = v a p i x
  rankings = v e a p x
  pay = v e a p i x
  forms,schemes,rules = v e a p i x
county_clerk subtree
  units,lists,procedures,systems = v i x
  persons,posts = v i x
  duties = v i x
  records = v e s i x
  scores = v i x
  rankings = v x
  pay = v i x
  forms,schemes,rules = v
system_administrator all
  units = v
  posts = v e
  accounts,settings = v e
security_administrator all
  rights = v e
  accounts = v
audit_administrator all
  audit = v x
"""

Grant = tuple[str, Resource, Verb]
"""A cell of the table; the first part is a role of the release or the code of a copied one."""


def _words(cell: str) -> Iterator[tuple[Verb, Reach | None]]:
    for word in cell.split():
        name, _, reach = word.partition("@")
        yield _LETTERS.get(name) or Verb(name), Reach(reach) if reach else None


def _parse(table: str) -> dict[Grant, Reach]:
    grants: dict[Grant, Reach] = {}
    role, usual = Role.SUPERVISOR, Reach.NONE
    for line in filter(str.strip, table.splitlines()):
        if not line.startswith(" "):
            name, wide = line.split()
            role, usual = Role(name), Reach(wide)
            continue
        resources, cell = line.split("=")
        for resource in resources.strip().split(","):
            for verb, reach in _words(cell):
                grants[role, Resource(resource.strip()), verb] = reach or usual
    return grants


DEFAULT_RIGHTS: Mapping[Grant, Reach] = _parse(_TABLE)
"""(role, resource, verb) -> reach; what is absent is NONE. Source: decisions §3."""


def exclusive_with(role: Role) -> frozenset[Role]:
    """The roles nobody may hold beside `role`: the three administrators exclude each other and all business posts."""
    if role in THREE_ADMINISTRATORS:
        return frozenset(Role) - {role}
    return frozenset(THREE_ADMINISTRATORS)
