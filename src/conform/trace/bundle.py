"""The bundle: a folder of `.npy` files and one manifest (see docs/trace-format.md).

A raw trace is what a program wrote; sealing it checks every array against its description, adds hashes and provenance
and makes a manifest. Opening a bundle checks the manifest and, lazily, each array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conform.errors import Problem, SideProblem, UsageProblem
from conform.files import sha256_of, write_text

MANIFEST = "manifest.json"
RAW = "trace.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AxisEntry(_Strict):
    """An axis as the program has it: `labels` of a component axis, `first` index of a grid axis."""

    size: int = Field(ge=0)
    labels: tuple[str, ...] | None = None
    first: int | None = None


class QuantityEntry(_Strict):
    """One array. `labels` are the words of a choice; `unset` names the mask of elements never reached."""

    unit: str
    axes: tuple[str, ...]
    dtype: Literal["float64", "float32", "int64"]
    file: str = Field(pattern=r"^[A-Za-z0-9_.-]+\.npy$")
    unset: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]+\.npy$")
    labels: tuple[str, ...] | None = None
    source: str = ""
    sha256: str = ""


class Producer(_Strict):
    """What made the values. `dtype` is the precision that the program claims to compute in."""

    program: str
    version: str = ""
    language: str = ""
    compiler: str = ""
    flags: str = ""
    dtype: Literal["float64", "float32"]
    device: str = "cpu"
    threads: int = 1
    quirks: tuple[str, ...] = ()
    build: str = ""


class RawTrace(_Strict):
    format: Literal["conform-raw/1"]
    producer: Producer
    axes: Mapping[str, AxisEntry]
    quantities: Mapping[str, QuantityEntry]


class Manifest(_Strict):
    format: Literal["conform-trace/1"] = "conform-trace/1"
    side: str
    producer: Producer
    command: tuple[str, ...]
    inputs: Mapping[str, str]
    axes: Mapping[str, AxisEntry]
    quantities: Mapping[str, QuantityEntry]


@dataclass
class Bundle:
    """An opened bundle. Arrays are memory-mapped when first asked for."""

    folder: Path
    manifest: Manifest
    _loaded: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def side(self) -> str:
        return self.manifest.side

    def size(self, axis: str) -> int:
        return self.manifest.axes[axis].size

    def has(self, name: str) -> bool:
        return name in self.manifest.quantities

    def values(self, name: str) -> np.ndarray:
        """The array of a quantity, checked against the manifest; axes as in its entry."""
        if name not in self._loaded:
            entry = self.manifest.quantities[name]
            self._loaded[name] = _load(self.folder, entry.file, name, entry.dtype, self._shape(entry))
        return self._loaded[name]

    def unset(self, name: str) -> np.ndarray | None:
        """Where the program never came, or None if it came everywhere."""
        entry = self.manifest.quantities[name]
        if entry.unset is None:
            return None
        return _load(self.folder, entry.unset, name, "uint8", self._shape(entry)).astype(bool)

    def _shape(self, entry: QuantityEntry) -> tuple[int, ...]:
        return tuple(self.manifest.axes[axis].size for axis in entry.axes)


def _load(folder: Path, file: str, name: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    path = folder / file
    try:
        array = np.load(path, mmap_mode="r" if shape else None, allow_pickle=False)
    except FileNotFoundError:
        raise UsageProblem(f"{path}: the bundle names this file for `{name}`, and it is not there", "trace the side again (--fresh)") from None
    except (ValueError, OSError, EOFError) as error:
        raise UsageProblem(f"{path}: not a whole .npy file: {error}", "trace the side again (--fresh)") from None
    if array.dtype != np.dtype(dtype) or array.shape != shape:
        raise UsageProblem(
            f"{path}: holds {array.dtype} of shape {array.shape}; the manifest says {dtype} of shape {shape} for `{name}`",
            "trace the side again (--fresh)",
        )
    return array


def validation_lines(error: ValidationError) -> str:
    """pydantic's errors as lines `where: what`, without its links and class names."""
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "the file"
        what = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(item["type"], item["msg"].removeprefix("Value error, "))
        lines.append(f"  {where}: {what}")
    return "\n".join(lines)


def _read_json(path: Path, model: type[BaseModel], problem: type[Problem]) -> Any:
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise problem(f"{path}: there is no such file", "a bundle is a folder with a manifest.json") from None
    except ValidationError as error:
        raise problem(f"{path}: not a valid {model.__name__.lower()}:\n{validation_lines(error)}", "see docs/trace-format.md") from None


def open_bundle(folder: Path) -> Bundle:
    """Open a sealed bundle; UsageProblem says what is wrong with it."""
    bundle = Bundle(folder, _read_json(folder / MANIFEST, Manifest, UsageProblem))
    _check_axes(bundle.manifest.axes, bundle.manifest.quantities, folder / MANIFEST, UsageProblem)
    return bundle


def _check_axes(axes: Mapping[str, AxisEntry], quantities: Mapping[str, QuantityEntry], path: Path, problem: type[Problem]) -> None:
    for name, entry in quantities.items():
        for axis in entry.axes:
            if axis not in axes:
                raise problem(f"{path}: `{name}` has an axis `{axis}` that the file does not describe", "see docs/trace-format.md")


def seal(folder: Path, side: str, command: Sequence[str], inputs: Mapping[str, str], build: str) -> Bundle:
    """Make a bundle of the raw trace in `folder`, in place: check every array, hash it, write the manifest.

    SideProblem if the program wrote something else than it describes.
    """
    raw: RawTrace = _read_json(folder / RAW, RawTrace, SideProblem)
    _check_axes(raw.axes, raw.quantities, folder / RAW, SideProblem)
    manifest = Manifest(
        side=side,
        producer=raw.producer.model_copy(update={"build": build}),
        command=tuple(command),
        inputs=dict(inputs),
        axes=dict(raw.axes),
        quantities={name: _sealed(folder, entry) for name, entry in raw.quantities.items()},
    )
    bundle = Bundle(folder, manifest)
    for name in manifest.quantities:
        try:
            bundle.values(name), bundle.unset(name)
        except UsageProblem as error:
            raise SideProblem(f"side {side} wrote a trace that is not whole: {error.message}") from None
    bundle._loaded.clear()               # the folder is renamed next; maps are opened anew there
    write_text(folder / MANIFEST, manifest.model_dump_json(indent=1))
    (folder / RAW).unlink()
    return bundle


def _sealed(folder: Path, entry: QuantityEntry) -> QuantityEntry:
    path = folder / entry.file
    if not path.is_file():
        raise SideProblem(f"the program's trace.json names {entry.file}, which it did not write")
    return entry.model_copy(update={"sha256": sha256_of(path)})


def write_bundle(folder: Path, manifest: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a bundle from arrays in memory (for readers of logs and for tests)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1))
