"""How many steps, how wide: the tables that complete what the flags leave open. Plain numbers in SI units."""
from __future__ import annotations

import math

DEGREES = 180.0 * (1.0 / math.pi)     # degrees are divided by this, as the original does: the last bit depends on it


def spindle(osc: float, step: float, steps: int) -> tuple[float, float, int]:
    """(osc, step, steps) from those that were given; negative means not given. Angles in rad.

    A table of its own, unlike the one of divergence: a step with a count makes two steps, for instance.
    """
    count = max(steps, 1)
    match (steps >= 0, osc >= 0, step > 0):
        case (False, False, False):
            return 0.0, 0.0, 1
        case (False, False, True) | (True, False, True):
            return step, step, 2
        case (False, True, False):
            return osc, osc / 2, 2
        case (False, True, True):
            return osc, step, math.ceil(osc / step)
        case (True, False, False):
            osc = 1.0 / DEGREES
            return osc, osc / count, count
    return osc, (osc / count if step < 0 else step), count


def grid(count: int, extent: float, step: float) -> tuple[int, float, float]:
    """(count, range, step) of divergence and dispersion; count and step up to 0, and a negative range, are not given.

    Clauses beam.12 to beam.18.
    """
    match (count > 0, extent >= 0, step > 0):
        case (False, False, True) | (True, False, True):
            count, extent = 2, step
        case (False, True, False):
            count, step = 2, extent
        case (False, True, True):
            count = math.ceil(extent / step)
        case (True, False, False):
            extent, step = 1.0, 1.0 / count
        case (True, True, False):
            count = max(count, 2)
            step = extent / (count - 1)
    return (count, extent, step) if count > 0 and extent > 0 and step > 0 else (1, 0.0, 0.0)


def layers(count: int, thickness: float, spaced: bool) -> tuple[int, int]:
    """Number of layers, and what the thickness is divided by to have the thickness of one.

    `spaced`: the quirk layer_spacing. Clause detector.8: without it the two are the same number.
    """
    if thickness <= 0:
        return 1, 1
    if count <= 0:
        return 2, 2
    return (max(count, 2), max(count, 2) - 1) if spaced else (count, count)


def mosaic(spread: float, domains: int) -> tuple[float, int]:
    """(spread, domains); negative means not given. Clauses sampling.8, sampling.9."""
    if spread <= 0:
        return 0.0, 1
    return spread, domains if domains > 0 else 10
