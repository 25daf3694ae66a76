"""Judging the elements that the fast evaluator cannot decide, without any rounding of our own.

The fast evaluator works in double precision, as most sides do, so that its bound has our rounding in it beside the side's.
Here the side's rounding alone is granted. Where our own could matter, the required value is worked out exactly, in ball
arithmetic: neither precision judges itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from conform.engine.arithmetic import EVALUATOR, Arithmetic
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.operands import Operands, Unavailable
from conform.engine.values import Truth, Value
from conform.engine.verdicts import Sample
from specs_dsl.spec import Equation

CLEAR = 0.2                              # of the double bound: an element below is inside the side's own, whatever we rounded
NEGLIGIBLE = 1e6                         # so many times ours: the side's rounding drowns it
MOST = 2000                              # of one statement in one tile: the nearest to their bound, if there are more


@dataclass(frozen=True)
class Confirmed:
    """The comparison with the side's rounding alone; `exact` holds the residuals that balls decided, by flat index."""

    compared: Compared
    exact: dict[int, float]

    def broken(self) -> np.ndarray:
        found = self.compared.broken.copy()
        for at, residual in self.exact.items():
            found.flat[at] = self.compared.judged.flat[at] and not residual <= self.compared.allowed.flat[at]
        return found

    def ratio(self) -> np.ndarray:
        found = np.array(self.compared.ratio)
        for at, residual in self.exact.items():
            allowed = float(self.compared.allowed.flat[at])
            found.flat[at] = 0.0 if residual == 0 else residual / allowed if allowed else np.inf
        return found


def confirm(equation: Equation, loose: Compared, guard: Truth | None, operands: Operands, allowance: Allowance) -> Confirmed | None:
    """None where no element comes near its bound, or our rounding is nothing beside the side's: nothing to be confirmed."""
    if operands.math.precision.unit > NEGLIGIBLE * EVALUATOR:
        return None
    near = loose.judged & ~loose.tie & (loose.ratio > CLEAR)
    if not near.any() or loose.wide is not None:
        return None
    strict = strictly(equation, guard, operands, allowance)
    ours = np.maximum(loose.allowed - strict.allowed, 0.0) / allowance.slack
    open_ones = near & (np.abs(strict.residual - strict.allowed) <= 2 * ours)
    places = np.flatnonzero(open_ones)
    if len(places) > MOST:
        places = np.sort(places[np.argsort(-loose.ratio.ravel()[places], kind="stable")[:MOST]])
    return Confirmed(strict, _exactly(equation, operands, strict, places))


def strictly(equation: Equation, guard: Truth | None, operands: Operands, allowance: Allowance) -> Compared:
    """The comparison with the side's rounding alone: ours is in its residuals and not in what is allowed."""
    alone = replace(operands.math.precision, evaluator=0.0)
    again = Operands(operands.side, Arithmetic(alone, operands.order), operands.tile)
    left, right = again.traced(equation.target), again.right(equation)
    assert isinstance(left, Value) and isinstance(right, Value)
    return compare_values(left, right, guard, operands.order, allowance, ())


def _exactly(equation: Equation, operands: Operands, compared: Compared, places: np.ndarray) -> dict[int, float]:
    """The residual of single elements against the exact value, where balls can tell."""
    found: dict[int, float] = {}
    for at in places.tolist():
        exact = exact_element(equation, operands, compared.axes, np.unravel_index(at, compared.judged.shape))
        if exact is not None:
            found[at] = exact[0]
    return found


def exact_element(equation: Equation, operands: Operands, axes: tuple[str, ...], index) -> tuple[float, float] | None:
    """|traced - required| and the required value of one element, both from exact arithmetic; None if it cannot be said."""
    from conform.engine.balls import Balls, Undecided        # flint is loaded only where something is near its bound

    start = operands.tile.start or 0
    place = {axis: int(i) + (start if axis == operands.side.tile_axis else 0) for axis, i in zip(axes, index, strict=True)}
    try:
        return Balls(operands.side, operands.math.precision.dtype).residual(equation, place)
    except (Unavailable, Undecided, KeyError):
        return None


def exact_sample(sample: Sample | None, equation: Equation, operands: Operands) -> Sample | None:
    """A reported element with what the clause requires there in exact arithmetic."""
    if sample is None:
        return None
    start = operands.tile.start or 0
    index = tuple(i - (start if axis == operands.side.tile_axis else 0) for axis, i in sample.place)
    exact = exact_element(equation, operands, tuple(axis for axis, _ in sample.place), index)
    return sample if exact is None else replace(sample, required=exact[1])
