"""The order of clauses: after those that define their operands, and otherwise as written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specs_dsl.order import in_graph_order, needs, operands, ranks
from specs_dsl.parser import parse_expression
from specs_dsl.spans import Source, Span
from specs_dsl.spec import Clause, Equation, Quantity, Requirement

NOWHERE = Span(Source("nowhere", ""), 0, 0)


def quantity(name: str) -> Quantity:
    return Quantity(name, "value", (), "1", 1.0, "number", (), "", NOWHERE)


def clause(id: str, *equations: tuple[str, str], require: str | None = None) -> Clause:
    """`equations` are pairs of a target and a right side."""
    made = tuple(Equation(id, target, parse_expression(right), None, None, None, NOWHERE) for target, right in equations)
    wanted = (Requirement(id, parse_expression(require), None, None, NOWHERE),) if require else ()
    return Clause(id, "", (), made, wanted, False, NOWHERE)


def ordered(*clauses: Clause) -> list[str]:
    names = {equation.target for item in clauses for equation in item.equations}
    quantities = {name: quantity(name) for name in sorted(names)}
    return [item.id for item in in_graph_order(clauses, quantities, needs(clauses, quantities))]


@st.composite
def acyclic(draw) -> list[Clause]:
    """Clauses of one equation each, in any order; value i is made of some with lower numbers."""
    number = draw(st.integers(1, 8))
    parents = [draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else set() for i in range(number)]
    made = [clause(f"a.{i}", (f"v{i}", " + ".join(["1", *(f"v{j}" for j in sorted(above))]))) for i, above in enumerate(parents)]
    return draw(st.permutations(made))


def rank(item: Clause, clauses: list[Clause]) -> int:
    names = {equation.target: quantity(equation.target) for each in clauses for equation in each.equations}
    return ranks(needs(clauses, names))[item.equations[0].target]


@settings(max_examples=150, deadline=None)
@given(acyclic())
def test_a_clause_stands_after_those_that_define_its_operands(clauses):
    place = {id: i for i, id in enumerate(ordered(*clauses))}
    for item in clauses:
        for name in operands(item.equations[0].right, [f"v{i}" for i in range(8)]):
            assert place[name.replace("v", "a.")] < place[item.id]


@settings(max_examples=150, deadline=None)
@given(acyclic())
def test_clauses_of_one_rank_keep_the_order_in_which_they_were_written(clauses):
    order = ordered(*clauses)
    for level in {rank(item, clauses) for item in clauses}:
        written = [item.id for item in clauses if rank(item, clauses) == level]
        assert [id for id in order if id in written] == written


@settings(max_examples=50, deadline=None)
@given(acyclic())
def test_putting_clauses_in_order_again_changes_nothing(clauses):
    by_id = {item.id: item for item in clauses}
    once = ordered(*clauses)
    assert ordered(*(by_id[id] for id in once)) == once


def test_a_clause_waits_for_one_that_stands_late_for_the_sake_of_another_value():
    early_and_late = clause("a.1", ("x", "1"), ("y", "w + 1"))
    assert ordered(clause("a.2", ("z", "x")), early_and_late, clause("a.3", ("w", "v")), clause("a.4", ("v", "u")), clause("a.5", ("u", "2"))) == [
        "a.5", "a.4", "a.3", "a.1", "a.2"]  # fmt: skip


def test_clauses_that_define_operands_of_each_other_stand_by_rank():
    assert ordered(clause("a.1", ("x", "1"), ("z", "y")), clause("a.2", ("y", "x"))) == ["a.2", "a.1"]


def test_a_requirement_stands_after_all_that_it_speaks_of():
    assert ordered(clause("a.1", require="y > 0"), clause("a.2", ("x", "1")), clause("a.3", ("y", "x"))) == ["a.2", "a.3", "a.1"]


@pytest.fixture(scope="module")
def scaling():
    from specs_dsl.check import load

    return load(Path(__file__).parents[2] / "specs" / "scaling.rules")


def test_every_operand_of_the_scaling_chain_has_a_lower_rank(scaling):
    rank = ranks(needs(scaling.clauses, scaling.quantities))
    for item in scaling.clauses:
        for equation in item.equations:
            for name in operands(equation.right, scaling.quantities) | operands(equation.guard, scaling.quantities):
                assert rank[name] < rank[equation.target], (item.id, name)


def test_the_scaling_chain_begins_with_inputs_and_ends_with_the_image(scaling):
    ids = [item.id for item in scaling.clauses]
    assert ids[-1] == "scaling.12"
    chain = ["sampling.4", "geometry.31", "geometry.32", "sampling.12", "sampling.13", "sampling.14", "structure.11", "scaling.2", "scaling.8"]
    assert sorted(chain, key=ids.index) == chain
