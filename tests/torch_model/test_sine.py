"""The sine of compiled kernels, against arithmetic of many digits."""
from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from flint import arb, ctx

from torch_model.compiled import quick
from torch_model.prepare import prepare
from torch_model.sine import GRAIN, PI, REACH, REST, quick_sine
from torch_model.trace import SILENT


def off(x: torch.Tensor) -> list[float]:
    """How far the sine of each is from the true one, in units of its last place, less what is granted of x itself."""
    with ctx.workprec(200):
        return [max(0.0, float(abs(arb(y) - arb(at).sin())) - 1e-24 * abs(at)) / math.ulp(math.sin(at))
                for at, y in zip(x.tolist(), quick_sine(x).tolist(), strict=True)]


@pytest.mark.parametrize("largest", [1e-5, 1.6, 300.0, 1e5, REACH])
def test_the_quick_sine_is_within_a_unit_in_the_last_place(largest):
    x = largest * (2 * torch.rand(1500, dtype=torch.float64, generator=torch.Generator().manual_seed(7)) - 1)
    assert max(off(x)) < 0.9


def test_next_to_multiples_of_pi_and_at_their_middles_the_quick_sine_is_as_good():
    turns = torch.tensor([1.0, 2.0, 3.0, 47.0, 1000.0, 2.0**21], dtype=torch.float64) * math.pi
    x = torch.cat([turns, torch.nextafter(turns, 2 * turns), turns + math.pi / 2, torch.tensor([0.0, 2.0**-200, -47 * 2.0**-200], dtype=torch.float64)])
    assert max(off(x)) < 0.9 and quick_sine(x[-2:]).tolist() == x[-2:].tolist()


def test_a_sine_that_is_reduced_by_a_rounded_pi_would_be_noticed(monkeypatch):
    monkeypatch.setattr("torch_model.sine.REST", 0.0)
    assert max(off(torch.tensor([3.0, 30.0], dtype=torch.float64))) > 1e3


def test_the_parts_of_pi_and_the_grain_are_what_is_said_of_them():
    with ctx.workprec(200):
        assert float(arb.pi() - arb(PI)) == REST
    assert (PI * 2**28).is_integer() and GRAIN**3 / 6 == 36 * 2.0**-54


def test_the_sine_of_what_is_no_number_is_none():
    assert quick_sine(torch.tensor([math.nan, math.inf, -math.inf], dtype=torch.float64)).isnan().all()


def test_the_quick_sine_is_taken_in_double_precision_where_no_phase_is_beyond_its_reach(experiment, dtype):
    made = experiment(dtype=dtype)
    larger = replace(made, crystal=replace(made.crystal, cells=made.crystal.cells * 1e9))
    assert [quick(one, prepare(one, SILENT)) for one in (made, larger)] == [dtype == torch.float64, False]
