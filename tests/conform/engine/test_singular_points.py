"""Near singular points a bound covers the whole ball around the operand: compared with the function at many of its points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

SHARES = sorted({sign * share for sign in (-1, 1) for share in (*np.linspace(0, 1, 13), *(1 - 10.0**-k for k in range(2, 9)), *(10.0**-k for k in range(2, 9)))})
CORNERS = (-1.0, -0.999, -0.5, -1e-3, 0.0, 1e-3, 0.5, 0.999, 1.0)


def points(x: float, e: float, low: float = -np.inf, high: float = np.inf, shares=SHARES) -> list[arb]:
    """Many points within `e` of `x`, without any rounding, and inside a domain."""
    ctx.prec = 200
    found = [arb(x) + arb(e) * arb(share) for share in shares]
    return [point for point in found if low <= point <= high]


def off(found, result: arb) -> float:
    return float(abs(result - arb(float(found.data))).mid()) if result.is_finite() else np.inf


def covers(found, results) -> None:
    allowed = float(found.bound) * (1 + 1e-12)
    assert all(off(found, result) <= allowed for result in results), (found, max(off(found, result) for result in results))


RADII = st.floats(-16, 0.5).map(lambda k: 10.0**k)
NEAR = {
    "sqrt": (st.sampled_from((0.0, 1e-300, 1e-12, 1e-3, 1.0)), 0.0, np.inf),
    "acos": (st.sampled_from((1.0, -1.0, 1 - 1e-16, 1 - 1e-9, -1 + 1e-5, 0.9, 0.0)), -1.0, 1.0),
    "asin": (st.sampled_from((1.0, -1.0, 1 - 1e-16, -1 + 1e-9, 0.9, 0.0)), -1.0, 1.0),
    "tan": (st.sampled_from((np.pi / 2 - 1e-3, np.pi / 2 + 1e-8, 1.5, -1.5707, 0.0, 1.0)), -np.inf, np.inf),
    "log": (st.sampled_from((1e-300, 1e-9, 1e-3, 1.0, 5.0)), 0.0, np.inf),
    "exp": (st.sampled_from((0.0, -30.0, 5.0, 1e-9)), -np.inf, np.inf),
    "sin": (st.sampled_from((0.0, np.pi, 3 * np.pi / 2, 100.0, 1e-9)), -np.inf, np.inf),
    "cos": (st.sampled_from((0.0, np.pi, np.pi / 2, 100.0, 1e-9)), -np.inf, np.inf),
    "atan": (st.sampled_from((0.0, 1.0, -40.0, 1e9)), -np.inf, np.inf),
}


@pytest.mark.parametrize("name", NEAR)
@given(data=st.data(), e=RADII)
def test_a_function_is_covered_on_the_whole_ball(name, evaluate, make, data, e):
    centres, low, high = NEAR[name]
    x = data.draw(centres)
    covers(evaluate(f"{name}(x)", "float64", x=make.value(x, bound=e)), [getattr(point, name)() for point in points(x, e, low, high)])


@pytest.mark.parametrize("power", ["0.5", "0.3", "1.5", "2", "3", "-1", "-2", "0.01"])
@given(x=st.sampled_from((0.0, 1e-12, 1e-3, 1.0, 7.0)), e=RADII)
def test_a_power_is_covered_on_the_whole_ball(power, evaluate, make, x, e):
    covers(evaluate(f"x^{power}", "float64", x=make.value(x, bound=e)), [power_of(point, power) for point in points(x, e, 0.0)])


def power_of(x: arb, power: str) -> arb:
    return x ** int(power) if power.lstrip("-").isdigit() else x ** arb(fmpq(*Fraction(power).as_integer_ratio()))


@given(n=st.integers(2, 9), k=st.integers(-3, 3), off=st.floats(-9, -1).map(lambda p: 10.0**p), e=RADII)
def test_the_interference_function_is_covered_near_multiples_of_pi(evaluate, make, n, k, off, e):
    x = k * np.pi + off
    covers(evaluate(f"sin({n} * x) / sin(x)", "float64", x=make.value(x, bound=e)), [(n * point).sin() / point.sin() for point in points(x, e)])


@given(x=st.sampled_from((1e-3, 1.0, -2.0)), y=st.sampled_from((1e-3, -1.0, 2.0)), ex=RADII, ey=RADII)
def test_a_quotient_is_covered_on_the_whole_ball(evaluate, make, x, y, ex, ey):
    found = evaluate("x / y", "float64", x=make.value(x, bound=ex), y=make.value(y, bound=ey))
    covers(found, [top / bottom for top in points(x, ex, shares=CORNERS) for bottom in points(y, ey, shares=CORNERS)])


@given(x=st.sampled_from((1.0, -1.0, 0.0, 1e-9, -3.0)), y=st.sampled_from((0.0, 1e-9, -1e-9, 1.0, -2.0)), ex=RADII, ey=RADII)
@example(x=1.0, y=0.0, ex=0.9999999999999994, ey=10.0**-7.5625)
def test_an_angle_is_covered_on_the_whole_ball_and_across_the_cut_as_a_decision(evaluate, make, x, y, ex, ey):
    found = evaluate("atan2(y, x)", "float64", x=make.value(x, bound=ex), y=make.value(y, bound=ey))
    for far in (off(found, arb.atan2(top, right)) for top in points(y, ey, shares=CORNERS) for right in points(x, ex, shares=CORNERS)):
        assert far <= float(found.reach) * (1 + 1e-12)
        assert min(far, abs(2 * np.pi - far)) <= float(found.bound) * (1 + 1e-12) + 1e-15


@pytest.mark.parametrize(("y", "x", "data"), [(0.0, -1.0, np.pi), (-0.0, -1.0, np.pi), (0.0, 0.0, 0.0), (-0.0, -0.0, 0.0), (0.0, 1.0, 0.0)])
def test_the_sign_of_a_zero_is_a_programs_own_affair(y, x, data, evaluate, make):
    """atan2(-0, -1) is -pi in a program, and no number is -0: which side of the cut it took is a tie."""
    found = evaluate("atan2(y, x)", "float64", x=make.value(x), y=make.value(y))
    assert found.data == data and found.bound <= 2e-15
    assert abs(np.arctan2(y, x) - found.data) <= found.reach


def test_a_divisor_that_may_be_zero_gives_no_bound(evaluate, make):
    for y, e in ((0.1, 0.1), (-0.1, 0.2), (1e-9, 1.0)):
        assert np.isinf(evaluate("1 / y", y=make.value(y, bound=e)).bound)
    assert np.isfinite(evaluate("1 / y", y=make.value(0.1, bound=0.0999)).bound)


@pytest.mark.parametrize(("text", "x", "e"), [("log(x)", 0.1, 0.1), ("tan(x)", 1.57, 0.01), ("tan(x)", 0.0, 2.0), ("x^-2", 0.1, 0.2)])
def test_a_pole_inside_the_ball_gives_no_bound(text, x, e, evaluate, make):
    assert np.isinf(evaluate(text, x=make.value(x, bound=e)).bound)


@pytest.mark.parametrize(("text", "x", "edge"), [("sqrt(x)", -1e-9, 0.0), ("acos(x)", 1 + 1e-9, 0.0), ("asin(x)", -1 - 1e-9, -np.pi / 2)])
def test_an_argument_beyond_the_domain_by_rounding_is_at_its_edge(text, x, edge, evaluate, make):
    found = evaluate(text, x=make.value(x, bound=2e-9))
    assert found.data == edge and 4e-5 < found.bound < 1e-4
    assert np.isnan(evaluate(text, x=make.value(x, bound=1e-10)).data)


def test_a_small_ball_is_not_lost_between_two_doubles(evaluate, make):
    """In double precision x + bound may be x again: the slope still counts."""
    x, e = 1 - 1e-10, 2.0**-53
    slope = 1 / np.sqrt(1 - x * x)
    assert evaluate("acos(x)", "float64", x=make.value(x, bound=e)).bound >= slope * e


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_what_underflow_takes_is_in_the_bound(precision, evaluate, make):
    tiny = {"float32": 2.0**-149, "float64": 2.0**-1074}[precision]
    x = make.value(np.sqrt(tiny) * 1.3)
    for text in ("x * x", "x^2", "x / (1 / x)"):
        assert evaluate(text, precision, x=x).bound >= 0.5 * tiny, text
    assert evaluate("exp(x)", precision, x=make.value(np.log(tiny) + 1)).bound >= 0.5 * tiny


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_power_of_which_nothing_is_left_may_be_the_smallest_number(precision, evaluate, make):
    """Exactly zero is what no exp ever is; its root is 1e-215, and not known any better."""
    x = make.value([-990.0, 0.0, -np.inf], "p")
    power = evaluate("exp(x)", precision, x=x)
    assert power.bound[0] > 0 and power.bound[1] == 0
    root = evaluate("sqrt(exp(x))", precision, x=x)
    assert abs(root.data[0] - np.exp(-495.0)) <= root.bound[0]


def test_the_angle_of_a_large_vector_is_as_uncertain_as_that_of_a_small_one(evaluate, make):
    """The square of a length of 1e261 is no number."""
    found = [evaluate("atan2(y, x)", "float64", x=make.value(8 * far, bound=1e-9 * far), y=make.value(-4 * far, bound=1e-12 * far)) for far in (1.0, 1e261, 1e-200)]
    assert all(angle.bound == pytest.approx(found[0].bound, rel=1e-6) for angle in found) and found[0].bound > 1e-11
