"""Expressions of the rules on the values of one side: each node gives a value and its bound.

`Scope` says what a name stands for; everything else follows from the tree. Knows nothing of clauses and verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product as tuples
from typing import Protocol

import numpy as np

from conform.engine.arithmetic import Arithmetic, conjunction, disjunction, negation
from conform.engine.values import Order, Truth, Value, nowhere_is_none
from specs_dsl import syntax as s

Env = Mapping[str, Value | Truth]
_NO_NAMES: Env = {}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is looked up by integer indices: `first` is the index of element 0 on each axis."""

    data: np.ndarray
    first: tuple[int, ...]


class Scope(Protocol):
    """What names stand for."""

    order: Order

    def resolve(self, name: str) -> Value | Truth: ...
    def grid(self, name: str) -> Grid: ...
    def words(self, name: str) -> tuple[str, ...]: ...
    def index(self, axis: str) -> np.ndarray: ...
    def labels(self, axis: str) -> tuple[str, ...]: ...
    def vector_axis(self) -> str: ...


class Evaluator:
    """Evaluates in double precision, with the bounds of `arithmetic`."""

    def __init__(self, scope: Scope, arithmetic: Arithmetic) -> None:
        self.scope, self.math, self.order = scope, arithmetic, scope.order

    # --- numbers -------------------------------------------------------------------------------------------------
    def number(self, node: s.Expr, env: Env = _NO_NAMES) -> Value:
        match node:
            case s.Number(text):
                return self.math.literal(text)
            case s.Name(text):
                return self._name(text, env)
            case s.Negative(operand):
                return self.math.negative(self.number(operand, env))
            case s.Binary("+" | "-"):
                return self.math.total([(sign, self.number(term, env)) for sign, term in terms(node)])
            case s.Binary("*", left, right):
                return self.math.product(self.number(left, env), self.number(right, env))
            case s.Binary("/", left, right):
                return self.math.quotient(self.number(left, env), self.number(right, env))
            case s.Binary("^", left, right):
                return self._power(left, right, env)
            case s.If():
                return self._if(node, env)
            case s.Reduce():
                return self._reduce(node, env)
            case s.Fold():
                return self._fold(node, env)
            case s.Select():
                return self._select(node, env)
            case s.Lookup():
                return self._lookup(node, env)
            case s.Call():
                return self._call(node, env)
        raise TypeError(f"not a number: {type(node).__name__}")

    def _name(self, text: str, env: Env) -> Value:
        if text in env:
            return env[text]  # type: ignore[return-value]
        found = self.math.pi() if text == "pi" else self.scope.resolve(text)
        assert isinstance(found, Value), text
        return found

    def _power(self, left: s.Expr, right: s.Expr, env: Env) -> Value:
        base = self.number(left, env)
        match right:
            case s.Number(text):
                return self.math.power(base, text)
            case s.Negative(s.Number(text)):
                return self.math.power(base, "-" + text)
        return self.math.any_power(base, self.number(right, env))

    def _if(self, node: s.If, env: Env) -> Value:
        """Only the branch that is taken, where all elements take the same: the other may be without meaning."""
        condition = self.truth(node.condition, env)
        if condition.missing is None and condition.always:
            return self.number(node.then, env)
        if condition.missing is None and condition.never:
            return self.number(node.other, env)
        return self.math.choose(condition, self.number(node.then, env), self.number(node.other, env))

    # --- conditions ----------------------------------------------------------------------------------------------
    def truth(self, node: s.Expr, env: Env = _NO_NAMES) -> Truth:
        match node:
            case s.Name(text):
                found = env[text] if text in env else self.scope.resolve(text)
                assert isinstance(found, Truth), text
                return found
            case s.Logic("not", (operand,)):
                return negation(self.truth(operand, env))
            case s.Logic(op, operands):
                return self._logic(op, operands, env)
            case s.Compare(ops, operands):
                values = [self.number(part, env) for part in operands]
                pairs = zip(ops, values, values[1:], strict=False)
                parts = [self.math.compare(op, a, b) for op, a, b in pairs]
                return parts[0] if len(parts) == 1 else conjunction(self.order, parts)
            case s.Is(s.Name(text), choice):
                return self._is(text, choice)
            case s.Call("inside", (s.Name(table), *index)):
                return self._inside(table, index, env)
        raise TypeError(f"not a condition: {type(node).__name__}")

    def _logic(self, op: str, operands: Sequence[s.Expr], env: Env) -> Truth:
        """Left to right, and no further once the answer is sure: `interpolate and stencil_in` needs no stencil."""
        parts = []
        for operand in operands:
            part = self.truth(operand, env)
            if part.missing is None and (part.never if op == "and" else part.always):
                return part
            parts.append(part)
        return conjunction(self.order, parts) if op == "and" else disjunction(self.order, parts)

    def _is(self, name: str, choice: str) -> Truth:
        found = self.scope.resolve(name)
        assert isinstance(found, Value), name
        words = self.scope.words(name)
        return Truth(found.axes, np.asarray(found.data == (words.index(choice) if choice in words else -1)), None, found.missing)

    # --- reductions and folds ------------------------------------------------------------------------------------
    def _reduce(self, node: s.Reduce, env: Env) -> Value:
        body = self.number(node.body, env)
        axes = tuple(axis.text for axis in node.axes)
        body = self._full(body, axes)
        match node.op:
            case "sum":
                return self.math.sum_over(body, axes)
            case "mean":
                count = int(np.prod([len(self.scope.index(axis)) for axis in axes]))
                return self.math.quotient(self.math.sum_over(body, axes), self.math.literal(str(count)))
            case "product":
                for axis in axes:
                    body = self.math.product_over(body, axis)
                return body
        return self.math.extreme_over(body, axes, node.op == "maximum")

    def _full(self, value: Value, axes: Sequence[str]) -> Value:
        """`value` with all of `axes`: a value that a side holds once stands for every element of the loop."""
        missing = [axis for axis in axes if axis not in value.axes]
        if not missing:
            return value
        over = self.order.union([value.axes, axes])
        sizes = [len(self.scope.index(axis)) if axis in missing else value.data.shape[value.axes.index(axis)] for axis in over]

        def grow(array):
            if array is None or isinstance(array, float):
                return array
            return np.broadcast_to(self.order.spread(np.asarray(array), value.axes, over), sizes)

        return replace(value, axes=over, data=grow(value.data), bound=grow(value.bound), wide=grow(value.wide), missing=grow(value.missing))

    def _fold(self, node: s.Fold, env: Env) -> Value:
        """A plain sum where the body only adds; else one turn after another, outermost axis first."""
        axes = tuple(axis.text for axis in node.axes)
        start = self.number(node.start, env)
        body, parts = self._hoisted(node, env)
        added = _only_adds(body, node.accumulator, parts)
        if added is not None:
            skip, term = added
            increment = parts[term]
            if skip is not None:
                increment = self.math.choose(parts[skip], self.math.literal("0"), increment)
            return self.math.accumulated(start, self._full(increment, axes), axes)
        value = start
        for place in tuples(*(range(len(self.scope.index(axis))) for axis in axes)):
            here = {name: _at(self.math, part, dict(zip(axes, place, strict=True))) for name, part in parts.items()}
            value = self._turn(body, {**here, node.accumulator: value})
        return value

    def _turn(self, body: s.Expr, env: Env) -> Value:
        return self.number(body, env)

    def _hoisted(self, node: s.Fold, env: Env) -> tuple[s.Expr, dict[str, Value | Truth]]:
        """The body with everything that does not speak of the running value worked out, for all turns at once.

        Factors that are exactly one for all elements are dropped: with the running factors off, what is left only adds.
        """
        parts: dict[str, Value | Truth] = {}

        def hoist(part: s.Expr) -> s.Expr:
            if not any(isinstance(inner, s.Name) and inner.text == node.accumulator for inner in s.walk(part)):
                name = f"#{len(parts)}"
                parts[name] = self.truth(part, env) if _is_condition(part, self.scope) else self.number(part, env)
                return s.Name(name, span=part.span)
            match part:
                case s.If(condition, then, other):
                    return self._hoisted_if(part, hoist, condition, then, other, parts)
                case s.Binary(op, left, right):
                    left, right = hoist(left), hoist(right)
                    if op == "*" and isinstance(right, s.Name) and _is_one(parts.get(right.text)):
                        del parts[right.text]
                        return left
                    return replace(part, left=left, right=right)
                case s.Negative(operand):
                    return replace(part, operand=hoist(operand))
                case s.Call(_, arguments):
                    return replace(part, arguments=tuple(hoist(argument) for argument in arguments))
                case s.Compare(_, operands) | s.Logic(_, operands):
                    return replace(part, operands=tuple(hoist(operand) for operand in operands))
            return part

        return hoist(node.body), parts

    def _hoisted_if(self, part: s.If, hoist, condition: s.Expr, then: s.Expr, other: s.Expr, parts) -> s.Expr:
        known = hoist(condition)
        answer = parts.get(known.text) if isinstance(known, s.Name) else None
        if isinstance(answer, Truth) and answer.missing is None and (answer.always or answer.never):
            del parts[known.text]
            return hoist(then if answer.always else other)
        return replace(part, condition=known, then=hoist(then), other=hoist(other))

    # --- selection and look-up -----------------------------------------------------------------------------------
    def _select(self, node: s.Select, env: Env) -> Value:
        body = self.number(node.body, env)
        for pick in node.picks:
            axis = pick.axis.text
            if pick.rename:
                body = self.math.rename(self._full(body, (axis,)), axis, pick.at)
            elif axis in body.axes:                     # a value that does not vary along the axis is the same anywhere
                body = self.math.pick(body, axis, self._place(axis, pick.at, body))
        return body

    def _place(self, axis: str, at: str, body: Value) -> int:
        if at == "first":
            return 0
        if at == "last":
            return body.data.shape[body.axes.index(axis)] - 1
        labels = self.scope.labels(axis)
        return labels.index(at) if at in labels else int(at)

    def _lookup(self, node: s.Lookup, env: Env) -> Value:
        assert isinstance(node.table, s.Name)
        grid = self.scope.grid(node.table.text)
        axes, places, inside, missing, doubt = self._places(grid, node.index, env)
        data = grid.data[tuple(np.where(inside, place, 0) for place in places)].astype(np.float64)
        wide = None if doubt is None else np.where(doubt, np.inf, 0.0)
        found = Value(axes, np.asarray(data), 0.0, wide, missing)
        if inside.all():
            return found
        if node.default is None:
            return replace(found, missing=nowhere_is_none(~inside if missing is None else missing | ~inside))
        return self.math.choose(Truth(axes, inside, doubt), found, self.number(node.default, env))

    def _inside(self, table: str, index: Sequence[s.Expr], env: Env) -> Truth:
        axes, _, inside, missing, doubt = self._places(self.scope.grid(table), index, env)
        return Truth(axes, np.asarray(inside), doubt, missing)

    def _places(self, grid: Grid, index: Sequence[s.Expr], env: Env):
        """Where a look-up goes: element numbers for each grid axis, whether inside, where unknown, where in doubt."""
        values = [self.number(part, env) for part in index]
        if len(values) == 1 and len(grid.first) > 1:
            values = list(self._components(values[0], len(grid.first)))
        axes = self.order.union(value.axes for value in values)
        places, inside, missing, doubt = [], np.True_, None, None
        for value, first, size in zip(values, grid.first, grid.data.shape, strict=True):
            raw = self.order.spread(value.data, value.axes, axes)
            place = np.where(np.abs(raw) < 2**53, raw, -(2.0**53)).astype(np.int64) - first      # NaN and huge: outside
            inside = inside & (place >= 0) & (place < size)
            places.append(place)
            for mask in (value.missing,):
                missing = missing if mask is None else (self.order.spread(mask, value.axes, axes) if missing is None else missing | self.order.spread(mask, value.axes, axes))
            if value.wide is not None:
                unsure = np.asarray(self.order.spread(np.asarray(value.wide) > 0, value.axes, axes))
                doubt = unsure if doubt is None else doubt | unsure
        full = np.broadcast_shapes(*(place.shape for place in places))
        return axes, [np.broadcast_to(place, full) for place in places], np.broadcast_to(inside, full), _grown(missing, full), _grown(doubt, full)

    def _components(self, vector: Value, count: int) -> Iterator[Value]:
        """The elements of a vector of indices, along the one axis of that length that carries labels."""
        axis = next(a for a in reversed(vector.axes) if self.scope.labels(a) and vector.data.shape[vector.axes.index(a)] == count)
        for i in range(count):
            yield self.math.pick(vector, axis, i)

    # --- functions -----------------------------------------------------------------------------------------------
    def _call(self, node: s.Call, env: Env) -> Value:
        name = node.function
        if name in ("index", "size"):
            (axis,) = node.arguments
            assert isinstance(axis, s.Name)
            return self._of_axis(name, axis.text)
        values = [self.number(part, env) for part in node.arguments]
        match name:
            case "atan2":
                return self.math.atan2(*values)
            case "abs":
                return self.math.absolute(*values)
            case "min" | "max":
                return self.math.larger(*values, largest=name == "max")
            case "f32":
                return self.math.single(*values)
            case "nearest" | "floor" | "ceil":
                return self.math.whole_number(name, values[0], node.ties)
            case "dot" | "cross" | "norm" | "unit" | "rotate":
                return getattr(self, f"_{name}")(*values)
        return self.math.function(name, values[0])

    def _of_axis(self, name: str, axis: str) -> Value:
        index = self.scope.index(axis)
        if name == "size":
            return self.math.literal(str(len(index)))
        return Value((axis,), index.astype(np.float64), whole=True)

    def _dot(self, a: Value, b: Value) -> Value:
        return self.math.sum_over(self.math.product(a, b), (self.scope.vector_axis(),))

    def _norm(self, a: Value) -> Value:
        return self.math.function("sqrt", self.math.sum_over(self.math.power(a, "2"), (self.scope.vector_axis(),)))

    def _unit(self, a: Value) -> Value:
        return self.math.quotient(a, self._norm(a))

    def _cross(self, a: Value, b: Value) -> Value:
        axis = self.scope.vector_axis()
        x, y = ([self.math.pick(value, axis, i) for i in range(3)] for value in (a, b))
        parts = []
        for i, j in ((1, 2), (2, 0), (0, 1)):
            parts.append(self.math.total([(1, self.math.product(x[i], y[j])), (-1, self.math.product(x[j], y[i]))]))
        return self._stacked(parts, axis)

    def _stacked(self, parts: Sequence[Value], axis: str) -> Value:
        axes = self.order.union([*(part.axes for part in parts), (axis,)])
        at = axes.index(axis)
        inner = axes[:at] + axes[at + 1 :]
        shape = np.broadcast_shapes(*(np.shape(self.order.spread(part.data, part.axes, inner)) for part in parts))

        def stack(arrays):
            grown = [np.broadcast_to(self.order.spread(np.asarray(a), part.axes, inner) if np.ndim(a) else a, shape) for a, part in zip(arrays, parts, strict=True)]
            return np.stack(grown, axis=at)

        bound = 0.0 if all(isinstance(part.bound, float) and part.bound == 0 for part in parts) else stack([part.bound for part in parts])
        wide = None if all(part.wide is None for part in parts) else stack([part.bound if part.wide is None else part.wide for part in parts])
        missing = None if all(part.missing is None for part in parts) else stack([np.False_ if part.missing is None else part.missing for part in parts])
        return Value(axes, stack([part.data for part in parts]), bound, wide, missing)

    def _rotate(self, v: Value, u: Value, angle: Value) -> Value:
        """Rodrigues: u (u.v) (1 - cos t) + v cos t + (u x v) sin t."""
        cos, sin = self.math.function("cos", angle), self.math.function("sin", angle)
        along = self.math.product(self.math.product(u, self._dot(u, v)), self.math.total([(1, self.math.literal("1")), (-1, cos)]))
        return self.math.total([(1, along), (1, self.math.product(v, cos)), (1, self.math.product(self._cross(u, v), sin))])


