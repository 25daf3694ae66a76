"""Where a detector point lies, how far away, and how much solid angle its pixel covers.

Pixel by pixel physics only; how conventions and flags place the detector is `geometry`. The pixel axis is the last one,
so that each component is one contiguous run of memory: vectors of pixels are (xyz, pixel).
"""
from __future__ import annotations

from torch import Tensor

from torch_model.vectors import rotate_about

def subpixel_centre(index: Tensor, sub_index: int, oversample: int, subpixel_size: Tensor) -> Tensor:
    """Distance of a subpixel's centre from the detector origin along one detector axis.

    Args: index: any axes, whole pixels. sub_index: 0 .. oversample-1. subpixel_size: (), m.
    Returns: axes of `index`, m: sub * (index * oversample + sub_index) + sub / 2. Errors: none. Gradient: for the size.
    Source: clause sampling.4.
    """
    return subpixel_size * (index * oversample + sub_index) + subpixel_size / 2


def pixel_position(fast: Tensor, slow: Tensor, depth: Tensor, axes: Tensor, pix0: Tensor) -> Tensor:
    """Detector point in the laboratory.

    Args:
        fast, slow: m along the detector axes, broadcastable: (pixel) both, or (1, column) and (row, 1).
        depth: (), m along the normal.  axes: (fast|slow|normal, xyz), unit vectors.  pix0: (xyz), m.
    Returns: (xyz, *pixel), m. Errors: none. Gradient: everywhere. Source: clause geometry.31.
    """
    unit_axes = (slice(None), *[None] * fast.dim())
    along_fast, along_slow, along_normal = (axis[unit_axes] for axis in axes)
    return fast * along_fast + slow * along_slow + (depth * along_normal + pix0[unit_axes])


def curved_position(flat: Tensor, axes: Tensor, beam: Tensor, distance: Tensor, swapped: bool) -> Tensor:
    """Detector point on a sphere about the sample: the end of the beam, turned about the slow axis by the fast offset from
    the direct beam over the distance, then about the fast axis by the slow offset.

    Args: flat: (xyz, pixel), m, the point of the flat detector. axes: (fast|slow|normal, xyz). beam: (xyz), unit vector.
        distance: (), m. swapped: the quirk curved_by_lab_axes, with the laboratory's y and z of the flat point as the offsets.
    Returns: (xyz, pixel), m. Errors: none. Gradient: everywhere. Source: clause detector.4.
    """
    if swapped:
        about_slow, about_fast = flat[1] / distance, flat[2] / distance
    else:
        offset = axes[:2] @ (flat - (distance * beam)[:, None])
        about_slow, about_fast = offset[0] / distance, -offset[1] / distance
    return rotate_about(rotate_about(distance * beam, axes[1], about_slow), axes[0], about_fast).T


def airpath(position: Tensor) -> Tensor:
    """Distance from the sample. Args: (xyz, pixel), m. Returns (pixel), m.

    Errors: none. Gradient: everywhere but at the sample itself. Source: clause geometry.32.
    """
    return position.square().sum(0).sqrt()


def diffracted_direction(position: Tensor, distance: Tensor) -> Tensor:
    """Unit vector from sample to detector point. Args: (xyz, pixel) and (pixel), m. Returns (xyz, pixel), dimensionless.

    Errors: NaN at zero distance. Gradient: everywhere else. Source: clause geometry.32.
    """
    return position / distance


def solid_angle(distance: Tensor, pixel_size: Tensor, close_distance: Tensor, point_pixel: bool = False) -> Tensor:
    """Solid angle of a pixel: p^2/R/R * close/R; with `point_pixel` 1/R/R, an inverse area.

    The whole pixel's area, for a subpixel too: their number is in the steps.
    Args: distance: (pixel), m. pixel_size, close_distance: (), m.
    Returns: (pixel), sr (1/m^2 with `point_pixel`). Errors: infinite at R = 0. Gradient: everywhere else.
    Source: clauses detector.1, detector.2, detector.3.
    """
    if point_pixel:
        return 1 / distance / distance
    return pixel_size * pixel_size / distance / distance * close_distance / distance


def parallax(diffracted: Tensor, normal: Tensor) -> Tensor:
    """Cosine between the ray and the detector normal. Args: (xyz, pixel), (xyz). Returns (pixel), dimensionless.

    Errors: none. Gradient: everywhere. Source: clause detector.6.
    """
    return (diffracted * normal[:, None]).sum(0)


def capture_fraction(layer: int, thickness: Tensor, attenuation: Tensor, cosine: Tensor) -> Tensor:
    """Share of the photons that one layer absorbs: exp(-t dz mu / rho) - exp(-(t+1) dz mu / rho).

    Args: layer: 0, 1, ... thickness: (), m, of one layer. attenuation: (), 1/m. cosine: (pixel), dimensionless.
    Returns: (pixel), dimensionless. Errors: NaN or infinite for a grazing ray (cosine 0). Gradient: everywhere else.
    Source: clause detector.7.
    """
    return (-(layer * thickness) * attenuation / cosine).exp() - (-((layer + 1) * thickness) * attenuation / cosine).exp()
