"""Named axes: arrays stand in the order of the spec's axes, and are broadcast by name."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.values import EXACT, Order, Truth, Value, either, is_exact, mapped, nowhere_is_none, picked

ORDER = Order(("p", "k", "xyz"))


def test_the_union_of_axes_stands_in_the_order_of_the_spec():
    assert ORDER.union([("xyz",), ("k", "xyz"), ("p",)]) == ("p", "k", "xyz")


def test_spreading_gives_an_axis_of_length_one_for_what_is_not_there():
    assert ORDER.spread(np.zeros((2, 3)), ("p", "xyz"), ("p", "k", "xyz")).shape == (2, 1, 3)


def test_spreading_leaves_plain_numbers_alone():
    assert ORDER.spread(0.0, ("p",), ("p", "k")) == 0.0 and ORDER.spread(None, ("p",), ("p", "k")) is None


@pytest.mark.parametrize(("text", "axes", "shape"), [
    ("a + b", ("p", "k"), (2, 3)), ("b * a", ("p", "k"), (2, 3)), ("a * (sum over k: b)", ("p",), (2,)), ("v[xyz = y] + b", ("k",), (3,)), ("index(k) + a", ("p", "k"), (2, 3)),
])
def test_operands_meet_by_the_names_of_their_axes(text, axes, shape, evaluate, make):
    names = {"a": make.value([1.0, 2.0], "p"), "b": make.value([10.0, 20.0, 30.0], "k"), "v": make.value([1.0, 2.0, 3.0], "xyz")}
    found = evaluate(text, **names)
    assert found.axes == axes and found.data.shape == shape


def test_a_renamed_axis_moves_to_its_place_with_bound_and_mask(evaluate, make):
    names = {"m": make.value([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "k", "xyz", bound=[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], missing=[[True, False, False], [False, False, False]])}
    found = evaluate("m[xyz as abc]", **names)
    assert found.axes == ("k", "abc") and found.bound[1, 2] == 0.6 and found.missing[0, 0]
    outer = evaluate("(sum over k: m)[xyz as abc] * m", **names)
    assert outer.axes == ("k", "xyz", "abc") and outer.data[0, 1, 2] == 2.0 * 9.0


def test_picking_takes_the_same_element_of_every_array():
    value = Value(("p", "k"), np.array([[1.0, 2.0]]), np.array([[0.1], ]), None, np.array([[True, False]]))
    found = picked(value, {"k": 1})
    assert (found.axes, found.data.tolist(), found.bound.tolist(), found.missing.tolist()) == (("p",), [2.0], [0.1], [False])


def test_mapping_leaves_a_number_that_stands_for_all_elements():
    found = mapped(Value(("p",), np.array([1.0, 2.0])), (), lambda array: array[0])
    assert found.data == 1.0 and found.bound is EXACT


def test_exact_is_a_plain_zero_without_any_decision_on_the_way():
    assert Value((), np.float64(1)).exact and is_exact(0.0)
    assert not Value((), np.float64(1), 1e-9).exact and not Value((), np.float64(1), wide=np.ones(())).exact
    assert not is_exact(np.zeros(3)) and not is_exact(None)


def test_reach_is_the_wider_of_the_two_bounds():
    assert Value((), np.float64(1), 0.1).reach == 0.1 and Value((), np.float64(1), 0.1, np.float64(2)).reach == 2


def test_a_condition_in_doubt_or_missing_somewhere_is_neither_always_nor_never():
    sure = Truth(("p",), np.array([True, True]))
    assert sure.always and not sure.never
    for mask in ({"doubt": np.array([True, False])}, {"missing": np.array([False, True])}):
        for data in (np.array([True, True]), np.array([False, False])):
            found = Truth(("p",), data, **mask)
            assert not found.always and not found.never


def test_masks_join_and_an_empty_one_is_none():
    assert either(None, None) is None and either(np.array([True]), None, np.array([False])).all()
    assert nowhere_is_none(np.array([False, False])) is None and nowhere_is_none(np.array([False, True])) is not None
