"""Selection by index, renaming of axes, and look-ups in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from conform.engine.arithmetic import Arithmetic, conjunction, disjunction, negation
from conform.engine.scope import Grid, Scope
from conform.engine.values import Part, Truth, Value, either, mapped, nowhere_is_none, picked
from specs_dsl import syntax as s

OUTSIDE = -(2.0**53)                     # the place of an index that is not a number, or too large to be one


class Selection:
    def __init__(self, scope: Scope, arithmetic: Arithmetic) -> None:
        self.scope, self.math, self.order = scope, arithmetic, scope.order

    # --- axes ----------------------------------------------------------------------------------------------------
    def full(self, part: Part, axes: Sequence[str]) -> Part:
        """`part` with all of `axes`: a value that a side holds once stands for every element of the loop."""
        added = {axis: len(self.scope.index(axis)) for axis in axes if axis not in part.axes}
        if not added:
            return part
        over = self.order.union([part.axes, axes])
        sizes = {**dict(zip(part.axes, part.data.shape, strict=True)), **added}

        def grow(array: np.ndarray) -> np.ndarray:
            spread = self.order.spread(array, part.axes, over)
            return np.broadcast_to(spread, [added.get(axis, n) for axis, n in zip(over, spread.shape, strict=True)])

        data = np.broadcast_to(self.order.spread(part.data, part.axes, over), [sizes[axis] for axis in over])
        return replace(mapped(part, over, grow), data=data)

    def select(self, part: Part, picks: Sequence[s.Pick]) -> Part:
        """One element of an axis, or the axis renamed. A value that does not vary along an axis is the same anywhere."""
        for pick in picks:
            axis = pick.axis.text
            if pick.rename:
                part = self._renamed(self.full(part, (axis,)), axis, pick.at)
            elif axis in part.axes:
                part = self._picked(part, axis, pick.at)
        return part

    def previous(self, part: Part, axis: str, first: Part) -> Part:
        """At each element of an axis the value of the one before it, and at the first what is said for it."""
        part = self.full(part, (axis,))
        i, size = part.axes.index(axis), part.data.shape[part.axes.index(axis)]
        before = np.maximum(np.arange(size) - 1, 0)
        moved = mapped(part, part.axes, lambda array: np.take(array, before, axis=i) if array.shape[i] > 1 else array)
        begins = Truth((axis,), np.arange(size) == 0)
        if isinstance(moved, Truth):
            return disjunction(self.order, [conjunction(self.order, [begins, first]), conjunction(self.order, [negation(begins), moved])])
        return self.math.choose(begins, first, moved)

    def _renamed(self, part: Part, old: str, new: str) -> Part:
        names = [new if name == old else name for name in part.axes]
        axes = self.order.union([names])
        return mapped(part, axes, lambda array: np.transpose(array, [names.index(name) for name in axes]))

    def _picked(self, part: Part, axis: str, at: str) -> Part:
        """An element beyond the end was never reached: how long a loop is, only a run knows."""
        size = part.data.shape[part.axes.index(axis)]
        place = self._place(axis, at, size)
        if place < size:
            return picked(part, {axis: place})
        nothing = np.zeros([n for name, n in zip(part.axes, part.data.shape, strict=True) if name != axis], part.data.dtype)
        return type(part)(tuple(name for name in part.axes if name != axis), nothing, missing=np.full(nothing.shape, True))

    def _place(self, axis: str, at: str, size: int) -> int:
        if at in ("first", "last"):
            return 0 if at == "first" else max(0, size - 1)
        labels = self.scope.labels(axis)
        return labels.index(at) if at in labels else int(at)

    # --- look-ups ------------------------------------------------------------------------------------------------
    def lookup(self, grid: Grid, index: Sequence[Value], default: Callable[[], Value] | None) -> Value:
        places, inside = self._places(grid, index)
        data = np.asarray(grid.data[tuple(places)]).astype(np.float64)
        wide = None if inside.doubt is None else np.where(inside.doubt, np.inf, 0.0)
        found = Value(inside.axes, data, wide=wide, missing=inside.missing)
        if inside.data.all():
            return found
        if default is None:
            return replace(found, missing=either(inside.missing, ~inside.data))
        return self.math.choose(inside, found, default())

    def inside(self, grid: Grid, index: Sequence[Value]) -> Truth:
        return self._places(grid, index)[1]

    def _places(self, grid: Grid, index: Sequence[Value]) -> tuple[list[np.ndarray], Truth]:
        """Where a look-up goes: the element number on each axis of the table, 0 where it has none there, and whether all have one.
        Each number is as large as its own index: it is the table's elements that are many."""
        if len(index) == 1 and len(grid.first) > 1:
            index = list(self._components(index[0], len(grid.first)))
        own = [Value((axis,), np.arange(n, dtype=float), whole=True) for axis, n in zip(grid.loops, grid.data.shape, strict=False)]
        index, firsts = [*own, *index], (*(0 for _ in own), *grid.first)
        axes = self.order.union(value.axes for value in index)
        raw = [np.asarray(self.order.spread(value.data, value.axes, axes)) for value in index]
        places = [np.where(np.abs(x) < -OUTSIDE, x, OUTSIDE).astype(np.int64) - first for x, first in zip(raw, firsts, strict=True)]
        within = [(place >= 0) & (place < size) for place, size in zip(places, grid.data.shape, strict=True)]
        inside = np.asarray(reduce(np.logical_and, within))
        missing, doubt = (self._anywhere(index, masks, axes, inside.shape) for masks in ([v.missing for v in index], [_unsure(v) for v in index]))
        return [np.where(here, place, 0) for here, place in zip(within, places, strict=True)], Truth(axes, inside, doubt, missing)

    def _anywhere(self, values: Sequence[Value], masks: Sequence[np.ndarray | None], axes: Sequence[str], shape: tuple[int, ...]) -> np.ndarray | None:
        found = either(*(self.order.spread(mask, value.axes, axes) for value, mask in zip(values, masks, strict=True)))
        return None if found is None else nowhere_is_none(np.broadcast_to(found, shape))

    def _components(self, vector: Value, count: int) -> Iterator[Value]:
        """The elements of a vector of indices, along the one axis of that length that carries labels."""
        axis = next(a for a in reversed(vector.axes) if self.scope.labels(a) and vector.data.shape[vector.axes.index(a)] == count)
        for i in range(count):
            yield picked(vector, {axis: i})


def _unsure(index: Value) -> np.ndarray | None:
    """Where an index may be another whole number."""
    return None if index.exact else np.asarray(index.reach) != 0
