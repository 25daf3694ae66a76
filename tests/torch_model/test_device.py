"""No word between the device and the host while an image is computed: on a GPU each would make it wait for an empty queue."""
from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import torch_model.forward as forward_module
from torch_model.simulation import simulate

WAITING = {"aten::_local_scalar_dense", "aten::nonzero", "aten::is_nonzero", "aten::equal", "aten::masked_select", "aten::_unique2"}
STORING = {f"aten::{name}" for name in ("to", "_to_copy", "zeros", "copy_", "view", "slice", "clone", "detach")}     # of the stored pixels


class NoWaiting(TorchDispatchMode):
    """Fails at an operation whose result the host must have, and at a tensor of another device or dtype than the experiment's."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype, self.seen = dtype, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.name().split(".")[0]
        assert name not in WAITING, f"{name} waits for the device"
        result = function(*args, **(kwargs or {}))
        self.seen += 1
        if isinstance(result, torch.Tensor) and result.is_floating_point() and result.dim():
            stored = result.dtype == torch.float32 and name in STORING
            assert result.dtype == self.dtype or stored or result.dtype == torch.float64 and name in ("aten::zeros", "aten::select"), (name, result.dtype)
        return result


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setattr(forward_module, "workers", lambda experiment: 1)       # what is watched is this thread


FLAGS = ["", "-round_xtal -water 3", "-interpolate", "-oversample_thick -oversample_polar -oversample_omega -detector_thick 300 -thicksteps 2 -dmin 3",
         "-curved_det -mosaic 1 -mosaic_dom 2 -dispersion 2 -dispsteps 2"]


@pytest.mark.parametrize("flags", FLAGS)
def test_an_image_is_computed_without_a_word_to_the_host(experiment, dtype, flags):
    made = experiment(*flags.split(), dtype=dtype)
    with NoWaiting(dtype) as watch:
        simulate(made)
    assert watch.seen > 50


@pytest.mark.parametrize("flags", FLAGS)
def test_a_gradient_is_computed_without_a_word_to_the_host(experiment, dtype, flags):
    made = experiment(*flags.split(), dtype=dtype)
    cell0 = made.crystal.cell0.clone().requires_grad_()
    with NoWaiting(dtype) as watch:
        simulate(replace(made, crystal=replace(made.crystal, cell0=cell0))).intensity.sum().backward()
    assert watch.seen > 100 and cell0.grad.isfinite().all()


def test_a_word_to_the_host_and_a_wrong_dtype_are_noticed():
    with pytest.raises(AssertionError, match="waits for the device"), NoWaiting(torch.float64):
        float(torch.ones(()))
    with pytest.raises(AssertionError, match="float32"), NoWaiting(torch.float64):
        torch.ones(3) * 2
