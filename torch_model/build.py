"""From parameters to an experiment: reads the files, draws the random orientations, places everything.

The few numbers of the set-up are formed in double precision, all of them, and narrowed once, to that in which the pixels are computed.
"""
from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torch_model import beam as beam_physics
from torch_model import crystal as physics
from torch_model import files, headers
from torch_model.deviates import Deviates, misset_angles
from torch_model.errors import Refusal
from torch_model.experiment import Beam, Crystal, Detector, Experiment, Sampling
from torch_model.geometry import Placement, place
from torch_model.parameters import Parameters
from torch_model.sources import Sources, sources
from torch_model.steps import layers
from torch_model.vectors import cross, dot, rotate_xyz

Exact = Callable[[object], Tensor]   # in double precision, on the host
NOW = -int(time.time())               # the seed of what nobody gave a seed


@dataclass(frozen=True, slots=True)
class Setup:
    """What the files and the messages need beside the experiment."""

    exact: Experiment                 # in double precision, on the host
    placed: Placement
    reflections: int                  # as the list or the cache has them; 0: none
    deviates: Deviates                # one generator: what is drawn later continues it
    sources: Sources
    cell: CellSetup
    volume: float                     # m^3
    reciprocal: Tensor                # (abc, xyz), 1/m
    recommended: int                  # subpixels along one edge
    listed: files.Listed | None       # the list of reflections, if there is one


@dataclass(frozen=True, slots=True)
class CellSetup:
    """The way to the reference cell; None where the command line has no such thing."""

    cell_volume: float | None         # m^3, of the cell that was given
    reciprocal_length: Tensor | None  # (abc), 1/m, of that cell
    matrix: Tensor | None             # (row, column), as the file has it
    reciprocal_set: Tensor            # (abc, xyz), 1/m, before it is turned
    reciprocal_oriented: Tensor       # (abc, xyz), 1/m
    cell0: Tensor                     # (abc, xyz), m
    volume: float                     # m^3


def build(p: Parameters, dtype: torch.dtype, device: torch.device | str) -> Experiment:
    """Tensors for settled parameters. Raises Refusal."""
    return build_all(p, dtype, device)[0]


def build_all(p: Parameters, dtype: torch.dtype, device: torch.device | str) -> tuple[Experiment, Setup]:
    def exact(value: object) -> Tensor:
        return torch.as_tensor(value, dtype=torch.float64)

    placed, deviates = place(p), Deviates()
    cell = reference_cell(p, deviates)
    cell0, volume, given = cell.cell0, cell.volume, cell.cell_volume is not None
    edges = cell0.square().sum(-1).sqrt().tolist()
    before = list(p.cells)
    p.cells = [max(1, math.ceil(size / edge) if size > 0 else n) for n, size, edge in zip(p.cells, p.sizes, edges)]
    recommended = physics.automatic_oversample(max(edge * n for edge, n in zip(edges, p.cells)), p.wavelength, placed.distance, p.pixel)
    p.oversample = p.oversample if p.oversample > 0 else recommended
    table, first, reflections, listed = _table(p)
    small = min(before if "mode_before_size" in p.quirks else p.cells) <= 2
    interpolate = (small if p.interpolate is None else p.interpolate) and reflections > 0
    beam, found = _beam(p, placed, exact)
    domains = exact(deviates.domains(p.mosaic_domains, p.mosaic_spread, p.mosaic_seed)) if p.mosaic_spread > 0 else None
    crystal = Crystal(exact(cell0), exact(p.cells), exact(table), first, exact(p.default_F), exact(p.fudge), p.shape, interpolate,
                      exact(p.mosaic_spread) if p.mosaic_spread > 0 else None, domains,
                      exact(volume) if given and "nominal_volume" in p.quirks else None)
    sampling = Sampling(exact(p.phi), exact(p.phistep), exact(placed.spindle), p.phisteps, p.oversample, p.mosaic_domains,
                        p.oversample_thick, p.oversample_polar, p.oversample_omega, exact(p.dmin) if p.dmin > 0 else None,
                        exact(p.water) if p.water else None, p.quirks)
    reciprocal = physics.reciprocal_cell(cell0, None if crystal.volume is None else cell0.new_tensor(volume))
    whole = Experiment(beam, _detector(p, placed, exact), crystal, sampling)
    setup = Setup(whole, placed, reflections, deviates, found, cell, volume, reciprocal, recommended, listed)
    return whole.to(dtype, device), setup


def _beam(p: Parameters, placed: Placement, exact: Exact) -> tuple[Beam, Sources]:
    flux, exposure, beamsize = exact(p.flux), exact(p.exposure), exact(p.beamsize)
    given = p.flux != 0 and p.exposure > 0 and p.beamsize > 0
    fluence = beam_physics.fluence(flux, exposure, beamsize) if given else exact(p.fluence)
    found = sources(p, placed.beam, placed.polarization)
    return Beam(flux, exposure, beamsize, fluence, exact(found.table[:, 4]), exact(found.directions), exact(p.wavelength),
                exact(p.kahn), exact(placed.polarization), p.kahn != 0, p.nopolar), found


