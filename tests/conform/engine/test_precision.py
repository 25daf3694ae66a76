"""What a precision grants, and what is left when the evaluator's own rounding is taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conform.engine.arithmetic import EVALUATOR, FUNCTIONS, Arithmetic
from conform.engine.elementary import _RULES
from specs_dsl import functions


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_sides_rounding_and_the_evaluators_both_count(precision, math):
    granted = math(precision).precision
    assert granted.roundoff == granted.unit + EVALUATOR
    assert granted.of_function("sin") == 2 * (granted.ulps["sin"] * granted.unit + EVALUATOR)


def test_without_the_evaluator_only_the_sides_rounding_is_left(math, make):
    granted = math("float64").precision
    alone = Arithmetic(replace(granted, evaluator=0.0), math("float64").order)
    x, y = make.value(0.3), make.value(0.7)
    assert alone.product(x, y).bound == granted.unit * 0.3 * 0.7
    assert np.isclose(alone.function("sin", x).bound, 2 * granted.ulps["sin"] * granted.unit * np.sin(0.3), rtol=1e-12)


def test_without_a_side_only_the_evaluators_rounding_is_left(math, make):
    assert math("ours").product(make.value(0.3), make.value(0.7)).bound == EVALUATOR * 0.3 * 0.7


@pytest.mark.parametrize(("text", "float32", "float64"), [("0.5", True, True), ("0.1", False, False), ("16777217", False, True), ("1e39", False, False), ("1e-999999999", False, False)])
def test_a_precision_knows_what_it_holds(text, float32, float64, math):
    assert (math("float32").precision.holds(text, float(text)), math("float64").precision.holds(text, float(text))) == (float32, float64)


def test_every_function_of_the_language_has_an_evaluation_a_rule_and_granted_ulps(evaluate, make, profiles):
    """A function that is missing in one of the lists would only be found by a rules file that uses it."""
    names = {"x": make.value(0.3), "v": make.value([0.1, 0.2, 0.3], "xyz"), "n": make.value(1, whole=True), "p": make.value([0, 1, 2], "xyz", whole=True)}
    world = make.World(names, {"T": make.Grid(np.array([1.0, 2.0]), (0,))}, {"k": 3})
    arguments = {1: "x", 2: "x, x"}
    special = {"index": "k", "size": "k", "inside": "T, n", "given": "x", "peaks": "v, p, p, n, n", "distance": "v == v, p, p", "dot": "v, v", "cross": "v, v", "norm": "v", "unit": "v", "rotate": "v, v, x"}
    for function in functions.FUNCTIONS.values():
        text = f"{function.name}({special.get(function.name) or arguments[function.arguments]})" + " ties down" * (function.name == "nearest")
        found = evaluate(text, world=world, condition=function.gives == "flag")
        assert np.isfinite(found.data).all(), text
    assert set(FUNCTIONS) == set(_RULES) and set(FUNCTIONS) | {"atan2"} == set(profiles["float64"].ulps)
