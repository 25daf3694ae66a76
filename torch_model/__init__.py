"""nanoBragg in torch: diffraction of a small crystal, pixel by pixel.

Light on purpose: importing the package must not import torch, so that `--help` and the checker stay quick. What a
user of the library wants is one attribute away and loads torch when asked for.
"""
import os

# Two OpenMP runtimes in one process (torch's and numpy's or a host program's) abort on some platforms unless told not to.
os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")

__version__ = "0.1.0"
__all__ = ["Experiment", "Image", "simulate"]


def __getattr__(name: str):
    if name in ("simulate", "Image"):
        from torch_model import simulate as module
    elif name == "Experiment":
        from torch_model import experiment as module
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(module, name)
