"""Formulas that are simple enough to be chosen on a page: a few conditions, all of which hold or any of which does."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from app.domain.expressions.parsing import parse_expression

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
SIGNS = (*_SIGNS.values(), "filled", "empty", "includes")


@dataclass(frozen=True)
class Condition:
    """One condition: a field, a sign of SIGNS, and what it is compared with: a number or name as it stands, or a text."""

    field: str
    sign: str
    value: str = ""
    is_text: bool = False


@dataclass(frozen=True)
class Conditions:
    """Conditions of which all hold, or any."""

    parts: tuple[Condition, ...]
    any: bool = False


def as_conditions(formula: str) -> Conditions | None:
    """The conditions a formula is made of; None where it is more than that, and the formula itself must be shown.

    >>> as_conditions("kind == 'repair' and cost >= 10000").parts[1]
    Condition(field='cost', sign='>=', value='10000', is_text=False)
    """
    tree = parse_expression(formula)
    parts = tree.values if isinstance(tree, ast.BoolOp) else [tree]
    found = [_condition(part) for part in parts]
    if any(part is None for part in found):
        return None
    return Conditions(
        tuple(part for part in found if part), isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.Or)
    )


def as_formula(conditions: Conditions) -> str:
    """The formula of some conditions; as_conditions reads it back to the same."""
    return (" or " if conditions.any else " and ").join(_formula(part) for part in conditions.parts)


def _formula(part: Condition) -> str:
    value = repr(part.value) if part.is_text else part.value
    match part.sign:
        case "filled":
            return f"filled({part.field})"
        case "empty":
            return f"not filled({part.field})"
        case "includes":
            return f"includes({part.field}, {value})"
    return f"{part.field} {part.sign} {value}"


def _condition(node: ast.expr) -> Condition | None:
    match node:
        case ast.Call(func=ast.Name(id="filled"), args=[ast.Name(id=field)]):
            return Condition(field, "filled")
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="filled"), args=[ast.Name(id=field)])):
            return Condition(field, "empty")
        case ast.Call(func=ast.Name(id="includes"), args=[ast.Name(id=field), ast.Constant(value=str(code))]):
            return Condition(field, "includes", code, is_text=True)
        case ast.Compare(left=ast.Name(id=field), ops=[op], comparators=[other]):
            return _compared(field, _SIGNS[type(op)], other)
    return None


def _compared(field: str, sign: str, other: ast.expr) -> Condition | None:
    match other:
        case ast.Constant(value=str(text)):
            return Condition(field, sign, text, is_text=True)
        case ast.Constant(value=int() | float() as value):
            return Condition(field, sign, str(value))
        case ast.Name(id=name):
            return Condition(field, sign, name)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return Condition(field, sign, f"-{value}")
    return None
