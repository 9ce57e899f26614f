"""Checking what was answered: kinds, limits, conditions, computed fields and the rules between fields.

An empty answer stays empty (None) and is never 0; `NA` is the answer "does not apply".
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import ceil, floor

from app.domain.errors import Problem, RuleBroken
from app.domain.expressions import Formula, Pair, Value, compiled, two_compared
from app.domain.formspec.reading import Refused, cut, typed, within
from app.domain.formspec.spec import NOT_APPLICABLE, Field, FieldType, FormSpec, Rule

Answers = dict[str, object]
Ready = tuple[Rule, frozenset[str], Formula, Pair | None]
"""A rule with the names it reads and its formula, and the two names of one that only compares them."""

_BEYOND = 10**18


def check_answers(
    spec: FormSpec, answers: Mapping[str, object], *, draft: bool = False
) -> tuple[Answers, list[Problem]]:
    """The answers as clean values, and everything that is wrong with them.

    Shape:  clean has every field of the form: int, Decimal, str, date, bool, None (empty) or "NA", a month as 2026-10,
            several choices and attachments a tuple, repeating rows a tuple of such answers; an answer that was refused
            is None. Checking clean answers again changes nothing. A draft may leave required fields empty and is not
            held to the rules between fields. A problem in a row stands at `rows[2].column`, counted from 1.
    Errors: (returned) answer.required, answer.not_a_number, answer.not_whole, answer.below_min, answer.above_max,
            answer.too_long, answer.bad_text, answer.bad_pattern, answer.bad_date, answer.bad_month, answer.bad_choice,
            answer.bad_flag, answer.bad_reference, answer.bad_attachment, answer.too_many_attachments, answer.bad_rows,
            answer.too_many_rows, answer.unknown_field, expression.*, and the codes of the rules. Those of rules that
            only warn are given by `Checker.warnings`.
    """
    return Checker(spec).check(answers, draft=draft)


class Checker:
    """The checks of one form made ready once, for a whole column of answers; `check` is as `check_answers`."""

    def __init__(self, spec: FormSpec) -> None:
        self.questions = _Questions(spec.fields())
        ready: list[Ready] = [(rule, *compiled(rule.check), two_compared(rule.check)) for rule in spec.rules]
        self.rules = [one for one in ready if not one[0].warning]
        self.warning = [one for one in ready if one[0].warning]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that take answers, in order."""
        return self.questions.fields

    def check(self, answers: Mapping[str, object], *, draft: bool = False) -> tuple[Answers, list[Problem]]:
        """The answers as clean values, and everything that is wrong with them."""
        clean, problems = self.questions.check(answers, {}, draft)
        if not draft:
            problems += _broken_rules(self.rules, clean)
        return clean, problems

    def warnings(self, clean: Mapping[str, object]) -> list[Problem]:
        """What the rules say that only warn, of clean answers."""
        return _broken_rules(self.warning, clean)


class _Questions:
    """The fields of a form, or the columns of its repeating rows, with what is needed to check each."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.fields = fields
        self.known = frozenset(field.code for field in fields)
        self.plan = [(field, field.code, _whole_limits(field), _may_be_left_out(field)) for field in fields]
        self.rows = {field.code: _Questions(field.columns) for field in fields if field.type is FieldType.ROWS}

    def check(
        self, answers: Mapping[str, object], outer: Mapping[str, object], draft: bool
    ) -> tuple[Answers, list[Problem]]:
        problems: list[Problem] = []
        if not self.known.issuperset(answers):
            problems = [Problem("answer.unknown_field", str(key)) for key in answers if key not in self.known]
        clean: Answers = {}
        seen = ChainMap(clean, outer) if outer else clean  # type: ignore[arg-type]
        for field, code, whole, may_be_left_out in self.plan:
            raw = answers.get(code)
            if (type(raw) is int and raw in whole) or (raw is None and may_be_left_out):
                clean[code] = raw  # most cells of a workbook, without the way through text
                continue
            try:
                clean[code] = self._answered(field, raw, seen, draft, problems)
            except Refused as refused:
                clean[code] = None
                problems.append(Problem(refused.code, code, refused.params))
            except RuleBroken as broken_formula:
                clean[code] = None
                problems += [Problem(p.code, code, p.params) for p in broken_formula.problems]
        return clean, problems

    def _answered(
        self, field: Field, raw: object, seen: Mapping[str, object], draft: bool, problems: list[Problem]
    ) -> object:
        """The clean answer to one field, given the answers before it."""
        if field.condition and _formula(field.condition, seen) is not True:
            return None
        if field.computed:
            return _computed(field, seen)
        value = self._rows(field, raw, seen, draft, problems) if field.type is FieldType.ROWS else typed(field, raw)
        if value is None and field.required and not draft:
            raise Refused("answer.required")
        return value

    def _rows(
        self, field: Field, raw: object, seen: Mapping[str, object], draft: bool, problems: list[Problem]
    ) -> tuple[Answers, ...] | None:
        """The rows that say something, each with every column; what is wrong in them is added to `problems`."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) or not isinstance(raw, Sequence) or not all(isinstance(row, Mapping) for row in raw):
            raise Refused("answer.bad_rows")
        said = [row for row in raw if any(answer not in (None, "", [], ()) for answer in row.values())]
        if len(said) > field.row_limit:
            raise Refused("answer.too_many_rows", limit=field.row_limit, count=len(said))
        rows = []
        for number, row in enumerate(said, start=1):
            clean, found = self.rows[field.code].check(row, seen, draft)
            if any(answer is not None for answer in clean.values()):
                rows.append(clean)
            problems += [Problem(p.code, f"{field.code}[{number}].{p.where}", p.params) for p in found]
        return tuple(rows) or None


