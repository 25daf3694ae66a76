"""Quantities that were asked for by name, written as a bundle: what `conform` judges (docs/trace-format.md)."""
from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from torch_model.collect import Collector
from torch_model.errors import Refusal
from torch_model.experiment import Experiment
from torch_model.quantities import UNITS
from torch_model.trace import LABELS, array_of, producer

PLACES = ("slow", "fast", "sub_slow", "sub_fast")             # where the elements of pixel and subpixel lie


def write(folder: Path, experiment: Experiment, collected: Collector) -> None:
    """A new folder; Refusal if there is one of that name already, or it cannot be written. Beside it until it is complete."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            (aside / "manifest.json").write_text(json.dumps(_manifest(aside, experiment, collected), indent=1) + "\n", encoding="utf-8")
            aside.chmod(0o755)
            os.rename(aside, folder)                          # onto an empty folder, or nothing
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise Refusal(f"cannot write the bundle {folder}: {error.strerror or error}; choose a folder that does not exist yet") from None


def _manifest(folder: Path, experiment: Experiment, collected: Collector) -> dict[str, object]:
    values = collected.result()
    axes: dict[str, dict[str, object]] = {}
    quantities = {}
    for name, axis_names in collected.axes.items():
        own = ("pixel", *(axis for axis in axis_names if axis != "pixel")) if "pixel" in axis_names else axis_names
        array = array_of(values[name])
        told = collected.told[name]
        quantities[name] = {"unit": UNITS[name], "axes": own, "dtype": array.dtype.name, "source": told["source"], **_saved(folder, name, array, "file", "sha256")}
        if told["labels"]:
            quantities[name]["labels"] = told["labels"]
        mask = collected.unset(name)
        if mask is not None:
            quantities[name] |= _saved(folder, f"{name}.unset", array_of(mask).astype(np.uint8), "unset", "unset_sha256")
        for axis, size in zip(own, array.shape, strict=True):
            axes[axis] = {"size": size, **({"labels": LABELS[axis]} if axis in LABELS else {}),
                          **({"first": told["first"][axis]} if axis in told["first"] else {})}
    return {"format": "conform-trace/1", "side": "torch", "producer": producer(experiment), "command": None, "inputs": {}, "axes": axes, "quantities": quantities}


def _saved(folder: Path, name: str, array: np.ndarray, key: str, hash_key: str) -> dict[str, str]:
    np.save(folder / f"{name}.npy", np.ascontiguousarray(array).reshape(array.shape))
    return {key: f"{name}.npy", hash_key: hashlib.sha256((folder / f"{name}.npy").read_bytes()).hexdigest()}
