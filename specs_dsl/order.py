"""The order of clauses: none before those that its operands come from; among equals, as written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from specs_dsl.spec import Clause, Quantity
from specs_dsl.syntax import Expr, Name, walk


def operands(node: Expr | None, quantities: Iterable[str]) -> set[str]:
    """The quantities that an expression speaks of."""
    known = set(quantities)
    return {part.text for part in walk(node) if isinstance(part, Name)} & known if node is not None else set()


def needs(clauses: Sequence[Clause], quantities: Mapping[str, Quantity]) -> dict[str, set[str]]:
    """Of each quantity, those that its definitions and their guards speak of."""
    found: dict[str, set[str]] = {name: set() for name in quantities}
    for clause in clauses:
        for equation in clause.equations:
            found[equation.target] |= operands(equation.right, quantities) | operands(equation.guard, quantities)
    return found


def circle(clauses: Sequence[Clause], quantities: Mapping[str, Quantity]) -> tuple[str, ...] | None:
    """The names of quantities that are defined in a circle, or None."""
    try:
        TopologicalSorter(needs(clauses, quantities)).prepare()
    except CycleError as error:
        return tuple(error.args[1][:-1])[::-1]
    return None


def ranks(clauses: Sequence[Clause], quantities: Mapping[str, Quantity]) -> dict[str, int]:
    """How many definitions lie between a quantity and the inputs, at most."""
    above = needs(clauses, quantities)
    rank: dict[str, int] = {}
    for name in TopologicalSorter(above).static_order():
        rank[name] = 1 + max((rank[other] for other in above[name]), default=-1)
    return rank


def in_graph_order(clauses: Sequence[Clause], quantities: Mapping[str, Quantity]) -> tuple[Clause, ...]:
    """Stable topological order. A clause stands as late as the latest quantity that it judges needs."""
    rank = ranks(clauses, quantities)

    def place(clause: Clause) -> int:
        judged = [rank[equation.target] for equation in clause.equations]
        for requirement in clause.requirements:
            judged += [rank[name] for name in operands(requirement.condition, quantities)]
        return max(judged, default=0)

    return tuple(sorted(clauses, key=place))
