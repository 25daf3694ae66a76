"""The whole detector: empty, and put together from tiles."""
from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from torch_model.experiment import Experiment
from torch_model.forks import shared_zeros
from torch_model.tiles import Rectangle


@dataclass(frozen=True, slots=True)
class Image:
    """The whole detector, zero outside the region of interest; (slow, fast), photon."""

    intensity: Tensor | None          # in the model's dtype; None if it was not asked for
    pixels: Tensor                    # as stored, float32
    solid_angle: Tensor | None = None         # (), sr: sum over all pixels, subpixels and layers
    probes: dict[str, Tensor] = field(default_factory=dict)       # what was asked for by name, pixels first


def blank(experiment: Experiment, intensity: bool = True, shared: bool = False) -> Image:
    """The detector before any pixel is known: zero everywhere."""
    d = experiment.detector

    def zeros(dtype: torch.dtype) -> Tensor:
        shape = (d.slow_pixels, d.fast_pixels)
        return shared_zeros(shape, dtype) if shared else torch.zeros(shape, dtype=dtype, device=d.pix0.device)

    return Image(zeros(d.pix0.dtype) if intensity else None, zeros(torch.float32))


def assembled(experiment: Experiment, parts: list[tuple], tiles: list[Rectangle]) -> Image:
    """Tiles side by side and one below the other, surrounded by zeros up to the whole detector."""
    d = experiment.detector
    fast0, fast1, slow0, slow1 = d.roi
    if not parts:
        return blank(experiment)
    across = sum(rows == tiles[0][0] for rows, _ in tiles)
    border = (fast0, d.fast_pixels - fast1, slow0, d.slow_pixels - slow1)
    whole = []
    for one in list(zip(*parts))[:2]:
        bands = [torch.cat(one[i:i + across], 1) for i in range(0, len(one), across)]
        whole.append(torch.nn.functional.pad(torch.cat(bands), border) if any(border) else torch.cat(bands))
    return Image(*whole, sum((part[2].solid_angle for part in parts), torch.zeros_like(d.pixel_size)))
