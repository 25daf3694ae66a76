"""A bundle cut to some elements of its outermost axis, and written with all that it lent and was lent."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from conform.trace.bundle import Bundle, write_bundle


def write_cut(bundle: Bundle, folder: Path, axis: str, keep: Sequence[int] | None, names: Collection[str]) -> None:
    """The quantities `names` at the elements `keep` of `axis` (None: all of them), as a bundle of its own."""
    arrays, entries = {}, {}
    for name, entry in bundle.manifest.quantities.items():
        if name not in names:
            continue
        parts = {name: bundle.values(name), f"{name}.unset": bundle.unset(name), f"{name}.printed": bundle.half_units(name)}
        where = entry.axes.index(axis) if keep is not None and axis in entry.axes else None
        kept = {key: np.take(array, keep, axis=where) if where is not None else np.asarray(array) for key, array in parts.items() if array is not None}
        arrays |= {key: np.array(array.astype(np.uint8) if key.endswith(".unset") else array, order="C") for key, array in kept.items()}
        entries[name] = json.loads(entry.model_copy(update={
            "file": f"{name}.npy", "unset": f"{name}.unset.npy" if f"{name}.unset" in kept else None, "printed": f"{name}.printed.npy" if f"{name}.printed" in kept else None,
        }).model_dump_json())
    described = json.loads(bundle.manifest.model_dump_json())
    if keep is not None and axis in described["axes"]:
        described["axes"][axis] = {**described["axes"][axis], "size": len(keep), "first": None}
    write_bundle(folder, {**described, "quantities": entries}, arrays)
