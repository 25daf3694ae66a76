"""The sine of compiled kernels, against arithmetic of many digits."""
from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from flint import arb, ctx

from torch_model import compiled, sine
from torch_model.melted import NAME, melted_sine
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
    assert [compiled._sine(one, prepare(one, SILENT)) is not None for one in (made, larger)] == [dtype == torch.float64, False]


def test_where_the_compiler_has_other_parts_the_sine_stays(experiment, monkeypatch):
    made = experiment()
    monkeypatch.setitem(sys.modules, "torch_model.melted", None)
    assert compiled._sine(made, prepare(made, SILENT)) is None


def test_the_melted_sine_is_the_quick_sine_under_a_name_of_its_text():
    x = torch.linspace(-100, 100, 999, dtype=torch.float64)
    assert torch.equal(melted_sine(x), quick_sine(x))
    assert hashlib.sha256(Path(sine.__file__).read_bytes()).hexdigest()[:12] in NAME


@pytest.mark.usefixtures("cxx")
def test_a_kernel_has_the_polynomial_and_no_call_of_a_sine(tmp_path):
    """In a process of its own, for its cache. The sine of an argument that is dear to form: it is formed once, not for each of its uses."""
    script = "import torch; from torch_model.melted import melted_sine as sine; " \
             "x = torch.linspace(-9, 9, 512, dtype=torch.float64); made = torch.compile(lambda x: sine(x.abs().sqrt() / 99) / sine(x.abs().sqrt() / 9))(x); " \
             "assert torch.allclose(made, (x.abs().sqrt() / 99).sin() / (x.abs().sqrt() / 9).sin(), rtol=1e-14, atol=0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    kernels = [text for path in tmp_path.rglob("*.cpp") if "round" in (text := path.read_text())]
    assert kernels and all(".sin()" not in text and "std::sin(" not in text and text.count("sqrt") <= 2 for text in kernels)
