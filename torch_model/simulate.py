"""From an experiment to an image: prepare, compute every tile, put the tiles together; and the same on the way back.

How the detector is cut is in `tiles`, what happens in a tile in `tile`. Rotated cells do not depend on the pixel and are
formed once, in `prepare`.
"""
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.autograd.function import once_differentiable

from torch_model import scaling
from torch_model.collect import Collector
from torch_model.expected import check
from torch_model.experiment import Experiment
from torch_model.forks import can_fork, share, shared_zeros
from torch_model.prepare import Prepared, prepare
from torch_model.quantities import put_run_level
from torch_model.samples import NEVER
from torch_model.tile import tile
from torch_model.tiles import TILE_PIXELS, Rectangle, each, pixels_in_batch, pixels_in_tile, rectangles, workers
from torch_model.trace import SILENT, Probes


@dataclass(frozen=True, slots=True)
class Image:
    """The whole detector, zero outside the region of interest; (slow, fast), photon."""

    intensity: Tensor | None          # in the model's dtype; None if it was not asked for
    pixels: Tensor                    # as stored, float32
    solid_angle: Tensor | None = None         # (), sr: sum over all pixels, subpixels and layers
    probes: dict[str, Tensor] = field(default_factory=dict)       # what was asked for by name, pixels first


def simulate(experiment: Experiment, probes: Probes | Sequence[str] = SILENT, memory: int = 1024, intensity: bool = True,
             fork: bool = False, compiled: bool = False, progress: Callable[[float], None] | None = None) -> Image:
    """The image of `experiment`.

    Args:
        experiment: see there. memory: MiB that tiles may take. intensity: whether to keep it beside the stored pixels.
        fork: whether processes may share the work of a CPU instead of threads, which is faster; for programs, see `forks`.
        compiled: whether the samples may be compiled into a kernel first, see `compiled`; no gradient is taken of that.
        progress: is told now and then which part of the work is done, 0 to 1, at last 1.
        probes: what records the values in use; or names of quantities, which the Image then holds, for every pixel of the
            region of interest (and mask) along their first axis, if they have one.
    Returns: Image. Errors: WrongTensor names a tensor whose shape, dtype or device is not as expected; NaN in gives NaN out.
    Gradient: with respect to every tensor of the experiment that requires one; without any, no graph is kept. Each tile is
        computed once more on the way back, so that each thread holds the graph of one. `torch.func.vmap`, `grad` and
        `jvp` act on it as on any function, for example over a batch of orientations, `crystal.cell0`.
    Source: clauses sampling.1, sampling.2, scaling.1 to scaling.12.
    """
    check(experiment)
    transformed = any(map(is_functorch_wrapped_tensor, experiment.tensors()))         # by torch.func: vmap, grad, jvp
    if transformed or not isinstance(probes, Probes):
        return _with_graph(experiment, [] if isinstance(probes, Probes) else probes, memory)
    if torch.is_grad_enabled() and any(t.requires_grad for t in experiment.tensors()):
        made, solid_angle = _Tiled.apply(experiment, probes, memory, *experiment.tensors())
        return Image(made, scaling.stored(made), solid_angle)
    return _image(experiment, probes, memory, intensity, fork, compiled, progress)


def _with_graph(experiment: Experiment, names: Sequence[str], memory: int) -> Image:
    """Tile by tile as any function of tensors, with what lies between, in this thread."""
    collector = Collector(names)
    put_run_level(experiment, collector)
    ready, tiles = _ready(experiment, collector, memory)
    parts = [tile(experiment, ready, collector, *some) for some in tiles]
    return replace(_assembled(experiment, parts, tiles), probes=collector.result())


def _ready(experiment: Experiment, probes: Probes, memory: int) -> tuple[Prepared, list[Rectangle]]:
    ready, tiles = prepare(experiment, probes), rectangles(experiment, pixels_in_tile(experiment, memory))
    if ready.samples_in_pixel:
        ready = replace(ready, interpolation_ends=_interpolation_end(experiment, ready, tiles))
    return ready, tiles


def _image(experiment: Experiment, probes: Probes, memory: int, intensity: bool, fork: bool = False, compiled: bool = False,
           progress: Callable[[float], None] | None = None) -> Image:
    """Every tile straight to its place; nothing is kept for a gradient."""
    fork = fork and can_fork() and not probes.active and experiment.detector.pix0.device.type == "cpu"
    with torch.inference_mode():
        ready, tiles = _ready(experiment, probes, memory)
        if not (probes.active or experiment.sampling.ordered or ready.samples_in_pixel):
            ready = replace(ready, batch=pixels_in_batch(experiment, memory, fork))
            tiles = rectangles(experiment, max(ready.batch, TILE_PIXELS))
        if compiled and tiles and not ready.samples_in_pixel:
            ready = _compiled(experiment, ready, tiles, probes, fork)
    image = _blank(experiment, intensity, shared=fork)      # not in inference mode: the image is the caller's, to change at will
    solid_angles = shared_zeros((len(tiles),), torch.float64) if fork else torch.zeros(len(tiles), dtype=torch.float64, device=image.pixels.device)

    here, telling, done = os.getpid(), threading.Lock(), []

    def place(i: int) -> None:
        with torch.inference_mode():                        # a setting of each thread
            made = tile(experiment, ready, probes, *tiles[i])
        rows, columns = tiles[i]
        for whole, part in zip((image.intensity, image.pixels), made):
            if whole is not None:
                whole[rows.start:rows.stop, columns.start:columns.stop] = part
        solid_angles[i] = made[2].solid_angle
        if progress and os.getpid() == here:
            with telling:                                   # forks take tiles in order: what this one has is as far as all are
                done.append(i)
                progress((i + 0.5 if fork else len(done)) / (len(tiles) + 0.5))

    if fork:
        share(place, len(tiles), min(workers(experiment), len(tiles)))
    else:
        each(place, range(len(tiles)), 1 if ready.kernels else workers(experiment))        # threads share a kernel
    if progress:
        progress(1.0)
    return replace(image, solid_angle=solid_angles.sum().to(experiment.detector.pixel_size.dtype))


