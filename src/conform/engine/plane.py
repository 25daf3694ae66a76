"""Elements of one axis as points of a plane: peaks, and distances. Positions are those of values as traced.

`peaks` are elements that are the largest within a square around them; among equals the first in loop order counts.
"""

from __future__ import annotations

import numpy as np

from conform.engine.scope import Unavailable
from conform.engine.values import Order, Truth, Value

_MOST = 100_000_000      # cells of the plane
_AT_ONCE = 4_000_000     # distances that are in memory at a time


def peaks(values: Value, first: Value, second: Value, radius: int, most: int, order: Order) -> Truth:
    """The `most` highest elements that nothing within `radius`, along either coordinate, exceeds."""
    axes, (data, *coordinates) = _along([values, first, second], order)
    place, shape = _cells(coordinates)
    found = np.where(np.isnan(data), -np.inf, data)
    turn = np.lexsort((np.arange(len(found)), -found))   # highest first, among equals as they come
    rank = np.empty(len(found), np.int64)
    rank[turn] = np.arange(len(found))
    plane = np.full(shape, len(found), np.int64)
    plane[tuple(place)] = rank
    best = _least_around(plane, radius)[tuple(place)] == rank
    chosen = np.zeros(len(found), bool)
    chosen[turn[best[turn]][:most]] = True
    return Truth(axes, chosen)


def _least_around(plane: np.ndarray, radius: int) -> np.ndarray:
    """The least of each square, first along one axis and then along the other."""
    for axis in (0, 1):
        padded = np.pad(plane, [(radius, radius) if i == axis else (0, 0) for i in (0, 1)], constant_values=np.iinfo(np.int64).max)
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, axis=axis)
        plane = windows.min(axis=-1)
    return plane


def distance(where: Truth, first: Value, second: Value, order: Order) -> Value:
    """Of each element, how far it is to the nearest where the condition holds; infinite if that is nowhere."""
    axes, (marked, x, y) = _along([where, first, second], order)
    here = marked.astype(bool)
    found = np.full(len(x), np.inf)
    points = np.stack([x[here], y[here]])
    if points.size:
        step = max(1, _AT_ONCE // points.shape[1])
        for start in range(0, len(x), step):
            part = slice(start, start + step)
            found[part] = np.hypot(x[part, None] - points[0], y[part, None] - points[1]).min(axis=1)
    return Value(axes, found, bound=4 * 2.0**-53 * np.where(np.isfinite(found), found, 0.0))


def _along(parts: list[Value | Truth], order: Order) -> tuple[tuple[str, ...], list[np.ndarray]]:
    axes = order.union(part.axes for part in parts)
    size = max(part.data.size for part in parts)
    for part in parts:
        if part.missing is not None or (isinstance(part, Value) and not part.exact) or (isinstance(part, Truth) and part.doubt is not None):
            raise Unavailable("peaks and distances are those of values that were traced, everywhere")
    return axes, [np.broadcast_to(part.data, (size,)) for part in parts]


def _cells(coordinates: list[np.ndarray]) -> tuple[list[np.ndarray], tuple[int, ...]]:
    """Each coordinate as a whole number from zero."""
    place = []
    for coordinate in coordinates:
        whole = np.rint(coordinate)
        if not np.array_equal(whole, coordinate):
            raise Unavailable("the coordinates of peaks are whole numbers")
        place.append((whole - whole.min(initial=0)).astype(np.int64))
    shape = tuple(int(part.max(initial=0)) + 1 for part in place)
    if shape[0] * shape[1] > _MOST:
        raise Unavailable("the elements lie too far apart for one plane")
    return place, shape
