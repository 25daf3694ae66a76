"""The crystal: cell vectors from a matrix or six cell constants, and their rotation by the spindle.

Vectors are (abc, xyz): one row for each of a, b, c.
"""
from __future__ import annotations

import math

import torch
from torch import Tensor

from torch_model.vectors import along_rows, cross, dot, rotate_about, unit


def phi_angles(phi0: Tensor, phistep: Tensor, steps: int) -> Tensor:
    """Spindle angle at each step, the left edge of its interval: phi0 + j * phistep.

    Args: phi0, phistep: (), rad. Returns: (phi), rad. Errors: none. Gradient: for both. Source: clause sampling.7.
    """
    return phi0 + phistep * torch.arange(steps, dtype=phi0.dtype, device=phi0.device)


def spindle_rotation(cell0: Tensor, spindle_axis: Tensor, phi: Tensor) -> Tensor:
    """Cell vectors at each spindle angle, at every step, the angle 0 included: nothing is carried over.

    Args: cell0: (abc, xyz), m, the reference cell. spindle_axis: (xyz), unit vector. phi: (phi), rad.
    Returns: (phi, abc, xyz), m. Errors: none. Gradient: everywhere. Source: clause crystal.15.
    """
    return rotate_about(cell0, spindle_axis, phi[:, None])


def carried_over(angles: list[float]) -> tuple[list[int], list[int]]:
    """The quirk phi_carry_over: for each step the one whose cell it holds, where an angle of exactly 0 rotates nothing.

    Args: angles: of the steps, on the host. Returns: indices for every scan but the first, and for the first scan of all, in
    which the cell before any rotation is that of the reference. Source: clause crystal.15, the quirk.
    """
    turned = [j for j, angle in enumerate(angles) if angle != 0]

    def holder(j: int, before: int) -> int:
        return max((i for i in turned if i <= j), default=before)

    last = turned[-1] if turned else 0
    return [holder(j, last) for j in range(len(angles))], [holder(j, j) for j in range(len(angles))]


def mosaic_rotation(cell_phi: Tensor, domains: Tensor | None) -> Tensor:
    """Cell vectors of each mosaic domain: its rotation matrix times the cell that the spindle has turned.

    Args: cell_phi: (phi, abc, xyz), m. domains: (mosaic, xyz, uvw), or None without mosaic.
    Returns: (phi, mosaic, abc, xyz), m. Errors: none. Gradient: for both. Source: clause crystal.16.
    """
    if domains is None:
        return cell_phi[:, None]
    return torch.einsum("mxu,jau->jmax", domains, cell_phi)


def reciprocal_cell(cell: Tensor, volume: Tensor | None = None) -> Tensor:
    """Reciprocal vectors a* = b x c / V, cyclic. Args: cell: (abc, xyz), m. volume: (), m^3; the cell's own if None.

    Returns: (abc, xyz), 1/m. Errors: infinite or NaN for coplanar vectors. Gradient: everywhere else.
    Source: clauses lattice.6, crystal.10.
    """
    areas = cross(cell.roll(-1, 0), cell.roll(-2, 0))
    return areas / (dot(cell[0], areas[0]) if volume is None else volume)


def fractional_indices(cell: Tensor, q: Tensor) -> Tensor:
    """h = a.q, k = b.q, l = c.q.

    Args: cell: (phi, mosaic, abc, xyz), m. q: (xyz, pixel), 1/m.
    Returns: (phi, mosaic, abc, pixel), dimensionless. Errors: none. Gradient: everywhere. Source: clause sampling.13.
    """
    return along_rows(cell, q)


def direct_cell(reciprocal: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Direct vectors of a reciprocal cell: a = V (b* x c*), cyclic.

    Args: reciprocal: (abc, xyz), 1/m. lengths: (abc), m, of a cell the user asked for: they then hold whatever the
        orientation came from.
    Returns: (abc, xyz), m. Errors: infinite or NaN for coplanar vectors. Gradient: everywhere else.
    Source: clauses crystal.8, crystal.9.
    """
    areas = cross(reciprocal.roll(-1, 0), reciprocal.roll(-2, 0))
    if lengths is None:
        return areas / dot(reciprocal[0], areas[0])
    return unit(areas) * lengths[:, None]


def reciprocal_from_cell(lengths: Tensor, angles: Tensor, direct_ratio: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """Reciprocal vectors of a cell in its standard orientation (a* along x, b* in the xy plane), its volume, their lengths.

    c*_z is c* V* / (a* b* c* sin gamma*), the ratio of the *reciprocal* cell, which gives the angles asked for.
    Args: lengths: (abc), m. angles: (abc), rad: alpha, beta, gamma. direct_ratio: the quirk direct_volume_ratio, which takes the
        ratio V / (a b c) of the direct cell instead.
    Returns: (abc, xyz), 1/m; (), m^3; (abc), 1/m, as the constants give them. Errors: NaN for angles that no cell has. Gradient: for possible cells.
    Source: clauses crystal.3, crystal.4, crystal.5.
    """
    s = angles.sum() / 2
    skew = (s.sin() * (s - angles).sin().prod()).abs()
    volume = 2 * lengths.prod() * skew.sqrt()
    star = lengths.roll(-1) * lengths.roll(-2) * angles.sin() / volume
    cos, sin = angles.cos(), angles.sin()
    cos_star = (cos.roll(-1) * cos.roll(-2) - cos) / (sin.roll(-1) * sin.roll(-2))
    sin_gamma = (1 - cos_star[2].square()).clamp(min=0).sqrt()
    zero = torch.zeros_like(volume)
    upright = star[2] * volume / (lengths.prod() * sin_gamma) if direct_ratio else 1 / (volume * star[0] * star[1] * sin_gamma)
    return torch.stack([
        torch.stack((star[0], zero, zero)),
        torch.stack((star[1] * cos_star[2], star[1] * sin_gamma, zero)),
        torch.stack((star[2] * cos_star[1], star[2] * (cos_star[0] - cos_star[1] * cos_star[2]) / sin_gamma, upright)),
    ]), volume, star


def automatic_oversample(longest_edge: float, wavelength: float, distance: float, pixel_size: float) -> int:
    """Subpixels for each axis so that the finest fringe of the crystal is met three times; at least 1.

    All lengths in m, on the host: this sizes a loop. The order of the arithmetic matters, because the quotient may be an
    exact integer. Source: clause sampling.6.
    """
    fringe = wavelength * distance / pixel_size
    return max(1, math.ceil(3.0 * longest_edge / fringe))
