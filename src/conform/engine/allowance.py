"""What rounding may make of each quantity from the inputs on: how far apart two correct sides may be.

The rules are evaluated from a side's own inputs, with the bound that piles up on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.check import arithmetic_of
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.scope import NOTHING
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.trace.borrow import SET_UP


class Room:
    """On one tile, what the rounding of both sides from the inputs on may make of each quantity."""

    def __init__(self, sides: tuple[Side, Side], profiles: Mapping[str, Profile], tile: slice, differing: frozenset[str]) -> None:
        """`differing`: the inputs that the sides have in other digits, see `differing_inputs`."""
        self.tile, self.sides, self.spec = tile, sides, sides[0].spec
        setups = [arithmetic_of(side, profiles) for side in sides]
        self.maths = tuple(math for math, _ in setups)
        self.slacks = tuple(profile.slack for _, profile in setups)
        values = frozenset(name for name, q in self.spec.quantities.items() if q.role == "value")
        self.oracles = tuple(_Oracle(side, math, tile, values, differing) for side, math in zip(sides, self.maths, strict=True))

    def of(self, name: str) -> list[tuple[float, Value]]:
        """Of each side that can tell: its slack, and the quantity by the rules."""
        found = zip(self.slacks, (number_of(oracle, name) for oracle in self.oracles), strict=True)
        return [(slack, value) for slack, value in found if value is not None]

    def given(self, name: str) -> bool:
        """Is it of no rule? Known once it was asked for."""
        return self.spec.quantities[name].role == "input" or any(name in oracle.as_traced for oracle in self.oracles)


class _Oracle(Operands):
    """The values of a side by the rules, from its inputs on. What no rule gives here (drawn at random, or a sum over more than was
    traced) is taken as traced, known as well as an input is: `as_traced` collects what was. An input that the other side has in
    other last digits (an angle that the step before it ended with) is known to the digits in which two set-ups may differ.
    """

    def __init__(self, side: Side, math: Arithmetic, tile: slice, values: frozenset[str], differing: frozenset[str]) -> None:
        super().__init__(side, math, tile, values)
        self.differing = differing
        self.as_traced: set[str] = set()

    def _find(self, name: str) -> Value | Truth:
        try:
            found = super()._find(name)
        except Unavailable:
            if not self.side.has(name):
                raise
            found = NOTHING
        if found is not NOTHING or not self.side.has(name):
            return self._loosely(found) if name in self.differing else found
        self.as_traced.add(name)
        return self._loosely(self.traced(name))

    def _loosely(self, found: Value | Truth) -> Value | Truth:
        return found if isinstance(found, Truth) else replace(found, bound=found.bound + set_up(self.math.precision.unit, found.data))


def differing_inputs(a: Side, b: Side) -> frozenset[str]:
    """The numbers of no rule that both sides traced, and not to the bit; tables, which are looked up in, apart."""
    numbers = [name for name, q in a.spec.quantities.items() if q.role == "input" and q.kind == "number" and not q.flags and a.has(name) and b.has(name)
               and not any(a.spec.axes[axis].kind == "grid" for axis in q.axes)]
    return frozenset(name for name in numbers if not np.array_equal(a.bundle.values(name), b.bundle.values(name), equal_nan=True))


def set_up(unit: float, size: np.ndarray) -> float:
    """Some roundoffs of the largest element: what was worked out by each program in its own way is nobody's disagreement."""
    return SET_UP * unit * float(np.nanmax(np.abs(size), initial=0.0))


def number_of(operands: Operands, name: str) -> Value | None:
    try:
        found = operands.resolve(name)
    except Unavailable:
        return None
    return None if isinstance(found, Truth) else found
