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


def frame(incident: Tensor, axis: Tensor) -> tuple[Tensor, Tensor]:
    """B = unit(p x i), across both, and E = unit(i x B), along the electric field.

    Args: incident, axis: (xyz), unit vectors. Returns: (xyz) each. Errors: NaN when the axis lies along the beam.
    Gradient: everywhere else. Source: clause polarization.2.
    """
    across = unit(cross(axis, incident))
    return across, unit(cross(incident, across))


def azimuth(diffracted: Tensor, across: Tensor, along: Tensor) -> Tensor:
    """Angle between the polarization and the scattering plane: psi = -atan2(d.B, d.E).

    Args: diffracted: (xyz, pixel); across, along: (xyz), the frame B and E; unit vectors. Returns: (pixel), rad.
    Errors: none. Gradient: everywhere but in the direct beam itself, where the azimuth is undefined. Source: polarization.3.
    """
    return -torch.atan2((diffracted * across[:, None]).sum(0), (diffracted * along[:, None]).sum(0))


def kahn_factor(cosine: Tensor, psi: Tensor, kahn: Tensor) -> Tensor:
    """Share of the intensity that the polarization lets through: (1 + c^2 - K cos(2 psi) (1 - c^2)) / 2.

    Args: cosine: (pixel), dimensionless. psi: (pixel) or (), rad. kahn: (), dimensionless, 0 to 1.
    Returns: (pixel), dimensionless. Errors: none. Gradient: everywhere. Source: clause polarization.4.
    """
    squared = cosine * cosine
    return 0.5 * (1 + squared - kahn * (2 * psi).cos() * (1 - squared))
