"""Elements that a program never reached stay unknown, unless a condition chooses them away; and NaN stays NaN."""

from __future__ import annotations

import numpy as np
import pytest

from conform.engine.scope import Unavailable


@pytest.fixture
def names(make):
    return {
        "x": make.value([1.0, np.nan, 3.0], "p", missing=[False, True, False]), "y": make.value([4.0, 5.0, 6.0], "p"), "n": make.value([0.0, 1.0, 2.0], "p", whole=True),
        "w": make.value(np.ones((3, 3)), "p", "xyz", missing=[[False] * 3, [False, True, False], [False] * 3]), "u": make.value([1.0, 0.0, 0.0], "xyz"),
        "d": make.value(np.ones((3, 2)), "p", "k", missing=[[False, False], [True, False], [False, False]]), "g": make.truth([True, False, True], "p"),
        "h": make.truth([False, True, False], "p", missing=[True, False, False]),
    }


def where(found) -> list[bool]:
    mask = np.zeros(found.data.shape, bool) if found.missing is None else np.broadcast_to(found.missing, found.data.shape)
    return mask.any(axis=tuple(range(1, mask.ndim))).tolist()


@pytest.mark.parametrize("text", [
    "x + y", "y - x", "x * y", "x / y", "y / x", "x^2", "x^0.5", "y ^ x", "-x", "abs(x)", "sin(x)", "sqrt(x)", "atan2(x, y)", "min(x, y)", "max(y, x)", "f32(x)",
    "nearest(x) ties up", "floor(x)", "x + y + 1", "sum over k: d", "product over k: d", "mean over k: d", "maximum over k: d", "minimum over k: d",
    "fold acc from 0 over k: acc + d", "fold acc from 0 over k: (acc + d) * 3", "fold acc from x over k: acc + 1", "dot(w, u)", "norm(w)", "unit(w)", "cross(w, u)",
    "rotate(w, u, y)", "if g then y else x", "T[nearest(x) ties up otherwise 5]", "if x > 0 then 1 else 2", "d[k = first]",
])
def test_a_missing_operand_makes_the_result_missing_there_and_only_there(text, evaluate, make, names):
    world = make.World(names, {"T": make.Grid(np.array([2.0, 3.0]), (0,))}, {"p": 3, "k": 2})
    assert where(evaluate(text, world=world)) == [False, True, False]


@pytest.mark.parametrize("text", ["if g then x else y", "if g then x * 2 else 0", "d[k = last]", "T[n otherwise y]", "1 * y", "if not g then y else x"])
def test_what_is_not_chosen_is_not_missed(text, evaluate, make, names):
    world = make.World(names, {"T": make.Grid(np.array([2.0, 3.0]), (0,))}, {"p": 3, "k": 2})
    assert where(evaluate(text, world=world)) == [False, False, False]


def test_a_number_times_a_one_that_is_missing_is_missing(evaluate, make):
    assert evaluate("y * one", y=make.value([2.0], "p"), one=make.value(1.0, missing=True)).missing is not None


def test_a_condition_that_is_missing_makes_the_choice_missing(evaluate, make, names):
    assert where(evaluate("if h then y else 0", **names)) == [True, False, False]
    assert where(evaluate("if h and y > 4.5 then y else 0", **names)) == [False, False, False]    # 4 > 4.5 is surely false
    assert where(evaluate("if h and y > 0 then y else 0", **names)) == [True, False, False]


def test_an_index_outside_a_table_without_a_default_was_never_reached(evaluate, make, names):
    world = make.World(names, {"T": make.Grid(np.array([2.0, 3.0]), (0,))}, {"p": 3})
    found = evaluate("T[n]", world=world)
    assert where(found) == [False, False, True] and tuple(found.data[:2]) == (2, 3)


