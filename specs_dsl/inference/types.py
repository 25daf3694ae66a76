"""What an expression is: its axes, its dimension and its kind."""

from __future__ import annotations

from dataclasses import dataclass

from specs_dsl import syntax as s
from specs_dsl.dimension import PURE, Dimension
from specs_dsl.printer import show
from specs_dsl.spec import Kind

KIND_WORDS = {"number": "a number", "count": "a whole number", "flag": "a condition", "choice": "a choice among words"}


@dataclass(frozen=True, slots=True)
class Type:
    axes: frozenset[str]
    dimension: Dimension
    kind: Kind
    choices: tuple[str, ...] = ()
    from_command: bool = False           # of a name: it may be absent


NUMBER = Type(frozenset(), PURE, "number")


def is_zero(node: s.Expr) -> bool:
    """Zero is zero in any unit."""
    return isinstance(node, s.Number) and float(node.text) == 0.0


def axis_name(node: s.Expr) -> str:
    """An axis by name. A `let` may have put an expression in its place, which is the name of none."""
    return node.text if isinstance(node, s.Name) else show(node)


def union(types: list[Type]) -> frozenset[str]:
    return frozenset().union(*(found.axes for found in types))
