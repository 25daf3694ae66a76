"""Three-vectors in torch: products, unit vectors, rotations.

The component axis `xyz` is the last one. Everything is pure, batched and keeps the dtype and the device of its operands.
"""
from __future__ import annotations

import torch
from torch import Tensor


def dot(u: Tensor, v: Tensor) -> Tensor:
    """Inner product over xyz. Args: (*axes, xyz) each, broadcast. Returns (*axes), product of the units.

    Errors: none; NaN in gives NaN out. Gradient: everywhere. Source: used by every clause with `u.v`.
    """
    return (u * v).sum(-1)


def along_rows(rows: Tensor, v: Tensor) -> Tensor:
    """Inner product of each row with vectors whose components are the axis before the last, as one matrix product; compiled, as sums
    that melt into what follows.

    Args: rows: (*axes, row, xyz). v: (*axes, xyz, pixel), broadcast. Returns (*axes, row, pixel), product of the units.
    Errors: none; NaN in gives NaN out. Gradient: everywhere. Source: clauses sampling.13, lattice.6.
    """
    if torch.compiler.is_compiling():
        return (rows[..., None] * v[..., None, :, :]).sum(-2)
    if v.dim() == 2:                                          # the same vectors for every matrix: one product of all rows
        return (rows.reshape(-1, 3) @ v).view(*rows.shape[:-1], v.shape[-1])
    return rows @ v


def cross(u: Tensor, v: Tensor) -> Tensor:
    """Outer product u x v over xyz, right-handed. Args: (*axes, xyz) each, broadcast. Returns (*axes, xyz).

    Errors: none; NaN in gives NaN out. Gradient: everywhere. Source: used by every clause with `u x v`.
    """
    return torch.linalg.cross(*torch.broadcast_tensors(u, v), dim=-1)


def unit(v: Tensor) -> Tensor:
    """Direction of `v`. Args: (*axes, xyz), any unit. Returns (*axes, xyz), dimensionless, of length 1.

    No small number is added to the length: that would bend every direction a little. Errors: the zero vector has no
    direction and gives NaN. Gradient: everywhere but at the zero vector.
    """
    return v / v.square().sum(-1, keepdim=True).sqrt()


def rotate_about(v: Tensor, axis: Tensor, angle: Tensor) -> Tensor:
    """Rotation about `axis`: u (u.v)(1 - cos t) + v cos t + (u x v) sin t, the axis taken as it is.

    Args:
        v: (*axes, xyz), any unit.  axis: (xyz), dimensionless; not normalised here, as the clauses demand.
        angle: (*axes), rad; zero is an angle like any other.
    Returns: (*axes, xyz), unit of `v`. Errors: none. Gradient: everywhere, with respect to all three.
    Source: clauses geometry.20 (two-theta) and crystal.15 (spindle).
    """
    angle = angle[..., None]
    along = axis * dot(axis, v)[..., None]
    return along * (1 - angle.cos()) + v * angle.cos() + cross(axis, v) * angle.sin()


def rotate_xyz(v: Tensor, angles: Tensor) -> Tensor:
    """Rotation about laboratory x, then y, then z, right-handed (matrix Rz Ry Rx).

    Args: v: (*axes, xyz), any unit. angles: (xyz), rad. Returns (*axes, xyz). Errors: none. Gradient: everywhere.
    Source: clauses geometry.19 (detector) and crystal.7 (misset).
    """
    x, y, z = v.unbind(-1)
    (cx, cy, cz), (sx, sy, sz) = angles.cos(), angles.sin()
    y, z = y * cx - z * sx, y * sx + z * cx
    x, z = x * cy + z * sy, z * cy - x * sy
    x, y = x * cz - y * sz, x * sz + y * cz
    return torch.stack((x, y, z), -1)
