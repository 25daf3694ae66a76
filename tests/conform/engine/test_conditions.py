"""A decision that goes wrong is named: turned round, with another edge, without one of its conditions."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.check import check
from conform.engine.diagnose import diagnose

RULES = """
input x[pixel] : 1
input on[pixel] : flag
value cut[pixel] : flag
clause one.1 "Cut"
  "It is so."
  cut = x > 2 and on
"""
X, ON = np.array([0.0, 1.0, 2.5, 3.0, 4.0]), np.array([True, False, True, False, True])


@pytest.mark.parametrize(("cut", "words"), [
    ((X < 2) & ON, "with < in place of >"), (X > 2, "without its condition on"), ((X > 2) | ON, "with or in place of and"),
    (~((X > 2) & ON), "turned round"), (X > 9, "false, whatever its operands"), (X < 9, "true, whatever its operands"), (np.array([True, True, True, False, True]), ""),
])
def test_the_wrong_decision_is_named_if_it_fits_everywhere(case, cut, words):
    one = case(RULES, x=("pixel", X), on=("pixel", ON), cut=("pixel", cut))
    (root,) = diagnose(check(one.spec, [one.side], one.profiles), one.profiles).roots
    assert words in root.instead.text if words else root.instead.text == ""
    assert root.instead.equation.startswith("cut = ") or not words or "whatever" in words


@pytest.mark.parametrize(("on", "cut", "words"), [(False, True, "turned round"), (True, False, "false, whatever its operands")])
def test_where_one_answer_is_right_everywhere_the_likelier_of_two_names_is_given(case, on, cut, words):
    one = case(RULES, x=("pixel", np.full(5, 9.0)), on=("pixel", np.full(5, on)), cut=("pixel", np.full(5, cut)))
    (root,) = diagnose(check(one.spec, [one.side], one.profiles), one.profiles).roots
    assert words in root.instead.text
