"""Is a mistake one at all? A statement and its variant, on operands that no run gave them.

What no run tells from what is required may be the same whatever the operands are: a factor of one, arguments in another
order. Then there is nothing to notice. It is asked of operands that are drawn at random: other sizes, other signs,
zeros, the other answer of every condition, other words. Where the two never differ by more than their bounds, they are
the same but for rounding.
"""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.operands import Operands, Side
from conform.engine.scope import Unavailable
from conform.engine.values import EXACT, Truth, Value, as_number
from conform.engine.variants import Variant, found_by
from specs_dsl.spec import Equation

DRAWS = 96
ENOUGH = 12                              # draws that must have given numbers
ELEMENTS = 3                             # of the tiled axis


class Drawn(Operands):
    """The operands of one side, each replaced by something else of its kind: the same for the same draw."""

    draw = 0

    def but(self, name, change) -> Drawn:
        other = Drawn(self.side, self.math, self.tile, self.required, {**self.changed, name: change})
        other.draw = self.draw
        return other

    def found(self, name: str) -> Value | Truth:
        found, quantity = super().found(name), self.spec.quantities[name]
        if quantity.role == "const":
            return found
        dice = np.random.default_rng([self.draw, crc32(name.encode())])
        if isinstance(found, Truth):
            return Truth(found.axes, dice.random(found.data.shape) < 0.5)
        if quantity.kind == "choice":
            return replace(found, data=dice.integers(0, len(quantity.choices), found.data.shape).astype(float), bound=EXACT, wide=None, missing=None)
        data = _whole(found.data, dice) if found.whole or quantity.kind == "count" else _number(found.data, dice, self.draw % 2 == 1)
        return replace(found, data=data, bound=EXACT, wide=None, missing=None)


def _whole(data: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    near = np.where(np.isfinite(data), data, 0) + dice.integers(1, 5, data.shape)
    return np.where(dice.random(data.shape) < 0.5, near, dice.integers(-1, 4, data.shape)).astype(float)


def _number(data: np.ndarray, dice: np.random.Generator, signs: bool) -> np.ndarray:
    size = np.where(np.isfinite(data) & (data != 0), data, 1.0) * dice.uniform(0.4, 1.9, data.shape)
    if signs:
        size = size * np.where(dice.random(data.shape) < 0.5, -1.0, 1.0)
    return np.where(dice.random(data.shape) < 0.1, 0.0, size)


def same(variant: Variant, equation: Equation, side: Side, math: Arithmetic) -> bool | None:
    """Whether the variant is what is required, on all draws; None if too few of them gave a number."""
    known = 0
    tile = slice(0, min(ELEMENTS, side.size(side.tile_axis) or 0))
    for draw in range(DRAWS):
        operands = Drawn(side, math, tile)
        operands.draw = draw
        told = _alike(variant, equation, operands)
        if told is False:
            return False
        known += told is True
    return True if known >= ENOUGH else None


def _alike(variant: Variant, equation: Equation, operands: Drawn) -> bool | None:
    try:
        with np.errstate(all="ignore"):
            right = as_number(operands.right(equation))
    except Unavailable:
        return None
    found = found_by(variant, operands)
    if found is None:
        return None
    wrong = as_number(found)
    axes = operands.order.union([wrong.axes, right.axes])
    with np.errstate(all="ignore"):
        x, y, reach = np.broadcast_arrays(*(np.asarray(part) for part in (
            operands.order.spread(wrong.data, wrong.axes, axes), operands.order.spread(right.data, right.axes, axes),
            operands.order.spread(wrong.reach, wrong.axes, axes) + operands.order.spread(right.reach, right.axes, axes))))  # type: ignore[operator]
        here = np.isfinite(y) & ~np.isnan(reach)
        for part in (wrong, right):
            if part.missing is not None:
                here = here & ~np.broadcast_to(np.asarray(operands.order.spread(part.missing, part.axes, axes)), here.shape)
        if not here.any():
            return None
        return bool((np.abs(x - y) <= reach)[here].all())       # this way round: a number that is none differs
