"""What is simulated: beam, detector, crystal and sampling, as tensors of one dtype on one device.

Frozen; `dataclasses.replace` makes a changed one. Any tensor may require a gradient. What decides how a loop runs (counts,
flags, the shape) is a plain value. `build` makes one from a command line.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

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
    curved: bool = False
    beam: Tensor | None = None        # (xyz), unit vector; the curved detector bends about the sample from its end
    distance: Tensor | None = None    # (), m, along the beam; radius of the curved detector
    absorbing: bool = False           # has a thickness; decided on the host
    mask: Tensor | None = None        # (slow, fast), False: the pixel is skipped


@dataclass(frozen=True, slots=True)
class Crystal:
    """The crystal at rest: reference cell, number of cells, amplitudes."""

    cell0: Tensor                     # (abc, xyz), m
    cells: Tensor                     # (abc), dimensionless, whole numbers in the model's dtype
    table: Tensor                     # (h, k, l), electron
    first: tuple[int, int, int]
    default_F: Tensor                 # (), electron
    fudge: Tensor                     # (), dimensionless; no effect on the square shape
    shape: str = "square"             # square, round, gauss or tophat
    interpolate: bool = False
    mosaic_spread: Tensor | None = None       # (), rad, for the record; None: no mosaic
    domains: Tensor | None = None     # (mosaic, xyz, uvw), rotations; None: no mosaic
    volume: Tensor | None = None      # (), m^3, where the reciprocal vectors are not those of cell0 (nominal_volume)


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
    dmin: Tensor | None = None        # (), m; None: no resolution cut
    water: Tensor | None = None       # (), m; None: no background
    quirks: frozenset[str] = frozenset()

    @property
    def ordered(self) -> bool:
        """Whether the sum depends on the order of its terms: a factor multiplies what is there already."""
        return self.oversample_thick or self.oversample_polar or self.oversample_omega


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

    def to(self, dtype: torch.dtype, device: torch.device | str) -> Experiment:
        """The same on a device, its numbers rounded to `dtype`."""
        return self.with_tensors([t.to(device, dtype if t.is_floating_point() else t.dtype) for t in self.tensors()])

    def tensors(self) -> list[Tensor]:
        return [value for _, value in self.named_tensors()]

    def named_tensors(self) -> list[tuple[str, Tensor]]:
        """As `detector.pix0`, in the order of the fields."""
        parts = ((whole.name, getattr(self, whole.name)) for whole in fields(self))
        return [(f"{name}.{f.name}", value) for name, part in parts for f in fields(part) if isinstance(value := getattr(part, f.name), Tensor)]

    def with_tensors(self, tensors: Sequence[Tensor]) -> Experiment:
        """The same with other tensors, in the order of `tensors()`."""
        rest, parts = iter(tensors), {}
        for whole in fields(self):
            part = getattr(self, whole.name)
            parts[whole.name] = replace(part, **{f.name: next(rest) for f in fields(part) if isinstance(getattr(part, f.name), Tensor)})
        return Experiment(**parts)
