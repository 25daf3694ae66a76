"""The lattice factor: what the regular repetition of cells makes of a scattering direction, for four crystal shapes."""
from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from torch_model.graph import no_graph
from torch_model.vectors import along_rows

ROUND = 0.723601254558268             # clause lattice.4
EDGE = 0.3969                         # 0.63 squared; clause lattice.8
# In the place of a phase of exactly 0: so small that N x and both sines are exact, hence the quotient is N; added to any other
# phase it is lost in the rounding. No branch is needed, and no search for zeros.
TINY = {torch.float64: 2.0**-200, torch.float32: 2.0**-60}
BALL = {torch.float64: 1e-5, torch.float32: 8e-3}         # below this fudge rho^2 the series to second order is exact to rounding
SERIES = {torch.float64: 3e-4, torch.float32: 0.05}       # below this N x the series to second order is exact to rounding


def grating(x: Tensor, cells: Tensor) -> Tensor:
    """Interference of `cells` equally spaced cells: sin(N x) / sin(x), and N at x = 0 exactly.

    The index is not reduced to its fraction first: the clause says pi h, and the rounding of pi h is part of it.
    Args: x: phase in rad, (..., abc, pixel). cells: broadcastable to x, for example (abc, 1), dtype of x, at least 1.
    Returns: amplitude, dimensionless, axes of `x`.
    Errors: none; NaN in gives NaN out. Ill-conditioned near the other multiples of pi.
    Gradient: the derivative; around x = 0 that of the first terms of the series, for there the quotient's cancels.
    Source: clause lattice.3.
    """
    if no_graph():
        return _quotient(x + TINY[x.dtype], cells)
    turns = x * cells
    near = turns.detach().abs() < SERIES[x.dtype]
    x, small = torch.where(near, 1.0, x), torch.where(near, x, 0.0)       # what is not taken must stay finite, or its gradient is NaN
    return torch.where(near, cells - cells * (cells.square() - 1) / 6 * small.square(), torch.sin(x * cells) / torch.sin(x))


def _quotient(x: Tensor, cells: Tensor, sine: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """sin(N x) / sin(x) for x that is not 0; `x` is overwritten."""
    if sine and torch.compiler.is_compiling():
        return sine(x * cells) / sine(x)
    return (x * cells).sin_().div_(x.sin_())


def axis_factors(hkl: Tensor, cells: Tensor, sine: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """Grating factor of each crystal axis at fractional indices.

    Args: hkl: (..., abc, pixel), dimensionless. cells: (abc), number of cells, dtype of hkl. sine: what takes the sine's place
        where this is compiled; None: nothing does.
    Returns: (..., abc, pixel), dimensionless. Errors: as `grating`.
    Gradient: for the indices (the counts are whole). It is that of the same function of the index without its integer part, which is
        well conditioned at every reflection, where that of the quotient is rounding noise; the value is the quotient's.
    Source: clause lattice.2.
    """
    if no_graph():           # pi h, and where that is 0 the tiny number, in one pass
        return _quotient(torch.full((), TINY[hkl.dtype], dtype=hkl.dtype, device=hkl.device).add(hkl, alpha=math.pi), cells[:, None], sine)
    cells = cells.detach()[:, None]
    value = grating(hkl.detach() * math.pi, cells)
    nearest = (hkl.detach() - 0.5).ceil()
    alternating = 1 - 2 * (nearest * (cells - 1)).remainder(2)      # what the integer part does to the quotient: its sign
    slope = alternating * grating((hkl - nearest) * math.pi, cells)
    return value + (slope - slope.detach())


def lattice_factor(factors: Tensor) -> Tensor:
    """Product over the crystal axes. Args: (..., abc, pixel). Returns (..., pixel), dimensionless.

    Errors: none. Gradient: everywhere. Source: clause lattice.2.
    """
    a, b, c = factors.unbind(-2)
    return (a * b).mul_(c) if no_graph() else a * b * c


def rho_squared(hkl: Tensor, hkl0: Tensor, cells: Tensor) -> Tensor:
    """Squared distance from the nearest lattice point, in widths of the crystal: sum over abc of ((h - h0) N)^2.

    Args: hkl: (..., abc, pixel), dimensionless. hkl0: the same axes, any dtype. cells: (abc).
    Returns: (..., pixel), dimensionless. Errors: none. Gradient: everywhere, hkl0 held. Source: clause lattice.4.
    """
    return ((hkl - hkl0) * cells[:, None]).square().sum(-2)


def sphere_transform(squared: Tensor, fudge: Tensor) -> Tensor:
    """Fourier transform of a ball: 3 (sin x / x - cos x) / x^2 at x = pi sqrt(fudge rho^2), and 1 at x = 0 exactly.

    Args: squared: rho^2, any axes, dimensionless. fudge: (). Returns: axes of `squared`, dimensionless.
    Errors: none; the quotient cancels: in double precision it is rounded to 1e-15 / x^2.
    Gradient: everywhere; around x = 0 that of the first terms of the series.
    Source: clauses lattice.4, lattice.5.
    """
    scaled = squared * fudge
    near = scaled == 0 if no_graph() else scaled.detach() < BALL[scaled.dtype]
    x = math.pi * torch.where(near, 1.0, scaled).sqrt()
    small = math.pi**2 * torch.where(near, scaled, 0.0)
    return torch.where(near, 1.0 - small / 10 + small * small / 280, 3.0 * (x.sin() / x - x.cos()) / (x * x))


def round_factor(sphere: Tensor, cells: Tensor) -> Tensor:
    """Na Nb Nc 0.7236... S. Args: sphere: any axes. cells: (abc). Returns: axes of `sphere`, dimensionless.

    Errors: none. Gradient: everywhere. Source: clause lattice.4.
    """
    return cells.prod() * ROUND * sphere


def offset_measure(hkl: Tensor, hkl0: Tensor, reciprocal: Tensor, cells: Tensor) -> Tensor:
    """|(h - h0) a* + (k - k0) b* + (l - l0) c*|^2 in square reciprocal angstrom, times (Na Nb Nc)^2.

    Args: hkl: (..., abc, pixel). hkl0: the same axes, any dtype. reciprocal: (abc, xyz), 1/m. cells: (abc).
    Returns: (..., pixel), dimensionless. Errors: none. Gradient: everywhere, hkl0 held. Source: clause lattice.6.
    """
    offset = along_rows((reciprocal * 1e-10).T, hkl - hkl0)
    return offset.square().sum(-2) * cells.prod().square()


def gauss_factor(measure: Tensor, fudge: Tensor, cells: Tensor) -> Tensor:
    """Na Nb Nc exp(-(measure / 0.63) fudge). Args: measure: any axes. fudge: (). cells: (abc). Returns: axes of `measure`.

    Errors: none. Gradient: everywhere. Source: clause lattice.7.
    """
    return cells.prod() * (-(measure / 0.63 * fudge)).exp()


def tophat_factor(measure: Tensor, fudge: Tensor, cells: Tensor) -> Tensor:
    """Na Nb Nc where measure * fudge < 0.3969, else 0. Args: measure: any axes. fudge: (). cells: (abc).

    Returns: axes of `measure`, dimensionless. Errors: none. Gradient: none for the measure, it is a step. Source: lattice.8.
    """
    return torch.where(measure * fudge < EDGE, cells.prod(), 0.0)
