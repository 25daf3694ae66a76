"""Rounding to whole numbers, comparisons, and, or, not, branches: certain, or in doubt with both outcomes allowed for."""

from __future__ import annotations

from itertools import product as tuples

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conform.engine.arithmetic import conjunction, disjunction, negation

BELOW, ABOVE = np.nextafter(0.5, 0), np.nextafter(0.5, 1)


# --- whole numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "results"), [
    ("down", (-3, -2, -1, 0, 1, 2)), ("up", (-2, -1, 0, 1, 2, 3)), ("even", (-2, -2, 0, 0, 2, 2)), ("away", (-3, -2, -1, 1, 2, 3)),
])
def test_an_exact_half_goes_where_the_tie_rule_says_and_without_doubt(rule, results, evaluate, make):
    found = evaluate(f"nearest(x) ties {rule}", x=make.value([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], "p"))
    assert tuple(found.data) == results
    assert found.wide is None and found.whole


@pytest.mark.parametrize("rule", ["down", "up", "even", "away"])
def test_beside_a_half_every_tie_rule_agrees_but_a_program_may_have_rounded(rule, evaluate, make):
    """x + 0.5 is itself rounded, in a program: 0.49999999999999994 + 0.5 is 1."""
    found = evaluate(f"nearest(x) ties {rule}", "float64", x=make.value([BELOW, ABOVE, -BELOW, -ABOVE], "p"))
    assert tuple(found.data) == (0, 1, 0, -1)
    assert (found.wide >= 1).all() and np.all(found.bound == 0)


def test_a_whole_number_stays_unless_a_half_is_lost_beside_it(evaluate, make):
    """10793861 + 0.5 is 10793862, in single precision."""
    x = make.value([3.0, 10793861.0], "p", whole=True)
    found = evaluate("nearest(x) ties up", "float32", x=x)
    assert tuple(found.data) == (3, 10793861) and found.wide[0] == 0 and found.wide[1] >= 1
    assert evaluate("nearest(x) ties up", "float64", x=x).wide is None and evaluate("floor(x)", "float32", x=x).wide is None


@pytest.mark.parametrize("rule", ["down", "up", "even", "away"])
def test_a_little_farther_from_a_half_there_is_no_doubt(rule, evaluate, make):
    found = evaluate(f"nearest(x) ties {rule}", "float64", x=make.value([0.5 - 1e-15, 0.5 + 1e-15, 2.5 - 1e-14, -7.5 + 1e-14], "p"))
    assert tuple(found.data) == (0, 1, 2, -7) and found.wide is None


def test_an_operand_with_a_bound_is_in_doubt_within_it_and_only_there(evaluate, make):
    found = evaluate("nearest(x) ties down", x=make.value([0.5, 0.51, 0.52, 1.0], "p", bound=[0.011, 0.011, 0.011, 0.011]))
    assert tuple(found.data) == (0, 1, 1, 1)
    assert tuple(found.wide) == (1, 1, 0, 0)


@pytest.mark.parametrize(("name", "x", "e", "wide"), [
    ("floor", 2.0, 0.0, None), ("floor", 2.0, 1e-9, 1), ("floor", 2.5, 1e-9, None), ("ceil", 2.0, 0.0, None), ("ceil", 2.0, 1e-9, 1),
    ("floor", 2.5, 0.5, 1), ("floor", 2.5, 3.2, 4), ("ceil", -2.5, 3.2, 4), ("floor", 2.5, np.inf, np.inf),
])
def test_floor_and_ceil_are_in_doubt_if_an_edge_lies_within_the_bound(name, x, e, wide, evaluate, make):
    found = evaluate(f"{name}(x)", x=make.value(x, bound=e))
    assert found.data == getattr(np, name)(x) and found.bound == 0
    assert found.wide is None if wide is None else found.wide == wide


@given(x=st.floats(-50, 50), e=st.floats(0, 8), share=st.floats(-1, 1), rule=st.sampled_from(("floor(x)", "ceil(x)", *(f"nearest(x) ties {r}" for r in ("down", "up", "even", "away")))))
def test_every_outcome_within_the_bound_is_within_wide(evaluate, make, x, e, share, rule):
    found, other = evaluate(rule, x=make.value(x, bound=e)), evaluate(rule, x=make.value(x + share * e))
    assert abs(other.data - found.data) <= found.reach


