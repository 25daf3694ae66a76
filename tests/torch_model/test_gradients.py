"""Gradients of the whole image, batches of experiments, and quantities by name."""
from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

import torch_model.tiles as tiles_module
from torch_model.errors import Refusal
from torch_model.simulation import simulate

# Few cells, so that the image is smooth enough for differences; every part of the physics somewhere.
SMALL = "-N 3 -detpixels_x 2 -detpixels_y 2 -pixel 9 -phisteps 2 -phi 0.4 -osc 0.9 -oversample 1".split()
VARIANTS = {
    "plain": "-polar 0.8", "unpolarized": "-polar 0", "layers": "-detector_thick 300 -thicksteps 2 -detector_abs 400",
    "running": "-oversample_polar -oversample_omega -oversample_thick -detector_thick 300 -thicksteps 2", "water": "-water 20",
    "mosaic": "-mosaic 1.5 -mosaic_dom 2 -hdivrange 3 -hdivsteps 2", "round": "-round_xtal", "gauss": "-gauss_xtal -fudge 1e-3",
    "interpolated": "-interpolate", "point": "-point_pixel", "curved": "-curved_det", "cut": "-dmin 2.5"}
FIXED = {"flux", "exposure", "beamsize", "central_wavelength", "thickness", "mosaic_spread"}       # for the record only


def continuous(experiment):
    """Every tensor of floating numbers that the image depends on: part, name, value."""
    for part in ("beam", "detector", "crystal", "sampling"):
        for f in fields(getattr(experiment, part)):
            value = getattr(getattr(experiment, part), f.name)
            if isinstance(value, torch.Tensor) and value.is_floating_point() and f.name not in FIXED:
                yield part, f.name, value


def scaled_image(experiment, part, name, value):
    """The image, of the order of 1, as a function of one tensor, which is given in units of its largest element."""
    scale = float(value.abs().max()) or 1.0

    def image(x):
        changed = replace(experiment, **{part: replace(getattr(experiment, part), **{name: x * scale})})
        return simulate(changed).intensity / reference

    reference = simulate(experiment).intensity.max()
    return image, (value / scale).detach().requires_grad_()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_image_has_the_gradient_of_every_continuous_parameter(experiment, variant):
    made = experiment(*SMALL, *VARIANTS[variant].split())
    for part, name, value in continuous(made):
        if name in ("dmin", "cells", "table") and variant != "interpolated" or name == "cells":
            continue                                # a step; a whole number; many elements, and checked where they are mixed
        image, x = scaled_image(made, part, name, value)
        if value.numel() > 30:
            mine = torch.autograd.grad(image(x).sum(), x)[0].flatten()
            for i in mine.abs().argsort(descending=True)[:3].tolist():
                step = torch.zeros_like(x).flatten()
                step[i] = 1e-6
                up, down = (float(image(x.detach() + sign * step.view_as(x)).sum()) for sign in (1, -1))
                assert float(mine[i]) == pytest.approx((up - down) / 2e-6, rel=1e-5)
            continue
        assert gradcheck(image, (x,), eps=1e-7, atol=2e-5, rtol=2e-4, nondet_tol=1e-12), name


def test_a_gradient_holds_one_tile_in_memory_and_is_that_of_the_whole(experiment, monkeypatch):
    made = experiment("-oversample", "1")
    gradients = []
    for bytes_in_cache in (10**9, 2000):
        monkeypatch.setattr(tiles_module, "TILE_BYTES", bytes_in_cache)
        cell0 = made.crystal.cell0.clone().requires_grad_()
        simulate(replace(made, crystal=replace(made.crystal, cell0=cell0))).intensity.sum().backward()
        gradients.append(cell0.grad)
    assert torch.allclose(*gradients, rtol=1e-9)


def test_orientations_can_be_a_batch(experiment):
    made = experiment("-oversample", "1")
    turns = torch.linalg.matrix_exp(0.01 * torch.tensor([[[0, -1, 2], [1, 0, -3], [-2, 3, 0]]], dtype=torch.float64) * torch.arange(3)[:, None, None])
    cells = made.crystal.cell0 @ turns.mT

    def image(cell0):
        return simulate(replace(made, crystal=replace(made.crystal, cell0=cell0))).intensity

    together = torch.func.vmap(image)(cells)
    assert torch.allclose(together, torch.stack([image(cell0) for cell0 in cells]), rtol=1e-9)
    slopes = torch.func.vmap(torch.func.grad(lambda cell0: image(cell0).sum() * 1e-9))(cells)
    assert slopes.shape == cells.shape and slopes.isfinite().all() and (slopes != 0).any()


def test_named_quantities_come_with_the_image_and_are_what_it_was_made_from(experiment, dtype):
    made = experiment("-roi", "2", "8", "1", "6", dtype=dtype)
    image = simulate(made, probes=["I", "term", "omega", "cell_phi", "intensity", "F_table"])
    assert image.probes["term"].shape == (6 * 7, 1, 4, 1, 3, 1) and image.probes["omega"].shape == (6 * 7, 1, 4)
    assert torch.equal(image.probes["intensity"].view(6, 7), image.intensity[1:7, 2:9])
    assert torch.equal(image.intensity, simulate(made).intensity) or torch.allclose(image.intensity, simulate(made).intensity, rtol=1e-5)
    assert torch.allclose(image.probes["term"].sum((1, 2, 3, 4, 5)), image.probes["I"], rtol=1e-5) and torch.equal(image.probes["F_table"], made.crystal.table)
    with pytest.raises(Refusal, match="no quantity is called omicron"):
        simulate(made, probes=["omicron"])


def test_a_named_quantity_keeps_its_graph(experiment):
    made = experiment("-oversample", "1")
    pix0 = made.detector.pix0.clone().requires_grad_()
    path = simulate(replace(made, detector=replace(made.detector, pix0=pix0)), probes=["airpath"]).probes["airpath"]
    path.sum().backward()
    assert pix0.grad.isfinite().all() and (pix0.grad != 0).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_computes_the_same_image(experiment, dtype):
    made = experiment(dtype=dtype)

    def move(part):
        return replace(part, **{f.name: v.cuda() for f in fields(part) if isinstance(v := getattr(part, f.name), torch.Tensor)})

    there = replace(made, **{part: move(getattr(made, part)) for part in ("beam", "detector", "crystal", "sampling")})
    image = simulate(there)
    assert image.pixels.is_cuda
    np.testing.assert_allclose(image.intensity.cpu(), simulate(made).intensity, rtol=1e-9 if dtype == torch.float64 else 1e-2)
