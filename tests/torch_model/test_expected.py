"""Tensors that are not what was expected are named, with what was expected."""
from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from torch_model.errors import WrongTensor
from torch_model.simulation import simulate


def changed(experiment, part, **values):
    return replace(experiment, **{part: replace(getattr(experiment, part), **values)})


@pytest.mark.parametrize("part, name, make, says", [
    ("crystal", "cell0", lambda t: t[0], r"crystal.cell0: shape \(3,\), torch.float64 on cpu; expected shape \(3, 3\), torch.float64 on cpu"),
    ("crystal", "cell0", lambda t: t.float(), "crystal.cell0: shape .* torch.float32 on cpu; expected .* torch.float64"),
    ("beam", "wavelengths", lambda t: torch.cat((t, t)), r"beam.directions: shape \(1, 3\).* expected shape \(source: 2, 3\)"),
    ("crystal", "table", lambda t: t[0], r"crystal.table: .* expected shape \(h, k, l\)"),
    ("crystal", "domains", lambda t: torch.eye(3, dtype=torch.float64)[None].expand(4, 3, 3), r"crystal.domains: shape \(4, 3, 3\).*expected shape \(mosaic: 1, 3, 3\)"),
    ("detector", "pix0", lambda t: t.to("meta"), r"detector.pix0: .* on meta; expected .* on cpu"),
    ("detector", "mask", lambda t: torch.ones(9, 11), r"detector.mask: .* torch.float32 on cpu; expected shape \(slow: 9, fast: 11\), torch.bool"),
    ("detector", "mask", lambda t: torch.ones(11, 9, dtype=torch.bool), r"detector.mask: shape \(11, 9\)"),
    ("detector", "pixel_size", lambda t: t.half(), "detector.pixel_size: .* torch.float16 on cpu; expected a tensor of torch.float64 or torch.float32"),
    ("beam", "kahn", lambda t: 0.5, "beam.kahn: a float; expected a tensor, torch.float64 on cpu"),
    ("sampling", "phi0", lambda t: t[None], r"sampling.phi0: shape \(1,\).*expected shape \(\)")])
def test_the_first_tensor_that_does_not_fit_is_named(experiment, part, name, make, says):
    made = experiment()
    with pytest.raises(WrongTensor, match=says):
        simulate(changed(made, part, **{name: make(getattr(getattr(made, part), name))}))


def test_what_the_command_line_builds_fits(experiment, dtype):
    for flags in ("", "-mosaic 1 -mosaic_dom 3 -water 3 -dmin 3 -detector_thick 100", "-curved_det -dispersion 1 -dispsteps 3"):
        assert simulate(experiment(*flags.split(), dtype=dtype)).pixels.any()
