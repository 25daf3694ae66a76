"""Selection along an axis: which element it is, and that its bound, what is missing and what is in doubt come with it."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def names(make):
    return {
        "d": make.value([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "p", "k", bound=[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], missing=[[False, True, False], [False, False, False]]),
        "b": make.value([7.0, 8.0], "p", bound=[0.7, 0.8]), "c": make.value(9.0), "n": make.value([[3.0, 4.0]], "p", "k"),
    }


def test_previous_is_the_element_before_and_at_the_first_what_is_said_for_it(evaluate, make, names):
    found = evaluate("d[k = previous otherwise b]", world=make.World(names, {}, {"p": 2, "k": 3}))
    assert found.axes == ("p", "k") and found.data.tolist() == [[7, 1, 2], [8, 4, 5]]
    assert np.broadcast_to(found.bound, (2, 3)).tolist() == [[0.7, 0.1, 0.2], [0.8, 0.4, 0.5]]
    assert found.missing.tolist() == [[False, False, True], [False, False, False]]


def test_previous_along_another_axis_and_of_a_value_that_does_not_vary_there(evaluate, make, names):
    world = make.World(names, {}, {"p": 2, "k": 3})
    assert evaluate("d[p = previous otherwise 0]", world=world).data.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert evaluate("b[k = previous otherwise c]", world=world).data.tolist() == [[9, 7, 7], [9, 8, 8]]
    assert evaluate("d[k = last][p = previous otherwise c]", world=world).data.tolist() == [9, 3]


def test_an_axis_of_one_element_has_nothing_before_it(evaluate, make):
    world = make.World({"x": make.value([2.0], "k"), "c": make.value(9.0)}, {}, {"k": 1})
    assert evaluate("x[k = previous otherwise c]", world=world).data.tolist() == [9]


def test_previous_inside_a_sum_and_beside_a_running_value(evaluate, make, names):
    world = make.World(names, {}, {"p": 2, "k": 3})
    assert evaluate("sum over k: (b * c)[k = previous otherwise 1]", world=world).data.tolist() == [1 + 2 * 63, 1 + 2 * 72]
    assert evaluate("fold a from 0 over k: a * 2 + (b + 0)[k = previous otherwise c]", world=world).data.tolist() == [9 * 4 + 7 * 2 + 7, 9 * 4 + 8 * 2 + 8]
