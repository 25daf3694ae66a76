"""The named frames: which way beam, detector axes and rotation axes point before any flag moves them."""
from __future__ import annotations

from dataclasses import dataclass

Vector = tuple[float, float, float]
X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
MINUS_X, MINUS_Y, MINUS_Z = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Directions of one convention, and the point the detector turns about."""

    beam: Vector
    fast: Vector
    slow: Vector
    normal: Vector
    twotheta: Vector
    polarization: Vector
    spindle: Vector
    pivot: str = ""                   # "" leaves the pivot to the flags


_MOSFLM = Frame(X, Z, MINUS_Y, X, MINUS_Z, Z, Z, "beam")

FRAMES = {                            # clauses geometry.5 to geometry.10
    "mosflm": _MOSFLM,
    "denzo": _MOSFLM,                 # only the mapping of the beam centre differs
    "adxv": Frame(Z, X, MINUS_Y, Z, MINUS_X, X, X, "beam"),
    "xds": Frame(Z, X, Y, Z, X, X, X, "sample"),
    "dials": Frame(Z, X, Y, Z, Y, Y, Y, "sample"),
    "custom": Frame(X, Z, MINUS_Y, X, Y, Z, Z),
}


def direct_beam(convention: str, x: float, y: float, fast_size: float, slow_size: float, pixel: float) -> tuple[float, float]:
    """Beam centre along (fast, slow) from the centre in the convention's own axes, all in m. Clauses geometry.14 to .17."""
    match convention:
        case "mosflm":
            return y + pixel / 2, x + pixel / 2
        case "denzo":
            return y, x
        case "adxv":
            return x, slow_size - y
    return x, y


def default_centre(convention: str, near: tuple[float, float], fast_size: float, slow_size: float,
                   pixel: float) -> tuple[float, float]:
    """Beam centre (x, y) where none was given, m. Clauses geometry.11 to .13."""
    match convention:
        case "mosflm" | "denzo":
            return (slow_size + pixel) / 2, (fast_size + pixel) / 2
        case "adxv":
            return (fast_size + pixel) / 2, (slow_size - pixel) / 2
    return near
