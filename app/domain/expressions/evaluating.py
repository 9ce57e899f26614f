"""What a formula comes to. What is not known stays unknown.

An empty value makes arithmetic and comparison unknown (None), and `and`/`or` follow three-valued logic, because empty is
not 0. Over a column of repeating rows empty cells are passed over; the sum of no rows is 0, their average unknown.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from app.domain.errors import broken
from app.domain.expressions.parsing import MAX_DIGITS, names_in, parse_expression

Value = Decimal | str | bool | date | tuple[Any, ...] | None
"""Choices are a tuple of codes, repeating rows a tuple of mappings."""
Formula = Callable[[Mapping[str, Value]], Value]
Pair = tuple[str, Callable[..., bool], str]

_ARITHMETIC: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(tree: ast.expr, values: Mapping[str, Value]) -> Value:
    """What the formula comes to; None when something it needs is not known.

    Shape:  numbers are Decimal, comparisons bool.
    Errors: expression.division_by_zero, expression.bad_value (kinds that do not mix, or a number out of bounds).
    """
    return _guarded(_step(tree), values)


def two_compared(text: str) -> Pair | None:
    """A formula that is no more than `name <= name`: the first name, the comparison, the second name; None for any other.

    Errors: those of `parse_expression`.
    """
    tree = parse_expression(text)
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return None
    one, other = tree.left, tree.comparators[0]
    named = isinstance(one, ast.Name) and isinstance(other, ast.Name)
    return (one.id, _COMPARISONS[type(tree.ops[0])], other.id) if named else None  # type: ignore[attr-defined]


@lru_cache(maxsize=1024)
def compiled(text: str) -> tuple[frozenset[str], Formula]:
    """The names a formula reads, and the formula ready to be asked many times; as `evaluate` answers.

    Errors: those of `parse_expression`; of the formula those of `evaluate`.
    """
    tree = parse_expression(text)
    step = _step(tree)
    return names_in(tree), lambda values: _guarded(step, values)


def _guarded(step: Formula, values: Mapping[str, Value]) -> Value:
    try:
        return step(values)
    except ZeroDivisionError as error:  # decimal.DivisionByZero is one
        raise broken("expression.division_by_zero", "expression") from error
    except (ArithmeticError, TypeError) as error:
        raise broken("expression.bad_value", "expression") from error


def _step(node: ast.expr) -> Formula:
    """One node as a function of the values, its parts made ready beforehand."""
    match node:
        case ast.Constant(value=value):
            known: Value = value if isinstance(value, bool | str) else Decimal(str(value))  # type: ignore[assignment]
            return lambda values: known
        case ast.Name(id=name):
            return lambda values: values.get(name)
        case ast.BoolOp(op=op, values=parts):
            steps, is_and = [_step(part) for part in parts], isinstance(op, ast.And)
            return lambda values: _junction([_truth(step(values)) for step in steps], is_and)
        case ast.IfExp(test=test, body=body, orelse=other):
            asked, then, otherwise = _step(test), _step(body), _step(other)
            return lambda values: _either(_truth(asked(values)), then, otherwise, values)
        case ast.UnaryOp(op=sign, operand=operand):
            inner = _step(operand)
            return lambda values: _unary(sign, inner(values))
        case ast.BinOp(left=left, op=between, right=right):
            sides, arithmetic = (_step(left), _step(right)), _ARITHMETIC[type(between)]
            return lambda values: _calculated(arithmetic, [side(values) for side in sides])
        case ast.Call(func=ast.Name(id=name), args=[ast.Attribute(value=ast.Name(id=rows), attr=column)]):
            return lambda values: _over_rows(name, values.get(rows), column)
        case ast.Call(func=ast.Name(id=name), args=parts):
            steps, function = [_step(part) for part in parts], _FUNCTIONS[name]
            return lambda values: function([step(values) for step in steps])
        case ast.Compare(left=left, ops=ops, comparators=others):
            steps = [_step(part) for part in (left, *others)]
            if len(ops) == 1:
                return _between_two(steps[0], steps[1], _COMPARISONS[type(ops[0])])
            return lambda values: _compared([step(values) for step in steps], ops)
    raise TypeError(type(node).__name__)


def _truth(value: Value) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise TypeError("a condition is true, false or unknown")


def _junction(parts: list[bool | None], is_and: bool) -> bool | None:
    decisive = not is_and  # one False settles an `and`, one True an `or`
    if decisive in parts:
        return decisive
    return None if None in parts else is_and


def _either(truth: bool | None, then: Formula, otherwise: Formula, values: Mapping[str, Value]) -> Value:
    return None if truth is None else (then if truth else otherwise)(values)


def _unary(op: ast.unaryop, value: Value) -> Value:
    if isinstance(op, ast.Not):
        truth = _truth(value)
        return None if truth is None else not truth
    if value is None:
        return None
    number = _number(value)
    return -number if isinstance(op, ast.USub) else number


def _number(value: Value) -> Decimal:
    if isinstance(value, Decimal):
        return value
    raise TypeError("not a number")


def _calculated(function: Callable[..., Decimal], parts: list[Value]) -> Decimal | None:
    numbers = [_number(part) for part in parts if part is not None]
    if len(numbers) < len(parts):
        return None
    result = function(*numbers) if len(numbers) > 1 else numbers[0]
    if not result.is_finite() or abs(result.adjusted()) > MAX_DIGITS:
        raise ArithmeticError("out of bounds")
    return result


def _between_two(left: Formula, right: Formula, verdict: Callable[..., bool]) -> Formula:
    """One comparison, which is what most rules are, without the way through lists."""

    def step(values: Mapping[str, Value]) -> bool | None:
        one, other = left(values), right(values)
        if one is None or other is None:
            return None
        if type(one) is not type(other) or isinstance(one, tuple):
            raise TypeError("kinds do not mix")
        return verdict(one, other)

    return step


def _compared(parts: list[Value], ops: list[ast.cmpop]) -> bool | None:
    verdicts: list[bool | None] = []
    for left, op, right in zip(parts, ops, parts[1:], strict=False):
        if left is None or right is None:
            verdicts.append(None)
        elif type(left) is not type(right) or isinstance(left, tuple):
            raise TypeError("kinds do not mix")
        else:
            verdicts.append(_COMPARISONS[type(op)](left, right))
    return _junction(verdicts, is_and=True)


# -- functions -----------------------------------------------------------------------------------------


def _total(*numbers: Decimal) -> Decimal:
    return sum(numbers, Decimal(0))


def _mean(*numbers: Decimal) -> Decimal:
    return _total(*numbers) / len(numbers)


def _rounded(number: Decimal, places: Decimal) -> Decimal:
    if places != places.to_integral_value() or not 0 <= places <= 6:
        raise ArithmeticError("places are 0 to 6")
    return number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def _days(parts: list[Value]) -> Value:
    first, last = parts
    if first is None or last is None:
        return None
    if not (isinstance(first, date) and isinstance(last, date)):
        raise TypeError("not dates")
    return Decimal((last - first).days)


def _count(parts: list[Value]) -> Value:
    (counted,) = parts
    if counted is None:
        return Decimal(0)
    if not isinstance(counted, tuple):
        raise TypeError("not rows")
    return Decimal(len(counted))


def _includes(parts: list[Value]) -> Value:
    chosen, code = parts
    if chosen is None:
        return None
    if not isinstance(chosen, tuple):
        raise TypeError("not several choices")
    return code in chosen


def _of_numbers(function: Callable[..., Decimal]) -> Callable[[list[Value]], Value]:
    return lambda parts: _calculated(function, parts)


_FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "sum": _of_numbers(_total),
    "average": _of_numbers(_mean),
    "round": _of_numbers(_rounded),
    "abs": lambda parts: _calculated(abs, parts) if parts[0] is None else abs(_number(parts[0])),
    "days": _days,
    "count": _count,
    "filled": lambda parts: parts[0] not in (None, "", ()),
    "includes": _includes,
}


def _over_rows(name: str, rows: Value, column: str) -> Value:
    """A function of the cells of one column, empty ones passed over."""
    if rows is None:
        rows = ()
    if not isinstance(rows, tuple):
        raise TypeError("not rows")
    cells = [cell for row in rows if (cell := row.get(column)) is not None]
    if name == "count":
        return Decimal(len(cells))
    if not cells:
        return Decimal(0) if name == "sum" else None
    return _FUNCTIONS[name](cells)
