"""Numbers that are read by the thousand: to the last bit what `float` reads, and nothing else is taken for one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conform.trace.logs import decimals
from conform.trace.logs.apart import NUMBER
from conform.trace.logs.decimals import BEFORE, read_decimals
from conform.trace.logs.digits import last_place

digits = st.text("0123456789", max_size=26)
signs = st.sampled_from(["", "-", "+"])
written = st.builds("{}{}{}{}{}".format, signs, digits, st.sampled_from(["", "."]), digits, st.one_of(st.just(""), st.builds("{}{}{}".format, st.sampled_from("eE"), signs, st.integers(0, 400) | digits)))
printed = st.builds(lambda x, form: form % x, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["%.15g", "%.17g", "%.6e", "%.3f", "%.12E", "%g", "%d"]))
named = st.sampled_from(["nan", "-NaN", "inf", "+Inf", "-INFINITY", "infinity"])
wrong = st.sampled_from(["1-2", "1e", "--1", ".", "+", "1.2.3", "1..", "e5", "1e5.", "1e+-5", "1+", "-.e5", "2026-11-28", "1ee5"])


def read(tokens):
    """As a text in which they stand apart."""
    text = bytes(BEFORE) + "".join(f"{token} " for token in tokens).encode()
    ends = BEFORE + np.cumsum([len(token) + 1 for token in tokens]) - 1
    special = np.array([i for i, byte in enumerate(text) if i >= BEFORE and chr(byte) not in " 0123456789"], int)
    return read_decimals(text, ends - [len(token) for token in tokens], ends, special)


@settings(deadline=None, max_examples=300)
@given(st.lists(written.filter(len) | printed | named | wrong, min_size=1, max_size=20))
@example(["9007199254740993", "9007199254740992", "9007199254740991e22", "9007199254740991e-22", "1e23", "1e22", "123456789012345678901234567890", "0." + "0" * 30 + "1", "0" * 30 + "1", "1e" + "0" * 30 + "1", "1e1" + "0" * 24])
def test_what_is_read_is_what_float_reads_and_where_the_last_digit_stands(tokens):
    found = read(tokens)
    assert found.good.tolist() == [re.fullmatch(NUMBER, token) is not None for token in tokens]
    for token, good, value, place in zip(tokens, found.good, found.values, found.places, strict=True):
        if good:
            assert np.float64(float(token)).tobytes() == value.tobytes() or np.isnan(value) and "n" in token.lower(), token
            assert last_place(token.encode()) == place


def test_numbers_of_fifteen_digits_are_read_without_the_reader_of_numpy(monkeypatch):
    rng = np.random.default_rng(4711)
    tokens = [form % x for x in rng.standard_normal(300) * 10.0 ** rng.integers(-6, 7, 300) for form in ("%.15g", "%.6f", "%.14e", "%d")]
    monkeypatch.setattr(decimals, "_by_numpy", None)
    assert read(tokens).values.tolist() == list(map(float, tokens))


@pytest.mark.parametrize("token", ["0.30000000000000004", "1e300", "4.9e-324"])
def test_a_number_that_one_rounding_cannot_give_is_left_to_the_reader_of_numpy(monkeypatch, token):
    monkeypatch.setattr(decimals, "_by_numpy", lambda text, starts, ends: np.array([4711.0]))
    assert read([token]).values.tolist() == [4711.0]
