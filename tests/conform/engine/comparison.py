"""One expression on both: each element of the evaluator's value beside what a program has there, or beside the exact value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from flint import arb

from conform.engine.arithmetic import Arithmetic
from conform.engine.evaluate import Grid
from conform.engine.values import Value
from specs_dsl.parser import parse_expression

from .programs import AXES, FIRST, SIZES, Exact, Program, Undecided, Walk
from .worlds import World, evaluated, truth, value

SECOND_ORDER = 1 + 1e-5                  # bounds leave out the rounding of what rounding alone adds
Operands = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Element:
    """The evaluator's value at a place, how far a correct program may be from it, and how far this one is."""

    place: Mapping[str, int]
    data: float
    reach: float
    off: float

    @property
    def within(self) -> bool:
        return self.off <= self.reach * SECOND_ORDER + 1e-300


def value_of(text: str, found: Operands, arithmetic: Arithmetic, sizes: Mapping[str, int] = SIZES) -> Value:
    names = {name: value(found[name], *AXES[name], whole=name == "m") for name in AXES if name not in "gT"}
    world = World({**names, "g": truth(found["g"], "p")}, {"T": Grid(found["T"], (FIRST,))}, sizes)
    return evaluated(text, world, arithmetic)


def beside_program(text: str, found: Operands, arithmetic: Arithmetic, program: Program, sizes: Mapping[str, int] = SIZES) -> Iterator[Element]:
    """Every element at which both have a number. A program that overflows on the way has left the precision, and rounds no more."""
    tree, walk = parse_expression(text), Walk(program, found, sizes)
    for place, data, reach in _places(value_of(text, found, arithmetic, sizes), sizes, 1e30):
        try:
            with np.errstate(all="ignore", over="raise"):
                shown = float(walk.number(tree, place, {}))
        except (Undecided, FloatingPointError):
            continue
        if np.isfinite(shown):
            yield Element(place, data, reach, abs(shown - data))


def beside_exact(text: str, found: Operands, arithmetic: Arithmetic, sizes: Mapping[str, int] = SIZES) -> Iterator[Element]:
    """Every element whose exact value is finite and certain, at the precision that flint is set to."""
    tree, walk = parse_expression(text), Walk(Exact(), found, sizes)
    for place, data, reach in _places(value_of(text, found, arithmetic, sizes), sizes, 1e100):
        try:
            exact = walk.number(tree, place, {})
        except (Undecided, ValueError, OverflowError):
            continue
        if exact.is_finite():
            yield Element(place, data, reach, abs(float((exact - arb(data)).mid())))


def _places(value: Value, sizes: Mapping[str, int], most: float) -> Iterator[tuple[dict[str, int], float, float]]:
    """All elements with a finite value and reach. A value that does not vary along an axis is the same anywhere."""
    reach = np.broadcast_to(value.reach, value.data.shape)
    for at in np.ndindex(value.data.shape):
        data, room = float(value.data[at]), float(reach[at])
        if np.isfinite(data) and np.isfinite(room) and abs(data) <= most:
            yield dict.fromkeys(sizes, 0) | dict(zip(value.axes, at, strict=True)), data, room
