"""Conditions from text: ``known and queue.orders.waiting >= 5``. The grammar is Python's, of which only this is taken:

``and or not``, comparisons of one fact with one constant, and brackets.
"""

from __future__ import annotations

import ast

from ivr.core.flow import condition as core
from ivr.core.flow.condition import Condition

_OPERATORS: dict[type[ast.cmpop], core.Operator] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_TURNED: dict[core.Operator, core.Operator] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class ConditionError(ValueError):
    """A condition that cannot be read; the message says what is wrong and what may be written."""


def read(text: str) -> Condition:
    """A condition from its text; names are not checked here. Raises ConditionError."""
    if text.strip() == "always":
        return core.ALWAYS
    try:
        return _condition(ast.parse(text.strip(), mode="eval").body, text)
    except ConditionError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(
            f"{text!r} is no condition; write, for example, known and queue.orders.waiting >= 5"
        ) from error


def _condition(node: ast.expr, text: str) -> Condition:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return core.All(tuple(_condition(value, text) for value in values))
        case ast.BoolOp(values=values):
            return core.Any(tuple(_condition(value, text) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return core.Not(_condition(operand, text))
        case ast.Name() | ast.Attribute():
            return core.Is(_name(node, text))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _OPERATORS:
            return _compare(left, _OPERATORS[type(operator)], right, text)
    raise ConditionError(
        f"{text!r}: “{ast.unparse(node)}” cannot stand in a condition; there are facts, constants, comparisons, and, or, not"
    )


def _compare(left: ast.expr, operator: core.Operator, right: ast.expr, text: str) -> Condition:
    if _is_constant(left) and not _is_constant(right):
        left, operator, right = right, _TURNED[operator], left
    if not _is_constant(right) or _is_constant(left):
        raise ConditionError(f"{text!r}: one side of a comparison is a fact, the other a number or a text in quotes")
    value = ast.literal_eval(right)
    return core.Compare(_name(left, text), operator, value)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return isinstance(node, ast.Constant) and isinstance(node.value, str | int | float)


def _name(node: ast.expr, text: str) -> str:
    """A fact: names with dots between them."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_name(value, text)}.{name}"
    raise ConditionError(f"{text!r}: “{ast.unparse(node)}” is no fact")