def _is_plain_whole(field: Field) -> bool:
    return field.type is FieldType.INTEGER and not field.condition and not field.computed


def _may_be_left_out(field: Field) -> bool:
    return not (field.required or field.condition or field.computed)


def _whole_limits(field: Field) -> range:
    """The whole numbers that are good answers as they are; none where more than the number decides."""
    if not _is_plain_whole(field):
        return range(0)
    low = ceil(field.min) if field.min is not None else 1 - _BEYOND
    return range(max(low, 1 - _BEYOND), min(floor(field.max) if field.max is not None else _BEYOND, _BEYOND - 1) + 1)


def offered_answers(spec: FormSpec, last: Mapping[str, object]) -> Answers:
    """What to fill in beforehand: the last answers of the fields that ask for them, else their defaults."""
    offered: Answers = {f.code: f.default for f in spec.fields() if f.default}
    return offered | {f.code: last[f.code] for f in spec.fields() if f.offers_last and last.get(f.code) is not None}


def answers_as_data(answers: Mapping[str, object]) -> dict[str, object]:
    """Clean answers as values JSON can hold, which `check_answers` reads back to the same answers."""
    return {
        code: value if type(value) is int or type(value) is str else _as_data(value) for code, value in answers.items()
    }


def _as_data(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [answers_as_data(part) if isinstance(part, Mapping) else part for part in value]
    return value


def _formula(text: str, seen: Mapping[str, object]) -> Value:
    names, formula = compiled(text)
    return formula({name: _as_value(seen[name]) for name in names if name in seen})


def _as_value(answer: object) -> Value:
    if answer == NOT_APPLICABLE:
        return None
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Decimal(answer)
    if isinstance(answer, tuple):
        return tuple(_row_values(part) if isinstance(part, Mapping) else part for part in answer)
    return answer  # type: ignore[return-value]


def _row_values(row: Mapping[str, object]) -> dict[str, Value]:
    return {code: _as_value(answer) for code, answer in row.items()}


def _computed(field: Field, seen: Mapping[str, object]) -> object:
    result = _formula(field.computed, seen)
    if result is None:
        return None
    if not isinstance(result, Decimal):
        raise Refused("answer.not_a_number")
    return within(field, cut(field, result))


def _broken_rules(rules: Sequence[Ready], clean: Mapping[str, object]) -> list[Problem]:
    found = []
    for rule, names, formula, pair in rules:
        if pair:
            one, compare, other = clean.get(pair[0]), pair[1], clean.get(pair[2])
            if type(one) is int and type(other) is int:  # whole numbers compare as they do as decimals
                if not compare(one, other):
                    found.append(Problem(rule.code, rule.at, {"message": rule.message}))
                continue
        try:
            if formula({name: _as_value(clean.get(name)) for name in names}) is False:
                found.append(Problem(rule.code, rule.at, {"message": rule.message}))
        except RuleBroken as refused:
            found += [Problem(p.code, rule.at, p.params) for p in refused.problems]
    return found
