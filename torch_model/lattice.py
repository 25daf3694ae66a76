"""The lattice factor: what the regular repetition of cells makes of a scattering direction."""
from __future__ import annotations

import math

import torch
from torch import Tensor


def grating(x: Tensor, cells: Tensor) -> Tensor:
    """Interference of `cells` equally spaced cells: sin(N x) / sin(x), and N at x = 0 exactly.

    The index is not reduced to its fraction first: the clause says pi h, and the rounding of pi h is part of it.
    Args: x: phase in rad, (..., abc, pixel). cells: broadcastable to x, for example (abc, 1), dtype of x, at least 1.
    Returns: amplitude, dimensionless, axes of `x`.
    Errors: none; NaN in gives NaN out. Ill-conditioned near the other multiples of pi.
    Gradient: the derivative; at x = 0 its limit, zero. Second derivatives at x = 0 are not given.
    Source: clause lattice.3.
    """
    if torch.is_grad_enabled() and x.requires_grad:
        at_peak = x == 0
        x = torch.where(at_peak, 1.0, x)            # the branch not taken must stay finite too, or its gradient is NaN
        return torch.where(at_peak, cells, torch.sin(x * cells) / torch.sin(x))
    ratio = (x * cells).sin_().div_(torch.sin(x))   # in place on its own new tensor only
    if x.device.type == "cpu" and not ratio.sum().isnan():      # 0/0 somewhere? Elsewhere, asking would stall the queue
        return ratio
    return torch.where(x == 0, cells, ratio)


def axis_factors(hkl: Tensor, cells: Tensor) -> Tensor:
    """Grating factor of each crystal axis at fractional indices.

    Args: hkl: (..., abc, pixel), dimensionless. cells: (abc), number of cells, dtype of hkl.
    Returns: (..., abc, pixel), dimensionless. Errors and gradient: as `grating`. Source: clause lattice.2.
    """
    return grating(hkl * math.pi, cells[:, None])


def lattice_factor(factors: Tensor) -> Tensor:
    """Product over the crystal axes. Args: (..., abc, pixel). Returns (..., pixel), dimensionless.

    Errors: none. Gradient: everywhere. Source: clause lattice.2.
    """
    a, b, c = factors.unbind(-2)
    return a * b * c
