"""Where the spec leaves a choice, the size at which the verdict flips is told; elsewhere nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.check import check
from conform.engine.diagnose import diagnose

RULES = """
input length[pixel] : 1
input given[pixel] : 1
input computed[pixel] : 1
value used[pixel] : 1
clause one.1 "Normal"
  "It is so."
  used = if length == 1 then given else computed
"""
LENGTH = np.array([1.0, 1 + 2e-9, 1 - 5e-9, 1.01, 0.7])
GIVEN, COMPUTED = np.arange(5.0) + 10, np.arange(5.0) + 20


def flips(case, used, rules=RULES) -> str:
    one = case(rules, length=("pixel", LENGTH), given=("pixel", GIVEN), computed=("pixel", COMPUTED), used=("pixel", used))
    (root,) = diagnose(check(one.spec, [one.side], one.profiles), one.profiles).roots
    return root.flips


def test_a_side_that_takes_nearly_equal_for_equal_is_told_with_how_near(case):
    said = flips(case, np.where(np.abs(LENGTH - 1) < 1e-6, GIVEN, COMPUTED))
    assert "length == 1" in said and "less than 5e-09 apart" in said


@pytest.mark.parametrize("used", [np.where(np.abs(LENGTH - 1) < 3e-9, COMPUTED, COMPUTED + 1), np.where(LENGTH < 1, GIVEN, COMPUTED), np.full(5, 3.0)])
def test_a_mistake_that_is_no_matter_of_nearness_is_not_ambiguous(case, used):
    assert flips(case, used) == ""


def test_a_tolerance_by_hand_is_told_with_what_it_would_have_to_be(case):
    rules = RULES.replace("else computed", 'else computed within 1e-6 relative because "we say so, for this test"')
    right = np.where(LENGTH == 1, GIVEN, COMPUTED)
    assert flips(case, right * (1 + 3e-6), rules).endswith("with 3e-06 the clause holds")
