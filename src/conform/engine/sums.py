"""Sums. Any order of the terms is allowed: n terms take (n - 1) u sum|terms|, besides what the terms bring along."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conform.engine.operations import Operations, along, plus
from conform.engine.values import EXACT, Bound, Value, is_exact, nowhere_is_none


class Sums(Operations):
    def total(self, terms: Sequence[tuple[int, Value]]) -> Value:
        """Signed terms."""
        values = self._converted([value for _, value in terms])
        axes, arrays = self._aligned(values)
        whole = all(value.whole for value in values)
        data = arrays[0] if terms[0][0] > 0 else -arrays[0]
        for (sign, _), array in zip(terms[1:], arrays[1:], strict=True):
            data = data + array if sign > 0 else data - array
        own = self._total_rounding(data, arrays, whole)
        return self._result(axes, data, values, plus, own, whole)

    def _total_rounding(self, data: np.ndarray, arrays: Sequence[np.ndarray], whole: bool) -> Bound:
        """Two terms are rounded once, as their sum. Whole numbers are exact if every partial sum is held."""
        if len(arrays) == 2 and not whole:
            return self.precision.roundoff * np.abs(data)
        size = np.abs(arrays[0])
        for array in arrays[1:]:
            size = size + np.abs(array)
        return self._unless_whole(whole, size, lambda: (len(arrays) - 1) * self.precision.roundoff * size)

    def sum_over(self, a: Value, axes: Sequence[str]) -> Value:
        """The sum along `axes`."""
        return self._sum(a, axes, int(np.prod([a.data.shape[i] for i in _where(a, axes)], dtype=int)))

    def _sum(self, a: Value, axes: Sequence[str], count: int | np.ndarray) -> Value:
        where = _where(a, axes)
        share = np.maximum(count - 1, 0) * self.precision.roundoff
        own = EXACT if not np.any(share) else self._unless_whole(a.whole, self._size(a, where), lambda: share * self._size(a, where))

        def error(bound: Bound) -> Bound:               # the rounding is that of the terms as they may be
            brought = along(np.sum, bound, a.data.shape, where)
            return plus(own, brought if is_exact(brought) else (1 + share) * brought)

        left = tuple(name for name in a.axes if name not in axes)
        missing = None if a.missing is None else nowhere_is_none(np.broadcast_to(a.missing, a.data.shape).any(axis=where))
        wide = None if a.wide is None else error(a.wide)
        return Value(left, np.asarray(a.data.sum(axis=where)), error(a.bound), wide, missing, a.whole)

    def _size(self, a: Value, where: tuple[int, ...]) -> np.ndarray:
        return np.asarray(np.abs(a.data).sum(axis=where))

    def accumulated(self, start: Value, a: Value, axes: Sequence[str]) -> Value:
        """`start` and all of `a` along `axes` added up: partial sums may hold `start` from the first. To add zero is exact.

        Whole numbers alone are added exactly, and no longer once `start` is among them and is none.
        """
        where = _where(a, axes)
        count = np.count_nonzero((a.data != 0) | (np.asarray(a.reach) != 0), axis=where)
        added = self._sum(a, axes, count)
        values = self._converted([start, added])
        joint, (x, y) = self._aligned(values)
        data = x + y
        size, turns = (self.order.spread(np.asarray(array), added.axes, joint) for array in (self._size(a, where), count))
        rounded = self._nonzero(start, joint) & (turns > 0)
        held = np.maximum(turns - 1, 0) * size if a.whole else 0.0
        own = self._unless_whole(start.whole and a.whole, np.abs(x) + size, lambda: np.where(rounded, self.precision.roundoff * (np.abs(data) + turns * np.abs(x) + held), 0.0))
        return self._result(joint, data, values, plus, own, start.whole and a.whole)


def _where(a: Value, axes: Sequence[str]) -> tuple[int, ...]:
    return tuple(a.axes.index(name) for name in axes)
