"""The physics functions one by one: values made independently, laws, gradients."""
from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from torch_model import beam, crystal, detector, lattice, polarization, scaling, structure
from torch_model.vectors import cross, dot, rotate_about, rotate_xyz, unit

number = st.floats(-3, 3, allow_nan=False)
vector = st.tuples(number, number, number)


def double(*values, grad=True):
    return torch.tensor(values, dtype=torch.float64, requires_grad=grad)


# --- vectors ---------------------------------------------------------------------------------------------------------

@given(v=vector, axis=vector.filter(lambda u: sum(x * x for x in u) > 0.01), angle=st.floats(-7, 7))
def test_a_rotation_preserves_lengths_and_the_angle_to_its_axis(v, axis, angle):
    v, axis = double(*v, grad=False), unit(double(*axis, grad=False))
    turned = rotate_about(v, axis, torch.tensor(angle, dtype=torch.float64))
    assert float(dot(turned, turned)) == pytest.approx(float(dot(v, v)), rel=1e-13, abs=1e-13)
    assert float(dot(turned, axis)) == pytest.approx(float(dot(v, axis)), abs=1e-13)


def test_a_quarter_turn_about_z_takes_x_to_y(dtype, eps):
    x, z = torch.eye(3, dtype=dtype)[[0, 2]]
    turned = rotate_about(x, z, torch.tensor(math.pi / 2, dtype=dtype))
    assert turned.dtype == dtype
    assert torch.allclose(turned, torch.eye(3, dtype=dtype)[1], atol=2 * eps)


def test_rotations_about_the_axes_act_in_the_order_x_y_z():
    v, angles = double(0.3, -1.2, 0.7, grad=False), double(0.4, -0.9, 1.3, grad=False)
    one_by_one = v
    for axis, angle in zip(torch.eye(3, dtype=torch.float64), angles):
        one_by_one = rotate_about(one_by_one, axis, angle)
    assert torch.allclose(rotate_xyz(v, angles), one_by_one, atol=1e-15)


def test_a_unit_vector_is_not_bent_by_a_small_number_in_the_length(dtype, eps):
    v = unit(torch.tensor([3e-12, 4e-12, 0.0], dtype=dtype))
    assert torch.allclose(v, torch.tensor([0.6, 0.8, 0.0], dtype=dtype), atol=2 * eps)


# --- crystal ---------------------------------------------------------------------------------------------------------

def test_at_angle_zero_the_cell_is_the_reference_cell_exactly(dtype):
    cell0 = torch.randn(3, 3, dtype=dtype, generator=torch.Generator().manual_seed(3))
    axis = unit(torch.tensor([-0.3, 0.8, 0.1], dtype=dtype))
    turned = crystal.spindle_rotation(cell0, axis, torch.tensor([0.2, 0.0, -0.2], dtype=dtype))
    assert torch.equal(turned[1], cell0)
    assert not torch.allclose(turned[0], cell0) and not torch.allclose(turned[2], cell0)


def test_phi_angles_are_left_edges(dtype):
    angles = crystal.phi_angles(torch.tensor(0.5, dtype=dtype), torch.tensor(0.25, dtype=dtype), 3)
    assert angles.tolist() == [0.5, 0.75, 1.0] and angles.dtype == dtype


@given(lengths=st.tuples(*[st.floats(20, 200)] * 3), angles=st.tuples(*[st.floats(70, 115)] * 3))
def test_a_cell_has_the_lengths_and_angles_that_were_asked_for(lengths, angles):
    lengths, radians = double(*lengths, grad=False), double(*map(math.radians, angles), grad=False)
    reciprocal, _, _ = crystal.reciprocal_from_cell(lengths, radians)
    cell = crystal.direct_cell(reciprocal)
    assert torch.allclose(cell.norm(dim=-1), lengths, rtol=1e-11)
    cosines = dot(cell.roll(-1, 0), cell.roll(-2, 0)) / (lengths.roll(-1) * lengths.roll(-2))
    assert torch.allclose(cosines, radians.cos(), atol=1e-11)


def test_direct_and_reciprocal_vectors_are_dual():
    reciprocal = torch.tensor([[.014, .002, -.003], [-.002, .011, .003], [.001, -.004, .013]], dtype=torch.float64)
    assert torch.allclose(crystal.direct_cell(reciprocal) @ reciprocal.T, torch.eye(3, dtype=torch.float64), atol=1e-14)


