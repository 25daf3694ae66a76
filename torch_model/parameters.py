"""What the command line asked for, in metres, radians and seconds, with the defaults of the original program.

Plain Python values; knows neither torch nor files. `None` means: not given.
"""
from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field

from torch_model.errors import Refusal
from torch_model.steps import grid, mosaic, spindle


@dataclass(slots=True)
class Parameters:
    """One field for each thing a flag can set."""

    quirks: frozenset[str] = frozenset()
    asked: Parameters | None = None   # as the flags left them, before anything was settled
    # crystal
    matrix: str | None = None
    hkl: str | None = None
    dump: str = "Fdump.bin"           # the table of amplitudes as a file, written after every list and read in its place
    default_F: float = 0.0
    cell: tuple[float, ...] = ()      # m, m, m, rad, rad, rad
    cell_complete: bool = False       # all six were given
    misset: tuple[float, ...] = ()    # rad
    misset_random: bool = False
    misset_seed: int | None = None
    cells: list[int] = field(default_factory=lambda: [1, 1, 1])
    sizes: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])     # m, along a, b, c; 0: the counts above
    shape: str = "square"
    fudge: float = 1.0
    mosaic_spread: float = -1.0
    mosaic_domains: int = -1
    mosaic_seed: int = -12345678
    mosaic_seed_given: bool = False
    # beam
    wavelength: float = 1e-10
    flux: float = 0.0
    exposure: float = 1.0
    beamsize: float = 1e-4
    beamsize_given: bool = False
    fluence: float = 125932015286227086360700780544.0
    kahn: float = 0.0
    kahn_given: bool = False
    nopolar: bool = False
    source_file: str | None = None
    dispersion: float = 0.0
    dispsteps: int = -1
    dispersion_step: float = -1.0     # no flag sets it
    divergence_ranges: list[float] = field(default_factory=lambda: [-1.0, -1.0])    # horizontal, vertical, rad
    divergence_steps: list[float] = field(default_factory=lambda: [-1.0, -1.0])
    divergence_counts: list[int] = field(default_factory=lambda: [-1, -1])
    round_divergence: bool = True
    # spindle
    phi: float = 0.0
    osc: float = -1.0
    phistep: float = -1.0
    phisteps: int = -1
    # detector
    convention: str = "mosflm"
    vectors: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    pivot: str = "beam"
    explicit_pivot: str = ""
    distance: float = 0.1
    close_distance: float | None = None
    x_beam: float | None = None
    y_beam: float | None = None
    x_close: float | None = None
    y_close: float | None = None
    org_x: float | None = None
    org_y: float | None = None
    rotations: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    twotheta: float = 0.0
    pixel: float = 1e-4
    fast_size: float = 102.4e-3
    slow_size: float = 102.4e-3
    fast_pixels: int = 0
    slow_pixels: int = 0
    roi: list[int] = field(default_factory=lambda: [-1, -1, -1, -1])    # fast min, fast max, slow min, slow max
    point_pixel: bool = False
    curved: bool = False
    thickness: float = 0.0
    thicksteps: int = -1
    attenuation: float = -1.0         # 1/m; negative: not given
    mask: str | None = None
    image: str | None = None
    # sampling
    oversample: int = -1
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    interpolate: bool | None = None
    dmin: float = 0.0
    water: float = 0.0
    # files
    floatfile: str = "floatimage.bin"
    intfile: str = "intimage.img"
    pgmfile: str = "image.pgm"
    noisefile: str = "noiseimage.img"
    pgm: bool = True
    noise: bool = True
    scale: float = -1.0
    pgm_scale: float = -1.0
    adc: float = 40.0
    seed: int | None = None
    progress: bool = True


def settle(p: Parameters) -> Parameters:
    """Resolve what flags leave open: pixel counts, spindle steps, numbers of cells. Returns `p` itself. Raises Refusal."""
    for name in ("pixel", "wavelength", "distance"):
        if getattr(p, name) == 0:
            raise Refusal(f"the {name} must be a number other than 0; check the flags")
    if p.attenuation == 0 and "absorption_off_by_order" not in p.quirks:
        p.thickness = 0.0             # whatever the order of the flags; clause cli.16
    p.asked = copy.deepcopy(p)
    p.fast_size, p.fast_pixels = _pixels(p.fast_pixels, p.fast_size, p.pixel)
    p.slow_size, p.slow_pixels = _pixels(p.slow_pixels, p.slow_size, p.pixel)
    p.osc, p.phistep, p.phisteps = spindle(p.osc, p.phistep, p.phisteps)
    for axis in (0, 1):
        p.divergence_counts[axis], p.divergence_ranges[axis], p.divergence_steps[axis] = grid(
            p.divergence_counts[axis], p.divergence_ranges[axis], p.divergence_steps[axis])
    p.dispsteps, p.dispersion, p.dispersion_step = grid(p.dispsteps, p.dispersion, -1.0)
    p.mosaic_spread, p.mosaic_domains = mosaic(p.mosaic_spread, p.mosaic_domains)
    if p.thickness > 0 and p.attenuation < 0:
        p.attenuation = 1 / p.thickness
    _clip(p)
    return p


def _clip(p: Parameters) -> None:
    """The beam lights no more of the sample than it is wide; along the beam all of it. A beam of no size clips with the quirk
    alone. Clause beam.22."""
    if p.beamsize >= 0 if "default_beam_clips" in p.quirks else p.beamsize_given and p.beamsize > 0:
        for axis in (1, 2):
            if p.sizes[axis] > p.beamsize:
                p.sizes[axis] = p.beamsize


def _pixels(count: int, size: float, pixel: float) -> tuple[float, int]:
    """Size and count along one axis. A count beats a size; a size stays as it is, its pixels are rounded, halves going down."""
    size = pixel * count if count else size
    return size, math.ceil(size / pixel - 0.5)
