"""Checking what was answered: kinds, limits, conditions, computed fields and the rules between fields.

An empty answer stays empty (None) and is never 0; `NA` is the answer "does not apply".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor

from app.domain.errors import Problem, RuleBroken
from app.domain.expressions import Formula, Pair, Value, compiled, two_compared
from app.domain.formspec.spec import NOT_APPLICABLE, NUMBERS, Field, FieldType, FormSpec, Rule

Answers = dict[str, object]

_HALF_WIDTH = str.maketrans("０１２３４５６７８９．，＋－／：　", "0123456789.,+-/: ")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{1,10})?")
_DATE = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")
_YES, _NO = {"true", "1", "yes", "on", "y", "是", "√"}, {"false", "0", "no", "off", "n", "否", "×"}
_BEYOND = 10**18
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class _Refused(Exception):
    """One answer cannot be taken; carries the code and the values of its problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def check_answers(
    spec: FormSpec, answers: Mapping[str, object], *, draft: bool = False
) -> tuple[Answers, list[Problem]]:
    """The answers as clean values, and everything that is wrong with them.

    Shape:  clean has every field of the form: int, Decimal, str, date, bool, None (empty) or "NA"; an answer that
            was refused is None. Checking clean answers again changes nothing. A draft may leave required fields
            empty and is not held to the rules between fields.
    Errors: (returned) answer.required, answer.not_a_number, answer.not_whole, answer.below_min, answer.above_max,
            answer.too_long, answer.bad_text, answer.bad_date, answer.bad_choice, answer.bad_flag, answer.bad_reference,
            answer.unknown_field, expression.*, and the codes of the rules.
    """
    return Checker(spec).check(answers, draft=draft)


class Checker:
    """The checks of one form made ready once, for a whole column of answers; `check` is as `check_answers`."""

    def __init__(self, spec: FormSpec) -> None:
        fields = spec.fields()
        self.fields = [(field, field.code, _whole_limits(field), _may_be_left_out(field)) for field in fields]
        self.rules = [(rule, *compiled(rule.check), two_compared(rule.check)) for rule in spec.rules]
        self.known = frozenset(field.code for field in fields)

    def check(self, answers: Mapping[str, object], *, draft: bool = False) -> tuple[Answers, list[Problem]]:
        """The answers as clean values, and everything that is wrong with them."""
        problems: list[Problem] = []
        if not self.known.issuperset(answers):
            problems = [Problem("answer.unknown_field", str(key)) for key in answers if key not in self.known]
        clean: Answers = {}
        for field, code, whole, may_be_left_out in self.fields:
            raw = answers.get(code)
            if (type(raw) is int and raw in whole) or (raw is None and may_be_left_out):
                clean[code] = raw  # most cells of a workbook, without the way through text
                continue
            try:
                clean[code] = _answered(field, raw, clean, draft)
            except _Refused as refused:
                clean[code] = None
                problems.append(Problem(refused.code, code, refused.params))
            except RuleBroken as broken_formula:
                clean[code] = None
                problems += [Problem(p.code, code, p.params) for p in broken_formula.problems]
        if not draft:
            problems += _broken_rules(self.rules, clean)
        return clean, problems


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
    """What to fill in beforehand: the last answers of the fields that ask for them."""
    return {f.code: last[f.code] for f in spec.fields() if f.offers_last and last.get(f.code) is not None}


def answers_as_data(answers: Mapping[str, object]) -> dict[str, object]:
    """Clean answers as values JSON can hold, which `check_answers` reads back to the same answers."""
    return {
        code: value if type(value) is int or type(value) is str else _as_data(value) for code, value in answers.items()
    }