def test_indices_are_the_scalar_products_with_the_scattering_vector(dtype, eps):
    rng = torch.Generator().manual_seed(5)
    cell, q = torch.randn(4, 2, 3, 3, dtype=dtype, generator=rng), torch.randn(3, 6, dtype=dtype, generator=rng)
    want = np.einsum("jdax,xp->jdap", cell.double().numpy(), q.double().numpy())
    assert np.abs(crystal.fractional_indices(cell, q).double().numpy() - want).max() < 20 * eps


def test_oversampling_meets_the_finest_fringe_three_times_and_is_at_least_one():
    assert crystal.automatic_oversample(1e-9, 1e-10, 0.1, 1e-4) == 1
    assert crystal.automatic_oversample(5e-7, 1e-10, 0.1, 1e-4) == 15


# --- lattice ---------------------------------------------------------------------------------------------------------

@given(x=st.floats(-80, 80), n=st.integers(1, 60))
def test_the_grating_is_the_quotient_of_the_two_sines(x, n):
    got = float(lattice.grating(double(x, grad=False), double(n, grad=False)))
    sine = math.sin(x)
    assert got == pytest.approx(n if x == 0 else math.sin(x * n) / sine, rel=1e-12, abs=1e-12 + 4e-16 / max(abs(sine), 1e-300))


@given(x=st.floats(-80, 80))
def test_a_grating_of_one_cell_is_one(x):
    assert float(lattice.grating(double(x, grad=False), double(1, grad=False))) == 1.0


def test_the_integer_part_of_an_index_is_not_removed_first():
    """At index 3 exactly, pi * 3 is rounded, and the quotient of the rounded sines is what the clause asks for."""
    got = float(lattice.axis_factors(double(3, 3, 3, grad=False)[:, None], double(5, 5, 5, grad=False))[0, 0])
    assert got == pytest.approx(5 * 2.934, rel=1e-3)


def test_the_grating_is_the_number_of_cells_at_the_peak_and_flat_there(dtype):
    x = torch.zeros(3, dtype=dtype, requires_grad=True)
    value = lattice.grating(x, torch.tensor(5, dtype=dtype))
    value.sum().backward()
    assert torch.equal(value, torch.full((3,), 5, dtype=dtype)) and torch.equal(x.grad, torch.zeros_like(x))


def test_the_gradient_of_the_grating_is_its_derivative_away_from_the_peak():
    cells = double(4, 7, 3, grad=False)[:, None]
    assert gradcheck(lattice.axis_factors, (double(0.31, -1.27, 2.42)[:, None], cells))
    assert gradcheck(lattice.lattice_factor, (double(1.3, -0.4, 2.2)[:, None],))


def test_the_gradient_of_the_grating_agrees_with_differences_across_the_peak():
    at_peak = torch.zeros(3, 1, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lattice.axis_factors, (at_peak, double(4, 7, 3, grad=False)[:, None]), atol=1e-4)


@given(exponent=st.floats(-300, -3), n=st.integers(1, 60))
def test_the_grating_near_the_peak_falls_as_its_series_does_and_so_does_its_slope(exponent, n):
    x, cells = torch.tensor(10.0**exponent, dtype=torch.float64, requires_grad=True), torch.tensor(float(n), dtype=torch.float64)
    value = lattice.grating(x, cells)
    slope, = torch.autograd.grad(value, x)
    turns = n * float(x.detach())
    assert float(value.detach()) == pytest.approx(n * (1 - (1 - 1 / n**2) * turns**2 / 6), rel=1e-15 + turns**4 / 60)
    assert float(slope) == pytest.approx(-n * n * (1 - 1 / n**2) * turns / 3, rel=2e-8 + turns**2, abs=1e-300)


def test_without_a_graph_the_grating_needs_no_branch_at_the_peak_and_is_the_same(dtype):
    x = torch.tensor([0.0, -0.0, 1e-30, 1e-12, 0.3, math.pi, -70.0], dtype=dtype)
    for n in (1.0, 5.0, 36.0, 47.0):
        cells = torch.tensor(n, dtype=dtype)
        with torch.inference_mode():
            got = lattice.grating(x.clone(), cells)
        assert (got[:3] == n).all() and torch.allclose(got, lattice.grating(x, cells), rtol=4 * torch.finfo(dtype).eps)


