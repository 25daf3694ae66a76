"""Which pixels are traced: chosen, brightest, random; in (slow, fast) order, each once."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np

from conform.errors import SideProblem, UsageProblem
from conform.run.runfile import Image, Run


def choose_pixels(run: Run, image: np.ndarray | None) -> np.ndarray | None:
    """(n, 2) integers, slow and fast, strictly increasing; None for all, and for a run without images. `image` is needed for the brightest."""
    capture, frame = run.file.capture, run.file.image
    if capture.all or frame is None or not capture.trace:
        return None
    flat = {_flat(run, frame, slow, fast) for slow, fast in capture.pixels}
    if capture.brightest is not None:
        assert image is not None
        flat |= _brightest(capture.brightest.count, image)
    if capture.random is not None:
        flat |= _random(capture.random.count, capture.random.seed, flat, frame.slow * frame.fast)
    if not flat:
        raise UsageProblem(f"{run.path}: capture: no pixel is chosen", "give pixels, brightest, random, or all = true")
    chosen = np.array(sorted(flat))
    return np.stack([chosen // frame.fast, chosen % frame.fast], axis=1)


def _brightest(count: int, image: np.ndarray) -> set[int]:
    """The `count` largest; among equals those that come first. What is not a number is not bright."""
    values = np.where(np.isnan(image), -np.inf, image).ravel()
    if count >= values.size:
        return set(range(values.size))
    least = np.partition(values, values.size - count)[values.size - count]
    above = np.flatnonzero(values > least).tolist()
    return {*above, *np.flatnonzero(values == least)[: count - len(above)].tolist()}


def _flat(run: Run, frame: Image, slow: int, fast: int) -> int:
    if slow >= frame.slow or fast >= frame.fast:
        raise UsageProblem(f"{run.path}: capture.pixels: slow {slow} fast {fast} is outside the image of {frame.slow} by {frame.fast}")
    return slow * frame.fast + fast


def _random(count: int, seed: int, taken: set[int], size: int) -> set[int]:
    """`count` pixels that are not taken (or all that are left), the same for the same seed on every machine."""
    draw, found = random.Random(seed), set()
    if count >= size - len(taken):
        return set(range(size)) - taken
    while len(found) < count:
        pixel = int(draw.random() * size)      # the one generator whose numbers Python promises to keep
        if pixel not in taken:
            found.add(pixel)
    return found


def pixel_lines(pixels: np.ndarray) -> str:
    return "".join(f"{slow} {fast}\n" for slow, fast in pixels.tolist())


def pixel_hash(pixels: np.ndarray | None) -> str:
    return "all" if pixels is None else hashlib.sha256(np.ascontiguousarray(pixels, dtype="<i8").tobytes()).hexdigest()


def read_image(path: Path, frame: Image, who: str) -> np.ndarray:
    """The image that a side wrote, (slow, fast)."""
    try:
        raw = np.fromfile(path, dtype=frame.dtype)
    except OSError as error:
        raise SideProblem(f"{who} wrote no image {path.name}: {error.strerror}", "does the run file's `image.file` match its flags?") from None
    if path.stat().st_size != frame.slow * frame.fast * raw.itemsize:
        wrote = f"{path.stat().st_size / raw.itemsize:,.15g}"
        raise SideProblem(f"{who} wrote an image of {wrote} numbers; the run file says {frame.slow} by {frame.fast}", "correct [image] in the run file")
    return raw.reshape(frame.slow, frame.fast)