def test_large_numbers_are_their_own_nearest(evaluate, make):
    for x in (2.0**52 + 1, 2.0**53 + 2, -(2.0**52) - 1):
        for rule in ("down", "up", "even", "away"):
            assert evaluate(f"nearest(x) ties {rule}", "float64", x=make.value(x)).data == x


def test_a_whole_number_is_never_in_doubt(evaluate, make):
    found = evaluate("nearest(n) ties even", n=make.value([3, 4], "p", whole=True))
    assert found.wide is None and np.all(found.bound == 0)


# --- single precision ------------------------------------------------------------------------------------------------


def test_f32_of_an_exact_operand_is_one_number(evaluate, make):
    found = evaluate("f32(x)", "float64", x=make.value(0.1))
    assert found.data == float(np.float32(0.1)) and found.bound == 0


@given(x=st.floats(-1e3, 1e3), e=st.floats(0, 1e-6), share=st.floats(-1, 1))
def test_f32_of_a_bounded_operand_covers_every_neighbour_within_reach(evaluate, make, x, e, share):
    found = evaluate("f32(x)", "float64", x=make.value(x, bound=e))
    assert abs(float(np.float32(x + share * e)) - found.data) <= found.bound


def test_f32_has_no_bound_where_no_neighbour_is_within_reach(evaluate, make):
    assert evaluate("f32(x)", "float64", x=make.value(1.0, bound=1e-9)).bound == 0


def test_f32_sees_a_ball_smaller_than_the_distance_of_doubles(evaluate, make):
    """Just below the middle between two single-precision numbers, a correct double may lie just above."""
    middle = 1 + 2.0**-24
    x = np.nextafter(middle, 0)
    assert evaluate("f32(x)", "float64", x=make.value(x, bound=2.0**-52)).bound == 2.0**-23
    x = np.nextafter(middle, 2)
    assert evaluate("f32(x)", "float64", x=make.value(x, bound=2.0**-54)).bound == 2.0**-23


# --- comparisons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_is_in_doubt_if_the_bounds_overlap_and_only_there(op, evaluate, make):
    found = evaluate(f"x {op} y", condition=True, x=make.value([1.0, 1.015, 1.03, 5.0], "p", bound=0.01), y=make.value(1.0, bound=0.01))
    assert tuple(found.doubt) == (True, True, False, False)


def test_an_unknown_bound_is_doubt_and_not_certainty(evaluate, make):
    found = evaluate("x < 1", condition=True, x=make.value([0.0, 0.0], "p", bound=[np.nan, np.inf]))
    assert found.doubt.all()
    assert np.isinf(evaluate("nearest(x) ties up", x=make.value([0.1], "p", bound=[np.nan])).wide).all()


def test_a_chain_of_comparisons_holds_where_each_does(evaluate, make):
    found = evaluate("0 <= x < 1 < y", condition=True, x=make.value([-1, 0, 0.5, 1], "p"), y=make.value(2.0))
    assert tuple(found.data) == (False, True, True, False) and found.doubt is None


# --- and, or, not ----------------------------------------------------------------------------------------------------

SURE, DOUBTFUL, MISSING = (False, False), (True, False), (False, True)
STATES = [(data, *state) for data in (False, True) for state in (SURE, DOUBTFUL, MISSING)]


def kleene(state) -> bool | None:
    """True, False, or None for unknown."""
    data, doubt, missing = state
    return None if doubt or missing else data


@pytest.mark.parametrize(("a", "b"), list(tuples(STATES, STATES)))
def test_and_or_not_have_three_values(a, b, make):
    order = make.World({}).order
    x, y = (make.truth([data], "p", doubt=[doubt], missing=[missing]) for data, doubt, missing in (a, b))
    values = {kleene(a), kleene(b)}
    both, one = conjunction(order, [x, y]), disjunction(order, [x, y])
    assert known(both) == (False if False in values else None if None in values else True)
    assert known(one) == (True if True in values else None if None in values else False)
    assert known(negation(x)) == (None if kleene(a) is None else not kleene(a))


def known(found) -> bool | None:
    unknown = any(mask is not None and mask.any() for mask in (found.doubt, found.missing))
    return None if unknown else bool(found.data.all())


def test_a_missing_part_that_reads_as_false_does_not_decide(evaluate, make):
    found = evaluate("g and h", condition=True, g=make.truth([False], "p", missing=[True]), h=make.truth([True], "p"))
    assert found.missing.all() and not found.never


