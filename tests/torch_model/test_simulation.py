"""The image: against an independent evaluation of the spec in plain Python, and by its laws."""
from __future__ import annotations

import cmath
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import torch_model.tiles as tiles_module
from torch_model.simulation import simulate
from torch_model.tiles import pixels_in_tile, rectangles


def expected_pixel(experiment, slow: int, fast: int) -> float:
    """Intensity of one pixel: loops and scalars, the grating as a sum of waves. Nothing shared with the program."""
    b, d, c, s = experiment.beam, experiment.detector, experiment.crystal, experiment.sampling
    f, sl, n = d.axes.tolist()
    table, n_sub = c.table.numpy(), s.oversample
    p, total = float(d.pixel_size), 0.0
    for sub_slow in range(n_sub):
        for sub_fast in range(n_sub):
            at = [p * (fast + (sub_fast + 0.5) / n_sub), p * (slow + (sub_slow + 0.5) / n_sub)]
            pos = [at[0] * f[x] + at[1] * sl[x] + float(d.pix0[x]) for x in range(3)]
            R = math.hypot(*pos)
            ray = [x / R for x in pos]
            inc = [-x for x in b.directions[0].tolist()]
            q = [(ray[x] - inc[x]) / float(b.wavelengths[0]) for x in range(3)]
            omega = p * p * float(d.close_distance) / R**3
            c2 = np.dot(ray, inc)
            across = np.cross(b.polarization_axis, inc)
            along = np.cross(inc, across)
            psi = -math.atan2(np.dot(ray, across) / np.linalg.norm(across), np.dot(ray, along) / np.linalg.norm(along))
            polar = 0.5 * (1 + c2**2 - float(b.kahn) * math.cos(2 * psi) * (1 - c2**2))
            for j in range(s.phisteps):
                angle, u = float(s.phi0) + j * float(s.phistep), s.spindle_axis.numpy()
                amplitude, index = 1.0, []
                for axis, cells in zip(c.cell0.numpy(), c.cells.tolist()):
                    v = u * np.dot(u, axis) * (1 - math.cos(angle)) + axis * math.cos(angle) + np.cross(u, axis) * math.sin(angle)
                    h = float(np.dot(v, q))
                    amplitude *= abs(sum(cmath.exp(2j * math.pi * h * m) for m in range(int(cells))))
                    index.append(math.ceil(h - 0.5))
                place = [i - first for i, first in zip(index, c.first)]
                inside = all(0 <= i < size for i, size in zip(place, table.shape))
                total += (table[tuple(place)] if inside else float(c.default_F))**2 * amplitude**2
    return 7.94079248018965e-30 * float(b.fluence) * total / experiment.steps * polar * omega


def test_every_pixel_is_what_the_spec_says(experiment):
    """Angle 0 turned like the others; solid angle and polarization of the last subpixel."""
    made = experiment()
    image = simulate(made).intensity
    want = np.array([[expected_pixel(made, slow, fast) for fast in range(11)] for slow in range(9)])
    assert np.abs(image.numpy() / want - 1).max() < 1e-9


def test_single_precision_agrees_with_double_within_its_own_rounding(experiment):
    narrow, wide = (simulate(experiment(dtype=t)).intensity.double() for t in (torch.float32, torch.float64))
    assert narrow.dtype == wide.dtype and float((narrow - wide).abs().max() / wide.max()) < 1e-3
    assert not torch.equal(narrow, wide)


def test_the_model_computes_in_the_dtype_that_it_claims(experiment, dtype):
    image = simulate(experiment(dtype=dtype))
    assert image.intensity.dtype == dtype and image.pixels.dtype == torch.float32
    assert torch.equal(image.pixels, image.intensity.to(torch.float32))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(factor=st.floats(1e-6, 1e6))
def test_the_image_is_linear_in_the_fluence(experiment, factor):
    made = experiment("-oversample", "1")
    more = replace(made, beam=replace(made.beam, fluence=made.beam.fluence * factor))
    assert torch.allclose(simulate(more).intensity, simulate(made).intensity * factor, rtol=1e-14, atol=0)


def test_the_image_grows_with_the_square_of_the_amplitudes(experiment):
    made = experiment()
    twice = replace(made, crystal=replace(made.crystal, table=2 * made.crystal.table, default_F=2 * made.crystal.default_F))
    assert torch.allclose(simulate(twice).intensity, 4 * simulate(made).intensity, rtol=1e-14, atol=0)


