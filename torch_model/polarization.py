"""Polarization of the diffracted ray: the Kahn factor."""
from __future__ import annotations

import torch
from torch import Tensor

from torch_model.vectors import cross, unit


def cos_two_theta(incident: Tensor, diffracted: Tensor) -> Tensor:
    """Cosine of the scattering angle. Args: (xyz), (xyz, pixel), unit vectors. Returns (pixel), dimensionless.

    Errors: none. Gradient: everywhere. Source: clause polarization.1.
    """
    return (diffracted * incident[:, None]).sum(0)


def azimuth(incident: Tensor, diffracted: Tensor, axis: Tensor) -> Tensor:
    """Angle between the polarization and the scattering plane: psi = -atan2(d.B, d.E), B = unit(p x i), E = unit(i x B).

    Args: incident, axis: (xyz); diffracted: (xyz, pixel); unit vectors.
    Returns: (pixel), rad. Errors: NaN when the axis lies along the beam.
    Gradient: everywhere but in the direct beam itself, where the azimuth is undefined. Source: clauses polarization.2, .3.
    """
    b_in = unit(cross(axis, incident))
    e_in = unit(cross(incident, b_in))
    return -torch.atan2((diffracted * b_in[:, None]).sum(0), (diffracted * e_in[:, None]).sum(0))


def kahn_factor(cosine: Tensor, psi: Tensor, kahn: Tensor) -> Tensor:
    """Share of the intensity that the polarization lets through: (1 + c^2 - K cos(2 psi) (1 - c^2)) / 2.

    Args: cosine: (pixel), dimensionless. psi: (pixel) or (), rad. kahn: (), dimensionless, 0 to 1.
    Returns: (pixel), dimensionless. Errors: none. Gradient: everywhere. Source: clause polarization.4.
    """
    squared = cosine * cosine
    return 0.5 * (1 + squared - kahn * (2 * psi).cos() * (1 - squared))
