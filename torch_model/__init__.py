"""nanoBragg in torch: diffraction of a small crystal, pixel by pixel.

Light on purpose: importing the package does not import torch, so that a refused command line and the checker stay quick.
As a library: `torch_model.experiment.build` makes an Experiment, `torch_model.simulate.simulate` its Image.
"""
import os

# Two OpenMP runtimes in one process (torch's and numpy's or a host program's) abort on some platforms unless told not to.
os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")

__version__ = "0.1.0"
