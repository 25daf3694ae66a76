"""What all operations on values share: named axes, the bounds that operands bring along, and the rounding of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from conform.engine.precision import Precision
from conform.engine.values import EXACT, Bound, Order, Truth, Value, either, is_exact, mapped, picked

Rule = Callable[..., Bound]              # bounds of the operands to the bound of the result, rounding not included


class Operations:
    """Pure; no element ever depends on another but through a reduction."""

    def __init__(self, precision: Precision, order: Order) -> None:
        self.precision, self.order = precision, order

    # --- axes ----------------------------------------------------------------------------------------------------
    def pick(self, a: Value, axis: str, index: int) -> Value:
        return picked(a, {axis: index})

    def beside(self, a: Value, condition: Truth) -> Value:
        """`a` along the axes of a condition as well. A number that stands there for all elements is no literal."""
        axes = self.order.union([a.axes, condition.axes])
        if axes == a.axes:
            return a
        data, other = (self.order.spread(part.data, part.axes, axes) for part in (a, condition))
        spread = mapped(a, axes, lambda array: self.order.spread(array, a.axes, axes))
        return replace(spread, data=np.broadcast_to(data, np.broadcast_shapes(np.shape(data), np.shape(other))))

    def _aligned(self, values: Sequence[Value]) -> tuple[tuple[str, ...], list[np.ndarray]]:
        axes = self.order.union(value.axes for value in values)
        return axes, [self.order.spread(value.data, value.axes, axes) for value in values]

    # --- bounds --------------------------------------------------------------------------------------------------
    def _result(self, axes: tuple[str, ...], data: np.ndarray, operands: Sequence[Value], rule: Rule, own: Bound, whole: bool = False) -> Value:
        """The value with what its operands bring along (`rule` of their bounds) and its own rounding."""
        bounds = [self.order.spread(value.bound, value.axes, axes) for value in operands]
        wide = None
        if any(value.wide is not None for value in operands):
            wide = unknown_is_infinite(plus(rule(*(self._reach(value, axes) for value in operands)), own))
        missing = either(*(self.order.spread(value.missing, value.axes, axes) for value in operands))
        return Value(axes, np.asarray(data), plus(rule(*bounds), own), wide, missing, whole)

    def _reach(self, value: Value, axes: Sequence[str]) -> Bound:
        return self.order.spread(value.reach, value.axes, axes)  # type: ignore[return-value]

    def _rounded(self, data: np.ndarray, nonzero: Callable[[], np.ndarray], free: bool = False) -> Bound:
        """One rounding of a product or quotient, none if it is `free`; and what underflow takes, but from an exact zero."""
        size = np.abs(data)
        bound = EXACT if free else self.precision.roundoff * size
        small = size < self.precision.normal
        if not small.any() or not (small := small & nonzero()).any():
            return bound
        return bound + np.where(small, self.precision.tiny, 0.0)

    def _nonzero(self, value: Value, axes: Sequence[str]) -> np.ndarray:
        """Where a program does not have an exact zero."""
        return (self.order.spread(value.data, value.axes, axes) != 0) | (np.asarray(self._reach(value, axes)) != 0)

    # --- whole numbers -------------------------------------------------------------------------------------------
    def _unless_whole(self, whole: bool, size: np.ndarray, own: Callable[[], Bound]) -> Bound:
        """A rounding, but none where only integers take part that the precision holds."""
        if not whole:
            return own()
        held = size <= self.precision.whole
        return EXACT if held.all() else np.where(held, EXACT, own())

    def _converted(self, values: Sequence[Value]) -> Sequence[Value]:
        """Operands of one operation: integers that meet other numbers are first converted, which may round them."""
        if all(value.whole for value in values):
            return values
        return [self._as_number(value) if value.whole else value for value in values]

    def _as_number(self, a: Value) -> Value:
        size = np.abs(a.data)
        if (size <= self.precision.whole).all():
            return a
        rounding = np.where(size > self.precision.whole, self.precision.roundoff * size, 0.0)
        return replace(a, bound=plus(a.bound, rounding), wide=None if a.wide is None else plus(a.wide, rounding))


def plus(*errors: Bound) -> Bound:
    total: Bound = EXACT
    for error in errors:
        if not is_exact(error):
            total = error if is_exact(total) else total + error
    return total


def unknown_is_infinite(bound: Bound) -> Bound:
    """0 times infinity and the like: no statement."""
    return np.where(np.isnan(bound), np.inf, bound)


def along(reduce: Callable, error: Bound, shape: tuple[int, ...], where: tuple[int, ...]) -> Bound:
    """A bound reduced along axes; one number for all elements counts once for each of them."""
    return EXACT if is_exact(error) else reduce(np.broadcast_to(error, shape), axis=where)