def terms(node: s.Expr, sign: int = 1) -> Iterator[tuple[int, s.Expr]]:
    """A chain of sums and differences as signed terms: their order is nobody's business."""
    match node:
        case s.Binary("+", left, right):
            yield from terms(left, sign)
            yield from terms(right, sign)
        case s.Binary("-", left, right):
            yield from terms(left, sign)
            yield from terms(right, -sign)
        case _:
            yield sign, node


def _is_condition(node: s.Expr, scope: Scope) -> bool:
    match node:
        case s.Compare() | s.Logic() | s.Is() | s.Call("inside"):
            return True
        case s.Name(text) if text != "pi":
            return isinstance(scope.resolve(text), Truth)
    return False


def _is_one(part: Value | Truth | None) -> bool:
    return isinstance(part, Value) and part.exact and part.missing is None and bool((part.data == 1).all())


def _only_adds(body: s.Expr, accumulator: str, parts: Mapping[str, Value | Truth]) -> tuple[str | None, str] | None:
    """If the body is `acc + term`, or `if skip then acc else acc + term`: the names of skip (or None) and term."""
    match body:
        case s.If(s.Name(skip), s.Name(kept), inner) if kept == accumulator and (found := _only_adds(inner, accumulator, parts)):
            return (skip, found[1]) if found[0] is None else None
        case s.Binary("+", s.Name(a), s.Name(b)) if accumulator in (a, b) and a != b:
            term = b if a == accumulator else a
            return (None, term) if isinstance(parts.get(term), Value) else None
    return None


def _at(math: Arithmetic, part: Value | Truth, place: Mapping[str, int]) -> Value | Truth:
    """A hoisted part at one turn of the loops."""
    for axis, i in place.items():
        if axis in part.axes:
            part = math.pick(part, axis, i) if isinstance(part, Value) else _truth_at(part, axis, i)
    return part


def _truth_at(part: Truth, axis: str, i: int) -> Truth:
    at = part.axes.index(axis)
    masks = (None if mask is None else np.take(mask, i, axis=at) for mask in (part.doubt, part.missing))
    return Truth(part.axes[:at] + part.axes[at + 1 :], np.asarray(np.take(part.data, i, axis=at)), *masks)


def _grown(mask: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray | None:
    return None if mask is None else nowhere_is_none(np.broadcast_to(mask, shape))