def _as_data(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _answered(field: Field, raw: object, clean: Answers, draft: bool) -> object:
    """The clean answer to one field, given the answers before it."""
    if field.condition and _formula(field.condition, clean) is not True:
        return None
    if field.computed:
        return _computed(field, clean)
    value = _typed(field, raw)
    if value is None and field.required and not draft:
        raise _Refused("answer.required")
    return value


def _formula(text: str, clean: Answers) -> Value:
    names, formula = compiled(text)
    return formula({name: _as_value(clean[name]) for name in names if name in clean})


def _as_value(answer: object) -> Value:
    if answer == NOT_APPLICABLE:
        return None
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Decimal(answer)
    return answer  # type: ignore[return-value]


def _computed(field: Field, clean: Answers) -> object:
    result = _formula(field.computed, clean)
    if result is None:
        return None
    if not isinstance(result, Decimal):
        raise _Refused("answer.not_a_number")
    return _within(field, _cut(field, result))


def _cut(field: Field, number: Decimal) -> Decimal | int:
    places = 0 if field.type is FieldType.INTEGER else field.places
    try:
        cut = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    except ArithmeticError as error:
        raise _Refused("answer.not_a_number") from error
    return int(cut) if field.type is FieldType.INTEGER else cut


def _broken_rules(rules: Sequence[tuple[Rule, frozenset[str], Formula, Pair | None]], clean: Answers) -> list[Problem]:
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


def _typed(field: Field, raw: object) -> object:
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or raw == "":
        return None
    if field.na_allowed and isinstance(raw, str) and raw in (NOT_APPLICABLE, "/", "／"):
        return NOT_APPLICABLE
    return _READERS[field.type](field, raw)


def _number(field: Field, raw: object) -> Decimal | int:
    text = raw.translate(_HALF_WIDTH).replace(" ", "") if isinstance(raw, str) else _as_text(raw)
    if not _NUMBER.fullmatch(text):
        raise _Refused("answer.not_a_number", value=text[:30])
    number = Decimal(text.replace(",", ""))
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        raise _Refused("answer.not_whole", value=text)
    return _within(field, _cut(field, number))


def _as_text(raw: object) -> str:
    """A number as plain digits; anything else as a text no number looks like."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return "?"
    number = Decimal(str(raw)) if not isinstance(raw, int) or abs(raw) < 10**18 else Decimal("NaN")
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 19 else "?"


def _within(field: Field, number: Decimal | int) -> Decimal | int:
    if field.min is not None and number < field.min:
        raise _Refused("answer.below_min", min=field.min, value=number)
    if field.max is not None and number > field.max:
        raise _Refused("answer.above_max", max=field.max, value=number)
    return number


def _text(field: Field, raw: object) -> str:
    if not isinstance(raw, str):
        raw = _as_data(raw) if isinstance(raw, int | Decimal | date) and not isinstance(raw, bool) else None
    if raw is None or _UNSTORABLE.search(str(raw)):
        raise _Refused("answer.bad_text")
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > field.length_limit:
        raise _Refused("answer.too_long", limit=field.length_limit, length=len(text))
    return text


def _date(_field: Field, raw: object) -> date:
    if isinstance(raw, date):
        return raw.date() if isinstance(raw, datetime) else raw
    found = _DATE.fullmatch(raw.translate(_HALF_WIDTH)) if isinstance(raw, str) else None
    if found is None:
        raise _Refused("answer.bad_date", value=str(raw)[:30])
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise _Refused("answer.bad_date", value=str(raw)[:30]) from error


def _choice(field: Field, raw: object) -> str:
    for choice in field.choices:
        if raw == choice.code or (isinstance(raw, str) and raw == choice.label.zh):
            return choice.code
    raise _Refused("answer.bad_choice", value=str(raw)[:30])


def _flag(_field: Field, raw: object) -> bool:
    text = str(raw).lower()
    if text not in _YES | _NO:
        raise _Refused("answer.bad_flag", value=text[:30])
    return text in _YES


def _reference(_field: Field, raw: object) -> int | str:
    """The key of a unit or person: a positive number, or a code. Whether it exists is asked elsewhere."""
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 19:
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**63:
        return raw
    if isinstance(raw, str) and len(raw) <= 50 and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", raw):
        return raw
    raise _Refused("answer.bad_reference", value=str(raw)[:30])


_READERS: dict[FieldType, Callable[[Field, object], object]] = {
    **dict.fromkeys(NUMBERS, _number),
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _flag,
    FieldType.UNIT_REF: _reference,
    FieldType.PERSON_REF: _reference,
}
