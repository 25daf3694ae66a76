"""Repairs one at a time: each break has its factor of the final values, and what nothing explains is left over."""

from __future__ import annotations

from functools import partial
from math import log

import numpy as np
import pytest


RULES = """
input x[pixel] : 1
input k : 1
value a[pixel, turn] : 1
value n[pixel, turn] : count
value b[pixel] : 1
value side_branch[pixel] : 1
value image[pixel] : 1
clause one.1 "A"
  "It is so."
  a = x * (index(turn) + 1)
clause one.2 "N"
  "It is so."
  n = nearest(a) ties down
clause one.3 "B"
  "It is so."
  b = sum over turn: a^2 + n
clause one.4 "Aside"
  "It is so."
  side_branch = 3 * b
clause one.5 "Image"
  "It is so."
  image = 7 * b / k
"""
X = np.array([0.3, 1.1, 2.6, 4.2])
FIRST = {"a": 1.5, "image": 2.0}


def program(k: float = 5.0, **wrong) -> dict[str, tuple]:
    """Each quantity times what is wrong with it."""
    a = X[:, None] * np.array([1.0, 2.0, 3.0]) * wrong.get("a", 1.0)
    n = np.ceil(a - 0.5) + wrong.get("n", 0)
    b = ((a**2 + n).sum(axis=1)) * wrong.get("b", 1.0)
    return {"x": ("pixel", X), "k": ("", k), "a": ("pixel turn", a), "n": ("pixel turn", n.astype(int)), "b": ("pixel", b),
            "side_branch": ("pixel", 3 * b * wrong.get("side_branch", 1.0)), "image": ("pixel", 7 * b / k * wrong.get("image", 1.0))}


@pytest.fixture
def diagnosed(beside):
    return partial(beside, RULES)


def test_the_factors_of_all_breaks_and_what_is_left_make_the_ratio(diagnosed):
    fall = diagnosed(program(a=1.5, image=2.0), program(b=0.25)).fall
    assert [(step.clauses, step.side) for step in fall.steps] == [(("one.1",), "a"), (("one.5",), "a"), (("one.3",), "b")]
    on_a, image, b = fall.steps
    assert image.factor == pytest.approx(2.0) and b.factor == pytest.approx(0.25)
    assert fall.ratio == pytest.approx(on_a.factor * image.factor / b.factor) and fall.left == pytest.approx(1.0)
    assert fall.ratio_at == pytest.approx(on_a.at_element * image.at_element / b.at_element * fall.left_at)


def test_a_break_downstream_of_a_repaired_one_is_kept(diagnosed):
    found = diagnosed(program(a=1.5, image=2.0), program())
    first = found.repairs[0]
    assert first.clause == "one.1" and [p.quantity for p in first.still] == ["image"]
    assert found.repairs[1].clause == "one.5" and [p.quantity for p in found.repairs[1].still] == ["image"]
    assert found.left == ()


def test_a_count_that_is_off_keeps_its_difference(diagnosed):
    found = diagnosed(program(a=1.5, n=1), program())
    with_n_kept = [p for p in found.repairs[0].still if p.quantity == "n"]
    assert with_n_kept and found.repairs[0].clause == "one.1"


def test_the_largest_break_need_not_be_the_first(diagnosed):
    fall = diagnosed(program(a=1 + 1e-6, image=1.3e5), program()).fall
    assert fall.largest.clauses == ("one.5",) and fall.largest.share > 0.999
    assert sum(step.share for step in fall.steps) == pytest.approx(1)
    assert fall.largest.weight == pytest.approx(log(1.3e5), rel=1e-6)


def test_a_break_that_the_image_does_not_follow_from_has_no_share(diagnosed):
    fall = diagnosed(program(side_branch=2.0, image=1.1), program()).fall
    assert {step.clauses[0]: step.share for step in fall.steps} == {"one.4": 0.0, "one.5": 1.0}


def test_an_input_that_differs_is_told_and_is_what_is_left(diagnosed):
    found = diagnosed(program(k=5000.0), program())
    assert found.roots == () and found.fall is None
    (given,) = found.given
    assert (given.quantity, given.values) == ("k", (5000.0, 5.0)) and given.ratio == pytest.approx(1e-3)
    both = diagnosed(program(k=5000.0, image=2.0), program())
    assert both.fall.left == pytest.approx(1e-3) and [one.quantities for one in both.left] == [("image",)]


def test_two_breaks_that_cancel_are_both_told(diagnosed):
    fall = diagnosed(program(b=0.5, image=2.0), program()).fall
    assert fall.ratio == pytest.approx(1.0)
    assert [step.factor for step in fall.steps] == pytest.approx([0.5, 2.0]) and [step.share for step in fall.steps] == pytest.approx([0.5, 0.5])


def test_a_break_that_makes_a_value_no_number_changes_the_image(diagnosed):
    broken = program(b=np.array([1.0, np.nan, 1.0, 1.0]))
    fall = diagnosed(broken, program()).fall
    assert fall.largest is not None and fall.largest.clauses == ("one.3",)
