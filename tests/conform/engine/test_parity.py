"""Side against side where the rules cannot work everything out from the inputs: what is drawn, what needs more than was traced."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.operands import Side
from conform.engine.parity import Comparison, compare, compare_states
from conform.engine.rework import Rework

RULES = """
input x[pixel] : 1
input whole : flag
value tilt : 1         when whole
value y[pixel] : 1
value sum_y : 1        when whole
clause one.1 "Tilt"
  "It is so."
  tilt = 0.5
clause one.2 "Y"
  "It is so."
  y = (if whole then 0.5 else tilt) * x
clause one.3 "Sum"
  "It is so."
  sum_y = sum over pixel: y
"""
X = np.array([0.3, 1.1, 2.6, 4.2])


@pytest.fixture
def parity(case):
    """Of a side that has every value, and of another whose tilt or sum is a little else."""
    def run(tilt: float = 1.0, total: float = 1.0):
        sides = []
        for name, factor, scale in (("a", 1.0, 1.0), ("b", tilt, total)):
            own = 0.7 * factor
            world = case(RULES, x=("pixel", X), whole=("", 0), tilt=("", own), y=("pixel", own * X), sum_y=("", float((own * X).sum()) * scale))
            sides.append(Side(name, world.side.bundle, world.spec, world.side.order))
        return {p.quantity: p for p in compare(sides[0].spec, *sides, world.profiles)}
    return run


def test_what_no_rule_gives_may_differ_by_a_few_roundoffs_and_what_follows_from_it_accordingly(parity):
    found = parity(tilt=1 + 8e-16, total=1 - 3e-15)
    assert found["tilt"].largest > 0 and found["y"].largest > 2e-16 and found["sum_y"].largest > 1e-15
    assert all(one.agree for one in found.values())


def test_more_than_that_is_a_difference_and_so_is_what_follows_from_it(parity):
    found = parity(tilt=1 + 1e-9)
    assert (found["tilt"].differing, found["y"].differing, found["sum_y"].differing) == (1, 4, 1)
    assert {name: one.differing for name, one in parity(total=1 + 1e-9).items() if not one.agree} == {"sum_y": 1}


def test_many_states_of_repair_compared_at_once_say_what_each_says_alone_and_evaluate_the_rules_once(case, monkeypatch):
    from conform.engine import allowance

    sides = []
    for name, own in (("a", 0.7), ("b", 0.5)):
        world = case(RULES, x=("pixel", X), whole=("", 0), tilt=("", own), y=("pixel", own * X), sum_y=("", float((own * X).sum())))
        sides.append(Side(name, world.side.bundle, world.spec, world.side.order))
    pair = (sides[0], sides[1])
    asked = [
        Comparison((Rework(pair[0]), Rework(pair[1]))),
        Comparison((Rework(pair[0], frozenset({"tilt", "y"}), frozenset({"tilt"})), Rework(pair[1])), frozenset({"tilt", "y"})),
        Comparison((Rework(pair[0], frozenset({"y"}), frozenset({"y"})), Rework(pair[1])), frozenset({"y"})),
    ]
    alone = [compare_states(world.spec, pair, world.profiles, [one])[0] for one in asked]
    made, oracle = [], allowance._Oracle
    monkeypatch.setattr(allowance, "_Oracle", lambda *args: made.append(args) or oracle(*args))
    assert compare_states(world.spec, pair, world.profiles, asked) == alone
    assert len(made) == 2, "one for each side: there is one tile"
    assert [p.quantity for p in alone[0] if not p.agree] == ["tilt", "y", "sum_y"] and len(alone[2]) == 1


NEAR = """
input x[pixel] : 1
value y[pixel] : 1
clause one.1 "Y"
  "It is so."
  y = x - 1
"""


@pytest.mark.parametrize(("apart", "differing"), [(8e-16, {}), (1e-9, {"x": 4, "y": 4})])
def test_last_digits_of_an_input_may_differ_and_what_follows_from_it_by_what_becomes_of_them(case, apart, differing):
    sides = []
    x = 1 + np.array([1e-6, 2e-6, 4e-6, 7e-6])                # of the difference to one, they are a part in a billion
    for name, factor in (("a", 1.0), ("b", 1 + apart)):
        world = case(NEAR, x=("pixel", x * factor), y=("pixel", x * factor - 1))
        sides.append(Side(name, world.side.bundle, world.spec, world.side.order))
    found = {p.quantity: p for p in compare(sides[0].spec, *sides, world.profiles)}
    assert found["y"].largest > 1e-11
    assert {name: one.differing for name, one in found.items() if not one.agree} == differing
