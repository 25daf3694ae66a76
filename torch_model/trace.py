"""Writing the values in use as a raw trace, for the pixels asked for. See docs/trace-format.md.

The computation hands over its own tensors (`put`) and says where it is (`at`); nothing is computed for the trace. With
`CONFORM_TRACE` unset the silent probes do nothing.
"""
from __future__ import annotations

import json
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from torch_model import __version__
from torch_model.errors import Refusal
from torch_model.experiment import Experiment
from torch_model.quantities import UNITS

ORDER = ("pixel", "layer", "subpixel", "source", "phi", "mosaic", "reflection", "h", "k", "l", "hpoint", "vpoint", "abc", "xyz", "uvw", "row", "column", "draw",
         "node_h", "node_k", "node_l")
IN_MEMORY = 1 << 20                   # bytes of a value that is kept until the end; a larger one is written as it comes
LABELS = {"abc": ["a", "b", "c"], "xyz": ["x", "y", "z"], "row": ["x", "y", "z"], "column": ["a", "b", "c"], "uvw": ["u", "v", "w"],
          "draw": ["d0", "d1", "d2"], **{f"node_{i}": ["n0", "n1", "n2", "n3"] for i in "hkl"}}


class Probes:
    """Receives the values of a computation. This one forgets them."""

    active = False

    def at(self, **place: object) -> None:
        """Say where the computation is: a tile's `rows` and `columns`, a `layer`, a `subpixel`, a `source`."""

    @contextmanager
    def computed_in(self, precision: str) -> Iterator[None]:
        """What is handed over meanwhile was computed in `precision`, though the model claims another."""
        yield

    def put(self, name: str, value: object, *axes: str, **more: object) -> None:
        """Hand over a value. `axes`: first those of the loops around, then those of the value, `pixel` last. `unset`: where
        the spec has no value, (..., pixel), although one was computed. `frame`: the value is (slow, fast), of the whole
        detector, pixels that the loops left out included."""


SILENT = Probes()


class _Place(threading.local):
    """Where the computation is, in this thread: each one works on a tile of its own."""

    def __init__(self) -> None:
        self.loops: dict[str, int] = {}
        self.traced: np.ndarray | slice = slice(0)            # in the tile
        self.target: np.ndarray | slice = slice(0)            # on the pixel axis of the trace