def test_parts_along_different_axes_are_combined_by_name(evaluate, make):
    found = evaluate("g and h", condition=True, g=make.truth([True, False], "p"), h=make.truth([True, False, True], "k"))
    assert found.axes == ("p", "k") and found.data.tolist() == [[True, False, True], [False, False, False]]


def test_a_word_of_a_choice_is_compared_by_name(evaluate, make):
    world = make.World({"shape": make.value(1)}, choices={"shape": ("square", "round")})
    assert evaluate("shape is round", condition=True, world=world).always
    assert evaluate("shape is square", condition=True, world=world).never


# --- branches --------------------------------------------------------------------------------------------------------


def test_a_branch_in_doubt_keeps_the_bound_of_the_way_taken_and_widens_for_the_other(evaluate, make):
    x = make.value([1.0, 1.0, 3.0], "p", bound=[0.1, 0.0, 0.1])
    found = evaluate("if x < 2 then y else z", x=x, y=make.value(10.0), z=make.value(10.0, bound=0.5))
    assert tuple(found.bound) == (0, 0, 0.5) and found.wide is None
    found = evaluate("if x < 1.05 then y else z", x=x, y=make.value(10.0, bound=0.25), z=make.value(17.0, bound=0.5))
    assert tuple(found.data) == (10, 10, 17) and tuple(found.bound) == (0.25, 0.25, 0.5)
    assert found.wide[0] >= 7.5 and tuple(found.wide[1:]) == (0.25, 0.5)


def test_doubt_about_a_branch_without_a_value_allows_anything(evaluate, make):
    found = evaluate("if x == 0 then 1 / x else x", x=make.value([0.5], "p", bound=[1.0]))
    assert np.isinf(found.wide).all()


def test_a_decision_taken_on_a_doubtful_number_is_itself_in_doubt(evaluate, make):
    found = evaluate("if (nearest(x) ties down) == 1 then 5 else 7", x=make.value([0.5, 0.9], "p", bound=0.01))
    assert tuple(found.data) == (7, 5)
    assert found.wide[0] >= 2 and found.wide[1] == 0


def test_a_branch_that_is_not_taken_anywhere_is_never_asked_for(evaluate, make):
    world = make.World({"g": make.truth([True, True], "p"), "x": make.value(1.0)})
    assert evaluate("if g then x else y", world=world).data.tolist() == [1, 1]
    assert evaluate("if not g then y else x", world=world).data.tolist() == [1, 1]
    assert "y" not in world.asked


def test_a_branch_that_all_elements_of_a_tile_take_has_the_bound_that_it_has_beside_others(evaluate, make):
    """A literal 1 is dropped from a product. One that stands there for some elements is not, whatever the others are."""
    bounds = [evaluate("y * (if x > 1 then z else 1)", x=make.value(x, "p"), y=make.value(0.7), z=make.value(0.3)).bound for x in ([0.0, 0.5], [0.0, 5.0])]
    assert bounds[0][0] == bounds[1][0]


def test_and_stops_at_what_is_surely_false_and_or_at_what_is_surely_true(evaluate, make):
    world = make.World({"no": make.truth(False), "yes": make.truth([True, True], "p")})
    assert evaluate("no and lost > 0", condition=True, world=world).never
    assert evaluate("yes and not yes and lost > 0", condition=True, world=world).never
    assert evaluate("yes or lost > 0", condition=True, world=world).always
    assert "lost" not in world.asked


def test_a_condition_in_doubt_stops_nothing(evaluate, make):
    world = make.World({"maybe": make.truth([False], "p", doubt=[True]), "h": make.truth([True], "p")})
    assert evaluate("maybe and h", condition=True, world=world).doubt.all()
    assert "h" in world.asked


@pytest.mark.parametrize(("text", "x", "y", "bound"), [
    ("max(x, y)", 1.0, 9.0, 0.1), ("min(x, y)", 1.0, 9.0, 0.5), ("max(x, y)", 1.0, 1.2, 0.5), ("min(x, y)", 1.0, 1.2, 0.5), ("max(x, y)", 9.0, 1.0, 0.5),
])
def test_the_larger_of_two_has_its_own_bound_unless_either_may_be_it(text, x, y, bound, evaluate, make):
    found = evaluate(text, x=make.value(x, bound=0.5), y=make.value(y, bound=0.1))
    assert found.data == (max if "max" in text else min)(x, y) and found.bound == bound


def test_an_infinite_bound_is_cut_off_by_a_limit_that_it_cannot_reach(evaluate, make):
    assert evaluate("min(1, x * 0 + 2)", x=make.value(1.0)).bound == 0
