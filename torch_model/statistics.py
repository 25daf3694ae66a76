"""What is printed about the image, and what the automatic scales are made of. Host arrays; clauses output.13 to output.18."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the stored pixels inside the region of interest, without those that a mask skips."""

    largest: float
    at: tuple[int, int]               # (slow, fast) of the first of the largest pixels
    mean: float
    rms: float
    rmsd: float
    population: int                   # how many pixels these are


def statistics(image: np.ndarray, roi: tuple[int, int, int, int], mask: np.ndarray | None, masked_in_deviation: bool) -> Statistics:
    """Args: image: (slow, fast), float32. roi: half-open, fast then slow. mask: False where skipped; None: nowhere.

    masked_in_deviation: the quirk; the deviation then counts skipped pixels, which are 0.
    """
    fast0, fast1, slow0, slow1 = roi
    inside = image[slow0:slow1, fast0:fast1]
    n = int(inside.size if mask is None else mask[slow0:slow1, fast0:fast1].sum())
    if not n:
        return Statistics(0.0, (slow0, fast0), 0.0, 0.0, 0.0, 0)
    flat = int(np.argmax(inside))                   # a skipped pixel is 0 and never the first of the largest, unless all are 0
    total = squares = deviations = 0.0
    for band in bands(inside):                      # stays in the cache
        total += float(band.sum(dtype=np.float64))
        squares += float(np.square(band).sum(dtype=np.float64))
    mean = total / max(n, 1)
    for band in bands(inside):
        deviations += float(np.square(np.subtract(band, mean, dtype=np.float64)).sum())
    counted = inside.size if masked_in_deviation else n
    deviations -= 0.0 if masked_in_deviation else (inside.size - n) * mean**2
    largest = float(inside.reshape(-1)[flat]) if inside.flags.c_contiguous else float(inside[divmod(flat, inside.shape[1])])
    row, column = divmod(flat, inside.shape[1])
    return Statistics(max(largest, 0.0), (slow0 + row, fast0 + column), mean, math.sqrt(squares / (max(n, 2) - 1)),
                      math.sqrt(max(deviations, 0.0) / (max(counted, 2) - 1)), n)


def bands(image: np.ndarray) -> list[np.ndarray]:
    """Some rows at a time, about 64 thousand pixels."""
    rows = max(1, 65536 // max(1, image.shape[1]))
    return [image[i:i + rows] for i in range(0, len(image), rows)]
