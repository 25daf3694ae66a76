"""Gradients at and next to the places where a formula has a limit: exact peak, Kahn factor 0, no thickness, equal directions."""
from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.autograd import gradcheck

from torch_model.simulation import simulate

SMALL = "-N 3 -detpixels_x 2 -detpixels_y 2 -pixel 9 -phisteps 2 -phi 0.4 -osc 0.9 -oversample 1".split()
APART = [0.0, 1e-13, 1e-9, 1e-5]


def is_gradient(experiment, *names: str) -> bool:
    """gradcheck of the image by the named tensors, each in units of its largest element, all at once."""
    at = dict(experiment.named_tensors())
    scales = [float(at[name].abs().max()) or 1.0 for name in names]
    size = simulate(experiment).intensity.max()

    def image(*values):
        parts = {}
        for name, value, scale in zip(names, values, scales):
            part, _, field = name.partition(".")
            parts[part] = replace(parts.get(part, getattr(experiment, part)), **{field: value * scale})
        return simulate(replace(experiment, **parts)).intensity / size

    return gradcheck(image, tuple((at[name] / scale).detach().requires_grad_() for name, scale in zip(names, scales)), eps=1e-7, atol=2e-5, rtol=2e-4)


def on_peak(made, apart: float):
    """The experiment with a cell such that the last pixel sits on the reflection (0, 0, 0), or `apart` of an index from it: its ray
    is the beam's."""
    d = made.detector
    centre = d.pix0 + 1.5 * d.pixel_size * (d.axes[0] + d.axes[1])
    towards = -centre / centre.norm()
    step = apart * made.beam.wavelengths[0] / made.crystal.cell0[0].norm()
    across = torch.linalg.cross(towards, d.axes[0])
    turned = towards + step * across / across.norm()
    return replace(made, beam=replace(made.beam, directions=(turned / turned.norm())[None]))


@pytest.mark.parametrize("apart", APART)
def test_the_exact_peak_of_the_direct_beam(experiment, apart):
    """At q = 0 the azimuth has no value, so that the beam is not polarized here; incident and diffracted directions are equal."""
    for shape, fudge in (("-square_xtal", "1"), ("-gauss_xtal", "1e-3"), ("-round_xtal", "1")):
        if shape == "-round_xtal":                          # nearer, differences of the clause's value are noise, see lattice.5; its
            apart += 0.03                                   # slope there is tested by itself
        made = on_peak(experiment(*SMALL, "-polar", "0", shape, "-fudge", fudge), apart)
        assert is_gradient(made, "crystal.cell0", "detector.pix0", "beam.directions", "beam.wavelengths", "sampling.phi0", "sampling.phistep")


def slope_at_reflection(made, apart: float) -> torch.Tensor:
    """(abc, xyz): slope of the image by the cell that has one pixel `apart` of a reflection in every index."""
    q = simulate(made, probes=["q"]).probes["q"][0, 0, 0, 0]
    goal = torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64) + apart
    cell0 = made.crystal.cell0
    leaf = (cell0 + ((goal - cell0 @ q) / q.square().sum())[:, None] * q).requires_grad_()     # the smallest change with cell . q = goal
    return torch.autograd.grad(simulate(replace(made, crystal=replace(made.crystal, cell0=leaf))).intensity.sum(), leaf)[0]


@pytest.mark.parametrize("apart", APART)
def test_a_reflection_met_exactly(experiment, apart):
    """There the quotient of the clause is rounding noise, and so are its differences; but the slope is smooth, so that at the
    reflection it is the mean of those on both sides, to second order."""
    made = experiment(*SMALL, "-phisteps", "1", "-phi", "0", "-osc", "0")
    before, at, after = (slope_at_reflection(made, apart + side) for side in (-1e-4, 0, 1e-4))
    assert torch.allclose(at, (before + after) / 2, rtol=0, atol=1e-4 * float((after - before).abs().max()))


@pytest.mark.parametrize("kahn", APART)
def test_a_kahn_factor_next_to_zero(experiment, kahn):
    made = experiment(*SMALL, "-polar", "0.5")
    made = replace(made, beam=replace(made.beam, kahn=torch.tensor(kahn, dtype=torch.float64)))
    assert is_gradient(made, "beam.kahn", "beam.polarization_axis", "detector.pix0")
    off = replace(made, beam=replace(made.beam, polarized=False))
    assert is_gradient(off, "detector.pix0")


@pytest.mark.parametrize("thickness", APART)
def test_a_sensor_next_to_none(experiment, thickness):
    """In units of 400 micrometres, which is the depth of attenuation."""
    made = experiment(*SMALL, "-detector_thick", "300", "-thicksteps", "2", "-detector_abs", "400")
    thin = torch.tensor(thickness * 4e-4, dtype=torch.float64)
    made = replace(made, detector=replace(made.detector, layer_thickness=thin))
    captured = simulate(made)
    leaf = thin.clone().requires_grad_()
    image = simulate(replace(made, detector=replace(made.detector, layer_thickness=leaf))).intensity
    gradient, = torch.autograd.grad(image.sum(), leaf)
    slope = float(simulate(replace(made, detector=replace(made.detector, layer_thickness=thin + 4e-9))).intensity.sum() - captured.intensity.sum()) / 4e-9
    assert float(gradient) == pytest.approx(slope, rel=1e-3) and float(gradient) > 0


@pytest.mark.parametrize("apart", APART)
def test_two_sources_of_nearly_one_direction(experiment, apart):
    made = experiment(*SMALL, "-hdivrange", "3", "-hdivsteps", "2")
    first = made.beam.directions[0]
    second = first + apart * made.detector.axes[0]
    made = replace(made, beam=replace(made.beam, directions=torch.stack((first, second / second.norm()))))
    assert is_gradient(made, "beam.directions", "beam.wavelengths")


def test_no_rotation_is_an_angle_like_any_other(experiment):
    made = experiment(*SMALL, "-phi", "0")
    assert float(made.sampling.phi0) == 0 and is_gradient(made, "sampling.phi0", "sampling.phistep", "sampling.spindle_axis")
