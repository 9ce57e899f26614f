"""From the text of a formula to a tree that holds nothing but what can be walked.

Known are names, numbers, quoted words, + - * /, comparisons, and/or/not, `a if b else c`, and the functions of FUNCTIONS.
`rows.column` stands for a column of repeating rows and only inside a function that takes columns.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.domain.errors import broken

MAX_LENGTH, MAX_NODES, MAX_DEPTH = 300, 120, 20
MAX_DIGITS = 30

ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True)
class Function:
    """What a function takes: between `least` and `most` values, or one column of repeating rows (`of_rows`)."""

    least: int
    most: int
    of_rows: bool = False


FUNCTIONS = {
    "min": Function(1, 20, of_rows=True),
    "max": Function(1, 20, of_rows=True),
    "sum": Function(1, 20, of_rows=True),
    "average": Function(1, 20, of_rows=True),
    "count": Function(1, 1, of_rows=True),
    "round": Function(2, 2),
    "abs": Function(1, 1),
    "days": Function(2, 2),
    "filled": Function(1, 1),
    "includes": Function(2, 2),
}
"""min, max, sum, average: of values, or of a column; count: how many rows, or choices; round(x, places); days(from, to);
filled(x): an answer is there; includes(choices, 'code'): one of several choices is taken."""

RESERVED = frozenset({"min", "max"})  # no field is called so; one may be called count, whose name is no call


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> ast.expr:
    """The tree of a formula, made of nothing but what `evaluating` can walk.

    Errors: expression.too_long, expression.too_deep, expression.syntax, expression.not_allowed (params: node, the name of the part in the grammar),
            expression.arguments (params: function).
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
    """The field names a formula reads; of `rows.column` the name of the rows."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)


def columns_in(tree: ast.expr) -> frozenset[tuple[str, str]]:
    """The columns of repeating rows a formula reads, as (rows, column)."""
    return frozenset((n.value.id, n.attr) for n in ast.walk(tree) if isinstance(n, ast.Attribute))  # type: ignore[attr-defined]


def _refuse(what: str) -> None:
    raise broken("expression.not_allowed", "expression", node=what)


def _check(node: ast.AST, budget: list[int], depth: int) -> None:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise broken("expression.too_deep", "expression", limit=MAX_DEPTH)
    for child in _children(node):
        _check(child, budget, depth + 1)


def _children(node: ast.AST) -> list[ast.expr]:
    """The parts of one node, refusing every node that is not on the list."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            return [operand]
        case ast.BoolOp(values=parts):
            return parts
        case ast.IfExp(test=test, body=body, orelse=other):
            return [test, body, other]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARISONS for op in ops):
            return [left, *others]
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in FUNCTIONS:
            return _arguments(name, parts)
        case ast.Constant(value=value) if _is_plain(value):
            return []
        case ast.Name(id=name) if name not in RESERVED:
            return []
    _refuse(type(node).__name__)
    return []


def _arguments(name: str, parts: list[ast.expr]) -> list[ast.expr]:
    takes = FUNCTIONS[name]
    if not takes.least <= len(parts) <= takes.most or any(isinstance(part, ast.Starred) for part in parts):
        raise broken("expression.arguments", "expression", function=name)
    match parts:
        case [ast.Attribute(value=ast.Name(id=rows), attr=_)] if takes.of_rows and rows not in RESERVED:
            return []
    return parts


def _is_plain(value: object) -> bool:
    if isinstance(value, bool | str):
        return True
    return isinstance(value, int | float) and len(str(value)) <= MAX_DIGITS and Decimal(str(value)).is_finite()
