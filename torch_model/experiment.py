"""What is simulated: beam, detector, crystal and sampling, as tensors of one dtype on one device.

Built once from the parameters. The few numbers of the set-up are formed in double precision and narrowed once; whatever
has a clause of its own is formed from the narrowed numbers, in the precision that the model claims.
"""
from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from torch_model import beam as beam_physics
from torch_model import crystal as crystal_physics
from torch_model import files
from torch_model.errors import Refusal
from torch_model.geometry import Placement, place
from torch_model.parameters import Parameters
from torch_model.vectors import cross, dot, rotate_xyz


@dataclass(frozen=True, slots=True)
class Beam:
    """The light. `polarized` is decided on the host: at a Kahn factor of 0 the azimuth is 0 by definition."""

    flux: Tensor                      # (), photon/s
    exposure: Tensor                  # (), s
    beamsize: Tensor                  # (), m
    fluence: Tensor                   # (), photon/m^2
    wavelengths: Tensor               # (source), m
    directions: Tensor                # (source, xyz), unit vectors towards the sources
    central_wavelength: Tensor        # (), m
    kahn: Tensor                      # (), dimensionless
    polarization_axis: Tensor         # (xyz), unit vector
    polarized: bool
    nopolar: bool


@dataclass(frozen=True, slots=True)
class Detector:
    """The detector, after all rotations. `roi` is half-open: first and end along fast, first and end along slow."""

    axes: Tensor                      # (fast|slow|normal, xyz), unit vectors
    pix0: Tensor                      # (xyz), m
    pixel_size: Tensor                # (), m
    close_distance: Tensor            # (), m, signed
    thickness: Tensor                 # (), m
    layer_thickness: Tensor           # (), m
    attenuation: Tensor               # (), 1/m
    layers: int
    fast_pixels: int
    slow_pixels: int
    roi: tuple[int, int, int, int]
    point_pixel: bool


@dataclass(frozen=True, slots=True)
class Crystal:
    """The crystal at rest: reference cell, number of cells, amplitudes."""

    cell0: Tensor                     # (abc, xyz), m
    cells: Tensor                     # (abc), dimensionless, whole numbers in the model's dtype
    table: Tensor                     # (h, k, l), electron
    first: tuple[int, int, int]
    default_F: Tensor                 # (), electron
    fudge: Tensor                     # (), dimensionless; no effect on the square shape


@dataclass(frozen=True, slots=True)
class Sampling:
    """How finely each axis is sampled, and which factors multiply the running sum."""

    phi0: Tensor                      # (), rad
    phistep: Tensor                   # (), rad
    spindle_axis: Tensor              # (xyz), unit vector
    phisteps: int
    oversample: int
    mosaic_domains: int
    oversample_thick: bool
    oversample_polar: bool
    oversample_omega: bool


@dataclass(frozen=True, slots=True)
class Experiment:
    beam: Beam
    detector: Detector
    crystal: Crystal
    sampling: Sampling

    @property
    def steps(self) -> int:
        """Samples summed in a pixel; layers are not counted. Clause sampling.11."""
        return len(self.beam.wavelengths) * self.sampling.mosaic_domains * self.sampling.phisteps * self.sampling.oversample**2

    def tensors(self) -> list[Tensor]:
        parts = (self.beam, self.detector, self.crystal, self.sampling)
        return [value for part in parts for f in fields(part) if isinstance(value := getattr(part, f.name), Tensor)]


def build(p: Parameters, dtype: torch.dtype, device: torch.device | str) -> Experiment:
    """Tensors for settled parameters; reads the crystal's files. Raises Refusal."""
    def narrow(value: object) -> Tensor:
        return torch.as_tensor(value, dtype=torch.float64).to(dtype=dtype, device=device)

    placed = place(p)
    cell0 = _reference_cell(p)
    table, first = _table(p)
    oversample = p.oversample if p.oversample > 0 else _oversample(p, cell0, placed)
    return Experiment(
        _beam(p, placed, narrow), _detector(p, placed, narrow),
        Crystal(narrow(cell0), narrow(p.cells), narrow(table), first, narrow(p.default_F), narrow(p.fudge)),
        Sampling(narrow(p.phi), narrow(p.phistep), narrow(placed.spindle), p.phisteps, oversample, 1,
                 p.oversample_thick, p.oversample_polar, p.oversample_omega))


def _beam(p: Parameters, placed: Placement, narrow) -> Beam:
    flux, exposure, beamsize = narrow(p.flux), narrow(p.exposure), narrow(p.beamsize)
    given = p.flux != 0 and p.exposure > 0 and p.beamsize >= 0
    fluence = beam_physics.fluence(flux, exposure, beamsize) if given else narrow(p.fluence)
    return Beam(flux, exposure, beamsize, fluence, narrow([p.wavelength]), narrow(-placed.beam[None]), narrow(p.wavelength),
                narrow(p.kahn), narrow(placed.polarization), p.kahn != 0, p.nopolar)


def _detector(p: Parameters, placed: Placement, narrow) -> Detector:
    axes, pix0, none = narrow(placed.axes), narrow(placed.pix0), narrow(0.0)
    return Detector(axes, pix0, narrow(p.pixel), dot(pix0, axes[2]), none, none, none, 1, p.fast_pixels, p.slow_pixels,
                    _region(p), p.point_pixel)


def _region(p: Parameters) -> tuple[int, int, int, int]:
    """The inclusive bounds of the flags as half-open ones, cut to the detector; a negative bound is none."""
    fast0, fast1, slow0, slow1 = p.roi
    return (max(fast0, 0), p.fast_pixels if fast1 < 0 else min(fast1 + 1, p.fast_pixels),
            max(slow0, 0), p.slow_pixels if slow1 < 0 else min(slow1 + 1, p.slow_pixels))


def _reference_cell(p: Parameters) -> Tensor:
    """(abc, xyz), m, before any spindle rotation; a matrix gives the orientation, a cell the lengths."""
    lengths = None
    if p.cell:
        lengths, angles = torch.tensor(p.cell, dtype=torch.float64).view(2, 3)
        reciprocal, _ = crystal_physics.reciprocal_from_cell(lengths, angles)
    if p.matrix is not None:
        scale = (1e-10 / p.wavelength) * 1e10           # elements are wavelength times 1/A; clause crystal.2
        reciprocal = torch.from_numpy(files.read_matrix(p.matrix)).T * scale
    if p.misset:
        reciprocal = rotate_xyz(reciprocal, torch.tensor(p.misset, dtype=torch.float64))
    box = dot(reciprocal[0], cross(reciprocal[1], reciprocal[2])).abs() / reciprocal.norm(dim=-1).prod()
    if not float(box) > 1e-12:                          # this way round, because NaN is never > anything
        raise Refusal("the three reciprocal vectors span no cell; check the matrix file, the wavelength and -cell")
    return crystal_physics.direct_cell(reciprocal, lengths)


def _table(p: Parameters) -> tuple[object, tuple[int, int, int]]:
    """The amplitudes and their first indices; without a file one element that holds the default like all around it."""
    if p.hkl is None:
        return [[[p.default_F]]], (0, 0, 0)
    return files.amplitude_table(*files.read_hkl(p.hkl), p.default_F)


def _oversample(p: Parameters, cell0: Tensor, placed: Placement) -> int:
    edges = (cell0.square().sum(-1).sqrt() * torch.tensor(p.cells, dtype=cell0.dtype)).tolist()
    return crystal_physics.automatic_oversample(max(edges), p.wavelength, placed.distance, p.pixel)