def ball(exponent):
    """Value and slope of the sphere transform at rho^2 = 10^exponent, those of its series to third order, and x^2."""
    squared, one = torch.tensor(10.0**exponent, dtype=torch.float64, requires_grad=True), torch.ones((), dtype=torch.float64)
    value = lattice.sphere_transform(squared, one)
    slope, = torch.autograd.grad(value, squared)
    x2 = math.pi**2 * 10.0**exponent
    series = 1 - x2 / 10 + x2**2 / 280 - x2**3 / 15120, math.pi**2 * (-1 / 10 + x2 / 140 - x2**2 / 5040)
    return (float(value.detach()), float(slope)), series, x2


@given(exponent=st.floats(-300, -5.001))
def test_at_the_centre_of_a_ball_value_and_slope_are_those_of_the_series(exponent):
    (value, slope), (expected, falling), x2 = ball(exponent)
    assert value == pytest.approx(expected, abs=1e-15)
    assert slope == pytest.approx(falling, rel=1e-15 + x2**2 / 400)        # the program stops at second order


@given(exponent=st.floats(-4.999, -2.6))
@example(exponent=-4.0)
def test_further_out_in_a_ball_they_are_as_near_to_the_series_as_the_quotient_cancels(exponent):
    """sin x / x - cos x is a difference of numbers near 1, divided by x^2: its last place counts 1 / x^2 times, in the slope twice over."""
    (value, slope), (expected, falling), x2 = ball(exponent)
    assert value == pytest.approx(expected, abs=1e-15 / x2 + x2**4 / 1e6)
    assert slope == pytest.approx(falling, rel=3e-14 / x2**2 + x2**3 / 30000)


# --- structure factors -----------------------------------------------------------------------------------------------

def test_halves_go_down_to_the_nearest_index(dtype):
    x = torch.tensor([-1.5, -0.5, 0.5, 1.5, 2.49, 2.51, -0.2], dtype=dtype)
    assert structure.nearest_indices(x).tolist() == [-2, -1, 0, 1, 2, 3, 0]


def test_the_amplitude_is_the_entry_inside_the_box_and_the_default_everywhere_else(dtype):
    values = torch.arange(24, dtype=dtype).reshape(2, 3, 4) + 100
    table = structure.guarded(values, (-1, 0, 2), torch.tensor(7.0, dtype=dtype))
    h, k, l = np.meshgrid(*[np.array([-2**31, -9, -2, -1, 0, 1, 2, 3, 5, 6, 2**31 - 1])] * 3, indexing="ij")
    hkl0 = torch.tensor(np.stack([h.ravel(), k.ravel(), l.ravel()]), dtype=torch.int32)
    got = structure.amplitude(table, hkl0)
    for i, (a, b, c) in enumerate(hkl0.T.tolist()):
        inside = -1 <= a <= 0 and 0 <= b <= 2 and 2 <= c <= 5
        assert got[i] == (values[a + 1, b, c - 2] if inside else 7.0)
    assert got.dtype == dtype


def test_gradients_reach_the_entries_in_use_and_the_default():
    table, default = double(*range(8)).detach().reshape(2, 2, 2).requires_grad_(), double(3.0)[0].detach().requires_grad_()
    hkl0 = torch.tensor([[0, 1, 9], [0, 1, 9], [1, 0, 9]], dtype=torch.int32)
    assert gradcheck(lambda t, d: structure.amplitude(structure.guarded(t, (0, 0, 0), d), hkl0), (table, default))


@given(x=st.floats(0.5, 2.5), cubic=st.tuples(*[st.floats(-2, 2)] * 4))
def test_the_polynomial_reproduces_every_cubic(x, cubic):
    nodes = torch.arange(4, dtype=torch.float64)[:, None]
    def f(t): return sum(c * t**i for i, c in enumerate(cubic))
    assert float(structure.lagrange(double(x, grad=False), nodes, f(nodes))) == pytest.approx(f(x), abs=1e-12)


def test_the_stencil_has_the_index_in_its_middle_and_is_outside_when_a_node_is():
    table = structure.guarded(torch.rand(9, 9, 9, dtype=torch.float64), (-4, -4, -4), double(7.0, grad=False)[0])
    x = double(-3.2, -3.0, -2.9, 0.0, 2.9, 3.0, 3.1, grad=False)
    hkl = torch.stack([x, 0 * x, 0 * x])
    nodes = structure.stencil(hkl)
    assert nodes[0, :, 2].tolist() == [-4, -3, -2, -1] and nodes[0, :, 3].tolist() == [-1, 0, 1, 2]
    assert structure.outside(table, hkl, nodes).tolist() == [True, False, False, False, False, True, True]
    assert structure.outside(table, hkl, nodes, tight=True).tolist() == [True, True, True, False, True, True, True]
    at_nodes = structure.tricubic(table, torch.ones(3, 1, dtype=torch.float64), structure.stencil(torch.ones(3, 1, dtype=torch.float64)))
    assert float(at_nodes) == pytest.approx(float(table.values[6, 6, 6]))


