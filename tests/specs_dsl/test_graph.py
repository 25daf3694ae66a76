"""The clause graph: what needs what, in which layer, and the parts of it that lie up or down from a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from specs_dsl.check import load
from specs_dsl.graph import between, graph

SPECS = Path(__file__).parents[2] / "specs"
CROSSED = """include "demo.rules"
input x[pixel] : 1
input on : flag
input lonely : m
const two = 2
value a[pixel] : 1
value b[pixel] : 1 when on
value c[pixel] : 1
clause scaling.1 "First" "A pixel that is switched off reads zero."
  a = x
  c = b + a when on
  c = a otherwise
clause scaling.2 "Second" "The image is the signal times the gain."
  b = two * a
clause lattice.1 "Third" "The factor is the sum over the phi steps."
  require c > 0 when on
"""


@pytest.fixture
def crossed(demo):
    """Two clauses each of which defines what the other needs."""
    (demo / "it.rules").write_text(CROSSED, "utf-8")
    return graph(load(Path("it.rules")))


@pytest.fixture(scope="module")
def ours():
    return graph(load(SPECS / "scaling.rules"))


def names(part):
    return {clause.id for clause in part.clauses} | set(part.roles)


def test_a_clause_needs_what_its_statements_and_guards_speak_of_and_not_what_it_defines_itself(crossed):
    found = {clause.id: (clause.needs, clause.defines) for clause in crossed.clauses}
    assert found == {"scaling.1": (("x", "on", "b"), ("a", "c")), "scaling.2": (("on", "two", "a"), ("b",)), "lattice.1": (("on", "c"), ())}


def test_what_nobody_uses_is_not_in_the_graph(crossed):
    assert crossed.roles == {"x": "input", "on": "input", "two": "const", "a": "value", "b": "value", "c": "value"}


def test_layers_follow_the_values_and_not_the_order_of_clauses(crossed):
    assert {clause.id: clause.layer for clause in crossed.clauses} == {"scaling.2": 1, "scaling.1": 2, "lattice.1": 3}


@pytest.mark.parametrize("start, end, expected", [
    (None, "b", {"b", "a", "x", "on", "two", "scaling.1", "scaling.2"}),
    (None, "a", {"a", "x", "scaling.1"}),
    ("b", None, {"b", "c", "scaling.1", "lattice.1"}),
    ("two", "b", {"two", "b", "scaling.2"}),
    (None, "x", {"x"}),
    ("c", None, {"c", "lattice.1"}),
    ("scaling.2", "lattice.1", {"scaling.2", "scaling.1", "lattice.1", "b", "c"}),
    ("lattice.1", "x", set()),
])
def test_a_part_of_the_graph_is_what_lies_on_the_way(crossed, start, end, expected):
    assert names(between(crossed, start, end)) == expected


def test_values_whose_clause_lies_outside_the_part_are_said(crossed):
    assert between(crossed, "b", None).undefined == ("b",)
    assert crossed.undefined == ()


def test_in_our_rules_everything_leads_to_the_image_but_requirements_and_what_only_they_need(ours):
    rest = {clause.id for clause in ours.clauses} - {clause.id for clause in between(ours, None, "image").clauses}
    printed = {"crystal.8", "crystal.10", "geometry.30"}
    drawn_from = {"random.6"}           # a seed: the rules take the deviates that it gives as an input
    for_requirements = {"structure.1"}  # a range, of which structure.2 requires that the table fills it
    assert rest == {clause.id for clause in ours.clauses if not clause.defines} | printed | drawn_from | for_requirements
