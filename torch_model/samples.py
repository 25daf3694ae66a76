"""The samples of one source at one subpixel: indices, amplitude and lattice factor of every spindle step and mosaic domain."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torch_model import crystal, lattice, scaling, structure
from torch_model.experiment import Experiment
from torch_model.prepare import Prepared
from torch_model.trace import Probes

LOOPS = ("layer", "subpixel", "source", "phi", "mosaic")
NEVER = 2**62                         # a place in the loop order behind every sample


@dataclass(slots=True)
class Place:
    """Where a tile is on the detector and in the order of the loops. Only quirks depend on the order."""

    pixels: int
    shape: tuple[int, int]
    lone: int | None                  # the pixel in this tile whose next scan is the first of all
    order: Tensor | None              # (pixel), places of each pixel's first sample; None: nothing depends on it
    sample: int = 0                   # sources before this one in the pixel
    ends: Tensor | None = None        # (), the earliest sample seen to be outside the table
    solid_angle: Tensor | float = 0.0         # (), sr: of all subpixels of all layers

    @classmethod
    def of(cls, ready: Prepared, rows: range, columns: range, fast_pixels: int) -> Place:
        lone = None
        if ready.first_pixel is not None and ready.first_pixel[0] in rows:
            lone = (ready.first_pixel[0] - rows.start) * len(columns) + ready.first_pixel[1] - columns.start
        order = None
        if ready.samples_in_pixel:
            flat = ready.slow[rows.start:rows.stop, None] * fast_pixels + ready.fast[None, columns.start:columns.stop]
            order = flat.reshape(-1) * ready.samples_in_pixel
        return cls(len(rows) * len(columns), (len(rows), len(columns)), lone, order)

    def spread(self, value: Tensor) -> Tensor:
        """(row, 1) or (1, column) as (pixel)."""
        return value.expand(self.shape).reshape(-1)


def samples(experiment: Experiment, ready: Prepared, probes: Probes, place: Place, q: Tensor,
            cut: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """(phi, mosaic, pixel), electron^2: what each sample adds; and which samples are passed over, None if none can be."""
    s = experiment.sampling
    hkl = _indices(ready, probes, place, q, cut)
    hkl0 = structure.nearest_indices(hkl)
    f_latt = _lattice_factor(experiment, ready, probes, hkl, hkl0, cut)
    skipped = cut
    ordered = s.ordered or place.order is not None
    if ordered or probes.active:                    # else a sample of nothing may as well be added
        vanishes = f_latt == 0 if s.water is None else torch.zeros_like(f_latt, dtype=torch.bool)
        skipped = cut if not ordered else vanishes if cut is None else vanishes | cut
        probes.put("vanishes", vanishes, *LOOPS, "pixel", unset=cut)
    f_cell = _amplitude(experiment, ready, probes, place, hkl, hkl0, skipped)
    terms = scaling.term(f_cell, f_latt)
    probes.put("hkl", hkl, *LOOPS, "abc", "pixel", unset=cut)
    probes.put("hkl0", hkl0, *LOOPS, "abc", "pixel", unset=cut)
    probes.put("F_cell", f_cell, *LOOPS, "pixel", unset=cut)
    probes.put("F_latt", f_latt, *LOOPS, "pixel", unset=cut)
    probes.put("term", terms, *LOOPS, "pixel", unset=cut)
    return terms, skipped


def _indices(ready: Prepared, probes: Probes, place: Place, q: Tensor, cut: Tensor | None) -> Tensor:
    """Fractional indices. With phi_carry_over the first scan of all has a cell of its own: that of no scan before."""
    hkl = crystal.fractional_indices(ready.cell, q)
    if ready.first_cell is None:
        return hkl
    first = place.lone
    if first is not None and (cut is None or not cut[first]):
        hkl[..., first:first + 1] = crystal.fractional_indices(ready.first_cell, q[:, first:first + 1])
        place.lone = None
    else:
        first = None
    if probes.active:
        for name, loops, usual, other in (("cell_phi", LOOPS[:-1], ready.cell_phi, ready.first_cell_phi), ("cell", LOOPS, ready.cell, ready.first_cell)):
            value = usual[..., None].expand(*usual.shape, q.shape[-1])
            if first is not None:
                value = value.clone()
                value[..., first] = other
            probes.put(name, value, *loops, "abc", "xyz", "pixel", unset=cut)
    return hkl


def _lattice_factor(experiment: Experiment, ready: Prepared, probes: Probes, hkl: Tensor, hkl0: Tensor, cut: Tensor | None) -> Tensor:
    """(phi, mosaic, pixel): by the shape of the crystal. Clauses lattice.2 to lattice.8."""
    c = experiment.crystal
    if c.shape == "square":
        factors = lattice.axis_factors(hkl, c.cells, ready.sine)
        probes.put("F_latt_axis", factors, *LOOPS, "abc", "pixel", unset=cut)
        return lattice.lattice_factor(factors)
    if c.shape == "round":
        squared = lattice.rho_squared(hkl, hkl0, c.cells)
        sphere = lattice.sphere_transform(squared, c.fudge)
        probes.put("rho_sqr", squared, *LOOPS, "pixel", unset=cut)
        probes.put("sphere", sphere, *LOOPS, "pixel", unset=cut)
        return lattice.round_factor(sphere, c.cells)
    measure = lattice.offset_measure(hkl, hkl0, ready.reciprocal, c.cells)
    probes.put("offset_measure", measure, *LOOPS, "pixel", unset=cut)
    return (lattice.gauss_factor if c.shape == "gauss" else lattice.tophat_factor)(measure, c.fudge, c.cells)


def _amplitude(experiment: Experiment, ready: Prepared, probes: Probes, place: Place, hkl: Tensor, hkl0: Tensor,
               skipped: Tensor | None) -> Tensor:
    """(phi, mosaic, pixel), electron. Clauses structure.11 to structure.15 and their quirks."""
    c, quirks = experiment.crystal, experiment.sampling.quirks
    if not c.interpolate:
        return structure.amplitude(ready.table, hkl0)
    nodes = structure.stencil(hkl)
    outside = structure.outside(ready.table, hkl, nodes, "tight_stencil" in quirks)
    value = structure.tricubic(ready.table, hkl, nodes)
    for axis, name in enumerate("hkl"):
        probes.put(f"stencil_{name}", nodes[..., axis, :, :], *LOOPS, f"node_{name}", "pixel")
    if place.order is None:
        return torch.where(outside, c.default_F, value)
    # the quirk table_value_outside: from the first sample outside on, in the order of the loops, nothing is interpolated
    inner = torch.arange(outside.shape[0] * outside.shape[1], device=hkl.device).view(*outside.shape[:2], 1)
    order = place.order + place.sample * inner.numel() + inner
    earliest = order.where(outside if skipped is None else outside & ~skipped, NEVER).min()
    place.ends = earliest if place.ends is None else torch.minimum(place.ends, earliest)
    return torch.where(order >= ready.interpolation_ends, structure.amplitude(ready.table, hkl0), value)
