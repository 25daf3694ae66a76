"""What a broken side decides instead: a condition with one mistake in it, which must fit wherever the clause was judged.

A condition is true or false, so that what fits the broken elements alone says nothing: every denial does.
"""

from __future__ import annotations

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.instead import Instead
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Truth
from conform.engine.variants import Variant, found_by, mistakes
from specs_dsl.spec import Equation


def decides_instead(equation: Equation, side: Side, profiles: dict[str, Profile]) -> Instead:
    """The first mistake that gives what was traced, everywhere."""
    math, _ = arithmetic_of(side, profiles)
    scopes = [Operands(side, math, tile) for tile in tiles(side)]
    for variant in mistakes(equation, side):
        if _fits(variant, equation, scopes):
            return Instead(variant.text, variant.equation)
    return Instead()


def _fits(variant: Variant, equation: Equation, scopes: list[Operands]) -> bool:
    seen = False
    for operands in scopes:
        try:
            with np.errstate(all="ignore"):
                guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
            found, traced = found_by(variant, operands), operands.traced(equation.target)
        except Unavailable:
            return False
        if not (isinstance(found, Truth) and isinstance(traced, Truth)):
            return False
        axes = operands.order.union([found.axes, traced.axes, guard.axes if guard else ()])
        parts = [(found.data, found.axes), (traced.data, traced.axes), (guard.data if guard else np.True_, guard.axes if guard else ())]
        x, y, here = np.broadcast_arrays(*(np.asarray(operands.order.spread(data, own, axes)) for data, own in parts))
        for part in (found, traced):
            for mask in (part.missing, part.doubt):
                if mask is not None:
                    here = here & ~np.broadcast_to(operands.order.spread(mask, part.axes, axes), x.shape)
        if (x != y)[here].any():
            return False
        seen = seen or bool(here.any())
    return seen
