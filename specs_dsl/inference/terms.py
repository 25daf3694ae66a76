"""Types of arithmetic and conditions: what is added, compared or chosen between must be alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from specs_dsl import mistakes as m
from specs_dsl import syntax as s
from specs_dsl.diagnostics import Diagnostic
from specs_dsl.dimension import PURE
from specs_dsl.inference.types import KIND_WORDS, NUMBER, Type, is_zero, union
from specs_dsl.spans import Span
from specs_dsl.spec import Axis, Kind
from specs_dsl.units import Units

MOST_POWER = 99          # of a value with a unit


class Terms(ABC):
    """Types in one scope. `names` are the quantities and constants; mistakes go to `found`, and what has one has the type None."""

    def __init__(self, axes: Mapping[str, Axis], names: Mapping[str, Type], units: Units, found: list[Diagnostic]) -> None:
        self._axes, self._names, self._units, self._found = axes, names, units, found
        self._vector = [axis.name for axis in axes.values() if axis.vector and len(axis.labels) == 3]
        self._running: Mapping[str, Span] = {}          # the running values of the folds around, and where

    def ordered(self, axes: frozenset[str]) -> tuple[str, ...]:
        return tuple(name for name in self._axes if name in axes)

    def _wrong(self, mistake: Diagnostic) -> None:
        self._found.append(mistake)

    @abstractmethod
    def infer(self, node: s.Expr) -> Type | None:
        """The type of any expression."""

    def number(self, node: s.Expr) -> Type | None:
        return self._of_kind(node, ("number", "count"), "a number")

    def condition(self, node: s.Expr) -> Type | None:
        return self._of_kind(node, ("flag",), "a condition")

    def _of_kind(self, node: s.Expr, kinds: tuple[Kind, ...], wanted: str) -> Type | None:
        found = self.infer(node)
        if found is not None and found.kind not in kinds:
            return self._wrong(m.WrongKind(node.span, wanted, KIND_WORDS[found.kind]))
        return found

    def _name(self, node: s.Name, text: str) -> Type | None:
        if text == "pi":
            return NUMBER
        if text not in self._names:
            self._wrong(m.UnknownName(node.span, text, (*self._names, "pi")))
        return self._names.get(text)

    def _is(self, node: s.Is, subject: s.Expr, choice: str) -> Type | None:
        found = self.infer(subject)
        if found is None:
            return None
        if choice not in found.choices:
            return self._wrong(m.UnknownChoice(node.span, choice, found.choices))
        return replace(NUMBER, axes=found.axes, kind="flag")

    def _binary(self, node: s.Binary) -> Type | None:
        if node.op in "+-":
            return self._alike((node.left, node.right), "adds")
        left, right = self.number(node.left), self.number(node.right)
        if left is None or right is None:
            return None
        dimension = left.dimension * right.dimension if node.op == "*" else left.dimension / right.dimension
        kind: Kind = "count" if node.op == "*" and left.kind == right.kind == "count" else "number"
        return Type(left.axes | right.axes, dimension, kind)

    def _power(self, node: s.Binary) -> Type | None:
        base, exponent = self.number(node.left), self.number(node.right)
        if base is None or exponent is None:
            return None
        literal = node.right if isinstance(node.right, s.Number) else None
        if isinstance(node.right, s.Negative) and isinstance(node.right.operand, s.Number):
            literal = replace(node.right.operand, text="-" + node.right.operand.text)
        if literal is not None:
            whole = base.kind == "count" and literal.text.isdigit()
            power = float(literal.text)
            if base.dimension == PURE or abs(power) <= MOST_POWER:
                return replace(base, dimension=base.dimension**power, kind="count" if whole else "number")
        if base.dimension != PURE:
            return self._wrong(m.BadExponent(node.right.span, self._units.spelled(base.dimension)))
        return Type(base.axes | exponent.axes, PURE, "number")

    def _alike(self, nodes: tuple[s.Expr, ...], what: str, kind: Kind | None = None) -> Type | None:
        """Values that must share a dimension: terms of a sum, sides of a comparison, branches."""
        return self._joint(nodes, [self.infer(node) for node in nodes], what, kind)

    def _branches(self, nodes: tuple[s.Expr, s.Expr]) -> Type | None:
        """Of an `if`: numbers that share a dimension, or the same choice among words."""
        return self._one_of(nodes, [self.infer(node) for node in nodes], "the branches are in")

    def _one_of(self, nodes: tuple[s.Expr, s.Expr], types: list[Type | None], what: str) -> Type | None:
        if None not in types and all(found.kind == "choice" for found in types):
            first, second = types
            if first.choices != second.choices:
                return self._wrong(m.OtherChoices(nodes[1].span, first.choices, second.choices))
            return replace(first, axes=first.axes | second.axes)
        return self._joint(nodes, types, what)

    def _joint(self, nodes: tuple[s.Expr, ...], types: list[Type | None], what: str, kind: Kind | None = None) -> Type | None:
        if any(found is None for found in types):
            return None
        first = next((found for node, found in zip(nodes, types, strict=True) if not is_zero(node)), types[0])
        for node, found in zip(nodes, types, strict=True):
            if found.kind not in ("number", "count"):
                return self._wrong(m.WrongKind(node.span, "a number", KIND_WORDS[found.kind]))
            if found.dimension != first.dimension and not is_zero(node):
                left, right = self._units.spelled(first.dimension), self._units.spelled(found.dimension)
                return self._wrong(m.MixedDimensions(node.span, what, left, right))
        joint: Kind = "count" if all(found.kind == "count" for found in types) else "number"
        return Type(union(types), PURE if kind else first.dimension, kind or joint)
