"""Decisions: rounding to whole numbers and to single precision, comparisons, branches, the larger of two.

A decision is certain where its argument is farther from the edge than its bound. Elsewhere a correct program may have gone
the other way: the bound is still that of the way taken here, and `wide` allows for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from conform.engine.operations import Operations, along, plus, unknown_is_infinite
from conform.engine.values import EXACT, Bound, Order, Truth, Value, either, is_exact, nowhere_is_none


class Decisions(Operations):
    # --- rounding ------------------------------------------------------------------------------------------------
    def whole_number(self, name: str, a: Value, ties: str | None = None) -> Value:
        """nearest (with its tie rule), floor, ceil."""
        if a.whole and not (name == "nearest" and np.any(self.precision.roundoff * np.abs(a.data) >= 0.5)):
            return a                                     # but where a half is lost in rounding, x + 0.5 is not between whole numbers
        part = np.abs(a.data - np.trunc(a.data))
        edge = np.abs(part - 0.5) if name == "nearest" else np.minimum(part, 1 - part)
        reach = self.precision.slack * np.asarray(a.reach)
        if name == "nearest":                            # x - 0.5 or x + 0.5, as programs form it, is rounded
            reach = reach + self.precision.roundoff * np.maximum(np.abs(a.data), 0.5)
        doubt = ~(edge > reach) & ((edge > 0) | (np.asarray(a.reach) != 0))
        wide = np.where(doubt, unknown_is_infinite(np.floor(reach) + 1), 0.0) if doubt.any() else None
        return Value(a.axes, np.asarray(_ROUNDED[ties or name](a.data)), EXACT, wide, a.missing, whole=True)

    def single(self, a: Value) -> Value:
        """f32: rounded to single precision. An operand that is not known well enough may round to a neighbour."""
        data = _to_single(a.data)
        bound, wide = (e if e is None or is_exact(e) else _moved_single(a.data, e, data) for e in (a.bound, a.wide))
        return replace(a, data=data, bound=bound, wide=wide)

    # --- the larger of two, or of many ---------------------------------------------------------------------------
    def larger(self, a: Value, b: Value, largest: bool) -> Value:
        axes, (x, y) = self._aligned([a, b])
        data = np.maximum(x, y) if largest else np.minimum(x, y)
        ahead = x - y if largest else y - x
        return self._result(axes, data, [a, b], lambda ex, ey: _larger_rule(ahead, ex, ey), EXACT, a.whole and b.whole)

    def extreme_over(self, a: Value, axes: Sequence[str], largest: bool) -> Value:
        """The largest or smallest along `axes`; of no elements at all there is none."""
        where = tuple(a.axes.index(name) for name in axes)
        left = tuple(name for name in a.axes if name not in axes)
        if not all(a.data.shape[i] for i in where):
            return Value(left, np.zeros([n for i, n in enumerate(a.data.shape) if i not in where]), missing=np.True_)
        data = np.asarray((np.max if largest else np.min)(a.data, axis=where))
        bound, wide = (None if e is None else along(np.max, e, a.data.shape, where) for e in (a.bound, a.wide))
        missing = None if a.missing is None else nowhere_is_none(np.broadcast_to(a.missing, a.data.shape).any(axis=where))
        return Value(left, data, bound, wide, missing, a.whole)

    # --- comparisons and branches --------------------------------------------------------------------------------
    def compare(self, op: str, a: Value, b: Value) -> Truth:
        axes, (x, y) = self._aligned([a, b])
        data = np.asarray(_COMPARES[op](x, y))
        missing = either(*(self.order.spread(v.missing, v.axes, axes) for v in (a, b)))
        if a.exact and b.exact:
            return Truth(axes, data, None, missing)
        reach = self.precision.slack * np.asarray(plus(self._reach(a, axes), self._reach(b, axes)))
        doubt = ~(np.abs(x - y) > reach) & (reach != 0)
        return Truth(axes, data, nowhere_is_none(doubt), missing)

    def choose(self, condition: Truth, a: Value, b: Value) -> Value:
        """`a` where the condition holds, else `b`; where it is in doubt, both are allowed for."""
        axes = self.order.union([condition.axes, a.axes, b.axes])
        where = self.order.spread(condition.data, condition.axes, axes)
        x, y = (self.order.spread(value.data, value.axes, axes) for value in (a, b))
        bound = EXACT
        if not (is_exact(a.bound) and is_exact(b.bound)):
            bound = np.where(where, *(self.order.spread(v.bound, v.axes, axes) for v in (a, b)))
        missing = self._chosen_missing(condition, a, b, axes, where)
        wide = self._chosen_wide(condition, a, b, axes, where, np.abs(x - y))
        return Value(axes, np.where(where, x, y), bound, wide, missing, a.whole and b.whole)

    def _chosen_missing(self, condition: Truth, a: Value, b: Value, axes: Sequence[str], where: np.ndarray) -> np.ndarray | None:
        own = self.order.spread(condition.missing, condition.axes, axes)
        if a.missing is None and b.missing is None:
            return own
        left, right = (False if v.missing is None else self.order.spread(v.missing, v.axes, axes) for v in (a, b))
        return nowhere_is_none(either(np.where(where, left, right), own))

    def _chosen_wide(self, condition: Truth, a: Value, b: Value, axes: Sequence[str], where: np.ndarray, apart: np.ndarray) -> Bound | None:
        if condition.doubt is None and a.wide is None and b.wide is None:
            return None
        left, right = self._reach(a, axes), self._reach(b, axes)
        wide = np.where(where, left, right)
        if condition.doubt is None:
            return wide
        doubt = self.order.spread(condition.doubt, condition.axes, axes)
        return np.where(doubt, unknown_is_infinite(apart + np.maximum(left, right)), wide)


# --- rules -----------------------------------------------------------------------------------------------------------


def _to_single(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(x).astype(np.float32).astype(np.float64)


def _moved_single(x: np.ndarray, e: np.ndarray, data: np.ndarray) -> np.ndarray:
    """How far an operand's ball, with its ends rounded outward, reaches after rounding to single precision."""
    low, high = _to_single(np.nextafter(x - e, -np.inf)), _to_single(np.nextafter(x + e, np.inf))
    return np.where(np.asarray(e) == 0, 0.0, np.maximum(high - data, data - low))


