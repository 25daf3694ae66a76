"""Comparing two sides, quantity by quantity: information, never a verdict.

Two correct sides may differ by all the rounding that has piled up from the inputs to a value; that bound is worked out
by evaluating the rules from the inputs on. What differs by more is a disagreement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.check import arithmetic_of, tiles
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.rework import Rework
from conform.engine.scope import NOTHING
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.trace.borrow import SET_UP
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


def same_elements(a: Side, b: Side) -> str:
    """Why the two sides cannot be compared element by element; empty if they can."""
    for axis in a.spec.axes.values():
        if axis.kind == "loop" and a.size(axis.name) is not None and b.size(axis.name) is not None and a.size(axis.name) != b.size(axis.name):
            return f"{a.name} has {a.size(axis.name):,} elements on the axis {axis.name} and {b.name} has {b.size(axis.name):,}"
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


def compare(spec: Spec, a: Side, b: Side, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None,
            reworked: tuple[Rework, Rework] | None = None, only: Collection[str] | None = None) -> list[Parity]:
    """Parity of every quantity that both sides traced, or of `only` some. `reworked`: the sides with breaks repaired."""
    if same_elements(a, b):
        return []
    names = [name for name, q in spec.quantities.items() if q.role != "const" and q.kind in ("number", "count") and a.has(name) and b.has(name)]
    names = [name for name in names if only is None or name in only]
    found: dict[str, Parity] = {}
    for tile in tiles(a):
        for one in _tile(names, (a, b), profiles, tile, reworked or (Rework(a), Rework(b))):
            found[one.quantity] = _merged(found.get(one.quantity), one, a)
        tick()
    return [found[name] for name in names if name in found]


class _Oracle(Operands):
    """The values of a side by the rules, from its inputs on. What no rule gives here (drawn at random, or a sum over more than was
    traced) is taken as traced, known as well as an input is: `as_traced` collects what was.
    """

    def __init__(self, side: Side, math: Arithmetic, tile: slice, values: frozenset[str]) -> None:
        super().__init__(side, math, tile, values)
        self.as_traced: set[str] = set()

    def _find(self, name: str) -> Value | Truth:
        try:
            found = super()._find(name)
        except Unavailable:
            if not self.side.has(name):
                raise
            found = NOTHING
        if found is not NOTHING or not self.side.has(name):
            return found
        self.as_traced.add(name)
        traced = self.traced(name)
        return traced if isinstance(traced, Truth) else replace(traced, bound=traced.bound + _set_up(self.math.precision.unit, traced.data))


def _set_up(unit: float, size: np.ndarray) -> float:
    """Some roundoffs of the largest element: what was worked out by each program in its own way is nobody's disagreement."""
    return SET_UP * unit * float(np.nanmax(np.abs(size), initial=0.0))


def _tile(names: Sequence[str], sides: tuple[Side, Side], profiles: Mapping[str, Profile], tile: slice, reworked: tuple[Rework, Rework]) -> Iterator[Parity]:
    """Parity on one tile. The allowance is the rounding of both sides from the inputs on."""
    a, b = sides
    setups = [arithmetic_of(side, profiles) for side in sides]
    values = frozenset(name for name, q in a.spec.quantities.items() if q.role == "value")
    oracles = [_Oracle(side, math, tile, values) for side, (math, _) in zip(sides, setups, strict=True)]
    traced_a, traced_b = (one.operands(math, tile) for one, (math, _) in zip(reworked, setups, strict=True))
    with np.errstate(all="ignore"):
        for name in names:
            left, right = _value(traced_a, name), _value(traced_b, name)
            if left is None or right is None:
                continue
            room = [(profile.slack, _value(oracle, name)) for oracle, (_, profile) in zip(oracles, setups, strict=True)]
            given = a.spec.quantities[name].role == "input" or any(name in oracle.as_traced for oracle in oracles)
            yield _compared(name, left, right, room, traced_a, (a.name, b.name), max(math.precision.unit for math, _ in setups), given)


def _value(operands: Operands, name: str) -> Value | None:
    try:
        found = operands.resolve(name)
    except Unavailable:
        return None
    return None if isinstance(found, Truth) else found


def _compared(name: str, left: Value, right: Value, room, operands: Operands, sides: tuple[str, str], unit: float, given: bool) -> Parity:
    """`unit` is the roundoff of the less precise side; `given`: that of no rule."""
    order = operands.order
    known = [(slack, value) for slack, value in room if value is not None]
    axes = order.union([left.axes, right.axes, *(value.axes for _, value in known)])
    x, y = (order.spread(value.data, value.axes, axes) for value in (left, right))
    if not _fit(x, y, *(order.spread(value.data, value.axes, axes) for _, value in known)):
        size = max(np.size(x), np.size(y))                  # tables of different extent: no element is another's
        return Parity(name, sides, size, size, np.inf, np.inf)
    allowed = np.asarray(0.0)
    for slack, value in known:
        allowed = allowed + slack * np.asarray(order.spread(value.bound if value.wide is None else value.wide, value.axes, axes))
    for value in (left, right):
        allowed = allowed + np.asarray(order.spread(value.bound, value.axes, axes))
    size = np.maximum(np.abs(x), np.abs(y))
    allowed = allowed + (_set_up(unit, size) if given else 4 * unit * size)
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
