"""nanoBragg in torch: diffraction of a small crystal, pixel by pixel.

Light on purpose: importing the package does not import torch, so that a refused command line and the checker stay quick.
As a library: `torch_model.simulate(experiment)` makes the Image of an Experiment, which consists of a Beam, a Detector, a Crystal and
a Sampling; `torch_model.build.build` makes one from a command line.
"""
from __future__ import annotations

import os
from importlib import import_module

# Two OpenMP runtimes in one process (torch's and numpy's or a host program's) abort on some platforms unless told not to.
os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")

__version__ = "0.1.0"
__all__ = ["Beam", "Crystal", "Detector", "Experiment", "Image", "Sampling", "simulate"]
_HOMES = {"simulate": "simulation", "Image": "frame"}         # of the others: experiment


def __getattr__(name: str) -> object:
    """Loaded, and torch with it, when first asked for."""
    if name in __all__:
        return getattr(import_module(f"torch_model.{_HOMES.get(name, 'experiment')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
