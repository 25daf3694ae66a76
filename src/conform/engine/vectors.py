"""Vectors: dot, cross, norm, unit and rotation, along the one vector axis of a spec."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.values import EXACT, Value, is_exact


class Vectors:
    def __init__(self, arithmetic: Arithmetic, axis: str) -> None:
        self.math, self.order, self.axis = arithmetic, arithmetic.order, axis

    def dot(self, a: Value, b: Value) -> Value:
        return self.math.sum_over(self.math.product(a, b), (self.axis,))

    def norm(self, a: Value) -> Value:
        return self.math.function("sqrt", self.math.sum_over(self.math.power(a, "2"), (self.axis,)))

    def unit(self, a: Value) -> Value:
        return self.math.quotient(a, self.norm(a))

    def cross(self, a: Value, b: Value) -> Value:
        x, y = ([self.math.pick(value, self.axis, i) for i in range(3)] for value in (a, b))
        return self._stacked([self._minor(x, y, i, j) for i, j in ((1, 2), (2, 0), (0, 1))])

    def _minor(self, x: Sequence[Value], y: Sequence[Value], i: int, j: int) -> Value:
        return self.math.total([(1, self.math.product(x[i], y[j])), (-1, self.math.product(x[j], y[i]))])

    def rotate(self, v: Value, u: Value, angle: Value) -> Value:
        """Rodrigues: u (u.v) (1 - cos t) + v cos t + (u x v) sin t."""
        cos, sin = self.math.function("cos", angle), self.math.function("sin", angle)
        along = self.math.product(self.math.product(u, self.dot(u, v)), self.math.total([(1, self.math.literal("1")), (-1, cos)]))
        return self.math.total([(1, along), (1, self.math.product(v, cos)), (1, self.math.product(self.cross(u, v), sin))])

    def _stacked(self, parts: Sequence[Value]) -> Value:
        axes = self.order.union([*(part.axes for part in parts), (self.axis,)])
        stack = self._stacking(parts, axes)
        bound = EXACT if all(is_exact(part.bound) for part in parts) else stack([part.bound for part in parts])
        wide = None if all(part.wide is None for part in parts) else stack([part.reach for part in parts])
        missing = None if all(part.missing is None for part in parts) else stack([part.missing is not None and part.missing for part in parts])
        return Value(axes, stack([part.data for part in parts]), bound, wide, missing, all(part.whole for part in parts))

    def _stacking(self, parts: Sequence[Value], axes: tuple[str, ...]) -> Callable[[Sequence], np.ndarray]:
        at = axes.index(self.axis)
        inner = axes[:at] + axes[at + 1 :]
        shape = np.broadcast_shapes(*(np.shape(self.order.spread(part.data, part.axes, inner)) for part in parts))

        def stack(arrays: Sequence) -> np.ndarray:
            spread = [self.order.spread(np.asarray(array), part.axes, inner) for array, part in zip(arrays, parts, strict=True)]
            return np.stack([np.broadcast_to(array, shape) for array in spread], axis=at)

        return stack
