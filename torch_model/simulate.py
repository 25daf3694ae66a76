"""From an experiment to an image: tiles of pixels, each small enough for the cache, or for the memory that is allowed.

A tile is a rectangle of the region of interest; what happens in it is in `tile`. Rotated cells do not depend on the pixel and
are formed once, in `prepare`.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.utils.checkpoint import checkpoint

from torch_model import scaling
from torch_model.collect import Collector
from torch_model.experiment import Experiment
from torch_model.prepare import Prepared, prepare
from torch_model.quantities import put_run_level
from torch_model.samples import NEVER
from torch_model.tile import tile
from torch_model.trace import SILENT, Probes

CACHE_BYTES = 2 << 20                 # of one batch tensor on a CPU: those in use at a time should fit a core's cache
LIVE_TENSORS = 10                     # batch tensors alive at once, measured generously; sizes tiles by memory
Result = TypeVar("Result")
Rectangle = tuple[range, range]       # rows, columns


@dataclass(frozen=True, slots=True)
class Image:
    """The whole detector, zero outside the region of interest; (slow, fast), photon."""

    intensity: Tensor | None          # in the model's dtype; None if it was not asked for
    pixels: Tensor                    # as stored, float32
    solid_angle: Tensor | None = None         # (), sr: sum over all pixels, subpixels and layers
    probes: dict[str, Tensor] = field(default_factory=dict)       # what was asked for by name, pixels first


def simulate(experiment: Experiment, probes: Probes | Sequence[str] = SILENT, memory: int = 1024, intensity: bool = True) -> Image:
    """The image of `experiment`.

    Args:
        experiment: see there. memory: MiB that tiles may take. intensity: whether to keep it beside the stored pixels.
        probes: what records the values in use; or names of quantities, which the Image then holds, for every pixel of the
            region of interest (and mask) along their first axis, if they have one.
    Returns: Image. Errors: none; NaN in gives NaN out.
    Gradient: with respect to every tensor of the experiment that requires one; without any, no graph is kept. Each tile is
        computed once more on the way back, so that no more than one tile's graph is in memory. `torch.func.vmap`, `grad` and
        `jvp` act on it as on any function, for example over a batch of orientations, `crystal.cell0`.
    Source: clauses sampling.1, sampling.2, scaling.1 to scaling.12.
    """
    transformed = any(map(is_functorch_wrapped_tensor, experiment.tensors()))         # by torch.func: vmap, grad, jvp
    differentiable = transformed or torch.is_grad_enabled() and any(t.requires_grad for t in experiment.tensors())
    collector = None if isinstance(probes, Probes) else Collector(probes)
    recorder = probes if collector is None else collector
    with torch.inference_mode(not differentiable and collector is None):
        if collector is not None:
            put_run_level(experiment, collector)
        ready = prepare(experiment, recorder)
        tiles = rectangles(experiment, memory)
        if ready.samples_in_pixel:
            ready = replace(ready, interpolation_ends=_interpolation_end(experiment, ready, tiles))
    if differentiable or collector is not None:
        image = _assembled(experiment, [_kept(experiment, ready, recorder, some, differentiable and not transformed) for some in tiles], tiles)
        return image if collector is None else replace(image, probes=collector.result())
    image = _blank(experiment, intensity)                   # not in inference mode: the image is the caller's, to change at will

    def place(some: Rectangle) -> Tensor:
        with torch.inference_mode():                        # a setting of each thread
            made = tile(experiment, ready, recorder, *some)
        for whole, part in zip((image.intensity, image.pixels), made):
            if whole is not None:
                whole[some[0].start:some[0].stop, some[1].start:some[1].stop] = part
        return made[2].solid_angle

    solid_angles = _each(place, tiles, torch.get_num_threads() if image.pixels.device.type == "cpu" else 1)
    return replace(image, solid_angle=sum(solid_angles, torch.zeros_like(experiment.detector.pixel_size)))


def _kept(experiment: Experiment, ready: Prepared, probes: Probes, some: Rectangle, again: bool) -> tuple[Tensor, Tensor]:
    """A tile whose graph is kept; with `again` only its inputs are, where nobody asked for what lies between."""
    if again and not probes.active:
        return checkpoint(lambda: tile(experiment, ready, probes, *some)[:2], use_reentrant=False, preserve_rng_state=False)
    return tile(experiment, ready, probes, *some)[:2]


def _interpolation_end(experiment: Experiment, ready: Prepared, tiles: list[Rectangle]) -> int:
    """Place of the first sample, in the order of the loops, that is outside the table: the quirk table_value_outside."""
    ends = [int(place.ends) for some in tiles for place in tile(experiment, ready, SILENT, *some)[2:] if place.ends is not None]
    return min(ends, default=NEVER)


def _blank(experiment: Experiment, intensity: bool = True) -> Image:
    """The detector before any pixel is known: zero everywhere."""
    d = experiment.detector
    pixels = torch.zeros((d.slow_pixels, d.fast_pixels), dtype=torch.float32, device=d.pix0.device)
    return Image(d.pix0.new_zeros(pixels.shape) if intensity else None, pixels)


def _each(work: Callable[[Rectangle], Result], tiles: list[Rectangle], workers: int) -> list[Result]:
    """`work` on every tile, in order. On a CPU a thread takes a whole tile and computes it alone: threads that share each
    operation wait for one another after every one, which is slow wherever another program has a core."""
    if workers == 1:
        return [work(some) for some in tiles]
    try:
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, tiles))
    finally:
        torch.set_num_threads(workers)


def rectangles(experiment: Experiment, memory: int) -> list[Rectangle]:
    """Tiles of the region of interest, row by row; whole rows unless a single one is too large."""
    fast0, fast1, slow0, slow1 = experiment.detector.roi
    pixels = max(1, pixels_in_tile(experiment, memory))
    rows, columns = max(1, pixels // max(1, fast1 - fast0)), min(pixels, max(1, fast1 - fast0))
    return [(range(row, min(row + rows, slow1)), range(column, min(column + columns, fast1)))
            for row in range(slow0, slow1, rows) for column in range(fast0, fast1, columns)]


def pixels_in_tile(experiment: Experiment, memory: int) -> int:
    """Pixels of a tile such that its tensors stay within `memory` MiB, and on a CPU within the cache."""
    s = experiment.sampling
    widest = 36 if experiment.crystal.interpolate else 3    # elements of the widest tensor of a sample
    pixel = widest * experiment.detector.pix0.element_size() * s.phisteps * s.mosaic_domains
    budget = (memory << 20) // (2 * LIVE_TENSORS)           # the other half is the image and the program itself
    return (min(budget, CACHE_BYTES) if experiment.detector.pix0.device.type == "cpu" else budget) // pixel


def _assembled(experiment: Experiment, parts: list[tuple[Tensor, Tensor]], tiles: list[Rectangle]) -> Image:
    """Tiles side by side and one below the other, surrounded by zeros up to the whole detector."""
    d = experiment.detector
    fast0, fast1, slow0, slow1 = d.roi
    if not parts:
        return _blank(experiment)
    across = sum(rows == tiles[0][0] for rows, _ in tiles)
    border = (fast0, d.fast_pixels - fast1, slow0, d.slow_pixels - slow1)
    whole = []
    for one in zip(*parts):
        bands = [torch.cat(one[i:i + across], 1) for i in range(0, len(one), across)]
        whole.append(torch.nn.functional.pad(torch.cat(bands), border) if any(border) else torch.cat(bands))
    return Image(*whole)
