"""What the command line asked for, in metres, radians and seconds, with the defaults of the original program.

Plain Python values; knows neither torch nor files. `None` means: not given.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch_model.errors import Refusal

DEGREES = 180.0 * (1.0 / math.pi)     # degrees are divided by this, as the original does: the last bit depends on it


@dataclass(slots=True)
class Parameters:
    """One field for each thing a flag can set."""

    # crystal
    matrix: str | None = None
    hkl: str | None = None
    default_F: float = 0.0
    cell: tuple[float, ...] = ()      # m, m, m, rad, rad, rad
    misset: tuple[float, ...] = ()    # rad
    cells: list[int] = field(default_factory=lambda: [1, 1, 1])
    fudge: float = 1.0
    # beam
    wavelength: float = 1e-10
    flux: float = 0.0
    exposure: float = 1.0
    beamsize: float = 1e-4
    fluence: float = 125932015286227086360700780544.0
    kahn: float = 0.0
    nopolar: bool = False
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
    # sampling
    oversample: int = -1
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    interpolate: bool | None = None
    floatfile: str = "floatimage.bin"


def settle(p: Parameters) -> Parameters:
    """Resolve what flags leave open: pixel counts, spindle steps, numbers of cells. Returns `p` itself. Raises Refusal."""
    for name in ("pixel", "wavelength", "distance"):
        if getattr(p, name) == 0:
            raise Refusal(f"the {name} must be a number other than 0; check the flags")
    p.fast_pixels = _pixels(p.fast_pixels, p.fast_size, p.pixel)
    p.slow_pixels = _pixels(p.slow_pixels, p.slow_size, p.pixel)
    p.cells = [max(1, n) for n in p.cells]
    p.osc, p.phistep, p.phisteps = spindle(p.osc, p.phistep, p.phisteps)
    return p


def _pixels(count: int, size: float, pixel: float) -> int:
    """A count beats a size; a size is rounded to the nearest pixel, halves going down."""
    return math.ceil((pixel * count if count else size) / pixel - 0.5)


def spindle(osc: float, step: float, steps: int) -> tuple[float, float, int]:
    """(osc, step, steps) from those that were given; negative means not given. Angles in rad.

    A table of its own, unlike the one of divergence: a step with a count makes two steps, for instance.
    """
    count = max(steps, 1)
    match (steps >= 0, osc >= 0, step > 0):
        case (False, False, False):
            return 0.0, 0.0, 1
        case (False, False, True) | (True, False, True):
            return step, step, 2
        case (False, True, False):
            return osc, osc / 2, 2
        case (False, True, True):
            return osc, step, math.ceil(osc / step)
        case (True, False, False):
            osc = 1.0 / DEGREES
            return osc, osc / count, count
    return osc, (osc / count if step < 0 else step), count