def test_a_crystal_of_one_cell_with_equal_amplitudes_shows_only_polarization_and_solid_angle(experiment):
    flat = experiment("-N", "1")
    flat = replace(flat, crystal=replace(flat.crystal, table=torch.full_like(flat.crystal.table, 3.5)))
    one = experiment("-N", "1", "-phisteps", "1")
    one = replace(one, crystal=replace(one.crystal, table=torch.full_like(one.crystal.table, 3.5)))
    assert torch.allclose(simulate(flat).intensity, simulate(one).intensity, rtol=1e-14)


@pytest.mark.parametrize("bytes_in_cache", [1, 3000, 20000, 10**9])
def test_the_result_does_not_depend_on_the_tiles(experiment, monkeypatch, bytes_in_cache):
    made = experiment()
    whole = simulate(made).intensity
    monkeypatch.setattr(tiles_module, "TILE_BYTES", bytes_in_cache)
    assert torch.allclose(simulate(made).intensity, whole, rtol=1e-11, atol=0)


def test_tiles_stay_within_the_memory_that_is_allowed(experiment, monkeypatch):
    monkeypatch.setattr(tiles_module, "TILE_BYTES", 10**12)
    made = experiment("-detpixels_x", "2000", "-detpixels_y", "4000")
    pixel = 8 * 3 * 3                               # bytes: abc and phi
    for memory in (16, 64, 256):
        assert 1 <= pixels_in_tile(made, memory) * pixel * tiles_module.LIVE_TENSORS <= memory * 2**20
    assert pixels_in_tile(made, 256) > pixels_in_tile(made, 16)
    seen = np.zeros((4000, 2000), int)
    for rows, columns in rectangles(made, 1500):    # less than a row in each
        seen[rows.start:rows.stop, columns.start:columns.stop] += 1
    assert (seen == 1).all()


def test_a_region_of_interest_leaves_the_rest_zero_and_its_pixels_unchanged(experiment):
    whole, part = simulate(experiment()).pixels, simulate(experiment("-roi", "3", "7", "2", "5")).pixels
    assert torch.allclose(part[2:6, 3:8], whole[2:6, 3:8], rtol=1e-6)
    part[2:6, 3:8] = 0
    assert not part.any() and part.shape == (9, 11)


def test_a_region_beyond_the_detector_is_cut_and_an_empty_one_gives_an_empty_image(experiment):
    assert torch.allclose(simulate(experiment("-roi", "0", "99", "0", "99")).pixels, simulate(experiment()).pixels, rtol=1e-6)
    assert not simulate(experiment("-roi", "7", "3", "2", "5")).pixels.any()


def test_polarization_off_wins_over_its_running_factor(experiment):
    off = simulate(experiment("-nopolar")).intensity
    assert torch.allclose(simulate(experiment("-nopolar", "-oversample_polar")).intensity, off, rtol=1e-14)
    assert not torch.allclose(simulate(experiment("-oversample_polar")).intensity, off, rtol=1e-3)


@pytest.mark.parametrize("flag", ["-oversample_polar", "-oversample_omega"])
def test_a_running_factor_with_one_sample_equals_the_single_factor(experiment, flag):
    flags = ("-oversample", "1", "-phisteps", "1", "-osc", "0")
    assert torch.allclose(simulate(experiment(*flags, flag)).intensity, simulate(experiment(*flags)).intensity, rtol=1e-14)


def test_the_image_can_be_differentiated_through_tiles_and_region(experiment):
    made = experiment("-roi", "2", "8", "1", "6", "-oversample", "1")
    weight = torch.linspace(1, 2, 99, dtype=torch.float64).reshape(9, 11)

    def total(cell0, pix0, wavelengths, fluence):
        changed = replace(made, crystal=replace(made.crystal, cell0=cell0), detector=replace(made.detector, pix0=pix0),
                          beam=replace(made.beam, wavelengths=wavelengths, fluence=fluence))
        return (simulate(changed).intensity * weight).sum()

    at = [made.crystal.cell0, made.detector.pix0, made.beam.wavelengths, made.beam.fluence]
    leaves = [t.clone().requires_grad_() for t in at]
    gradients = torch.autograd.grad(total(*leaves), leaves)
    for i, gradient in enumerate(gradients):
        direction = torch.randn(at[i].shape, dtype=torch.float64, generator=torch.Generator().manual_seed(i))
        step = 1e-7 * at[i].abs().max() * direction
        up, down = (total(*[t + sign * step if j == i else t for j, t in enumerate(at)]) for sign in (1, -1))
        assert float((gradient * step).sum()) == pytest.approx(float(up - down) / 2, rel=1e-4)


def test_without_a_gradient_to_compute_no_graph_is_kept(experiment):
    assert not simulate(experiment()).intensity.requires_grad


def test_the_number_of_threads_is_left_as_it_was(experiment):
    before = torch.get_num_threads()
    simulate(experiment())
    assert torch.get_num_threads() == before
