"""What is exact has no bound and no doubt: a program that is off by the last bit there is wrong."""

from __future__ import annotations

import numpy as np
import pytest


def assert_exact(found, *data) -> None:
    assert np.all(np.asarray(found.bound) == 0) and found.wide is None
    assert np.array_equal(np.ravel(found.data), data)


@pytest.mark.parametrize(("text", "precision", "held"), [
    ("0.5", "float32", True), ("0.1", "float32", False), ("0.1", "float64", False), ("3", "float32", True), ("1e22", "float64", True),
    ("1e23", "float64", False), ("16777216", "float32", True), ("16777217", "float32", False), ("16777217", "float64", True),
    ("9007199254740993", "float64", False), ("1361129467683753853853498429727072845824", "float32", False), ("1e-50", "float32", False),
])
def test_a_literal_is_exact_if_the_precision_holds_it(text, precision, held, evaluate):
    found = evaluate(text, precision)
    assert (found.bound == 0) is held


def test_a_literal_below_the_smallest_number_may_be_lost_altogether(evaluate):
    assert evaluate("1e-50", "float32").bound >= 1e-50


def test_a_literal_of_absurd_exponent_takes_no_time(evaluate):
    assert evaluate("1e-999999999").data == 0


@pytest.mark.parametrize(("text", "result"), [
    ("n + m", 12), ("n - m", 2), ("n * m", 35), ("n * m - n + 4 * m", 48), ("n^3", 343), ("-n", -7), ("abs(-n)", 7), ("min(n, m)", 5), ("max(n, m)", 7),
    ("sum over k: q", 10), ("product over k: q", 24), ("maximum over k: q", 4), ("minimum over k: q", 1), ("size(k)", 4), ("nearest(n) ties down", 7),
    ("fold acc from n over k: acc + q", 17), ("fold acc from 1 over k: acc * q", 24), ("if n < m then n else m", 5), ("floor(2.5)", 2), ("ceil(2.5)", 3),
])
def test_whole_numbers_are_exact(text, result, evaluate, make):
    whole = {"n": make.value(7, whole=True), "m": make.value(5, whole=True), "q": make.value([1, 2, 3, 4], "k", whole=True)}
    assert_exact(evaluate(text, **whole), result)


@pytest.mark.parametrize(("text", "result"), [
    ("2 * x", 0.6), ("x * 0.25", 0.075), ("-4 * x", -1.2), ("x / 8", 0.0375), ("x / 0.5", 0.6), ("1 * x", 0.3), ("x * 1", 0.3), ("x^1", 0.3), ("x^0", 1.0),
    ("x * 0", 0.0), ("-x", -0.3), ("abs(-x)", 0.3), ("min(x, 1)", 0.3), ("d[k = first]", 1.1), ("d[k = last]", 3.3), ("T[1]", 20.0),
    ("sin(0)", 0.0), ("cos(0)", 1.0), ("tan(0)", 0.0), ("exp(0)", 1.0), ("atan(0)", 0.0), ("asin(0)", 0.0), ("acos(1)", 0.0), ("log(1)", 0.0), ("sqrt(0)", 0.0),
    ("atan2(0, 1)", 0.0), ("if x > 0 then x else 1 / 0", 0.3), ("nearest(x) ties down", 0.0), ("floor(x)", 0.0), ("ceil(x)", 1.0),
])
def test_scaling_by_powers_of_two_selection_look_up_and_exact_points_do_not_round(text, result, evaluate, make):
    names = {"x": make.value(0.3), "d": make.value([1.1, 2.2, 3.3], "k")}
    world = make.World(names, {"T": make.Grid(np.array([10.0, 20.0]), (0,))}, {"k": 3})
    assert_exact(evaluate(text, world=world), result)


@pytest.mark.parametrize("text", ["x + x", "3 * x", "x * y", "x / 3", "x^2", "sin(x)", "sqrt(x)", "cos(x)", "pi"])
def test_everything_else_rounds(text, evaluate, make):
    assert evaluate(text, x=make.value(0.3), y=make.value(0.7)).bound > 0


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons_of_exact_operands_are_certain_even_of_equals(op, evaluate, make):
    found = evaluate(f"x {op} y", condition=True, x=make.value([0.1, 0.2], "p"), y=make.value(0.1))
    assert found.doubt is None
    assert list(found.data) == [op in ("<=", ">=", "=="), op in (">", ">=", "!=")]


def test_a_power_of_two_scales_into_what_a_precision_cannot_hold(evaluate, make):
    """2^-149 is the smallest number in single precision: half of it is lost."""
    found = evaluate("x * 0.5", x=make.value(2.0**-149))
    assert found.bound >= 2.0**-150
    assert evaluate("x * 0.5", "float64", x=make.value(2.0**-149)).bound == 0


def test_partial_sums_beyond_the_precision_are_not_exact(evaluate, make):
    """2^24 + 1 is no number in single precision, so that 2^24 + 1 - 2^24 may come out as 0."""
    n = make.value(2.0**24, whole=True)
    assert evaluate("n + 1 - n", n=n).bound >= 1
    assert evaluate("n + 1 - n", "float64", n=n).bound == 0
    assert evaluate("sum over k: q", q=make.value([2.0**24, 1, -(2.0**24)], "k", whole=True)).bound >= 1


def test_a_whole_number_beyond_the_precision_is_rounded_where_it_meets_others(evaluate, make):
    n = make.value(2.0**24 + 1, whole=True)
    for text in ("n * 0.5", "n / 2", "n + 0.5 - 0.5", "sqrt(n) * sqrt(n)"):
        assert evaluate(text, n=n).bound >= 0.5, text


def test_one_element_that_does_not_fit_leaves_the_others_exact(evaluate, make):
    """What is exact does not depend on what else is in a tile."""
    found = evaluate("n * n", n=make.value([3, 2.0**20 + 1], "p", whole=True))
    assert found.bound[0] == 0 and found.bound[1] > 0


def test_zero_stays_exact_beside_elements_that_are_not(evaluate, make):
    found = evaluate("cos(if x == 0 then x else x * x)", x=make.value([0.0, 0.3], "p"))
    assert found.bound[0] == 0 and found.bound[1] > 0