def _larger_rule(ahead: np.ndarray, ex: Bound, ey: Bound) -> Bound:
    """Either may be the larger, unless one is ahead of the other by more than both bounds."""
    if is_exact(ex) and is_exact(ey):
        return EXACT
    return np.where(ahead > ex + ey, ex, np.where(-ahead > ex + ey, ey, np.maximum(ex, ey)))


def _nearest(x: np.ndarray, half_up: np.ndarray | bool) -> np.ndarray:
    """Not by x + 0.5, which rounds; what a number has beyond its whole part is exact."""
    whole = np.trunc(x)
    part = x - whole
    return whole + np.where(half_up, part >= 0.5, part > 0.5) - np.where(half_up, part < -0.5, part <= -0.5)


_ROUNDED: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "floor": np.floor, "ceil": np.ceil, "even": np.rint,
    "down": lambda x: _nearest(x, False), "up": lambda x: _nearest(x, True), "away": lambda x: _nearest(x, x >= 0),
}
_COMPARES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}


# --- and, or, not ----------------------------------------------------------------------------------------------------


def conjunction(order: Order, parts: Sequence[Truth]) -> Truth:
    """All of `parts`. A part that is surely false decides, whatever is in doubt or missing beside it."""
    axes = order.union(part.axes for part in parts)
    data, surely_false, doubt, missing = np.True_, np.False_, None, None
    for part in parts:
        here, unsure, unknown = (order.spread(mask, part.axes, axes) for mask in (part.data, part.doubt, part.missing))
        data = data & here
        open_here = either(unsure, unknown)
        surely_false = surely_false | (~here if open_here is None else ~here & ~open_here)
        doubt, missing = either(doubt, unsure), either(missing, unknown)
    doubt, missing = (None if mask is None else nowhere_is_none(mask & ~surely_false) for mask in (doubt, missing))
    return Truth(axes, np.asarray(data), doubt, missing)


def negation(a: Truth) -> Truth:
    return replace(a, data=~a.data)


def disjunction(order: Order, parts: Sequence[Truth]) -> Truth:
    return negation(conjunction(order, [negation(part) for part in parts]))
