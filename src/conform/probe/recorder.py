"""Recording the values of a port that is not ours: `record("omega", tensor, axes=("pixel",), unit="sr")`.

Off, which is everywhere but inside `recording` or where CONFORM_TRACE names a folder, a call returns its value and does nothing
else. On, it keeps a copy on the host: no graph stays alive, nothing is differentiated, whatever device the value lies on. Knows
arrays; imports no torch, for whatever can be detached and brought to the host is a tensor here.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
PIXEL, IMAGE = "pixel", ("slow", "fast")                        # an image of two axes lies on the one axis of its pixels
DTYPES = {"float64": "float64", "float32": "float32", "float16": "float32", "int64": "int64"}


class CannotRecord(ValueError):
    """A value that has no place in the trace; says which and why."""


@dataclass
class _Kept:
    axes: tuple[str, ...]
    unit: str
    source: str
    array: np.ndarray
    unset: np.ndarray


@dataclass
class Recorder:
    """What was recorded so far. `pixels`: the elements to keep of an image, (n, 2) slow and fast; None keeps all."""

    folder: Path
    program: str = "port"
    dtype: str = "float64"
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pixels: np.ndarray | None = None
    kept: dict[str, _Kept] = field(default_factory=dict)

    def add(self, name: str, value: Any, axes: Sequence[str], unit: str, at: Mapping[str, int], source: str) -> None:
        array, axes = _on_host(name, value), tuple(axes)
        if array.ndim != len(axes):
            raise CannotRecord(f"record({name!r}): the value has {array.ndim} axes, and {len(axes)} are named: {', '.join(axes) or 'none'}")
        if set(IMAGE) <= set(axes):
            array, axes = self._pixels(name, array, axes)
        whole = (*at, *axes)
        if name not in self.kept:
            self.kept[name] = _Kept(whole, unit, source, np.zeros((0,) * len(at) + array.shape, array.dtype), np.zeros((0,) * len(at) + array.shape, bool))
        self._put(name, self.kept[name], array, whole, tuple(at.values()))

    def _put(self, name: str, kept: _Kept, array: np.ndarray, axes: tuple[str, ...], place: tuple[int, ...]) -> None:
        if axes != kept.axes or array.shape != kept.array.shape[len(place) :]:
            raise CannotRecord(f"record({name!r}): axes {', '.join(axes)} of {array.shape}, and before {', '.join(kept.axes)} of {kept.array.shape[len(place):]}")
        if not place and kept.array.size and not kept.unset.any() and name in self._whole:
            raise CannotRecord(f"record({name!r}): recorded twice; say which turn it is with at={{'LOOP': i}}")
        size = tuple(max(have, i + 1) for have, i in zip(kept.array.shape, place, strict=False))
        if place and size != kept.array.shape[: len(place)]:
            kept.array, kept.unset = (_grown(old, size, filled) for old, filled in ((kept.array, 0), (kept.unset, True)))
        kept.array[place], kept.unset[place] = array, False
        self._whole.add(name)

    _whole: set[str] = field(default_factory=set, repr=False)

    def _pixels(self, name: str, array: np.ndarray, axes: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
        """The two axes of an image become one, that of its pixels, which are the ones that were asked for."""
        slow, fast = (axes.index(axis) for axis in IMAGE)
        array = np.moveaxis(array, (slow, fast), (0, 1))
        pixels = self.pixels if self.pixels is not None else np.stack(np.divmod(np.arange(array.shape[0] * array.shape[1]), array.shape[1]), axis=1)
        if (pixels >= array.shape[:2]).any():
            raise CannotRecord(f"record({name!r}): an image of {array.shape[0]} by {array.shape[1]} has no pixel {pixels.max(axis=0).tolist()}, which was asked for")
        for i, coordinate in enumerate(IMAGE):
            self.kept.setdefault(coordinate, _Kept((PIXEL,), "count", "", pixels[:, i].astype(np.int64), np.zeros(len(pixels), bool)))
        return array[pixels[:, 0], pixels[:, 1]], (PIXEL, *(axis for axis in axes if axis not in IMAGE))

    def write(self) -> None:
        """The raw trace, its description last (docs/trace-format.md)."""
        sizes: dict[str, int] = {}
        quantities = {}
        for name, one in self.kept.items():
            for axis, size in zip(one.axes, one.array.shape, strict=True):
                if sizes.setdefault(axis, size) != size:
                    raise CannotRecord(f"record({name!r}): {size} elements along {axis}, and another value has {sizes[axis]}")
            quantities[name] = self._written(name, one)
        axes = {axis: {"size": size, **({"labels": list(self.labels[axis])} if axis in self.labels else {})} for axis, size in sizes.items()}
        producer = {"program": self.program, "language": "Python", "dtype": self.dtype}
        text = json.dumps({"format": "conform-raw/1", "producer": producer, "axes": axes, "quantities": quantities})
        aside = self.folder / ".trace.json.part"
        aside.write_text(text, "utf-8")
        aside.replace(self.folder / "trace.json")

    def _written(self, name: str, one: _Kept) -> dict[str, Any]:
        np.save(self.folder / f"{name}.npy", np.array(one.array, order="C"), allow_pickle=False)
        entry = {"unit": one.unit, "axes": list(one.axes), "dtype": one.array.dtype.name, "file": f"{name}.npy", "source": one.source}
        if one.unset.any():
            np.save(self.folder / f"{name}.unset.npy", one.unset.astype(np.uint8), allow_pickle=False)
            entry["unset"] = f"{name}.unset.npy"
        return entry


_active: Recorder | None = None


def record(name: str, value: T, axes: Sequence[str] = (), unit: str = "", at: Mapping[str, int] | None = None) -> T:
    """Keep `value` under `name`, and return it as it is.

    Args:
        name: of a quantity in the rules.
        value: a tensor, an array or a number; along `axes`, in this order. Axes `slow` and `fast` are the pixels of an image.
        unit: of its numbers, as in "1/angstrom".
        at: the turns of loops around this call: at={"phi": 3}. Turns that are never recorded are unset.
    Errors: CannotRecord if the axes do not fit the value, or the value was recorded before, at the same place in the loops.
    """
    if _active is not None:
        _active.add(name, value, axes, unit, at or {}, _caller())
    return value


@contextmanager
def recording(folder: str | os.PathLike[str] | None = None, program: str = "port", dtype: str = "float64", labels: Mapping[str, Sequence[str]] | None = None) -> Iterator[None]:
    """Record inside the block and write the trace at its end. Without a folder: where CONFORM_TRACE says, or nothing at all.

    `dtype` is the precision that the program claims to compute in; `labels` name the components of axes: {"xyz": "xyz"}.
    """
    global _active
    where = os.fspath(folder) if folder is not None else os.environ.get("CONFORM_TRACE", "")
    if not where:
        yield
        return
    Path(where).mkdir(parents=True, exist_ok=True)
    before, _active = _active, Recorder(Path(where), program, dtype, {axis: tuple(names) for axis, names in (labels or {}).items()}, _asked())
    mine = _active
    try:
        yield
        mine.write()
    finally:
        _active = before


def start(program: str = "port", dtype: str = "float64", labels: Mapping[str, Sequence[str]] | None = None) -> None:
    """The same for a whole program: record from here to its end, if CONFORM_TRACE names a folder."""
    if os.environ.get("CONFORM_TRACE"):
        block = recording(None, program, dtype, labels)
        block.__enter__()
        atexit.register(block.__exit__, None, None, None)


def hook(name: str, axes: Sequence[str] = (), unit: str = "", pick: Callable[[Any], Any] = lambda output: output) -> Callable[..., None]:
    """A forward hook: `module.register_forward_hook(hook("omega", ("pixel",), "sr"))`. `pick` takes the value out of the output."""

    def recorded(module: object, inputs: object, output: object) -> None:
        if _active is not None:
            record(name, pick(output), axes, unit)

    return recorded


def _on_host(name: str, value: Any) -> np.ndarray:
    """A copy that nothing else refers to, in a type that a trace has."""
    try:
        if hasattr(value, "detach"):
            value = value.detach()
            value = value.resolve_conj().resolve_neg() if hasattr(value, "resolve_neg") else value
            if str(value.dtype).removeprefix("torch.") == "bfloat16":
                value = value.float()
            value = value.cpu().numpy()
        array = np.array(value)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotRecord(f"record({name!r}): the value cannot be brought to the host: {error}") from None
    kind = "int64" if array.dtype.kind in "biu" else DTYPES.get(array.dtype.name)
    if kind is None:
        raise CannotRecord(f"record({name!r}): a trace holds real numbers and integers, not {array.dtype}")
    return array.astype(kind)


def _grown(old: np.ndarray, size: tuple[int, ...], filled: Any) -> np.ndarray:
    new = np.full(size + old.shape[len(size) :], filled, old.dtype)
    new[tuple(slice(0, n) for n in old.shape[: len(size)])] = old
    return new


def _asked() -> np.ndarray | None:
    """The pixels that CONFORM_PIXELS asks for."""
    path = os.environ.get("CONFORM_PIXELS")
    return np.loadtxt(path, dtype=np.int64, ndmin=2) if path else None


def _caller() -> str:
    import sys

    frame = sys._getframe(2)
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
