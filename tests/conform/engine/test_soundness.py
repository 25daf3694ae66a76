"""No correct program is ever outside the bound: random expressions, evaluated by programs of both precisions.

What a correct program may do: `programs`. Exact values come from ball arithmetic at 400 bits. Many more: benchmarks/expressions.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from .comparison import beside_exact, beside_program
from .expressions import expression
from .programs import Program

EXPRESSIONS = st.composite(lambda draw: expression(lambda items: draw(st.sampled_from(items)), draw(st.integers(1, 3))))()
NUMBERS = st.one_of(
    st.sampled_from((0.0, 1.0, -1.0, 0.5, 2.0, 1.5, -2.5)),
    st.floats(-4, 4, width=32).filter(lambda x: abs(x) > 1e-3 or x == 0), st.floats(-1000, 1000, width=32).filter(lambda x: abs(x) > 1e-3 or x == 0),
)


@st.composite
def operands(draw):
    found = {name: np.array(draw(st.lists(NUMBERS, min_size=n, max_size=n))) for name, n in (("a", 1), ("b", 2), ("c", 4), ("d", 8), ("u", 3), ("w", 6), ("T", 6))}
    shapes = {"a": (), "d": (2, 4), "w": (2, 3)}
    found = {name: array.reshape(shapes.get(name, array.shape)) for name, array in found.items()}
    found["m"] = np.array(draw(st.lists(st.integers(-9, 9), min_size=2, max_size=2)))
    found["g"] = np.array(draw(st.lists(st.booleans(), min_size=2, max_size=2)))
    return found


SETTINGS = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(EXPRESSIONS, operands(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_correct_program_is_never_outside_the_bound(dtype, math, profiles, text, found, dice):
    elements = list(beside_program(text, found, math(dtype), Program(dtype, profiles[dtype].ulps, dice)))
    assume(elements)
    assert all(element.within for element in elements), (text, elements)


@SETTINGS
@given(EXPRESSIONS, operands())
def test_the_exact_value_is_never_outside_what_the_evaluator_grants_itself(math, text, found):
    ctx.prec = 400
    elements = list(beside_exact(text, found, math("ours")))
    assume(elements)
    assert all(element.within for element in elements), (text, elements)
