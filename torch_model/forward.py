"""The image without a graph: every tile straight to its place, by processes or threads, eager or compiled."""
from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace

import torch

from torch_model import kept
from torch_model.experiment import Experiment
from torch_model.forks import can_fork, share, shared_zeros
from torch_model.frame import Image, blank
from torch_model.heap import Heap
from torch_model.prepare import Prepared, prepare
from torch_model.samples import NEVER
from torch_model.tile import tile
from torch_model.tiles import TILE_BATCHES, TILE_PIXELS, Rectangle, each, pixels_in_batch, pixels_in_tile, rectangles, workers
from torch_model.trace import SILENT, Probes


def prepared(experiment: Experiment, probes: Probes, memory: int) -> tuple[Prepared, list[Rectangle]]:
    ready, tiles = prepare(experiment, probes), rectangles(experiment, pixels_in_tile(experiment, memory))
    if ready.samples_in_pixel:
        ready = replace(ready, interpolation_ends=_interpolation_end(experiment, ready, tiles))
    return ready, tiles


def image(experiment: Experiment, probes: Probes, memory: int, intensity: bool, fork: bool = False, compiled: bool = False,
          progress: Callable[[float], None] | None = None) -> Image:
    """Every tile straight to its place; nothing is kept for a gradient."""
    fork = fork and can_fork() and not probes.active and experiment.detector.pix0.device.type == "cpu"
    with torch.inference_mode():
        ready, tiles = prepared(experiment, probes, memory)
        if not (probes.active or experiment.sampling.ordered or ready.samples_in_pixel):
            ready = replace(ready, batch=pixels_in_batch(experiment, memory, fork))
            tiles = rectangles(experiment, max(ready.batch, min(TILE_PIXELS, TILE_BATCHES * ready.batch)))
        if compiled and tiles and not ready.samples_in_pixel:
            ready = _compiled(experiment, ready, tiles, probes, fork)
    frame = blank(experiment, intensity, shared=fork)       # not in inference mode: the image is the caller's, to change at will
    solid_angles = shared_zeros((len(tiles),), torch.float64) if fork else torch.zeros(len(tiles), dtype=torch.float64, device=frame.pixels.device)

    here, telling, done, heap = os.getpid(), threading.Lock(), [], Heap(memory << 18)

    def place(i: int) -> None:
        with torch.inference_mode():                        # a setting of each thread
            made = tile(experiment, ready, probes, *tiles[i])
        rows, columns = tiles[i]
        for whole, part in zip((frame.intensity, frame.pixels), made):
            if whole is not None:
                whole[rows.start:rows.stop, columns.start:columns.stop] = part
        solid_angles[i] = made[2].solid_angle
        heap.tidy()
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
    return replace(frame, solid_angle=solid_angles.sum().to(experiment.detector.pixel_size.dtype))


def _compiled(experiment: Experiment, ready: Prepared, tiles: list[Rectangle], probes: Probes, fork: bool) -> Prepared:
    """With kernels; as it was, with one warning that says what is missing, where they cannot be had. Each fork runs them alone, so that they are made for one thread."""
    threads = torch.get_num_threads()
    pixels = max(len(rows) * len(columns) for rows, columns in tiles)
    torch.set_num_threads(1 if fork else threads)
    try:
        if found := kept.find(experiment, ready, pixels):
            return replace(ready, kernels=found)
        from torch_model.compiled import with_kernels       # late: what it needs of torch takes several times as long to load as all the rest

        return with_kernels(experiment, ready, pixels, probes)
    except Exception as error:                      # whatever a compiler raises, even as it is imported: the work can be done without it
        reason = str(error).strip().splitlines() or [type(error).__name__]
        warnings.warn(f"cannot compile, going on without: {reason[0]}", RuntimeWarning, stacklevel=4)
        return ready
    finally:
        torch.set_num_threads(threads)


def _interpolation_end(experiment: Experiment, ready: Prepared, tiles: list[Rectangle]) -> int:
    """Place of the first sample, in the order of the loops, that is outside the table: the quirk table_value_outside."""
    ends = [int(place.ends) for some in tiles for place in tile(experiment, ready, SILENT, *some)[2:] if place.ends is not None]
    return min(ends, default=NEVER)
