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

    def __init__(self, sides: tuple[Side, Side], profiles: Mapping[str, Profile], tile: slice) -> None:
        self.tile, self.sides, self.spec = tile, sides, sides[0].spec
        setups = [arithmetic_of(side, profiles) for side in sides]
        self.maths = tuple(math for math, _ in setups)
        self.slacks = tuple(profile.slack for _, profile in setups)
        values = frozenset(name for name, q in self.spec.quantities.items() if q.role == "value")
        self.oracles = tuple(_Oracle(side, other, math, tile, values) for side, other, math in zip(sides, sides[::-1], self.maths, strict=True))

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

    def __init__(self, side: Side, other: Side, math: Arithmetic, tile: slice, values: frozenset[str]) -> None:
        super().__init__(side, math, tile, values)
        self.other = other
        self.as_traced: set[str] = set()

    def _find(self, name: str) -> Value | Truth:
        try:
            found = super()._find(name)
        except Unavailable:
            if not self.side.has(name):
                raise
            found = NOTHING
        if found is not NOTHING or not self.side.has(name):
            return self._loosely(found) if self._differs(name) else found
        self.as_traced.add(name)
        return self._loosely(self.traced(name))

    def _differs(self, name: str) -> bool:
        """Whether it is an input that both sides traced, and not to the bit."""
        quantity = self.spec.quantities[name]
        if quantity.role != "input" or quantity.flags or quantity.kind != "number" or not (self.side.has(name) and self.other.has(name)):
            return False
        return not np.array_equal(self.side.bundle.values(name), self.other.bundle.values(name), equal_nan=True)

    def _loosely(self, found: Value | Truth) -> Value | Truth:
        return found if isinstance(found, Truth) else replace(found, bound=found.bound + set_up(self.math.precision.unit, found.data))


def set_up(unit: float, size: np.ndarray) -> float:
    """Some roundoffs of the largest element: what was worked out by each program in its own way is nobody's disagreement."""
    return SET_UP * unit * float(np.nanmax(np.abs(size), initial=0.0))


def number_of(operands: Operands, name: str) -> Value | None:
    try:
        found = operands.resolve(name)
    except Unavailable:
        return None
    return None if isinstance(found, Truth) else found
