"""Comparing two sides, quantity by quantity: information, never a verdict.

Two correct sides may differ by all the rounding that has piled up from the inputs to a value; that bound is worked out
by evaluating the rules from the inputs on. What differs by more is a disagreement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conform.engine.allowance import Room, differing_inputs, number_of, set_up
from conform.engine.operands import Operands, Side
from conform.engine.rework import Rework
from conform.engine.tiling import tiles
from conform.engine.tolerances import Profile
from conform.engine.values import Value
from specs_dsl.spec import Spec


@dataclass(frozen=True, slots=True)
class Parity:
    """One quantity on two sides. `worst` is the largest relative difference among the elements that disagree."""

    quantity: str
    sides: tuple[str, str]
    elements: int
    differing: int                       # elements whose difference is more than accumulated rounding
    worst: float
    largest: float                       # the largest relative difference of all elements

    @property
    def agree(self) -> bool:
        return self.differing == 0


def lengths_apart(a: Side, b: Side) -> dict[str, tuple[int, int]]:
    """The loops that are not of the same length on two sides, and how long each is there."""
    sizes = {axis.name: (a.size(axis.name), b.size(axis.name)) for axis in a.spec.axes.values() if axis.kind == "loop"}
    return {axis: (m, n) for axis, (m, n) in sizes.items() if m is not None and n is not None and m != n}


def same_elements(a: Side, b: Side) -> str:
    """Why the two sides cannot be compared element by element; empty if they can."""
    for axis, (m, n) in lengths_apart(a, b).items():
        return f"{a.name} has {m:,} elements on the axis {axis} and {b.name} has {n:,}"
    for name in coordinates(a.spec):
        if a.has(name) and b.has(name) and not np.array_equal(a.bundle.values(name), b.bundle.values(name)):
            return f"the sides traced different elements: their `{name}` differs"
    return ""


def coordinates(spec: Spec) -> dict[str, str]:
    """Inputs that are whole numbers along one loop axis, and that axis: they say where an element is."""
    return {
        name: q.axes[0] for name, q in spec.quantities.items()
        if q.role == "input" and q.kind == "count" and len(q.axes) == 1 and spec.axes[q.axes[0]].kind == "loop"
    }


@dataclass(frozen=True)
class Comparison:
    """What is compared of two sides: each in a state of repair, and of its quantities all or `only` some."""

    states: tuple[Rework, Rework]
    only: frozenset[str] | None = None


def compare(spec: Spec, a: Side, b: Side, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> list[Parity]:
    """Parity of every quantity that both sides traced, as they traced it."""
    return compare_states(spec, (a, b), profiles, [Comparison((Rework(a), Rework(b)))], tick)[0]


def compare_states(spec: Spec, sides: tuple[Side, Side], profiles: Mapping[str, Profile], asked: Sequence[Comparison],
                   tick: Callable[[], None] = lambda: None) -> list[list[Parity]]:
    """The parity of each comparison. All in one pass over the tiles, for what rounding may do is the same whatever is repaired,
    and is the dear part."""
    a, b = sides
    if same_elements(a, b):
        return [[] for _ in asked]
    names = [name for name, q in spec.quantities.items() if q.role != "const" and q.kind in ("number", "count") and a.has(name) and b.has(name)]
    found: list[dict[str, Parity]] = [{} for _ in asked]
    differing = differing_inputs(a, b)
    for tile in tiles(a):
        room = Room(sides, profiles, tile, differing)
        for one, merged in zip(asked, found, strict=True):
            for parity in _tile([name for name in names if one.only is None or name in one.only], room, one.states):
                merged[parity.quantity] = _merged(merged.get(parity.quantity), parity, a)
        tick()
    return [[merged[name] for name in names if name in merged] for merged in found]


def _tile(names: Sequence[str], room: Room, states: tuple[Rework, Rework]) -> Iterator[Parity]:
    a, b = (state.operands(math, room.tile) for state, math in zip(states, room.maths, strict=True))
    unit = max(math.precision.unit for math in room.maths)
    with np.errstate(all="ignore"):
        for name in names:
            left, right = number_of(a, name), number_of(b, name)
            if left is not None and right is not None:
                known = room.of(name)
                yield _compared(name, left, right, known, a, (room.sides[0].name, room.sides[1].name), unit, room.given(name))


def _compared(name: str, left: Value, right: Value, known: Sequence[tuple[float, Value]], operands: Operands, sides: tuple[str, str], unit: float, given: bool) -> Parity:
    """`unit` is the roundoff of the less precise side; `given`: that of no rule."""
    order = operands.order
    axes = order.union([left.axes, right.axes, *(value.axes for _, value in known)])
    x, y = (order.spread(value.data, value.axes, axes) for value in (left, right))
    if not _fit(x, y, *(order.spread(value.data, value.axes, axes) for _, value in known)):
        size = max(np.size(x), np.size(y))                  # tables of different extent: no element is another's
        return Parity(name, sides, size, size, np.inf, np.inf)
    allowed = np.asarray(0.0)
    for slack, value in known:
        rounding = np.asarray(order.spread(value.bound if value.wide is None else value.wide, value.axes, axes))
        allowed = allowed + slack * np.nan_to_num(rounding, nan=0.0, posinf=np.inf)      # what a side computes from no number allows nothing
    for value in (left, right):
        allowed = allowed + np.asarray(order.spread(value.bound, value.axes, axes))
    size = np.maximum(np.abs(x), np.abs(y))
    allowed = allowed + (set_up(unit, size) if given else 4 * unit * size)
    difference = np.abs(x - y)
    both_nan = np.isnan(x) & np.isnan(y)
    gone = np.zeros(1, bool)
    for value in (left, right):
        if value.missing is not None:
            gone = gone | order.spread(value.missing, value.axes, axes)
    outside = ~(difference <= allowed) & ~both_nan & ~gone
    relative = np.where(both_nan | gone | (difference == 0), 0.0, difference / size)
    relative = np.broadcast_to(np.where(np.isnan(relative), np.inf, relative), np.broadcast_shapes(np.shape(relative), np.shape(outside)))
    outside = np.broadcast_to(outside, relative.shape)
    return Parity(name, sides, int(relative.size), int(outside.sum()), float(relative[outside].max(initial=0.0)), float(relative.max(initial=0.0)))


def _fit(*arrays: np.ndarray) -> bool:
    try:
        np.broadcast_shapes(*map(np.shape, arrays))
    except ValueError:
        return False
    return True


def _merged(before: Parity | None, one: Parity, side: Side) -> Parity:
    if before is None:
        return one
    if side.tile_axis not in side.spec.quantities[one.quantity].axes:
        return before
    return Parity(one.quantity, one.sides, before.elements + one.elements, before.differing + one.differing, max(before.worst, one.worst), max(before.largest, one.largest))
