"""The budget of one element: its shares add up to the bound, and each belongs to the operation that rounds."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.budget import budget
from conform.errors import UsageProblem
from conform.report.budget import terminal

RULES = """
input a[pixel] : 1
input b[pixel, turn] : 1
value y[pixel, turn] : 1
value s[pixel] : 1
clause one.1 "One"
  "It is so."
  y = sin(3.1 * a) * b / (a - 0.3)
clause one.2 "Two"
  "It is so."
  s = fold acc from a over turn: (acc + y^2) * b
"""
A = np.array([0.7, 1.9])
B = np.array([[1.1, 0.4], [2.3, 5.0]])
Y = np.sin(3.1 * A)[:, None] * B / (A - 0.3)[:, None]


def fold(y):
    s = A
    for k in range(2):
        s = (s + y[:, k] ** 2) * B[:, k]
    return s


@pytest.fixture(params=["float64", "float32"])
def whole(case, request):
    return case(RULES, dtype=request.param, a=("pixel", A), b=("pixel turn", B), y=("pixel turn", Y), s=("pixel", fold(Y)))


def of(one, clause: str, **place):
    return budget(one.spec.by_id[clause].equations[0], one.side, one.profiles, place)


@pytest.mark.parametrize(("clause", "place"), [("one.1", {"pixel": 1, "turn": 0}), ("one.2", {"pixel": 0})])
def test_the_shares_add_up_to_the_bound_and_the_bound_to_what_is_allowed(whole, clause, place):
    found = of(whole, clause, **place)
    assert found.at == place
    assert sum(share.amount for share in found.shares) == pytest.approx(found.bound, rel=1e-4)
    assert found.allowed == pytest.approx(found.slack * found.bound + found.last)
    assert found.residual <= found.allowed


def test_each_rounding_is_that_of_its_operation(case):
    one = case(RULES, a=("pixel", A), b=("pixel turn", B), y=("pixel turn", Y), s=("pixel", fold(Y)))
    shares = {share.text: share.amount / abs(Y[0, 0]) * 2**53 for share in of(one, "one.1", pixel=0, turn=0).shares}
    assert shares["sin(3.1 * a) * b / (a - 0.3)"] == pytest.approx(1, rel=1e-6)
    phase = 3.1 * A[0]
    assert shares["3.1 * a"] == pytest.approx(abs(phase / np.tan(phase)), rel=1e-4)      # as the sine passes it on


def test_a_definition_that_stands_in_has_its_own_shares_under_its_clause(case):
    one = case(RULES, a=("pixel", A), b=("pixel turn", B), s=("pixel", fold(Y)))
    found = of(one, "one.2", pixel=1)
    assert {share.clause for share in found.shares} == {"one.1", "one.2"}
    assert [operand.name for operand in found.operands if not operand.traced] == ["y"]
    assert sum(share.amount for share in found.shares) == pytest.approx(found.bound, rel=1e-4)


def test_of_axes_that_are_left_open_the_element_nearest_its_bound_is_shown(case):
    wrong = Y.copy()
    wrong[1, 1] *= 1.5
    found = of(case(RULES, a=("pixel", A), b=("pixel turn", B), y=("pixel turn", wrong), s=("pixel", fold(Y))), "one.1", pixel=1)
    assert found.at == {"pixel": 1, "turn": 1} and found.residual > found.allowed
    assert "verdict   breaks" in terminal(found, "One", found.at)


def test_where_the_clause_says_nothing_there_is_no_budget(case):
    one = case(RULES.replace("y = sin", "y = sin").replace("(a - 0.3)\n", "(a - 0.3) when a > 1\n  y = 0 otherwise\n"),
               a=("pixel", A), b=("pixel turn", B), y=("pixel turn", Y), s=("pixel", fold(Y)))
    with pytest.raises(UsageProblem, match="guard is false"):
        of(one, "one.1", pixel=0)


def test_the_table_keeps_to_80_columns(whole):
    for clause in ("one.1", "one.2"):
        text = terminal(of(whole, clause, pixel=0), "A title", {"slow": 3, "fast": 4})
        assert max(map(len, text.splitlines())) <= 80 and "100 %  all of them" in text
