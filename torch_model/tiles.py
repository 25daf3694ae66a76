"""How the detector is cut: tiles small enough for the cache, or for the memory that is allowed, and threads that take them."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from torch_model.experiment import Experiment
from torch_model.threads import pool

CACHE_BYTES = 1 << 20                 # of one batch tensor on a CPU: larger ones do not stay in a core's cache
TILE_BYTES = 8 << 20                  # the same where threads work side by side: with smaller ones they wait for Python
TILE_PIXELS = 1 << 16                 # whose geometry is formed together, where their samples come in batches
TILE_BATCHES = 64                     # of a tile at most: pixels with thousands of samples are shared between workers, too
LIVE_TENSORS = 10                     # batch tensors alive at once, measured generously; sizes tiles by memory
Item, Result = TypeVar("Item"), TypeVar("Result")
Rectangle = tuple[range, range]       # rows, columns


def each(work: Callable[[Item], Result], items: list[Item], workers: int) -> list[Result]:
    """`work` on every item, in order. On a CPU a thread takes a whole tile and computes it alone: threads that share each
    operation wait for one another after every one, which is slow wherever another program has a core."""
    if workers == 1:
        return [work(one) for one in items]
    try:
        with pool(workers, lambda: torch.set_num_threads(1)) as threads:
            return list(threads.map(work, items))
    finally:
        torch.set_num_threads(workers)


def rectangles(experiment: Experiment, pixels: int) -> list[Rectangle]:
    """Tiles of the region of interest, row by row, of so many pixels at most; whole rows unless a single one is too large."""
    fast0, fast1, slow0, slow1 = experiment.detector.roi
    rows, columns = max(1, pixels // max(1, fast1 - fast0)), min(max(1, pixels), max(1, fast1 - fast0))
    return [(range(row, min(row + rows, slow1)), range(column, min(column + columns, fast1)))
            for row in range(slow0, slow1, rows) for column in range(fast0, fast1, columns)]


def pixels_in_tile(experiment: Experiment, memory: int) -> int:
    """Pixels of a tile whose samples are computed together: its tensors stay within `memory` MiB, and on a CPU are no larger
    than is good for threads that have a tile each."""
    return _pixels(experiment, memory, TILE_BYTES)


def pixels_in_batch(experiment: Experiment, memory: int, fork: bool) -> int:
    """Pixels of a batch, a part of a tile: within `memory` MiB; on a CPU, in a process of its own, within its cache."""
    return _pixels(experiment, memory, CACHE_BYTES if fork else TILE_BYTES)


def _pixels(experiment: Experiment, memory: int, bytes_on_cpu: int) -> int:
    s = experiment.sampling
    widest = 36 if experiment.crystal.interpolate else 3    # elements of the widest tensor of a sample
    pixel = widest * experiment.detector.pix0.element_size() * s.phisteps * s.mosaic_domains
    budget = (memory << 20) // (2 * LIVE_TENSORS)           # the other half is the image and the program itself
    return max(1, (min(budget, bytes_on_cpu) if experiment.detector.pix0.device.type == "cpu" else budget) // pixel)


def workers(experiment: Experiment) -> int:
    return torch.get_num_threads() if experiment.detector.pix0.device.type == "cpu" else 1
