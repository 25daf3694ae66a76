"""How well a printed number is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conform.trace.logs.decimals import NAMED
from conform.trace.logs.digits import half_unit, half_units, last_place, significant, singles


@pytest.mark.parametrize("token, digits", [("1.50", 3), ("-0.0015", 2), ("1e-7", 1), ("120", 3), ("1.20e+05", 3), ("0.000", 3), ("0", 0), ("nan", 3)])
def test_significant_digits_are_those_that_say_something(token, digits):
    assert significant(token.encode()) == digits


@pytest.mark.parametrize("token, half", [("1.5", 0.05), ("12", 0.5), ("1.5e-7", 5e-9), ("-0.250", 5e-4), ("1e+24", 5e23), ("nan", 0.0), ("-inf", 0.0)])
def test_a_number_is_known_to_half_a_unit_of_the_digit_that_stands_last(token, half):
    assert half_unit(token.encode()) == pytest.approx(half)


@given(x=st.floats(allow_nan=False, allow_infinity=False, min_value=1e-300, max_value=1e300), digits=st.integers(1, 17))
def test_the_number_that_was_printed_lies_within_half_a_unit(x, digits):
    shown = f"{x:.{digits}g}"
    known = half_units(np.array([float(shown)]), digits, 0)[0]
    assert abs(float(shown) - x) <= known * (1 + 1e-9) + abs(x) * 2.0**-52


def test_a_format_that_drops_zeros_at_the_end_knows_the_number_to_all_its_digits():
    assert half_units(np.array([1e24, 0.0]), 15, 1).tolist() == [5e9, 0.0]


def test_more_digits_than_the_dialect_says_count_as_printed():
    assert half_units(np.array([1.0]), 6, 12)[0] == pytest.approx(5e-12)


def test_numbers_that_are_written_in_full_are_exact():
    assert half_units(np.array([0.1]), "longest", 17)[0] == 0
    assert half_units(np.array([0.1]), "longest", 6)[0] == pytest.approx(5e-7)


def test_single_precision_shows_in_the_digits():
    rng = np.random.default_rng(4711)
    double = np.array([float(f"{x:.15g}") for x in rng.random(50)])
    single = np.array([float(f"{np.float32(x):.15g}") for x in rng.random(50)])
    assert singles(double, 15)[1] == 0
    long, fits = singles(single, 15)
    assert long == fits > 40
    assert singles(np.array([1.0, 0.5, 12.25, 0.1]), 15) == (0, 0)                # anybody may have typed these


@pytest.mark.parametrize("token, place", [("1.50", -2), ("12", 0), ("1.5e-7", -8), ("-1e+05", 5), (".5", -1), ("5.", 0), ("nan", NAMED), ("-Infinity", NAMED), ("1e" + "9" * 5000, -NAMED - 1), ("1e-" + "0" * 5000 + "3", -3)])
def test_the_last_digit_stands_at_a_power_of_ten(token, place):
    assert last_place(token.encode()) == place
