"""Names of codes in the reader's language: roles, levels and kinds out of seed/reference, rights out of the catalogue."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from app.domain.periods import Period, PeriodKind
from app.domain.rights import Reach, Resource, Verb
from app.kit import roles as kit_roles
from app.kit import seed
from app.kit.i18n import _, _l, chosen

_TITLES = ("name_zh", "name_en", "name_ko")
_records: dict[str, Any] = {}


@functools.cache
def _reference(name: str) -> Mapping[str, Mapping[str, Any]]:
    return {entry["code"]: entry for entry in seed.read(f"reference/{name}.yaml")}


def _name(kind: str, code: str | None) -> str:
    entry = _reference(kind).get(code or "")
    return code or "" if entry is None else chosen({key: entry.get(f"name_{key}") or "" for key in ("zh", "en", "ko")})


def role(code: str | None) -> str:
    """The name of a role, e.g. 总网格长; a copied one has a name of its own."""
    if code and code not in _reference("roles") and (copy := kit_roles.copied().get(code)):
        return chosen(copy.title)
    return _name("roles", code)


def level(code: str | None) -> str:
    """The name of a level of the tree, e.g. 村（居）."""
    return _name("levels", code)


def volunteer_kind(code: str | None) -> str:
    """Who a volunteer is, e.g. 在职党员."""
    return _name("volunteer_kinds", code)


def volunteer_kind_code(word: str | None) -> str | None:
    """The code of a kind of volunteer out of its code or its Chinese name as workbooks write it; the word when unknown."""
    kinds = _reference("volunteer_kinds")
    return next((code for code, entry in kinds.items() if word in (code, entry["name_zh"])), word)


def volunteer_kind_word(code: str | None) -> str:
    """The Chinese name of a kind of volunteer, as workbooks write it."""
    return str(_reference("volunteer_kinds").get(code or "", {}).get("name_zh", code or ""))


def roles() -> dict[str, str]:
    """Every role with its name, in the order of rank."""
    return {code: role(code) for code in kit_roles.known()}


def role_titles() -> list[tuple[str, str]]:
    """Every role with each of its names, one for each language, as (code, name)."""
    released = [(code, str(entry[key])) for code, entry in _reference("roles").items() for key in _TITLES if entry[key]]
    copies = kit_roles.copied().items()
    return [*released, *((code, words) for code, copy in copies for words in copy.title.values())]


def levels() -> dict[str, str]:
    """Every level with its name, from the top."""
    return {code: level(code) for code in _reference("levels")}


def volunteer_kinds() -> dict[str, str]:
    """Every kind of volunteer with its name."""
    return {code: volunteer_kind(code) for code in _reference("volunteer_kinds")}


RESOURCES = {
    Resource.UNITS: _l("Units"),
    Resource.LISTS: _l("Lists"),
    Resource.PROCEDURES: _l("Procedures"),
    Resource.SYSTEMS: _l("Systems"),
    Resource.PERSONS: _l("Persons"),
    Resource.POSTS: _l("Posts"),
    Resource.DUTIES: _l("Duties and logs"),
    Resource.LEADS: _l("Leads"),
    Resource.PROCEDURE_RUNS: _l("Procedure runs"),
    Resource.SCORES: _l("Scores and deductions"),
    Resource.RANKINGS: _l("Rankings"),
    Resource.PAY: _l("Wages and awards"),
    Resource.FORMS: _l("Forms"),
    Resource.RECORDS: _l("Records on forms"),
    Resource.SCHEMES: _l("Assessment schemes"),
    Resource.RULES: _l("Rules"),
    Resource.ACCOUNTS: _l("Accounts"),
    Resource.SETTINGS: _l("Settings"),
    Resource.RIGHTS: _l("Rights"),
    Resource.AUDIT: _l("Audit trail"),
}
VERBS = {
    Verb.VIEW: _l("view"),
    Verb.EDIT: _l("create and edit"),
    Verb.SUBMIT: _l("submit"),
    Verb.CONFIRM: _l("confirm or return"),
    Verb.APPROVE: _l("approve"),
    Verb.PUBLISH: _l("publish or lock"),
    Verb.IMPORT: _l("import"),
    Verb.EXPORT: _l("export and print"),
    Verb.UNMASK: _l("see whole numbers"),
    Verb.COMMENT: _l("comment"),
    Verb.URGE: _l("urge"),
    Verb.OBJECT: _l("object"),
    Verb.SELF_SCORE: _l("score oneself"),
    Verb.APPEAL: _l("appeal"),
}
REACHES = {
    Reach.ALL: _l("everywhere"),
    Reach.SUBTREE: _l("the unit and all below it"),
    Reach.VILLAGE: _l("the whole village"),
    Reach.VILLAGE_PUBLISHED: _l("the village, once published"),
    Reach.UNIT: _l("the unit alone"),
    Reach.OWN: _l("one's own"),
    Reach.PUBLISHED: _l("published results"),
    Reach.NONE: _l("nothing"),
}


def register_records(words: Mapping[str, Any]) -> None:
    """Say what the rows of tables are called: {table: lazy translation}."""
    _records.update(words)


def record(table: str) -> str:
    """What a row of a table is called, e.g. 任务."""
    return str(_records.get(table, table))


def resource(code: str) -> str:
    """The name of a kind of thing a right is about."""
    return str(RESOURCES.get(Resource(code), code)) if code in set(Resource) else code


def verb(code: str) -> str:
    """What can be done, in words."""
    return str(VERBS.get(Verb(code), code)) if code in set(Verb) else code


def reach(code: str) -> str:
    """How far a right goes, in words."""
    return str(REACHES.get(Reach(code), code)) if code in set(Reach) else code


_NODES = {
    "Attribute": _l("a dot, except for a column of rows within a function such as sum"),
    "BinOp": _l("a sign of calculation other than + - * /"),
    "Call": _l("a function that is not among those offered"),
    "Compare": _l("a comparison other than < <= > >= == !="),
    "Constant": _l("a value that is no text, number or yes or no"),
    "Dict": _l("a list of values"),
    "JoinedStr": _l("a text with values in it"),
    "List": _l("a list of values"),
    "Name": _l("min or max without brackets"),
    "Set": _l("a list of values"),
    "Starred": _l("a star before a name"),
    "Subscript": _l("square brackets"),
    "Tuple": _l("a list of values"),
    "UnaryOp": _l("a sign of calculation other than + - * /"),
}


def formula_part(node: str) -> str:
    """A part that formulas cannot have, by its name in the grammar, e.g. a function that is not among those offered."""
    return str(_NODES.get(node, _l("anything but fields, values, comparisons and calculations")))


_IN_WORDS = {
    "node": formula_part,
    "role": role,
    "level": level,
    "parent_level": level,
    "resource": resource,
    "verb": verb,
    "reach": reach,
    "sees": reach,
}


def in_words(params: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a problem with codes of roles, levels, resources and verbs as their names."""
    return {
        name: _IN_WORDS[name](str(value)) if name in _IN_WORDS and value is not None else value
        for name, value in params.items()
    }


def period_name(period: str) -> str:
    """A period as people say it: 2026年10月."""
    parsed = Period.parse(period)
    if parsed.kind is PeriodKind.MONTH:
        return _("%(month)s/%(year)s", year=parsed.year, month=parsed.number)
    if parsed.kind is PeriodKind.YEAR:
        return _("Year %(year)s", year=parsed.year)
    if parsed.kind is PeriodKind.QUARTER:
        return _("Quarter %(number)s of %(year)s", year=parsed.year, number=parsed.number)
    return (
        _("First half of %(year)s", year=parsed.year)
        if parsed.number == 1
        else _("Second half of %(year)s", year=parsed.year)
    )
