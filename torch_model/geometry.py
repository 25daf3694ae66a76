"""Placing the detector: from convention, centre, distance and rotations to three axes and an origin.

Set-up only: a handful of vectors, once for a run, in double precision.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torch_model.conventions import FRAMES, Vector, default_centre, direct_beam
from torch_model.parameters import Parameters
from torch_model.vectors import cross, dot, rotate_about, rotate_xyz, unit

VECTORS = ("beam", "fast", "slow", "normal", "twotheta", "polarization", "spindle")
SMALLEST = 2.2250738585072014e-308    # smallest normal double: what a beam in the plane of the detector gets for a cosine


@dataclass(frozen=True, slots=True)
class Before:
    """What the origin is placed from, before any rotation; lengths in m."""

    twotheta_axis: Tensor             # (xyz)
    vertical: Tensor                  # (xyz), across beam and polarization
    axes: Tensor                      # (fast|slow|normal, xyz)
    near: tuple[float, float]         # (fast, slow) of the point nearest to the sample
    direct: tuple[float, float]       # (fast, slow) of the direct beam
    close: float
    distance: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything is, after all rotations; (xyz) tensors in double precision, lengths in m."""

    beam: Tensor
    polarization: Tensor
    spindle: Tensor
    axes: Tensor                      # (fast|slow|normal, xyz)
    pix0: Tensor
    distance: float                   # along the beam
    ratio: float                      # cosine between beam and normal
    near_given: tuple[float, float]   # (x, y) of the point nearest to the sample, as asked for or half the sides
    close: float                      # signed distance of the plane
    near: tuple[float, float]         # (fast, slow) of the point nearest to the sample
    direct: tuple[float, float]       # (fast, slow) of the direct beam
    centre: tuple[float, float]       # (x, y) of the direct beam in the convention's own axes, as asked for
    before: Before


def place(p: Parameters) -> Placement:
    """Detector axes and origin for the given parameters. Clauses geometry.1 to geometry.28."""
    frame = {name: torch.tensor(direction(p, name), dtype=torch.float64) for name in VECTORS}
    beam, polarization = unit(frame["beam"]), unit(frame["polarization"])
    axes = _orthonormal(unit(frame["fast"]), unit(frame["slow"]), frame["normal"])
    near, direct, centre, near_given = _centres(p)
    turned = _turn(axes, p, frame["twotheta"])
    ratio = float(dot(beam, _rotated(axes[2], p) if "ratio_without_twotheta" in p.quirks else turned[2])) or SMALLEST
    close = abs(ratio * p.distance) if p.close_distance is None else p.close_distance
    if pivot(p) == "sample":
        pix0 = _turn(-near[0] * axes[0] - near[1] * axes[1] + close * axes[2], p, frame["twotheta"])
    else:
        pix0 = -direct[0] * turned[0] - direct[1] * turned[1] + close / ratio * beam
    before = Before(frame["twotheta"], unit(cross(beam, polarization)), axes, near, direct, close, close / ratio)
    close = float(dot(pix0, turned[2]))
    distance = close / ratio
    from_origin = distance * beam - pix0
    return Placement(beam, polarization, unit(frame["spindle"]), turned, pix0, distance, ratio, near_given, close,
                     tuple((-turned[:2] @ pix0).tolist()), tuple((turned[:2] @ from_origin).tolist()), centre, before)


def direction(p: Parameters, name: str) -> Vector:
    """One of the vectors of the frame: that of the named convention, or what a flag gave."""
    given = p.vectors.get(name) if p.convention == "custom" else None
    return given or getattr(FRAMES[p.convention], name)


def pivot(p: Parameters) -> str:
    """What stays in place when the detector turns: an explicit choice, else the frame's, else the last flag's."""
    return p.explicit_pivot or FRAMES[p.convention].pivot or p.pivot


def _orthonormal(fast: Tensor, slow: Tensor, normal: Tensor) -> Tensor:
    """The three axes; a normal whose length is not exactly 1 is replaced by fast x slow. Clause geometry.2."""
    if float(dot(normal, normal).sqrt()) != 1.0:
        normal = unit(cross(fast, slow))
    return torch.stack((fast, slow, normal))


def _rotated(v: Tensor, p: Parameters) -> Tensor:
    """The three detector rotations. Without any, a vector stays as it is to the last bit."""
    return rotate_xyz(v, torch.tensor(p.rotations, dtype=v.dtype)) if any(p.rotations) else v


def _turn(v: Tensor, p: Parameters, twotheta_axis: Tensor) -> Tensor:
    """The detector rotations, then two-theta."""
    v = _rotated(v, p)
    return rotate_about(v, twotheta_axis, torch.tensor(p.twotheta, dtype=v.dtype)) if p.twotheta else v


def _centres(p: Parameters) -> tuple[tuple[float, float], ...]:
    """(fast, slow) of the point nearest to the sample and of the direct beam, m from the origin; (x, y) of both as asked for, the beam first."""
    fast_size, slow_size = p.fast_size, p.slow_size
    near = (_near(p.org_x, p.pixel, fast_size), _near(p.org_y, p.pixel, slow_size))
    near_xy = (near[0] if p.x_close is None else p.x_close, near[1] if p.y_close is None else p.y_close)
    default = default_centre(p.convention, near_xy, fast_size, slow_size, p.pixel)
    x = default[0] if p.x_beam is None else p.x_beam
    y = default[1] if p.y_beam is None else p.y_beam
    direct = direct_beam(p.convention, x, y, fast_size, slow_size, p.pixel)
    return (direct if p.convention == "custom" else near), direct, (x, y), near_xy


def _near(origin: float | None, pixel: float, size: float) -> float:
    """Foot of the perpendicular on one axis: from ORGX or ORGY in pixels (clause geometry.29), else the middle."""
    return size / 2 if origin is None else (origin - 0.5) * pixel
