"""What the forms of reports ask: which questions are the same, what two forms ask in common, and one form out of two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.formspec import Field, FieldType, FormSpec, Section


def asked_fields(spec: FormSpec) -> tuple[Field, ...]:
    """The fields somebody has to fill in: columns of repeating rows one by one; not what is computed or filled in by itself."""
    single = (part for field in spec.fields() for part in (field.columns or (field,)))
    return tuple(field for field in single if not field.computed and not field.known)


_BRACKETS = re.compile(r"[（(\[【〔].*?[)）\]】〕]")
_SIGNS = re.compile(r"[\W_]+")
_MACHINE_CODE = re.compile(r"(field|f|q|column|c|new)_?[0-9]+", re.IGNORECASE)


def normalised(label: str) -> str:
    """A label without brackets, signs and blanks, so that 走访户数（户） and 走访 户数 are the same.

    Example:
        >>> normalised("走访 户数（户）：")
        '走访户数'
    """
    return _SIGNS.sub("", _BRACKETS.sub("", label)).lower() or _SIGNS.sub("", label).lower()


def same_question(one: Field, other: Field) -> bool:
    """Whether two fields ask for the same: the same words, the same thing the portal knows, or the same code somebody gave."""
    if one.known and one.known == other.known:
        return True
    if normalised(one.label.zh) == normalised(other.label.zh):
        return True
    return one.code == other.code and not _MACHINE_CODE.fullmatch(one.code) and one.type == other.type


@dataclass(frozen=True)
class Overlap:
    """One question of one or both of two forms; `second` is None where only the first asks it, and the other way round."""

    first: Field | None
    second: Field | None


def overlap(one: FormSpec, other: FormSpec) -> tuple[Overlap, ...]:
    """Field by field what two forms ask: first those of `one`, each with its counterpart, then what only `other` asks."""
    left = list(other.fields())
    pairs = []
    for field in one.fields():
        twin = next((candidate for candidate in left if _may_stand_for(field, candidate)), None)
        if twin is not None:
            left.remove(twin)
        pairs.append(Overlap(field, twin))
    return (*pairs, *(Overlap(None, field) for field in left))


def _may_stand_for(field: Field, other: Field) -> bool:
    """One field is kept for both when it is called the same, its answers are of the same kind, and come the same way."""
    alike = (field.type, field.columns, bool(field.computed)) == (other.type, other.columns, bool(other.computed))
    named = normalised(field.label.zh) == normalised(other.label.zh)
    return alike and (named or bool(field.known and field.known == other.known))


# -- merging two forms -----------------------------------------------------------------------------


def union(one: FormSpec, other: FormSpec, *, code: str, title: str) -> FormSpec:
    """One form that asks everything two forms ask, each question once.

    Shape:  sections and fields of `one` as they are; behind them the sections of `other` with what `one` does not ask.
            Codes that would stand twice are written anew, and formulas follow; a rule whose words or fields are those of a
            rule of `one` is left out.
    """
    kept = {pair.second.code: pair.first.code for pair in overlap(one, other) if pair.first and pair.second}
    names = {**kept, **_fresh_codes(one, other, kept)}
    taken = {section.code for section in one.sections}
    sections = [_rest_of(section, kept, names, taken) for section in other.sections]
    rules = [replace(rule, check=_renamed(rule.check, names), at=names.get(rule.at, rule.at)) for rule in other.rules]
    checks = {rule.check for rule in one.rules}
    return FormSpec(
        code=code,
        version=1,
        title=replace(one.title, zh=title, en="", ko=""),
        sections=(*one.sections, *(section for section in sections if section.fields)),
        rules=(*one.rules, *(rule for rule in rules if rule.check not in checks)),
    )


def _fresh_codes(one: FormSpec, other: FormSpec, kept: Mapping[str, str]) -> dict[str, str]:
    taken = {field.code for section in (*one.sections, *other.sections) for field in section.fields}
    own = {field.code for section in one.sections for field in section.fields}
    fresh: dict[str, str] = {}
    for field in (field for section in other.sections for field in section.fields):
        if field.code in own and field.code not in kept:
            fresh[field.code] = _next_code(field.code, taken)
            taken.add(fresh[field.code])
    return fresh


def _next_code(code: str, taken: set[str]) -> str:
    number = 2
    while f"{code[:45]}_{number}" in taken:
        number += 1
    return f"{code[:45]}_{number}"


def _rest_of(section: Section, kept: Mapping[str, str], names: Mapping[str, str], taken: set[str]) -> Section:
    fields = [
        replace(
            field,
            code=names.get(field.code, field.code),
            condition=_renamed(field.condition, names),
            computed=_renamed(field.computed, names),
        )
        for field in section.fields
        if field.code not in kept
    ]
    asks = any(field.type is not FieldType.HEADING for field in fields)
    code = _next_code(section.code, taken) if section.code in taken else section.code
    taken.add(code)
    return replace(section, code=code, fields=tuple(fields) if asks else ())


_WORDS = re.compile(r"""'[^']*'|"[^"]*"|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?""")


def _renamed(formula: str, names: Mapping[str, str]) -> str:
    """A formula whose fields are called by their new codes; quoted words and columns stay."""

    def name(found: re.Match[str]) -> str:
        word = found[0]
        if word[0] in "'\"":
            return word
        head, dot, column = word.partition(".")
        return names.get(head, head) + dot + column

    return _WORDS.sub(name, formula) if formula else ""
