"""A formula in plain words: `attended <= should_attend` as 出席人数 不大于 应到人数.

The words themselves are given by whoever shows them; here is only the order they stand in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

Say = Callable[..., str]
"""say(code, *parts): the phrase for an operator, function or connection, with its parts already in words."""

CODES: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "times",
    ast.Div: "divided",
    ast.Lt: "below",
    ast.LtE: "at_most",
    ast.Gt: "above",
    ast.GtE: "at_least",
    ast.Eq: "equals",
    ast.NotEq: "differs",
}
_TIGHT = (ast.Name, ast.Constant, ast.Call, ast.Attribute)


def spoken(tree: ast.expr, *, name: Callable[[str, str], str], say: Say) -> str:
    """The formula in words; `name(field, column)` gives the label of a field, or of a column of its rows.

    Shape: `say` is asked for add, subtract, times, divided, below, at_most, above, at_least, equals, differs, and, or,
           not, if, negative, brackets, text, number, true, false, and every function of FUNCTIONS.
    """

    def words(node: ast.AST) -> str:
        match node:
            case ast.Name(id=field):
                return name(field, "")
            case ast.Attribute(value=ast.Name(id=rows), attr=column):
                return name(rows, column)
            case ast.Constant(value=bool(value)):
                return say("true" if value else "false")
            case ast.Constant(value=str(value)):
                return say("text", value)
            case ast.Constant(value=value):
                return say("number", str(value))
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return say("not", within(part))
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return say("negative", within(part))
            case ast.UnaryOp(operand=part):
                return words(part)
            case ast.BinOp(left=left, op=op, right=right):
                return say(CODES[type(op)], within(left), within(right))
            case ast.BoolOp(op=op, values=parts):
                return say("and" if isinstance(op, ast.And) else "or", *(within(part) for part in parts))
            case ast.IfExp(test=test, body=body, orelse=other):
                return say("if", words(test), words(body), words(other))
            case ast.Call(func=ast.Name(id=function), args=parts):
                return say(function, *(words(part) for part in parts))
            case ast.Compare(left=left, ops=ops, comparators=others):
                pairs = zip([left, *others], ops, others, strict=False)
                said = [say(CODES[type(op)], words(a), words(b)) for a, op, b in pairs]
                return said[0] if len(said) == 1 else say("and", *said)
        raise TypeError(type(node).__name__)

    def within(node: ast.AST) -> str:
        loose = not isinstance(node, (*_TIGHT, ast.Compare))
        return say("brackets", words(node)) if loose else words(node)

    return words(tree)