# --- shapes ----------------------------------------------------------------------------------------------------------

def test_a_round_crystal_has_its_largest_factor_and_no_slope_on_the_lattice_point(dtype):
    rho = torch.zeros(2, dtype=dtype, requires_grad=True)
    value = lattice.round_factor(lattice.sphere_transform(rho, torch.ones((), dtype=dtype)), torch.tensor([2.0, 3, 4], dtype=dtype))
    value.sum().backward()
    assert value.tolist() == pytest.approx([24 * 0.723601254558268] * 2) and rho.grad.isfinite().all()


def test_a_tophat_is_the_number_of_cells_strictly_inside_its_edge():
    inside = lattice.tophat_factor(double(0.0, 0.3968, 0.3969, 1.0, grad=False), torch.tensor(1.0), double(2, 3, 4, grad=False))
    assert inside.tolist() == [24, 24, 0, 0]


def test_the_offset_is_measured_in_reciprocal_angstroms():
    cell = 100e-10 * torch.eye(3, dtype=torch.float64)
    measure = lattice.offset_measure(double(0.1, 0, 0, grad=False)[:, None], torch.zeros(3, 1, dtype=torch.int32), crystal.reciprocal_cell(cell),
                                     double(5, 5, 5, grad=False))
    assert float(measure) == pytest.approx((0.1 / 100)**2 * 125**2)


# --- the spindle's quirk ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("angles, usual, first", [([0, 1, 2], [2, 1, 2], [0, 1, 2]), ([-1, 0, 1], [0, 0, 2], [0, 0, 2]), ([0], [0], [0]),
                                                  ([1, 2], [0, 1], [0, 1]), ([0, 0, 3], [2, 2, 2], [0, 1, 2])])
def test_an_angle_of_zero_holds_the_cell_of_the_last_rotated_step(angles, usual, first):
    got = crystal.carried_over([float(x) for x in angles])
    assert got[0] == usual and [0.0 if angles[i] == 0 else i for i in got[1]] == [0.0 if angles[i] == 0 else i for i in first]


def test_a_curved_detector_keeps_its_distance_and_agrees_with_the_flat_one_near_the_beam():
    axes, beam_along, away = torch.eye(3, dtype=torch.float64)[[2, 1, 0]], double(1, 0, 0, grad=False), torch.tensor(0.1, dtype=torch.float64)
    flat = torch.tensor([[0.1, 0.1], [1e-6, 0.03], [-2e-6, 0.02]], dtype=torch.float64)
    bent = detector.curved_position(flat, axes * torch.tensor([[1.0], [-1], [1]]), beam_along, away, False)
    assert torch.allclose(bent.norm(dim=0), away.expand(2)) and torch.allclose(bent[:, 0], flat[:, 0], atol=1e-10)


# --- detector, beam, polarization, scaling ---------------------------------------------------------------------------

def test_solid_angles_of_a_large_flat_detector_add_up_to_a_half_space_from_near_by():
    edge = torch.tensor(0.01, dtype=torch.float64)
    grid = (torch.arange(2000, dtype=torch.float64) - 999.5) * edge
    distance = (grid[:, None]**2 + grid**2 + 1).sqrt().reshape(-1)
    total = detector.solid_angle(distance, edge, torch.tensor(1.0, dtype=torch.float64)).sum()
    half = 10.0                                                           # half an edge; the exact figure of a square
    assert float(total) == pytest.approx(4 * math.asin(half**2 / (1 + half**2)), rel=1e-5)


def test_a_point_pixel_has_the_inverse_square_of_the_air_path(dtype):
    assert float(detector.solid_angle(torch.tensor(2.0, dtype=dtype), *torch.ones(2, dtype=dtype), True)) == 0.25


def test_captures_of_the_layers_add_up_to_what_the_whole_thickness_stops():
    cosine = double(0.9, 0.4, grad=False)
    layers = sum(detector.capture_fraction(t, torch.tensor(1e-4), torch.tensor(3e3), cosine) for t in range(4))
    assert torch.allclose(layers, 1 - torch.exp(-4 * torch.tensor(1e-4) * torch.tensor(3e3) / cosine), rtol=1e-6)