def test_a_table_is_looked_up_from_its_first_index_by_numbers_or_by_a_vector(evaluate, make):
    grid = make.Grid(np.arange(6.0).reshape(2, 3), (-1, 10))
    hit = make.value([[-1, 11], [0, 12], [1, 12]], "p", "i", whole=True)
    world = make.World({"n": make.value(hit.data[:, 0], "p", whole=True), "m": make.value(hit.data[:, 1], "p", whole=True)}, {"T": grid}, {"p": 3})
    assert evaluate("T[n, m otherwise 99]", world=world).data.tolist() == [1.0, 5.0, 99.0]
    assert evaluate("inside(T, n, m)", condition=True, world=world).data.tolist() == [True, True, False]
    cube = make.Grid(np.arange(27.0).reshape(3, 3, 3), (0, 0, 0))
    world = make.World({"v": make.value([[0, 1, 2], [2, 2, 2]], "p", "abc", whole=True)}, {"T": cube}, {"p": 2})
    assert evaluate("T[v]", world=world).data.tolist() == [5.0, 26.0]


def test_a_doubtful_index_may_give_any_element(evaluate, make):
    world = make.World({"x": make.value([0.5, 1.0], "p", bound=0.01)}, {"T": make.Grid(np.array([2.0, 3.0]), (0,))}, {"p": 2})
    found = evaluate("T[nearest(x) ties down otherwise 9]", world=world)
    assert found.data.tolist() == [2.0, 3.0] and np.all(found.bound == 0)
    assert np.isinf(found.wide[0]) and found.wide[1] == 0


def test_an_index_that_is_not_a_number_is_outside(evaluate, make):
    world = make.World({"x": make.value([np.nan, np.inf, 1e300], "p")}, {"T": make.Grid(np.array([2.0, 3.0]), (0,))}, {"p": 3})
    assert evaluate("T[floor(x) otherwise 9]", world=world).data.tolist() == [9.0, 9.0, 9.0]


@pytest.mark.parametrize("text", ["z + 1", "z * 0", "1 / z", "z^2", "sin(z)", "sqrt(z)", "atan2(z, 1)", "max(z, 1)", "min(1, z)", "f32(z)", "sum over k: z", "maximum over k: z", "nearest(z) ties up"])
def test_nan_stays_nan(text, evaluate, make):
    assert np.isnan(evaluate(text, z=make.value([[np.nan, 1.0]], "p", "k")).data.ravel()[0])


def test_an_element_beyond_the_end_of_a_loop_was_never_reached(evaluate, make, names):
    assert where(evaluate("d[k = 1]", **names)) == [False, False, False]
    assert where(evaluate("d[k = 2]", **names)) == [True, True, True]


@pytest.mark.parametrize("text", ["maximum over k: d", "minimum over k: d"])
def test_the_largest_of_no_elements_does_not_exist(text, evaluate, make):
    world = make.World({"d": make.value(np.zeros((3, 0)), "p", "k")}, sizes={"p": 3, "k": 0})
    assert np.all(evaluate(text, world=world).missing)


def test_a_mask_along_fewer_axes_counts_for_all_elements(evaluate, make):
    """The comparison varies along both axes, what is missing along one: a fold picks from both."""
    names = {"x": make.value([1.0, 2.0], "p", missing=[False, True]), "d": make.value(np.ones((2, 3)), "p", "k")}
    found = evaluate("fold acc from 0 over k: if x > d then acc * 2 else acc + d", **names)
    assert where(found) == [False, True]


def test_a_choice_between_two_things_that_nobody_shows_is_nothing_to_go_on_with(make, evaluate, names):
    """It would have no axes, and a length along one of them could not be taken."""
    class Silent(make.World):
        def resolve(self, name):
            if name == "v":
                raise Unavailable("`v` is not in the trace")
            return super().resolve(name)

        def lack(self, reason):
            self.asked.append(reason)

    world = Silent(names, sizes={"p": 3})
    assert where(evaluate("norm(if g then w else cross(v, u))", world=world)) == [False, True, False]
    with pytest.raises(Unavailable, match="`v` is not in the trace"):
        evaluate("norm(if g then v else cross(v, u))", world=world)
