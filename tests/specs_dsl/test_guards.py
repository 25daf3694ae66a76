"""The proof that guards define a value once in every case, against trying them out with another evaluator."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specs_dsl.guards import TooMany, flaws
from specs_dsl.parser import parse_expression
from specs_dsl.spans import Source, Span
from specs_dsl.spec import Equation, Quantity

NOWHERE = Span(Source("nowhere", ""), 0, 0)
WORDS = ("red", "green", "blue")
QUANTITIES = {
    name: Quantity(name, "input", (), "1", 1.0, kind, WORDS if kind == "choice" else (), "", NOWHERE)
    for name, kind in {"a": "flag", "b": "flag", "w": "number", "n": "count", "colour": "choice"}.items()
}
VALUES = {"a": (False, True), "b": (False, True), "w": (-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3), "n": (-1, 0, 1, 2, 3), "colour": WORDS}
CONDITIONS = ["a", "b", "w < 1", "1 <= w", "w >= 1", "0 < w", "w == 2", "w != 0", "1 <= w < 2", "-w <= 0", "w <= -1", "n > 0", "n < 1", "n <= 1", "2 == n",
              "colour is red", "colour is blue", "1 < 2", "2 <= 1"]  # fmt: skip

guards = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda part: st.one_of(part.map("not ({})".format), st.lists(part, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
                           st.lists(part, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})")),
    max_leaves=5,
)  # fmt: skip


def told(exists: str | None, *texts: str | None) -> tuple[bool, bool]:
    """Whether an overlap and a gap are reported."""
    parsed = [text and parse_expression(text) for text in texts]
    equations = [Equation("a.1", "v", parse_expression("0"), guard, guard, None, NOWHERE) for guard in parsed]
    overlap, gap = flaws(equations, exists and parse_expression(exists), QUANTITIES)
    return overlap is not None, gap is not None


def tried(exists: str | None, *texts: str | None) -> tuple[bool, bool]:
    """The same, by Python's own evaluation at points on, between and beyond all edges. `-w` is a line of its own, and
    so is tried at every point of either."""
    numbers = {word: word for word in WORDS}
    compiled = [compile((text or "True").replace(" is ", " == ").replace("-w", "_w"), "guard", "eval") for text in (exists, *texts)]
    overlap = gap = False
    for point in product(*VALUES.values(), (-1, 0, 1)):
        *point, turned = point
        here, *there = (eval(code, {**numbers, **dict(zip(VALUES, point, strict=True)), "_w": turned}) for code in compiled)
        overlap |= bool(here) and sum(map(bool, there)) > 1
        gap |= bool(here) and not any(there)
    return overlap, gap


@settings(max_examples=80, deadline=None)
@given(st.none() | guards, st.lists(st.none() | guards, min_size=1, max_size=3))
def test_the_proof_agrees_with_trying_every_point(exists, texts):
    assert told(exists, *texts) == tried(exists, *texts)


@pytest.mark.parametrize("edge", ["1e16", "1e17", "1e300", "1e999", "-1e300", "1e-320"])
def test_there_is_a_case_on_either_side_of_any_edge(edge):
    assert told(None, f"w < {edge}", f"w == {edge}") == (False, edge != "1e999")        # nothing lies beyond infinity
    assert told(None, f"w > {edge}", f"w == {edge}") == (False, True)
    assert told(None, f"w < {edge}", f"w == {edge}", f"w > {edge}") == (False, False)


def test_a_comparison_means_the_same_from_either_side():
    assert told(None, "0 < w", "w <= 0") == (False, False)


def test_of_two_expressions_one_is_larger_or_they_are_equal():
    assert told(None, "w < n", "n < w", "w == n") == (False, False)
    assert told(None, "w < n", "n < w") == (False, True)
    assert told(None, "w <= n", "n <= w") == (True, False)


def test_there_is_nothing_between_two_whole_numbers():
    assert told(None, "n <= 0", "n >= 1") == (False, False)
    assert told(None, "w <= 0", "w >= 1") == (False, True)


def test_what_does_not_exist_needs_no_definition():
    assert told("a", "a and b", "a and not b") == (False, False)
    assert told(None, "a and b", "a and not b") == (False, True)


def test_too_many_conditions_are_not_tried():
    with pytest.raises(TooMany):
        told(None, " and ".join(f"w^{i} > 1" for i in range(2, 30)))
