"""Judging single elements without any rounding of our own.

The fast evaluator works in double precision, as most sides do; its own rounding is part of its bound. Here the required
value is exact (ball arithmetic), so that only the side's rounding counts: neither precision judges itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from flint import arb

from conform.engine.balls import Balls, Undecided
from conform.engine.operands import Side, Unavailable
from specs_dsl.spec import Equation


def exact_residual(equation: Equation, side: Side, place: dict[str, int], balls: Balls) -> tuple[float, float] | None:
    """|traced - required| and the required value at one element; None where ball arithmetic cannot say."""
    try:
        required = balls.number(equation.right, place)
        if side.spec.quantities[equation.target].kind == "flag" or not required.is_finite():
            return None
        traced = balls._named(equation.target, place)
    except (Unavailable, Undecided, KeyError, ValueError):
        return None
    distance = abs(traced - required)
    return float(distance.upper()), float(required.mid())


def confirmed(equation: Equation, side: Side, places: Iterable[dict[str, int]]) -> list[tuple[float, float] | None]:
    """The exact residual of several elements of one equation."""
    balls = Balls(side)
    return [exact_residual(equation, side, place, balls) for place in places]


def exact_value(equation: Equation, side: Side, place: dict[str, int]) -> arb | None:
    """What the clause requires at one element, as a ball; None where it cannot be said."""
    try:
        return Balls(side).number(equation.right, place)
    except (Unavailable, Undecided):
        return None
