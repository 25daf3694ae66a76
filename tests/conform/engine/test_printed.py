"""Operands that were printed: known to half a unit of the last digit, which the bound of a clause takes in, and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conform.engine.verdicts import Outcome
from conform.trace.logs.digits import half_unit

RULES = """
input x[pixel] : m
input z[pixel] : 1
value y[pixel] : m
clause one.1 "One"
  "It is so."
  y = x * sqrt(z)
"""


def printed(case, digits: int, x, z, y, units={}):
    """The values as a log shows them to so many digits, and what they are then known to."""
    texts = {name: [f"{value:.{digits - 1}e}" for value in values] for name, values in (("x", x), ("z", z), ("y", y))}
    found = case(RULES, units={"x": "m", "y": "m", **units}, **{name: ("pixel", list(map(float, text))) for name, text in texts.items()})
    bundle, entries = found.side.bundle, found.side.bundle.manifest.quantities
    entries = {name: entry.model_copy(update={"printed": f"{name}.printed.npy"}) if name in texts else entry for name, entry in entries.items()}
    halves = {name: np.array([half_unit(one.encode()) for one in text]) for name, text in texts.items()}
    found.side.bundle = replace(bundle, manifest=bundle.manifest.model_copy(update={"quantities": entries}), _halves=halves)
    return found


@pytest.mark.parametrize("digits", [3, 6, 15])
def test_a_right_program_holds_however_few_digits_it_prints(case, digits):
    x, z = np.array([1.2345678901234567, 9.8765e-7]), np.array([2.3456789012345, 77.0])
    assert printed(case, digits, x, z, x * np.sqrt(z)).verdict().outcome is Outcome.HOLDS


def test_the_same_values_without_their_half_units_break(case):
    x, z = np.array([1.2345678901234567]), np.array([2.3456789012345])
    found = printed(case, 6, x, z, x * np.sqrt(z))
    found.side.bundle._halves.update({name: np.zeros(1) for name in "xyz"})
    assert found.verdict().outcome is Outcome.BREAKS


@pytest.mark.parametrize("digits, off", [(6, 1e-4), (15, 1e-12)])
def test_a_mistake_beyond_the_last_digits_breaks(case, digits, off):
    x, z = np.array([1.2345678901234567]), np.array([2.3456789012345])
    assert printed(case, digits, x, z, x * np.sqrt(z) * (1 + off)).verdict().outcome is Outcome.BREAKS


def test_half_units_follow_a_unit_that_is_converted(case):
    x, z = np.array([1.2345678901234567e-3]), np.array([2.3456789012345])
    shown = printed(case, 6, 1e3 * x, z, 1e10 * x * np.sqrt(z), {"x": "mm", "y": "angstrom"})
    assert shown.verdict().outcome is Outcome.HOLDS
    off = printed(case, 6, 1e3 * x, z, 1e10 * x * np.sqrt(z) * 1.0001, {"x": "mm", "y": "angstrom"})
    assert off.verdict().outcome is Outcome.BREAKS


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(digits=st.integers(2, 17), x=st.floats(1e-12, 1e12), z=st.floats(1e-6, 1e6))
def test_no_number_of_digits_accuses_a_right_program(case, digits, x, z):
    assert printed(case, digits, np.array([x]), np.array([z]), np.array([x * np.sqrt(z)])).verdict().outcome is Outcome.HOLDS


def test_an_equality_of_printed_values_is_no_more_than_their_digits(case):
    """Whether two printed numbers are one and the same is a decision inside their half units, on either side of a requirement."""
    rules = """
input a[pixel] : 1
input b[pixel] : 1
input c[pixel] : 1
clause one.1 "One"
  "It is so."
  require (if a == b then c else 2 * c) == c
"""
    found = case(rules, a=("pixel", [0.1]), b=("pixel", [0.1 + 1e-9]), c=("pixel", [1.0]))
    assert found.verdict().outcome is Outcome.BREAKS
    bundle, entries = found.side.bundle, found.side.bundle.manifest.quantities
    entries = {**entries, "a": entries["a"].model_copy(update={"printed": "a.printed.npy"})}
    found.side.bundle = replace(bundle, manifest=bundle.manifest.model_copy(update={"quantities": entries}), _halves={"a": np.array([1e-8])})
    assert found.verdict().outcome is Outcome.TIE
