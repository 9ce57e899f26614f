"""A formula as plain data that can be sent and walked elsewhere, with the same meaning as `evaluate` gives it."""

from __future__ import annotations

import ast
from typing import Any

from app.domain.expressions.words import CODES


def as_json(tree: ast.expr) -> list[Any]:
    """The tree as nested lists: the code of a node, then its parts.

    Shape: name, column (rows, column), number and text (as text), bool, and, or, not, negative, if, call (function, parts),
           compare (signs, parts), and add, subtract, times, divided.

    >>> from app.domain.expressions.parsing import parse_expression
    >>> as_json(parse_expression("sum(costs.amount) > 10"))
    ['compare', ['above'], ['call', 'sum', ['column', 'costs', 'amount']], ['number', '10']]
    """
    match tree:
        case ast.Name(id=name):
            return ["name", name]
        case ast.Attribute(value=ast.Name(id=rows), attr=column):
            return ["column", rows, column]
        case ast.Constant(value=bool(value)):
            return ["bool", value]
        case ast.Constant(value=str(value)):
            return ["text", value]
        case ast.Constant(value=value):
            return ["number", str(value)]
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return ["not", as_json(part)]
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return ["negative", as_json(part)]
        case ast.UnaryOp(operand=part):
            return as_json(part)
        case ast.BinOp(left=left, op=op, right=right):
            return [CODES[type(op)], as_json(left), as_json(right)]
        case ast.BoolOp(op=op, values=parts):
            return ["and" if isinstance(op, ast.And) else "or", *map(as_json, parts)]
        case ast.IfExp(test=test, body=body, orelse=other):
            return ["if", as_json(test), as_json(body), as_json(other)]
        case ast.Call(func=ast.Name(id=function), args=parts):
            return ["call", function, *map(as_json, parts)]
        case ast.Compare(left=left, ops=ops, comparators=others):
            return ["compare", [CODES[type(op)] for op in ops], *map(as_json, [left, *others])]
    raise TypeError(type(tree).__name__)
