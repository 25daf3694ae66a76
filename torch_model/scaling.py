"""From amplitudes to photons: the term of one sample, the sum, the factors applied once at the end."""
from __future__ import annotations

import torch
from torch import Tensor

from torch_model.graph import no_graph

R_E_SQR = 7.94079248018965e-30        # square of the classical electron radius, m^2; clause units.13
AVOGADRO = 6.02214179e23              # 1/mol; clause units.13
WATER = 2.57                          # amplitude of a molecule, electron; clause background.1


def background(water: Tensor, r_e_sqr: Tensor, fluence: Tensor) -> Tensor:
    """What the water around the crystal adds: 2.57^2 r_e^2 fluence w^3 1e6 N_A / 18.

    Args: water: (), m, its thickness. r_e_sqr: (), m^2. fluence: (), photon/m^2. Returns: (), electron^2.
    Errors: none. Gradient: everywhere. Source: clauses background.1, background.2.
    """
    return WATER * WATER * r_e_sqr * fluence * water * water * water * 1e6 * AVOGADRO / 18.0


def term(f_cell: Tensor, f_latt: Tensor) -> Tensor:
    """Intensity of one sample, F_cell F_cell F_latt F_latt, multiplied in this order.

    Args: (phi, mosaic, pixel) each; electron, dimensionless. Returns: (phi, mosaic, pixel), electron^2.
    Errors: none. Gradient: everywhere. Source: clause scaling.2.
    """
    squared = f_cell * f_cell
    if no_graph():
        return squared.mul_(f_latt).mul_(f_latt)    # in place on its own new tensor only
    return squared * f_latt * f_latt


def accumulate(total: Tensor, terms: Tensor, running: tuple[Tensor, ...] = (), skipped: Tensor | None = None) -> Tensor:
    """Add the terms of one source; each running factor multiplies the *whole* sum after each addition.

    Args: total: (pixel), electron^2. terms: (phi, mosaic, pixel), electron^2. running: factors in use, each (pixel) or (),
        in the order capture, polarization, solid angle. skipped: broadcastable to the terms, samples that add nothing and
        multiply nothing; None: there is none.
    Returns: (pixel), electron^2. Errors: none. Gradient: everywhere.
    Source: clauses scaling.2 to scaling.5, scaling.7, sampling.15, lattice.9.
    """
    if not running:
        return total + (terms if skipped is None else terms.where(~skipped, 0.0)).sum((0, 1))
    passed = None if skipped is None else skipped.expand_as(terms).flatten(0, 1)
    for i, one in enumerate(terms.flatten(0, 1)):   # spindle steps and mosaic domains, not pixels: order matters here
        after = total + one
        for factor in running:
            after = after * factor
        total = after if passed is None else torch.where(passed[i], total, after)
    return total


def scaled(total: Tensor, r_e_sqr: Tensor, fluence: Tensor, steps: int) -> Tensor:
    """Photons before capture, polarization and solid angle: r_e^2 fluence I / steps.

    Args: total: (pixel), electron^2. r_e_sqr: (), m^2. fluence: (), photon/m^2. Returns (pixel), photon (per sr).
    Errors: none. Gradient: everywhere. Source: clause scaling.8.
    """
    return r_e_sqr * fluence * total / steps


def intensity(photons: Tensor, once: tuple[Tensor, ...]) -> Tensor:
    """Photons in the pixel: the factors not yet applied while summing, each of the last sample.

    Args: photons: (pixel). once: each (pixel) or (), in the order capture, polarization, solid angle.
    Returns: (pixel), photon. Errors: none. Gradient: everywhere. Source: clauses scaling.9, scaling.10, scaling.11.
    """
    for factor in once:
        photons = photons * factor
    return photons


def stored(photons: Tensor) -> Tensor:
    """The pixel as it is kept, in single precision. Args: (pixel), photon. Returns (pixel), photon, float32.

    Errors: infinite beyond the range of single precision. Gradient: that of a rounding taken as the identity.
    Source: clause scaling.12.
    """
    return photons.to(torch.float32)
