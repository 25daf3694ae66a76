"""The incident beam: direction of each source, photons on the sample, scattering vector."""
from __future__ import annotations

from torch import Tensor


def incident_direction(source_direction: Tensor) -> Tensor:
    """Direction in which the light of each source travels.

    Args: (source, xyz), unit vector from the sample to the source. Returns: (source, xyz), dimensionless.
    Errors: none. Gradient: everywhere. Source: clause beam.20.
    """
    return -source_direction


def fluence(flux: Tensor, exposure: Tensor, beamsize: Tensor) -> Tensor:
    """Photons on each square metre of the sample: flux * exposure / beamsize / beamsize.

    Args: flux: (), photon/s. exposure: (), s. beamsize: (), m. Returns: (), photon/m^2.
    Errors: infinite for a beam of size 0. Gradient: everywhere else. Source: clause beam.21.
    """
    return flux * exposure / beamsize / beamsize


def scattering_vector(diffracted: Tensor, incident: Tensor, wavelength: Tensor) -> Tensor:
    """q = (d - i) / lambda.

    Args: diffracted: (xyz, pixel). incident: (xyz). Both unit vectors. wavelength: (), m.
    Returns: (xyz, pixel), 1/m. Errors: none; near the direct beam the difference cancels. Gradient: everywhere.
    Source: clause sampling.12.
    """
    return (diffracted - incident[:, None]) / wavelength


def half_length(q: Tensor) -> Tensor:
    """sin(theta)/lambda = |q|/2. Args: (xyz, pixel), 1/m. Returns (pixel), 1/m.

    Errors: none. Gradient: everywhere but at q = 0. Source: clause units.12.
    """
    return q.square().sum(0).sqrt() / 2


def left_out(stol: Tensor, dmin: Tensor) -> Tensor:
    """Whether a source is beyond the resolution limit: stol > 0 and dmin > 0.5 / stol.

    Args: stol: (pixel), 1/m. dmin: (), m. Returns: (pixel), bool. Errors: none. Gradient: none. Source: clause sampling.15.
    """
    return (stol > 0) & (dmin > 0.5 / stol)
