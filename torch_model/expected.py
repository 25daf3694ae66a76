"""What the tensors of an experiment must look like: shape, dtype, device; and what is said of one that does not."""
from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor

from torch_model.errors import WrongTensor
from torch_model.experiment import Experiment

# Axes by name; a number is a size. Every tensor not named here is a single number, (). `h`, `k`, `l` are free.
SHAPES: dict[str, tuple[str | int, ...]] = {
    "wavelengths": ("source",), "directions": ("source", 3), "polarization_axis": (3,),
    "axes": (3, 3), "pix0": (3,), "beam": (3,), "mask": ("slow", "fast"),
    "cell0": (3, 3), "cells": (3,), "table": ("h", "k", "l"), "domains": ("mosaic", 3, 3),
    "spindle_axis": (3,),
}


def check(experiment: Experiment) -> None:
    """Raises WrongTensor, which names the first tensor that is not as expected, what it is, and what was expected."""
    d, s = experiment.detector, experiment.sampling
    like = d.pixel_size
    if not isinstance(like, Tensor) or like.dtype not in (torch.float64, torch.float32):
        raise WrongTensor(f"detector.pixel_size: {_of(like)}; expected a tensor of torch.float64 or torch.float32, which all others follow")
    for part in fields(experiment):
        for f in fields(whole := getattr(experiment, part.name)):
            value = getattr(whole, f.name)
            if f.type.startswith("Tensor") and not isinstance(value, Tensor) and not (value is None and "None" in f.type):
                raise WrongTensor(f"{part.name}.{f.name}: {_of(value)}; expected a tensor, {like.dtype} on {like.device}")
    sizes = {"slow": d.slow_pixels, "fast": d.fast_pixels, "mosaic": s.mosaic_domains}
    for name, value in experiment.named_tensors():
        last = name.rpartition(".")[2]
        want, expected = SHAPES.get(last, ()), []
        fits = value.dim() == len(want)
        for i, axis in enumerate(want):
            size = axis if isinstance(axis, int) else sizes.setdefault(axis, value.shape[i]) if fits else sizes.get(axis)
            expected.append(str(size) if isinstance(axis, int) else axis if size is None else f"{axis}: {size}")
            fits = fits and value.shape[i] == size
        dtype = torch.bool if last == "mask" else like.dtype
        if not fits or value.dtype != dtype or value.device != like.device:
            raise WrongTensor(f"{name}: {_of(value)}; expected shape ({', '.join(expected)}), {dtype} on {like.device}, as the pixel size is")


def _of(value: object) -> str:
    return f"shape {tuple(value.shape)}, {value.dtype} on {value.device}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
