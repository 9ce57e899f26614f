"""Small formulas an administrator may write: `attended <= should_attend`, `max(a, b) / c`.

A formula is parsed into a tree and walked here; nothing is ever executed. Known are names, numbers, quoted words,
+ - * /, comparisons, and/or/not, min and max. What is not known stays unknown: an empty value makes arithmetic
and comparison unknown (None), and `and`/`or` follow three-valued logic, because empty is not 0.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.domain.errors import broken

MAX_LENGTH, MAX_NODES, MAX_DEPTH = 300, 120, 20
MAX_DIGITS = 30

Value = Decimal | str | bool | date | None
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
_FUNCTIONS: dict[str, Callable[..., Decimal]] = {"min": min, "max": max}


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> ast.expr:
    """The tree of a formula, made of nothing but what this module can walk.

    Errors: expression.too_long, expression.too_deep, expression.syntax, expression.not_allowed (params: what).
    """
    if len(text) > MAX_LENGTH:
        raise broken("expression.too_long", "expression", limit=MAX_LENGTH)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise broken("expression.syntax", "expression", text=text) from error
    _check(tree, [MAX_NODES], 0)
    return tree


def names_in(tree: ast.expr) -> frozenset[str]:
    """The field names a formula reads."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)


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


def _refuse(what: str) -> None:
    raise broken("expression.not_allowed", "expression", what=what)


def _check(node: ast.AST, budget: list[int], depth: int) -> None:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise broken("expression.too_deep", "expression", limit=MAX_DEPTH)
    for child in _children(node):
        _check(child, budget, depth + 1)


def _children(node: ast.AST) -> list[ast.expr]:
    """The parts of one node, refusing every node that is not on the list."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            return [operand]
        case ast.BoolOp(values=parts):
            return parts
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARISONS for op in ops):
            return [left, *others]
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]) if name in _FUNCTIONS:
            return parts
        case ast.Constant(value=value) if _is_plain(value):
            return []
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return []
    _refuse(type(node).__name__)
    return []


def _is_plain(value: object) -> bool:
    if isinstance(value, bool | str):
        return True
    return isinstance(value, int | float) and len(str(value)) <= MAX_DIGITS and Decimal(str(value)).is_finite()


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
        case ast.UnaryOp(op=sign, operand=operand):
            inner = _step(operand)
            return lambda values: _unary(sign, inner(values))
        case ast.BinOp(left=left, op=between, right=right):
            sides, arithmetic = (_step(left), _step(right)), _ARITHMETIC[type(between)]
            return lambda values: _calculated(arithmetic, [side(values) for side in sides])
        case ast.Call(func=ast.Name(id=name), args=parts):
            steps, function = [_step(part) for part in parts], _FUNCTIONS[name]
            return lambda values: _calculated(function, [step(values) for step in steps])
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
        if type(one) is not type(other):
            raise TypeError("kinds do not mix")
        return verdict(one, other)

    return step


def _compared(parts: list[Value], ops: list[ast.cmpop]) -> bool | None:
    verdicts: list[bool | None] = []
    for left, op, right in zip(parts, ops, parts[1:], strict=False):
        if left is None or right is None:
            verdicts.append(None)
        elif type(left) is not type(right):
            raise TypeError("kinds do not mix")
        else:
            verdicts.append(_COMPARISONS[type(op)](left, right))
    return _junction(verdicts, is_and=True)