def _compiled(experiment: Experiment, ready: Prepared, tiles: list[Rectangle], probes: Probes, fork: bool) -> Prepared:
    """With kernels, where they can be had. Each fork runs them alone, so that they are made for one thread."""
    from torch_model.compiled import kernels                # late: what it needs of torch takes as long to load as all the rest

    threads = torch.get_num_threads()
    torch.set_num_threads(1 if fork else threads)
    try:
        return replace(ready, kernels=kernels(experiment, ready, max(len(rows) * len(columns) for rows, columns in tiles), probes))
    finally:
        torch.set_num_threads(threads)


class _Tiled(torch.autograd.Function):
    """The image, and on the way back each tile once more, so that the graph of a single tile is in memory for each thread."""

    @staticmethod
    def forward(ctx, experiment: Experiment, probes: Probes, memory: int, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        ctx.experiment, ctx.memory = experiment, memory
        ctx.save_for_backward(*tensors)
        image = _image(experiment, probes, memory, True)
        ctx.mark_non_differentiable(image.solid_angle)
        return image.intensity, image.solid_angle

    @staticmethod
    @once_differentiable                                    # second derivatives: torch.func, which does not come here
    def backward(ctx, gradient: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        wanted = ctx.needs_input_grad[3:]
        threads = workers(ctx.experiment)
        shares = [(i, threads) for i in range(threads)]
        parts = each(lambda share: _share_of_gradient(ctx.experiment, ctx.memory, ctx.saved_tensors, wanted, gradient, share), shares, threads)
        total = [sum(one[1:], one[0]) for one in zip(*parts)]
        return None, None, None, *(total.pop(0) if want else None for want in wanted)


@torch.enable_grad()
def _share_of_gradient(experiment: Experiment, memory: int, tensors: Sequence[Tensor], wanted: Sequence[bool], gradient: Tensor,
                       share: tuple[int, int]) -> list[Tensor]:
    """Of every so many-th tile: the products of `gradient` with the derivatives by the tensors that are wanted."""
    leaves = [t.detach().requires_grad_(want) for t, want in zip(tensors, wanted)]
    experiment = experiment.with_tensors(leaves)
    leaves = [leaf for leaf, want in zip(leaves, wanted) if want]
    ready, tiles = _ready(experiment, SILENT, memory)
    total = [torch.zeros_like(leaf) for leaf in leaves]
    for rows, columns in tiles[share[0]::share[1]]:
        made = tile(experiment, ready, SILENT, rows, columns)[0]
        if made.requires_grad:
            part = gradient[rows.start:rows.stop, columns.start:columns.stop]
            found = torch.autograd.grad(made, leaves, part, retain_graph=True, allow_unused=True)      # of what is prepared
            total = [a if b is None else a + b for a, b in zip(total, found)]
    return total


def _interpolation_end(experiment: Experiment, ready: Prepared, tiles: list[Rectangle]) -> int:
    """Place of the first sample, in the order of the loops, that is outside the table: the quirk table_value_outside."""
    ends = [int(place.ends) for some in tiles for place in tile(experiment, ready, SILENT, *some)[2:] if place.ends is not None]
    return min(ends, default=NEVER)


def _blank(experiment: Experiment, intensity: bool = True, shared: bool = False) -> Image:
    """The detector before any pixel is known: zero everywhere."""
    d = experiment.detector

    def zeros(dtype: torch.dtype) -> Tensor:
        shape = (d.slow_pixels, d.fast_pixels)
        return shared_zeros(shape, dtype) if shared else torch.zeros(shape, dtype=dtype, device=d.pix0.device)

    return Image(zeros(d.pix0.dtype) if intensity else None, zeros(torch.float32))


def _assembled(experiment: Experiment, parts: list[tuple], tiles: list[Rectangle]) -> Image:
    """Tiles side by side and one below the other, surrounded by zeros up to the whole detector."""
    d = experiment.detector
    fast0, fast1, slow0, slow1 = d.roi
    if not parts:
        return _blank(experiment)
    across = sum(rows == tiles[0][0] for rows, _ in tiles)
    border = (fast0, d.fast_pixels - fast1, slow0, d.slow_pixels - slow1)
    whole = []
    for one in list(zip(*parts))[:2]:
        bands = [torch.cat(one[i:i + across], 1) for i in range(0, len(one), across)]
        whole.append(torch.nn.functional.pad(torch.cat(bands), border) if any(border) else torch.cat(bands))
    return Image(*whole, sum((part[2].solid_angle for part in parts), torch.zeros_like(d.pixel_size)))
