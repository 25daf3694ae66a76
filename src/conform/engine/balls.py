"""The right side of a clause at one element, in ball arithmetic: the value that exact arithmetic gives.

A second evaluator, slow and exact, for the elements that the fast one cannot decide and for every break that is reported.
Operands are exact as traced; a decision that a ball leaves open raises Undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product as tuples
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from conform.engine.evaluate import terms
from conform.engine.operands import Side, Unavailable
from specs_dsl import syntax as s
from specs_dsl.spec import Equation, Quantity

BITS = 240                               # of working precision: cancellation of a double leaves more than its 53
Place = Mapping[str, int]
Env = Mapping[str, Any]


class Undecided(Exception):
    """A comparison or rounding whose operand's ball holds the edge."""


class Balls:
    """Evaluates nodes at a place: an index on each axis that they have."""

    def __init__(self, side: Side, dtype: str = "float64") -> None:
        """`dtype`: the precision of the computation, which takes its operands in no wider one."""
        self.side, self.spec, self.dtype = side, side.spec, dtype
        self._vector = next((axis.name for axis in side.spec.axes.values() if axis.vector), "")
        ctx.prec = BITS

    def residual(self, equation: Equation, place: Place) -> tuple[float, float] | None:
        """|traced - required| (an upper bound, tight to the last digit) and the required value; None if not finite."""
        if self.spec.quantities[equation.target].kind == "choice":
            return None                  # words have no rounding
        required = self.number(equation.right, place)
        traced = self._named(equation.target, place)
        if not (required.is_finite() and traced.is_finite()):
            return None
        return float(abs(traced - required).upper()), float(required.mid())

    # --- numbers -------------------------------------------------------------------------------------------------
    def number(self, node: s.Expr, place: Place, env: Env = {}) -> arb:
        match node:
            case s.Number(text):
                return _literal(text)
            case s.Name("pi"):
                return arb.pi()
            case s.Name(text):
                return env[text] if text in env else self._named(text, place)
            case s.Negative(operand):
                return -self.number(operand, place, env)
            case s.Binary("+" | "-"):
                return sum((sign * self.number(term, place, env) for sign, term in terms(node)), arb(0))
            case s.Binary(op, left, right):
                return _binary(op, self.number(left, place, env), self.number(right, place, env))
            case s.If(condition, then, other):
                return self.number(then if self.truth(condition, place, env) else other, place, env)
            case s.Reduce():
                return self._reduce(node, place, env)
            case s.Fold():
                return self._fold(node, place, env)
            case s.Select():
                return self.number(*self._selected(node, place), env)
            case s.Lookup(s.Name(table), index, default):
                return self._lookup(table, index, default, place, env)
            case s.Call():
                return self._call(node, place, env)
        raise TypeError(f"not a number: {type(node).__name__}")

    def truth(self, node: s.Expr, place: Place, env: Env = {}) -> bool:
        match node:
            case s.Name(text):
                return bool(self._flag(text, place))
            case s.Logic("not", (operand,)):
                return not self.truth(operand, place, env)
            case s.Logic("and", operands):
                return all(self.truth(part, place, env) for part in operands)
            case s.Logic("or", operands):
                return any(self.truth(part, place, env) for part in operands)
            case s.Compare(ops, operands):
                values = [self.number(part, place, env) for part in operands]
                return all(_compare(op, a, b) for op, a, b in zip(ops, values, values[1:], strict=False))
            case s.Select():
                return self.truth(*self._selected(node, place), env)
            case s.Is(subject, choice):
                return self._word(subject, place, env) == choice
            case s.Call("given", (s.Name(text),)):
                return self.side.command.has(self.spec.quantities[text])
            case s.Call("inside", (s.Name(table), *index)):
                return self._where(table, index, place, env) is not None
        raise TypeError(f"not a condition: {type(node).__name__}")

    def _word(self, node: s.Expr, place: Place, env: Env) -> str | None:
        """The word that a choice has at a place; None where the command line gives none."""
        match node:
            case s.Name(text):
                if self.spec.quantities[text].flags:
                    return self.side.command.word(self.spec.quantities[text])
                words = self.side.bundle.manifest.quantities[text].labels or ()
                return words[int(self._element(text, place))]
            case s.If(condition, then, other):
                return self._word(then if self.truth(condition, place, env) else other, place, env)
            case s.Select():
                return self._word(*self._selected(node, place), env)
        raise TypeError(f"not a choice: {type(node).__name__}")

    # --- names ---------------------------------------------------------------------------------------------------
    def _named(self, name: str, place: Place) -> arb:
        quantity = self.spec.quantities[name]
        if quantity.role == "const":
            return _literal(quantity.number) * arb(quantity.factor)
        if quantity.flags:
            return _literal(self._told(quantity, place)) * arb(quantity.factor)
        if self.side.has(name):
            return arb(float(self._element(name, place))) * arb(self.side.factors.get(name, 1.0))
        equation = self._definition(quantity, place)
        return self.number(equation.right, place)

    def _told(self, quantity: Quantity, place: Place) -> str:
        """The number that the command line has for an input, as it is written there."""
        size = len(self.spec.axes[quantity.axes[0]].labels) if quantity.axes else 1
        return self.side.command.numbers(quantity, size)[place[quantity.axes[0]] if quantity.axes else 0]

    def _flag(self, name: str, place: Place) -> bool:
        if self.spec.quantities[name].flags:
            return self.side.command.word(self.spec.quantities[name]) == "on"
        if self.side.has(name):
            return bool(self._element(name, place))
        return self.truth(self._definition(self.spec.quantities[name], place).right, place)

    def _definition(self, quantity: Quantity, place: Place) -> Equation:
        for equation in self.spec.definitions.get(quantity.name, ()):
            if equation.guard is None or self.truth(equation.guard, place):
                return equation
        raise Unavailable(f"`{quantity.name}` is not in the trace")

    def _element(self, name: str, place: Place) -> Any:
        entry = self.side.bundle.manifest.quantities[name]
        at = tuple(place[axis] for axis in entry.axes)
        unset = self.side.bundle.unset(name)
        if unset is not None and unset[at]:
            raise Unavailable(f"`{name}` was never reached there")
        return self.side.values(name, self.dtype)[at]

    # --- axes ----------------------------------------------------------------------------------------------------
    def _size(self, axis: str) -> int:
        size = self.side.size(axis)
        if size is None:
            raise Unavailable(f"the trace has no axis `{axis}`")
        return size

    def _turns(self, axes: Sequence[str], place: Place) -> Iterator[dict[str, int]]:
        for at in tuples(*(range(self._size(axis)) for axis in axes)):
            yield {**place, **dict(zip(axes, at, strict=True))}

    def _reduce(self, node: s.Reduce, place: Place, env: Env) -> arb:
        values = [self.number(node.body, here, env) for here in self._turns([axis.text for axis in node.axes], place)]
        match node.op:
            case "sum":
                return sum(values, arb(0))
            case "mean":
                return sum(values, arb(0)) / len(values)
            case "product":
                return _product(values)
        result = values[0]
        for value in values[1:]:
            result = result.max(value) if node.op == "maximum" else result.min(value)
        return result

    def _fold(self, node: s.Fold, place: Place, env: Env) -> arb:
        value = self.number(node.start, place, env)
        for here in self._turns([axis.text for axis in node.axes], place):
            value = self.number(node.body, here, {**env, node.accumulator: value})
        return value

    def _selected(self, node: s.Select, place: Place) -> tuple[s.Expr, Place]:
        """What a selection asks for, and where."""
        if node.first is not None:
            axis = node.picks[0].axis.text
            return (node.body, {**place, axis: place[axis] - 1}) if place[axis] else (node.first, place)
        here = dict(place)
        for pick in reversed(node.picks):
            axis = pick.axis.text
            if pick.rename:
                here[axis] = here[pick.at]
                continue
            labels = self.spec.axes[axis].labels
            ends = {"first": 0, "last": self._size(axis) - 1 if not labels else len(labels) - 1}
            here[axis] = ends[pick.at] if pick.at in ends else labels.index(pick.at) if pick.at in labels else int(pick.at)
        return node.body, here

    # --- look-ups ------------------------------------------------------------------------------------------------
    def _where(self, table: str, index: Sequence[s.Expr], place: Place, env: Env) -> tuple[int, ...] | None:
        """Element numbers of a look-up, or None outside the table."""
        manifest = self.side.bundle.manifest
        if not self.side.has(table):
            raise Unavailable(f"`{table}` is not in the trace")
        axes = self._table_axes(table)
        values = [_integer(value) for value in self._indices(index, len(axes), place, env)]
        found = [value - (manifest.axes[axis].first or 0) for axis, value in zip(axes, values, strict=True)]
        inside = all(0 <= i < manifest.axes[axis].size for axis, i in zip(axes, found, strict=True))
        return tuple(found) if inside else None

    def _indices(self, index: Sequence[s.Expr], count: int, place: Place, env: Env) -> list[arb]:
        if len(index) == count:
            return [self.number(part, place, env) for part in index]
        (vector,) = index
        axis = next(name for name in reversed(self.side.order.names) if name in self._axes_of(vector) and len(self.spec.axes[name].labels) == count)
        return [self.number(vector, {**place, axis: i}, env) for i in range(count)]

    def _axes_of(self, node: s.Expr) -> set[str]:
        names = (part.text for part in s.walk(node) if isinstance(part, s.Name) and part.text in self.spec.quantities)
        return {axis for name in names for axis in self.spec.quantities[name].axes}

    def _lookup(self, table: str, index: Sequence[s.Expr], default: s.Expr | None, place: Place, env: Env) -> arb:
        at = self._where(table, index, place, env)
        if at is None:
            if default is None:
                raise Unavailable(f"the index lies outside `{table}`")
            return self.number(default, place, env)
        here = {**place, **dict(zip(self._table_axes(table), at, strict=True))}
        axes = self.side.bundle.manifest.quantities[table].axes
        return arb(float(self.side.values(table, self.dtype)[tuple(here[axis] for axis in axes)]))

    def _table_axes(self, table: str) -> tuple[str, ...]:
        axes = self.side.order.union([self.side.bundle.manifest.quantities[table].axes])
        return tuple(axis for axis in axes if self.spec.axes[axis].kind == "grid")

    # --- functions -----------------------------------------------------------------------------------------------
    def _call(self, node: s.Call, place: Place, env: Env) -> arb:
        name, arguments = node.function, node.arguments
        if name in ("index", "size"):
            axis = arguments[0].text  # type: ignore[union-attr]
            entry = self.side.bundle.manifest.axes.get(axis)
            return arb(place[axis] + (entry.first or 0 if entry else 0) if name == "index" else self._size(axis))
        if name in ("dot", "norm", "unit", "cross", "rotate"):
            return self._vector_call(name, arguments, place, env)
        values = [self.number(part, place, env) for part in arguments]
        match name:
            case "atan2":
                return arb.atan2(*values)
            case "min" | "max":
                return values[0].max(values[1]) if name == "max" else values[0].min(values[1])
            case "abs":
                return abs(values[0])
            case "f32":
                return _single(values[0])
            case "nearest" | "floor" | "ceil":
                return arb(_rounded(node.ties or name, values[0]))
        return getattr(values[0], name)()

    def _components(self, node: s.Expr, place: Place, env: Env) -> list[arb]:
        return [self.number(node, {**place, self._vector: i}, env) for i in range(3)]

    def _vector_call(self, name: str, arguments: Sequence[s.Expr], place: Place, env: Env) -> arb:
        first = self._components(arguments[0], place, env)
        here = place.get(self._vector, 0)
        if name in ("norm", "unit"):
            length = sum((x * x for x in first), arb(0)).sqrt()
            return length if name == "norm" else first[here] / length
        second = self._components(arguments[1], place, env)
        if name == "dot":
            return sum((x * y for x, y in zip(first, second, strict=True)), arb(0))
        if name == "cross":
            return _cross(first, second, here)
        angle = self.number(arguments[2], place, env)
        along = sum((x * y for x, y in zip(first, second, strict=True)), arb(0))
        return second[here] * along * (1 - angle.cos()) + first[here] * angle.cos() + _cross(second, first, here) * angle.sin()