def test_a_polarized_beam_is_extinguished_along_its_electric_field():
    beam_along, field = double(1, 0, 0, grad=False), double(0, 0, 1, grad=False)
    sideways = torch.eye(3, dtype=torch.float64)[:, 1:]                   # along y, along z
    psi = polarization.azimuth(sideways, *polarization.frame(beam_along, field))
    factor = polarization.kahn_factor(polarization.cos_two_theta(beam_along, sideways), psi, torch.tensor(1.0))
    assert sorted(factor.tolist()) == pytest.approx([0, 1], abs=1e-15)


def test_an_unpolarized_beam_still_loses_half_of_what_goes_sideways(dtype):
    zero = torch.zeros((), dtype=dtype)
    assert polarization.kahn_factor(torch.tensor([0.0, 1.0], dtype=dtype), zero, zero).tolist() == [0.5, 1.0]


def test_running_factors_multiply_the_whole_sum_after_each_addition(dtype):
    terms = torch.tensor([2.0, 3.0], dtype=dtype).reshape(2, 1, 1)
    half, three = torch.tensor([0.5], dtype=dtype), torch.tensor(3.0, dtype=dtype)
    assert scaling.accumulate(torch.ones(1, dtype=dtype), terms, (half, three)).item() == ((1 + 2) * 1.5 + 3) * 1.5
    assert scaling.accumulate(torch.ones(1, dtype=dtype), terms).item() == 6


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_the_gradients_of_the_pixel_physics_are_their_derivatives(seed):
    rng = torch.Generator().manual_seed(seed)

    def some(*shape):
        return (torch.rand(shape, dtype=torch.float64, generator=rng) + 0.3).requires_grad_()

    direction = unit(some(4, 3).detach()).T.contiguous().requires_grad_()
    assert gradcheck(detector.pixel_position, (some(4), some(4), some(), some(3, 3), some(3)))
    assert gradcheck(detector.airpath, (some(3, 4),))
    assert gradcheck(detector.diffracted_direction, (some(3, 4), some(4)))
    assert gradcheck(detector.solid_angle, (some(4), some(), some()))
    assert gradcheck(lambda t, mu, rho: detector.capture_fraction(1, t, mu, rho), (some(), some(), some(4)))
    assert gradcheck(beam.scattering_vector, (some(3, 4), some(3), some()))
    assert gradcheck(beam.half_length, (some(3, 4),))
    assert gradcheck(beam.fluence, (some(), some(), some()))
    assert gradcheck(crystal.spindle_rotation, (some(3, 3), some(3), some(2)))
    assert gradcheck(crystal.fractional_indices, (some(2, 1, 3, 3), some(3, 4)))
    assert gradcheck(polarization.cos_two_theta, (some(3), some(3, 4)))
    assert gradcheck(lambda i, d, p: polarization.azimuth(d, *polarization.frame(i, p)), (double(1.0, 0.1, -0.05), direction, double(0.1, -0.2, 1.0)))
    assert gradcheck(lambda *a: detector.curved_position(*a, False), (some(3, 4), some(3, 3), some(3), some()))
    assert gradcheck(scaling.background, (some(), some(), some()))
    assert gradcheck(crystal.mosaic_rotation, (some(2, 3, 3), some(4, 3, 3)))
    assert gradcheck(crystal.reciprocal_cell, (some(3, 3),))
    hkl, hkl0, cells = some(2, 1, 3, 4), torch.ones(2, 1, 3, 4, dtype=torch.int32), some(3)
    assert gradcheck(lambda h, n: lattice.rho_squared(h, hkl0, n), (hkl, cells))
    assert gradcheck(lambda r, f, n: lattice.round_factor(lattice.sphere_transform(r, f), n), (some(4), some(), cells))
    assert gradcheck(lambda h, r, n: lattice.offset_measure(h, hkl0, r * 1e10, n), (hkl, some(3, 3), cells))
    assert gradcheck(lattice.gauss_factor, (some(4), some(), cells))
    assert gradcheck(lambda x, y: structure.lagrange(x, torch.arange(4.0)[:, None], y), (some(5), some(4, 5)))
    assert gradcheck(polarization.kahn_factor, (some(4), some(4), some()))
    assert gradcheck(scaling.term, (some(2, 1, 4), some(2, 1, 4)))
    assert gradcheck(lambda *a: scaling.accumulate(a[0], a[1], a[2:]), (some(4), some(2, 1, 4), some(4), some(4)))
    assert gradcheck(lambda *a: scaling.intensity(scaling.scaled(*a[:3], 7), a[3:]), (some(4), some(), some(), some(4)))
    assert gradcheck(cross, (some(4, 3), some(3)))
