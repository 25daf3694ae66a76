"""The clause graph as data: clauses and quantities, and what needs what. Shows nothing.

A value needs what its equations and their guards speak of; a clause needs what all its statements speak of. Two clauses
can each define something that the other needs, although no value depends on itself: ways lead through the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from specs_dsl import order
from specs_dsl.spec import Clause, Spec


@dataclass(frozen=True, slots=True)
class Node:
    """A clause with what it needs and defines. `layer` is that of the last value that it defines; the first is 1."""

    id: str
    title: str
    needs: tuple[str, ...]
    defines: tuple[str, ...]
    layer: int


@dataclass(frozen=True)
class Graph:
    """Clauses in graph order; quantities, as the spec has them, with what each needs and its role."""

    name: str
    clauses: tuple[Node, ...]
    needs: Mapping[str, frozenset[str]]
    roles: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Every clause and every quantity."""
        return (*(clause.id for clause in self.clauses), *self.roles)

    @property
    def undefined(self) -> tuple[str, ...]:
        """Values whose clauses are not in this part of the graph."""
        defined = {name for clause in self.clauses for name in clause.defines}
        return tuple(name for name, role in self.roles.items() if role == "value" and name not in defined)


def graph(spec: Spec) -> Graph:
    """The whole graph of a spec. What nobody uses and nobody defines is not in it."""
    needed = order.needs(spec.clauses, spec.quantities)
    ranks = order.ranks(needed)
    clauses = tuple(_node(clause, spec, ranks) for clause in spec.clauses)
    layers = {layer: i for i, layer in enumerate(sorted({clause.layer for clause in clauses}), 1)}
    clauses = tuple(replace(clause, layer=layers[clause.layer]) for clause in clauses)
    spoken = {name for clause in clauses for name in (*clause.needs, *clause.defines)}
    needs = {name: frozenset(others) for name, others in needed.items()}
    return Graph(spec.name, clauses, needs, {name: quantity.role for name, quantity in spec.quantities.items() if name in spoken})


def _node(clause: Clause, spec: Spec, ranks: Mapping[str, int]) -> Node:
    """Not among its needs: what it defines itself a line above."""
    statements = [(one.right, one.guard) for one in clause.equations] + [(one.condition, one.guard) for one in clause.requirements]
    spoken = {name for pair in statements for node in pair for name in order.operands(node, spec.quantities)}
    defines = tuple(dict.fromkeys(equation.target for equation in clause.equations))
    needs = tuple(name for name in spec.quantities if name in spoken and name not in defines)
    layer = max([*(ranks[name] for name in defines), *(ranks[name] + 1 for name in needs if not defines)], default=0)
    return Node(clause.id, clause.title, needs, defines, layer)


# --- parts of a graph ------------------------------------------------------------------------------------------------


def between(whole: Graph, start: str | None, end: str | None) -> Graph:
    """What depends on `start` and what `end` depends on, those two included; both: what lies on a way between them."""
    kept = set(whole.names)
    if start is not None:
        kept &= _downstream(whole, start)
    if end is not None:
        kept &= _upstream(whole, end)

    def among(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in kept)

    parts = (replace(clause, needs=among(clause.needs), defines=among(clause.defines)) for clause in whole.clauses if clause.id in kept)
    only_ways = start is not None and end is not None       # a clause may speak of one value on the way up, and define another
    clauses = tuple(part for part in parts if not only_ways or part.id in (start, end) or (part.needs and part.defines))
    return replace(whole, clauses=clauses, roles={name: whole.roles[name] for name in among(whole.roles)})


def _upstream(whole: Graph, end: str) -> set[str]:
    """With the clauses that define the values on the way."""
    clause = next((clause for clause in whole.clauses if clause.id == end), None)
    found = _reached({*clause.needs, *clause.defines} if clause else {end}, whole.needs)
    return found | {end} | {clause.id for clause in whole.clauses if found & {*clause.defines}}


def _downstream(whole: Graph, start: str) -> set[str]:
    """With the clauses that speak of the values on the way."""
    users: dict[str, set[str]] = {}
    for name, others in whole.needs.items():
        for other in others:
            users.setdefault(other, set()).add(name)
    clause = next((clause for clause in whole.clauses if clause.id == start), None)
    found = _reached({*clause.defines} if clause else {start}, users)
    return found | {start} | {clause.id for clause in whole.clauses if found & {*clause.needs}}


def _reached(start: set[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for name in steps.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