def _literal(text: str) -> arb:
    exact = Fraction(text)
    return arb(fmpq(exact.numerator, exact.denominator))


def _binary(op: str, a: arb, b: arb) -> arb:
    if op == "*":
        return a * b
    if op == "/":
        return a / b
    if b.is_integer():
        return a ** int(b.unique_fmpz())
    return a**b


def _product(values: Sequence[arb]) -> arb:
    result = arb(1)
    for value in values:
        result = result * value
    return result


def _cross(a: Sequence[arb], b: Sequence[arb], i: int) -> arb:
    j, k = (i + 1) % 3, (i + 2) % 3
    return a[j] * b[k] - a[k] * b[j]


def _compare(op: str, a: arb, b: arb) -> bool:
    holds = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[op]
    fails = {"<": a >= b, "<=": a > b, ">": a <= b, ">=": a < b, "==": a != b, "!=": a == b}[op]
    if not holds and not fails:
        raise Undecided
    return bool(holds)


def _integer(value: arb) -> int:
    found = value.unique_fmpz()
    if found is None:
        raise Undecided
    return int(found)


def _rounded(rule: str, x: arb) -> int:
    half = arb(fmpq(1, 2))
    match rule:
        case "floor":
            return _integer(x.floor())
        case "ceil":
            return _integer(x.ceil())
        case "down":
            return _integer((x - half).ceil())
        case "up":
            return _integer((x + half).floor())
        case "away":
            return _integer((x - half).ceil() if x < 0 else (x + half).floor())
    low, high = _integer((x - half).ceil()), _integer((x + half).floor())
    return low if low == high or low % 2 == 0 else high


def _single(x: arb) -> arb:
    ends = {float(np.float32(float(end))) for end in (x.lower(), x.upper())}
    if len(ends) != 1:
        raise Undecided
    return arb(ends.pop())
