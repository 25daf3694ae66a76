"""Sums. Any order of the terms is allowed: n terms take (n - 1) u sum|terms|, besides what the terms bring along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
        where = tuple(a.axes.index(name) for name in axes)
        left = tuple(name for name in a.axes if name not in axes)
        share = max(0, _turns(a, axes) - 1) * self.precision.roundoff

        def error(bound: Bound) -> Bound:               # the rounding is that of the terms as they may be
            brought = along(np.sum, bound, a.data.shape, where)
            return plus(own, brought if is_exact(brought) else (1 + share) * brought)

        own = EXACT if not share else self._sum_rounding(a, where, share)
        missing = None if a.missing is None else nowhere_is_none(np.broadcast_to(a.missing, a.data.shape).any(axis=where))
        wide = None if a.wide is None else error(a.wide)
        return Value(left, np.asarray(a.data.sum(axis=where)), error(a.bound), wide, missing, a.whole)

    def _sum_rounding(self, a: Value, where: tuple[int, ...], share: float) -> Bound:
        size = np.asarray(np.abs(a.data).sum(axis=where))
        return self._unless_whole(a.whole, size, lambda: share * size)

    def accumulated(self, start: Value, a: Value, axes: Sequence[str]) -> Value:
        """`start` and all of `a` along `axes` added up: partial sums may hold `start` from the first."""
        added = self.sum_over(a, axes)
        result = self.total([(1, start), (1, added)])
        if result.whole or (start.exact and not np.any(start.data)):
            return result
        if not _turns(a, axes):                         # nothing was added
            return self._result(result.axes, result.data, [start, added], plus, EXACT)
        more = _turns(a, axes) * self.precision.roundoff * np.abs(self.order.spread(start.data, start.axes, result.axes))
        return replace(result, bound=plus(result.bound, more), wide=None if result.wide is None else plus(result.wide, more))


def _turns(a: Value, axes: Sequence[str]) -> int:
    return int(np.prod([a.data.shape[a.axes.index(name)] for name in axes], dtype=int))