def _detector(p: Parameters, placed: Placement, exact: Exact) -> Detector:
    axes, pix0, thickness = exact(placed.axes), exact(placed.pix0), exact(max(p.thickness, 0.0))
    count, divisor = layers(p.thicksteps, p.thickness, "layer_spacing" in p.quirks)
    mask = torch.from_numpy(headers.read_mask(p.mask, p.fast_pixels, p.slow_pixels)) if p.mask else None
    return Detector(axes, pix0, exact(p.pixel), dot(pix0, axes[2]), thickness, thickness / divisor, exact(max(p.attenuation, 0.0)),
                    count, p.fast_pixels, p.slow_pixels, _region(p), p.point_pixel, p.curved, exact(placed.beam), exact(placed.distance),
                    p.thickness > 0, mask)


def _region(p: Parameters) -> tuple[int, int, int, int]:
    """The inclusive bounds of the flags as half-open ones, cut to the detector; a negative bound is none."""
    fast0, fast1, slow0, slow1 = p.roi
    return (max(fast0, 0), p.fast_pixels if fast1 < 0 else min(fast1 + 1, p.fast_pixels),
            max(slow0, 0), p.slow_pixels if slow1 < 0 else min(slow1 + 1, p.slow_pixels))


def reference_cell(p: Parameters, deviates: Deviates) -> CellSetup:
    """The cell before any spindle rotation. A matrix gives the orientation, a cell the lengths. The volume is that of the vectors;
    with nominal_volume that of the cell's formula."""
    lengths = volume = star = matrix = None
    if p.cell:
        lengths, angles = torch.tensor(p.cell, dtype=torch.float64).view(2, 3)
        reciprocal, volume, star = physics.reciprocal_from_cell(lengths, angles, "direct_volume_ratio" in p.quirks)
    if p.matrix is not None and not _left_out(p):
        scale = (1e-10 / p.wavelength) * 1e10           # elements are wavelength times 1/A; clause crystal.2
        matrix = torch.from_numpy(files.read_matrix(p.matrix))
        reciprocal = matrix.T * scale
    as_set = reciprocal
    if p.misset_random:
        p.misset = _random_misset(p, deviates)
    if p.misset:
        reciprocal = rotate_xyz(reciprocal, torch.tensor(p.misset, dtype=torch.float64))
    own = dot(reciprocal[0], cross(reciprocal[1], reciprocal[2]))
    if not float(own.abs() / reciprocal.norm(dim=-1).prod()) > 1e-12:       # this way round, because NaN is never > anything
        raise Refusal("the three reciprocal vectors span no cell; check the matrix file, the wavelength and -cell")
    cell0 = physics.direct_cell(reciprocal, lengths)
    if volume is None:
        return CellSetup(None, None, matrix, as_set, reciprocal, cell0, float(1 / own))
    in_use = volume if "nominal_volume" in p.quirks else dot(cell0[0], cross(cell0[1], cell0[2]))
    return CellSetup(float(volume), star, matrix, as_set, reciprocal, cell0, float(in_use))


def _left_out(p: Parameters) -> bool:
    """The quirk missing_matrix_ignored. Clause cli.36."""
    left_out = bool(p.cell) and "missing_matrix_ignored" in p.quirks and not os.path.exists(p.matrix)
    if left_out:
        print(f"torch_model: {p.matrix}: warning: no such matrix file; the orientation is that of -cell", file=sys.stderr)
    return left_out


def _random_misset(p: Parameters, deviates: Deviates) -> tuple[float, float, float]:
    """Angles about x, y, z, rad. Clauses crystal.6, random.7."""
    cap = 90.0 if "degrees_as_radians" in p.quirks else math.pi / 2
    return misset_angles(deviates.rotation(cap, [misset_seed(p)]))


def noise_seed(p: Parameters) -> int:
    """State of the generator where the noise begins. Clause random.5."""
    return NOW if p.seed is None else p.seed


def misset_seed(p: Parameters) -> int:
    """State of the generator for a random orientation. Clause random.7."""
    default = NOW if "misset_seed_apart" in p.quirks else noise_seed(p)
    return default if p.misset_seed is None else p.misset_seed


def _table(p: Parameters) -> tuple[object, tuple[int, int, int], int, files.Listed | None]:
    """The amplitudes, their first indices and how many reflections there are; without any one element that holds the default
    like all around it. A list is also written as a cache; without a list a cache that lies there is read."""
    loose = "hkl_number_stream" in p.quirks
    if p.hkl is not None:
        if loose:
            table, first, listed = files.read_stream(p.hkl, p.default_F)
        else:
            listed = files.read_hkl(p.hkl)
            table, first = files.amplitude_table(*listed, p.default_F)
        files.write_dump(p.dump, table, first)
        return table, first, len(listed[1]), listed
    if os.path.exists(p.dump):
        table, first = files.read_dump(p.dump, "dump_skips_blanks" in p.quirks)
    else:
        return np.full((1, 1, 1), p.default_F), (0, 0, 0), 0, None
    return table, first, table.size, None
