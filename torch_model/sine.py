"""The sine as a polynomial, in arithmetic that a compiler melts into a loop.

A library's sine is a call for each vector, around which all registers are saved, and is made for any argument; it is nine tenths of a
compiled kernel. This one is for double precision and moderate arguments. One by one its forty operations would be slower than the
library's one.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torch_model.experiment import Experiment
    from torch_model.prepare import Prepared

REACH = 2.0**22 * math.pi             # of arguments: the half turns in them, times PI, are exact, with a bit to spare
PI = 3.141592651605606                # its first thirty bits
REST = 1.984187159361081e-09          # and pi minus that, rounded
GRAIN = 6 * 2.0**-18                  # r1 below is a whole multiple of it, so that r1^3 / 6 is exact
# ((sin r / r - 1) / s + 1/6) / s over s = r^2 up to (pi/2)^2, by Chebyshev; the error is 5e-19
SERIES = (2.741336775605575e-15, -7.644794225763441e-13, 1.605900404807433e-10, -2.5052108042166726e-08, 2.7557319222574956e-06,
          -0.00019841269841267665, 0.008333333333333333)


def quick_sine(x: Tensor) -> Tensor:
    """sin x.

    Args: x: any axes, rad, float64, at most REACH. Returns: axes of `x`, dimensionless; within 0.9 units in the last place (the largest seen), and
        1e-24 of x, which is more next to a multiple of pi.
    Errors: none; NaN and infinity give NaN; beyond REACH it is wrong. Gradient: not meant for one. Source: clause lattice.3.
    """
    return polynomial(x, torch.round, float)


def polynomial(x: Any, whole: Callable[[Any], Any], number: Callable[[float], Any]) -> Any:
    """The arithmetic of `quick_sine`, on tensors or on what a compiler calls a value: `whole` rounds one, `number` makes one."""
    turns = whole(x * number(1 / math.pi))
    near, rest = x - turns * number(PI), turns * number(REST)
    r = near - rest
    lost = (near - r) - rest                        # of r in its rounding
    s = r * r
    grains = whole(r * number(1 / GRAIN))
    r1, cube = grains * number(GRAIN), grains * grains * grains * number(GRAIN**3 / 6)          # r1 and r1^3 / 6
    first = r - cube
    rounded = (r - first) - cube
    little = (r - r1) * (r * (r + r1) + r1 * r1) * number(1 / 6)          # (r^3 - r1^3) / 6
    series = s * number(SERIES[0]) + number(SERIES[1])
    for factor in SERIES[2:]:
        series = series * s + number(factor)
    value = first + (rounded + lost * (number(1.0) - s * number(0.405)) + (r * s * s * series - little))
    odd = turns - number(2.0) * whole(turns * number(0.5))
    return value * (number(1.0) - number(2.0) * odd * odd)


def in_reach(experiment: Experiment, ready: Prepared) -> bool:
    """Whether all phases pi N h lie in the reach of `quick_sine`, on a CPU and in double precision, for which it is made."""
    if ready.cell.device.type != "cpu" or ready.cell.dtype != torch.float64:
        return False
    longest = (ready.incident.norm(dim=-1).max() + 1) / experiment.beam.wavelengths.abs().min()     # of q; this way round below, for NaN
    return bool(math.pi * ready.cell.norm(dim=-1).max() * longest * experiment.crystal.cells.max() < REACH)
