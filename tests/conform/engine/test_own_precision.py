"""A side in single precision whose set-up was computed in double: each clause is judged in the precision of its value."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.budget import budget
from conform.engine.verdicts import Outcome

RULES = """
input a[pixel] : 1
value b[pixel] : 1
value y[pixel] : 1
clause set.1 "Set-up"
  "It is so."
  b = a - 1
clause use.1 "Use"
  "It is so."
  y = 1 - b
clause law.1 "Law"
  "It is so."
  require b == a - 1
"""
A = np.array([1 + 1e-7 / 3, 1.3, 1.7])
B = A - 1
Y = np.float32(1) - B.astype(np.float32)


def outcomes(made) -> dict[str, Outcome]:
    return {name: made.verdict(name).outcome for name in ("set.1", "use.1", "law.1")}


def test_a_set_up_in_double_and_what_uses_it_in_single_both_hold(case):
    assert set(outcomes(case(RULES, dtype="float32", wide="ab", a=("pixel", A), b=("pixel", B), y=("pixel", Y))).values()) == {Outcome.HOLDS}


def test_narrowed_for_the_trace_the_set_up_would_not_hold(case):
    """What this is for: the difference of what was used and what was written is no rounding of the computation."""
    assert outcomes(case(RULES, dtype="float32", a=("pixel", A), b=("pixel", B), y=("pixel", Y)))["set.1"] is Outcome.BREAKS


def test_a_value_in_double_is_granted_the_roundings_of_double_alone(case):
    off = B * (1 + 1e-12)
    assert outcomes(case(RULES, dtype="float32", wide="ab", a=("pixel", A), b=("pixel", off), y=("pixel", Y))) == {
        "set.1": Outcome.BREAKS, "use.1": Outcome.HOLDS, "law.1": Outcome.BREAKS}
    made = case(RULES, dtype="float32", wide="ab", a=("pixel", A[1:]), b=("pixel", off[1:]), y=("pixel", Y[1:])).verdict("set.1")
    assert made.ulps > 1000 and 39 < made.bits < 42           # in those of double


def test_an_operand_in_double_is_taken_as_single_by_what_is_computed_in_single(case):
    b = np.array([1 - 2.0**-20 - 2.0**-26])                   # of which single precision keeps all but the last bit
    used, unrounded = np.float32(1) - b.astype(np.float32), (1 - b).astype(np.float32)
    assert used != unrounded
    for y, outcome in ((used, Outcome.HOLDS), (unrounded, Outcome.BREAKS)):
        made = case(RULES, dtype="float32", wide="b", b=("pixel", b), y=("pixel", y))
        assert made.verdict("use.1").outcome is outcome


def test_so_is_a_table(case):
    rules = """
grid h
input T[h] : 1
input n[pixel] : count
value y[pixel] : 1
clause use.1 "Use"
  "It is so."
  y = 1 - T[n]
"""
    table = np.array([0.25, 1 - 2.0**-20 - 2.0**-26])
    made = case(rules, dtype="float32", wide="T", T=("h", table), n=("pixel", [1, 0]), y=("pixel", 1 - table.astype(np.float32)[[1, 0]]))
    assert made.verdict("use.1").outcome is Outcome.HOLDS


def test_a_requirement_on_values_of_both_kinds_is_one_in_single(case):
    law = RULES.replace("require b == a - 1", "require y == 1 - b")
    made = case(law, dtype="float32", wide="ab", a=("pixel", A), b=("pixel", B), y=("pixel", Y))
    assert made.verdict("law.1").outcome is Outcome.HOLDS


def test_the_budget_of_an_element_is_that_of_its_own_precision(case, profiles):
    made = case(RULES, dtype="float32", wide="ab", a=("pixel", A), b=("pixel", B), y=("pixel", Y))
    by_clause = {clause.id: clause.equations[0] for clause in made.spec.clauses if clause.equations}
    one, two = (budget(by_clause[name], made.side, profiles, {"pixel": 1}) for name in ("set.1", "use.1"))
    assert (one.dtype, two.dtype) == ("float64", "float32")
    assert one.exact and one.allowed < 1e-15 and two.exact and two.residual <= two.allowed


@pytest.mark.parametrize("claims", ["float32", "float64"])
def test_no_precision_of_its_own_gives_a_value_more_room_than_the_side_has(case, claims):
    """There is no way to say that less was computed than is claimed: the only word is float64."""
    found = [case(RULES, dtype=claims, wide=wide, a=("pixel", A), b=("pixel", B * (1 + 3e-9)), y=("pixel", Y)).verdict("set.1").margin for wide in ("", "ab")]
    assert claims == "float32" or found[0] == found[1] > 1
    assert found[1] > 1e6
