"""How much a side was asked to trace, for the message about one that ran out of memory over it."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np

from conform.run.runfile import Image

LARGEST = 3                               # quantities that are named
LESS = "trace less: fewer pixels in [capture] of the run file, or fewer samples in each"


def in_words(trace: Path, pixels: np.ndarray | None, frame: Image | None) -> str:
    """The pixels (all of `frame` where none were chosen), and what the files that were begun in the folder `trace` have room for."""
    count = len(pixels) if pixels is not None else frame.slow * frame.fast if frame is not None else None
    asked = "it was asked to trace " + ("all that it has" if count is None else f"{count:,} pixels")
    begun = sorted(_begun(trace), reverse=True)
    if not begun:
        return f"{asked}; nothing of them was written yet"
    names = ", ".join(f"{name} ({elements:,} elements)" for _, elements, name in begun[:LARGEST])
    return f"{asked}: {sum(size for size, _, _ in begun) / 1e9:.2g} GB for the {len(begun):,} quantities that it had begun, the largest of them {names}"


def _begun(trace: Path) -> Iterator[tuple[int, int, str]]:
    """Bytes, elements and name of each quantity whose file says its shape."""
    for path in trace.glob("*.npy"):
        try:
            with path.open("rb") as file:
                np.lib.format.read_magic(file)
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        except (OSError, ValueError):     # ended before the header was whole
            continue
        yield prod(shape) * dtype.itemsize, prod(shape), path.name.removesuffix(".npy")
