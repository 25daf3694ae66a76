"""What is the same for every pixel: formed once, recorded once."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from torch_model import beam, crystal, scaling, structure
from torch_model.experiment import Detector, Experiment
from torch_model.trace import Probes


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that does not depend on the pixel."""

    incident: Tensor                  # (source, xyz)
    cell_phi: Tensor                  # (phi, abc, xyz), m
    cell: Tensor                      # (phi, mosaic, abc, xyz), m
    first_cell_phi: Tensor | None     # the same for the first scan of all, where it differs (phi_carry_over)
    first_cell: Tensor | None
    first_pixel: tuple[int, int] | None       # (slow, fast) of that scan
    reciprocal: Tensor                # (abc, xyz), 1/m
    table: structure.Guarded
    slow: Tensor                      # (slow), whole numbers
    fast: Tensor                      # (fast)
    subpixel_size: Tensor             # (), m
    r_e_sqr: Tensor                   # (), m^2
    background: Tensor                # (), electron^2
    zero: Tensor                      # (), in the model's dtype
    one: Tensor
    samples_in_pixel: int             # 0: nothing depends on the order of the samples
    interpolation_ends: int           # place of the first sample that is no longer interpolated (table_value_outside)
    batch: int | None = None          # pixels whose samples are computed together; None: all those of a tile
    sine: Callable[[Tensor], Tensor] | None = None      # what compiled functions take in the sine's place; None: the sine
    kernels: Any = None               # compiled functions in the place of those in `samples`, see `compiled`; None: there are none


def prepare(experiment: Experiment, probes: Probes) -> Prepared:
    """Formed before the loops, in the model's precision."""
    b, d, c, s = experiment.beam, experiment.detector, experiment.crystal, experiment.sampling
    zero = torch.zeros_like(d.pixel_size)
    incident = beam.incident_direction(b.directions)
    phi = crystal.phi_angles(s.phi0, s.phistep, s.phisteps)
    cell_phi, first_cell_phi = _cells(experiment, phi)
    cell = crystal.mosaic_rotation(cell_phi, c.domains)
    size = d.pixel_size / s.oversample
    probes.put("incident", incident, "source", "xyz")
    probes.put("wavelength", b.wavelengths, "source")
    probes.put("phi_angle", phi, "phi")
    probes.put("subpixel_size", size)
    if first_cell_phi is None:                      # else they depend on the scan, and are recorded there
        probes.put("cell_phi", cell_phi, "phi", "abc", "xyz")
        probes.put("cell", cell, "phi", "mosaic", "abc", "xyz")
    r_e_sqr = zero + scaling.R_E_SQR
    probes.put("r_e_sqr", r_e_sqr)
    background = zero
    if s.water is not None:
        background = scaling.background(s.water, r_e_sqr, b.fluence)
        probes.put("F_background", zero + scaling.WATER)
    probes.put("I_background", background)
    ordered = c.interpolate and "table_value_outside" in s.quirks
    device = d.pix0.device
    return Prepared(
        incident, cell_phi, cell, first_cell_phi, None if first_cell_phi is None else crystal.mosaic_rotation(first_cell_phi, c.domains),
        None if first_cell_phi is None else first_pixel(d), crystal.reciprocal_cell(c.cell0, c.volume),
        structure.guarded(c.table, c.first, c.default_F), torch.arange(d.slow_pixels, device=device),
        torch.arange(d.fast_pixels, device=device), size, r_e_sqr, background, zero, zero + 1,
        d.layers * experiment.steps if ordered else 0, 2**62)


def _cells(experiment: Experiment, phi: Tensor) -> tuple[Tensor, Tensor | None]:
    """(phi, abc, xyz), m: the cell at each step; and at those of the first scan of all, if they differ."""
    s = experiment.sampling
    cell_phi = crystal.spindle_rotation(experiment.crystal.cell0, s.spindle_axis, phi)
    if "phi_carry_over" not in s.quirks:
        return cell_phi, None
    usual, first = crystal.carried_over(phi.tolist())
    return cell_phi[usual], None if usual == first else cell_phi[first]


def first_pixel(d: Detector) -> tuple[int, int] | None:
    """(slow, fast) of the first pixel that is computed, on the host; None if there is none."""
    fast0, fast1, slow0, slow1 = d.roi
    if d.mask is None:
        return slow0, fast0
    inside = d.mask[slow0:slow1, fast0:fast1].nonzero()
    return (slow0 + int(inside[0, 0]), fast0 + int(inside[0, 1])) if len(inside) else None