class Recorder(Probes):
    """Keeps the traced pixels of every value in one folder; `finish` writes the description."""

    active = True

    def __init__(self, folder: Path, chosen: np.ndarray | None, sizes: dict[str, int], region: tuple[int, int, int, int],
                 producer: dict[str, object]) -> None:
        fast0, fast1, slow0, slow1 = region
        every = max(0, fast1 - fast0) * max(0, slow1 - slow0)
        self.folder, self.chosen, self.region, self.producer = folder, chosen, region, producer
        self.sizes = {**sizes, "pixel": every if chosen is None else len(chosen)}
        self.first: dict[str, int] = {}
        self.quantities: dict[str, dict[str, object]] = {}
        self.arrays: dict[str, np.ndarray] = {}
        self.unset: dict[str, np.ndarray] = {}                # of those quantities that say so
        self.framed: set[str] = set()                         # quantities that pixels which were never reached have as well
        self.reached = np.zeros(self.sizes["pixel"], dtype=bool)
        self.here = _Place()
        self.opening = threading.Lock()
        self.own: dict[str, str] = {}                         # "precision", where that is not the producer's

    @contextmanager
    def computed_in(self, precision: str) -> Iterator[None]:
        self.own = {} if precision == self.producer["dtype"] else {"precision": precision}
        yield
        self.own = {}

    def at(self, **place: object) -> None:
        if "rows" in place:
            self._enter(place["rows"], place["columns"])
            mask = place.get("mask")
            self.reached[self.here.target] = True if mask is None else array_of(mask)[self.here.traced].astype(bool)
        else:
            self.here.loops.update(place)

    def _enter(self, rows: range, columns: range) -> None:
        if self.chosen is None:
            start = (rows.start - self.region[2]) * len(columns)
            self.here.traced, self.here.target = slice(None), slice(start, start + len(rows) * len(columns))
            return
        slow, fast = self.chosen.T
        low, high = np.searchsorted(slow, (rows.start, rows.stop))
        self.here.target = low + np.flatnonzero((fast[low:high] >= columns.start) & (fast[low:high] < columns.stop))
        self.here.traced = (slow[self.here.target] - rows.start) * len(columns) + fast[self.here.target] - columns.start

    def put(self, name: str, value: object, *axes: str, labels: list[str] | None = None, first: dict[str, int] | None = None,
            unset: object = None, frame: bool = False) -> None:
        if frame:
            return self._put_frame(name, array_of(value), labels, unset, sys._getframe(1))
        own = value.ndim if hasattr(value, "ndim") else np.ndim(value)
        loops = axes[:len(axes) - own]
        self.first.update(first or {})
        if "pixel" not in axes:
            values = array_of(value)
        else:                                       # the pixel axis is last in the computation and first in the trace
            values = np.moveaxis(array_of(value[..., self.here.traced]), -1, 0)
        with self.opening:
            if name not in self.arrays:
                self._open(name, values.dtype, axes, loops, np.shape(value), labels, sys._getframe(1))
        place = tuple(self.here.loops[axis] for axis in loops)
        self.arrays[name][(self.here.target, *place) if "pixel" in axes else place] = values
        if unset is not None:
            with self.opening:
                marks = self.unset.setdefault(name, np.zeros(self.arrays[name].shape, np.uint8))
            ours = array_of(unset[..., self.here.traced])
            marks[(self.here.target, *place)] = np.moveaxis(np.broadcast_to(ours, (*values.shape[1:], values.shape[0])), -1, 0)

    def _put_frame(self, name: str, image: np.ndarray, labels: list[str] | None, unset: object, frame) -> None:
        self.framed.add(name)
        place = slice(None) if self.chosen is None else self.chosen[:, 0] * image.shape[1] + self.chosen[:, 1]
        self.unset.pop(name, None)
        self._open(name, image.dtype, ("pixel",), (), image.shape, labels, frame)
        self.arrays[name][...] = image.reshape(-1)[place]
        if unset is not None:
            self.unset[name] = np.asarray(unset).reshape(-1)[place].astype(np.uint8)

    def _open(self, name, dtype, axes, loops, shape, labels, frame) -> None:
        for axis, size in zip(axes[len(loops):], shape):
            if axis != "pixel" and self.sizes.setdefault(axis, size) != size:
                raise ValueError(f"{name}: axis {axis} has {size} elements here and {self.sizes[axis]} elsewhere")
        names = sorted(axes, key=ORDER.index)
        if [axis for axis in axes if axis != "pixel"] != [axis for axis in names if axis != "pixel"]:
            raise ValueError(f"{name}: the axes {axes} are not in the order of the contract")
        self.arrays[name] = _reserve(self.folder / f"{name}.npy", dtype, tuple(self.sizes[axis] for axis in names))
        self.quantities[name] = {"unit": UNITS[name], "axes": names, "dtype": dtype.name, "file": f"{name}.npy",
                                 **({"labels": labels} if labels else {}), **self.own,
                                 "source": f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"}

    def finish(self) -> None:
        """Complete the files, then the description: last, so that a trace without it is known to be unfinished."""
        try:
            self._mark_unreached()
            for name, array in self.arrays.items():
                if isinstance(array, np.memmap):
                    array.flush()
                else:
                    np.save(self.folder / f"{name}.npy", array)
            (self.folder / "trace.json").write_text(json.dumps(self._description(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise _unwritable(self.folder, error) from None

    def _mark_unreached(self) -> None:
        """Pixels outside the region of interest, or masked, have coordinates and nothing else; some samples have no value."""
        every = self.reached.all()
        for axis, name in enumerate(("slow", "fast")):
            if not every and name not in self.arrays:   # the region was empty
                self._open(name, np.dtype(np.int64), ("pixel",), (), self.reached.shape, None, sys._getframe())
            if not every and self.chosen is not None:
                self.arrays[name][~self.reached] = self.chosen[~self.reached, axis]
        for name, quantity in self.quantities.items():
            marks = self.unset.get(name)
            if not every and "pixel" in quantity["axes"] and name not in ("slow", "fast", *self.framed):
                marks = np.zeros(self.arrays[name].shape, dtype=np.uint8) if marks is None else marks
                marks[~self.reached] = 1
            if marks is not None and marks.any():
                quantity["unset"] = f"{name}.unset.npy"
                np.save(self.folder / f"{name}.unset.npy", marks)

    def _description(self) -> dict[str, object]:
        used = {axis for quantity in self.quantities.values() for axis in quantity["axes"]}
        axes = {axis: {"size": int(self.sizes[axis]), **({"labels": LABELS[axis]} if axis in LABELS else {}),
                       **({"first": self.first[axis]} if axis in self.first else {})} for axis in ORDER if axis in used}
        return {"format": "conform-raw/1", "producer": self.producer, "axes": axes, "quantities": self.quantities}


def producer(experiment: Experiment, flags: str = "") -> dict[str, object]:
    """What a trace says of the program that wrote it. `flags`: of its own, beside the instructions that torch uses."""
    like = experiment.detector.pix0
    return {"program": "torch_model", "version": __version__, "language": "Python", "dtype": str(like.dtype).removeprefix("torch."), "device": like.device.type,
            "compiler": f"Python {platform.python_version()}, torch {torch.__version__}", "flags": torch.backends.cpu.get_cpu_capability() + flags,
            "threads": torch.get_num_threads(), "quirks": sorted(experiment.sampling.quirks)}


def recorder(sizes: dict[str, int], detector, producer: dict[str, object]) -> Probes:
    """Probes as the environment asks for them: a Recorder if CONFORM_TRACE names a folder, else silent ones."""
    folder = os.environ.get("CONFORM_TRACE", "")
    if not folder:
        return SILENT
    if not Path(folder).is_dir() or any(Path(folder).iterdir()):
        raise Refusal(f"CONFORM_TRACE must name an existing empty folder; {folder} is not one")
    chosen = _chosen(os.environ.get("CONFORM_PIXELS", ""), detector.slow_pixels, detector.fast_pixels)
    if chosen is None and detector.roi != (0, detector.fast_pixels, 0, detector.slow_pixels):      # outside the region, too
        chosen = np.stack(np.divmod(np.arange(detector.slow_pixels * detector.fast_pixels), detector.fast_pixels), axis=1)
    return Recorder(Path(folder), chosen, sizes, detector.roi, producer)


def _chosen(path: str, slow_pixels: int, fast_pixels: int) -> np.ndarray | None:
    """(n, 2): slow and fast of the pixels in a file, strictly increasing; None for every pixel."""
    if not path:
        return None
    try:
        with open(path, encoding="ascii") as file:
            pixels = np.array([[int(word) for word in line.split()] for line in file if line.strip()]).reshape(-1, 2)
    except (OSError, ValueError) as error:
        raise Refusal(f"cannot use CONFORM_PIXELS {path}: {error}; each line must be: slow fast") from None
    flat = pixels[:, 0] * fast_pixels + pixels[:, 1]
    inside = (pixels >= 0).all() and (pixels < (slow_pixels, fast_pixels)).all()
    if not inside or not (np.diff(flat) > 0).all():
        raise Refusal(f"CONFORM_PIXELS {path} must name pixels of the detector, strictly increasing in (slow, fast)")
    return pixels


def array_of(value: object) -> np.ndarray:
    """A host array with the dtype of the trace: float32 and float64 stay, every integer is int64."""
    array = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
    return array if array.dtype.kind == "f" else array.astype(np.int64)


def _reserve(path: Path, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Space for a value. Large ones lie in their file, whose blocks are taken now: a full disk is then an error that can
    be reported, and not a signal from a mapped page later."""
    size = int(np.prod(shape)) * dtype.itemsize
    if size <= IN_MEMORY:
        return np.zeros(shape, dtype)
    try:
        with open(path, "wb") as file:
            np.lib.format.write_array_header_1_0(file, {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
            offset = file.tell()
            os.posix_fallocate(file.fileno(), 0, offset + size)   # POSIX only, as the C side is
    except OSError as error:
        raise _unwritable(path, error) from None
    return np.memmap(path, dtype, "r+", offset, shape)


def _unwritable(path: Path, error: OSError) -> Refusal:
    return Refusal(f"cannot write the trace {path}: {error.strerror or error}; free some space or choose another folder")
