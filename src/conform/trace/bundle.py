"""The bundle: a folder of `.npy` files and one manifest (see docs/trace-format.md), opened.

Opening it checks the manifest; each array is checked against it, shape and bytes, when it is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from conform.errors import UsageProblem
from conform.files import sha256_of, write_text
from conform.trace.manifest import MANIFEST, RAW, Manifest, QuantityEntry, read_description, validation_lines

__all__ = ["MANIFEST", "RAW", "Bundle", "Manifest", "QuantityEntry", "load_array", "open_bundle", "validation_lines", "write_bundle"]

Array = np.ndarray | Callable[[], np.ndarray]
AGAIN = "trace the side again (--fresh)"


@dataclass
class Bundle:
    """An opened bundle. Arrays are memory-mapped when first asked for, or made then: a log's are."""

    folder: Path
    manifest: Manifest
    _loaded: dict[str, Array] = field(default_factory=dict, repr=False)
    _masks: dict[str, Array] = field(default_factory=dict, repr=False)
    _halves: dict[str, Array] = field(default_factory=dict, repr=False)

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
            array = load_array(self.folder / entry.file, name, entry.dtype, self.manifest.shape(entry))
            _check_bytes(self.folder / entry.file, entry.sha256)
            self._loaded[name] = array
        return _made(self._loaded, name)

    def unset(self, name: str) -> np.ndarray | None:
        """Where the program never came, or None if it came everywhere."""
        entry = self.manifest.quantities[name]
        if entry.unset is None:
            return None
        if name not in self._masks:
            mask = load_array(self.folder / entry.unset, name, "uint8", self.manifest.shape(entry))
            _check_bytes(self.folder / entry.unset, entry.unset_sha256)
            self._masks[name] = mask.astype(bool)
        return _made(self._masks, name)

    def half_units(self, name: str) -> np.ndarray | None:
        """Half a unit of the last printed digit of each element, in the unit of the values; None if nothing was printed."""
        entry = self.manifest.quantities[name]
        if entry.printed is None:
            return None
        if name not in self._halves:
            halves = load_array(self.folder / entry.printed, name, "float64", self.manifest.shape(entry))
            _check_bytes(self.folder / entry.printed, entry.printed_sha256)
            self._halves[name] = halves
        return _made(self._halves, name)

    @property
    def is_log(self) -> bool:
        """Whether it was read from a log, which shows some of what the program computed: what is not there may well exist."""
        return any(entry.printed is not None or entry.partial for entry in self.manifest.quantities.values())


def _made(arrays: dict[str, Array], name: str) -> np.ndarray:
    found = arrays[name]
    if callable(found):
        found = arrays[name] = found()
    return found


def load_array(path: Path, name: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """An array as its entry describes it; UsageProblem if the file is missing, torn or something else."""
    try:
        array = _read(path, memory_map=bool(np.prod(shape)) and shape != ())
    except FileNotFoundError:
        raise UsageProblem(f"{path}: the bundle names this file for `{name}`, and it is not there", AGAIN) from None
    except Exception as error:               # numpy lets a torn header end in whatever its parser stumbles over
        raise UsageProblem(f"{path}: not a whole .npy file: {error}", AGAIN) from None
    if array.dtype != np.dtype(dtype) or array.shape != shape:
        raise UsageProblem(f"{path}: holds {array.dtype} of shape {array.shape}; the description of `{name}` says {dtype} of shape {shape}", AGAIN)
    return array


def _read(path: Path, memory_map: bool) -> np.ndarray:
    """Not numpy.load, which takes an archive or a pickle for an array as well. What has no bytes cannot be mapped."""
    if memory_map:
        return np.lib.format.open_memmap(path, mode="r")
    with path.open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _check_bytes(path: Path, sha256: str) -> None:
    """The manifest's hash, where it has one. Two gigabytes take a second."""
    if sha256 and sha256_of(path) != sha256:
        raise UsageProblem(f"{path}: its bytes are not those that were traced: another SHA-256 than in {MANIFEST}", AGAIN)


def open_bundle(folder: Path) -> Bundle:
    """Open a sealed bundle; UsageProblem says what is wrong with it."""
    return Bundle(folder, read_description(folder / MANIFEST, Manifest, f"the bundle {folder}", UsageProblem))


def write_bundle(folder: Path, manifest: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a bundle from arrays in memory, hashes included (for readers of logs and for tests)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    quantities = {name: {**entry, **_hashes(folder, entry)} for name, entry in manifest["quantities"].items()}
    write_text(folder / MANIFEST, json.dumps({**manifest, "quantities": quantities}, indent=1))


def _hashes(folder: Path, entry: Mapping[str, Any]) -> dict[str, str]:
    named = {"sha256": entry["file"], "unset_sha256": entry.get("unset"), "printed_sha256": entry.get("printed")}
    return {key: sha256_of(folder / file) for key, file in named.items() if file and (folder / file).is_file()}
