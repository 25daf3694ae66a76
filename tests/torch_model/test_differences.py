"""Gradients of the torch program against differences of the C program: two programs, and nothing shared but the spec."""
from __future__ import annotations


import numpy as np
import pytest
import torch

from torch_model.__main__ import checked, parse
from torch_model.build import build
from torch_model.simulation import simulate

# Few cells and pixels, so that the image is smooth; nothing that is chosen by rounding (a nearest index) changes within a step.
FLAGS = ("-hkl spots.hkl -default_F 3.5 -N 3 -detpixels_x 3 -detpixels_y 3 -pixel 6 -oversample 1 -phisteps 2 -nointerpolate -nonoise -nopgm "
         "-hdivrange 2 -hdivsteps 2 -mosaic 0.7 -mosaic_dom 2 -detector_thick 300 -thicksteps 2 -detector_abs 400").split()
VALUES = {"lambda": 1.07, "distance": 108.0, "Xbeam": 9.3, "Ybeam": 8.1, "detector_rotx": 3.0, "detector_roty": -2.0, "detector_rotz": 5.0,
          "twotheta": 4.0, "phi": 0.4, "osc": 0.9, "polar": 0.85, "exposure": 0.35, "detector_thick": 300.0}
CELL, MISSET = (61.0, 73.0, 67.0, 81.0, 94.0, 107.0), (11.0, -7.0, 23.0)
PARAMETERS = [*VALUES, "a", "beta", "misset_x", "misset_z"]


def flags(name: str, change: float) -> list[str]:
    """The command line with one parameter changed by a part of its size."""
    values, cell, misset = dict(VALUES), list(CELL), list(MISSET)
    for holder, key in ((values, name), (cell, {"a": 0, "beta": 4}.get(name)), (misset, {"misset_x": 0, "misset_z": 2}.get(name))):
        if key is not None and (holder is not values or key in values):
            holder[key] *= 1 + change
    words = [word for key, value in values.items() for word in (f"-{key}", repr(value))]
    return [*FLAGS, *words, "-flux", "2.5e12", "-beamsize", "0.045", "-cell", *map(repr, cell), "-misset", *map(repr, misset)]


def slope(f, step: float):
    """df/dx at 0 to the fourth order."""
    return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_gradient_is_what_differences_of_the_c_program_say(c_trace, folder, name):
    weight = np.linspace(1, 2, 9)

    def built(change):
        return build(checked(parse(flags(name, change))), torch.float64, "cpu")

    def c_sum(change):
        return float(weight @ c_trace([*flags(name, change), "-quirks", "none"], "intensity"))

    here = built(0.0)
    leaves = [t.clone().requires_grad_(t.is_floating_point()) for t in here.tensors()]
    image = simulate(here.with_tensors(leaves)).intensity
    total = (image.flatten() * torch.from_numpy(weight)).sum()
    gradients = torch.autograd.grad(total, [t for t in leaves if t.requires_grad], allow_unused=True)
    assert total.item() == pytest.approx(c_sum(0.0), rel=1e-11)
    mine, given = 0.0, iter(gradients)
    for i, leaf in enumerate(leaves):                       # how the tensors follow from the flag is set-up: exact enough by differences
        if leaf.requires_grad and (gradient := next(given)) is not None:
            mine += float((gradient * slope(lambda change: built(change).tensors()[i], 1e-4)).sum())
    theirs = slope(c_sum, 2e-5)
    assert mine == pytest.approx(theirs, rel=1e-5) and abs(mine) > 1e-9 * total.item()
