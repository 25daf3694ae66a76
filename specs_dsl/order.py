"""The order of clauses: none before those that its operands come from; among equals, as written."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from specs_dsl.spec import Clause, Quantity
from specs_dsl.syntax import Expr, Name, walk


def operands(node: Expr | None, quantities: Container[str]) -> set[str]:
    """The quantities that an expression speaks of."""
    return {part.text for part in walk(node) if isinstance(part, Name) and part.text in quantities} if node is not None else set()


def needs(clauses: Sequence[Clause], quantities: Mapping[str, Quantity]) -> dict[str, set[str]]:
    """Of each quantity, those that its definitions and their guards speak of."""
    found: dict[str, set[str]] = {name: set() for name in quantities}
    for clause in clauses:
        for equation in clause.equations:
            found[equation.target] |= operands(equation.right, quantities) | operands(equation.guard, quantities)
    return found


def circle(needed: Mapping[str, set[str]]) -> tuple[str, ...] | None:
    """The names of quantities that are defined in a circle, or None. `needed`: see needs."""
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        return tuple(error.args[1][:-1])[::-1]
    return None


def ranks(needed: Mapping[str, set[str]]) -> dict[str, int]:
    """How many definitions lie between a quantity and the inputs, at most. `needed`: see needs."""
    rank: dict[str, int] = {}
    for name in TopologicalSorter(needed).static_order():
        rank[name] = 1 + max((rank[other] for other in needed[name]), default=-1)
    return rank


def in_graph_order(clauses: Sequence[Clause], quantities: Mapping[str, Quantity], needed: Mapping[str, set[str]]) -> tuple[Clause, ...]:
    """Stable topological order: by rank, then as written, and no clause before those that define its operands.

    Two clauses can each define an operand of the other, although no quantity depends on itself; then rank decides.
    """
    rank = ranks(needed)
    used = {clause.id: uses(clause, quantities) for clause in clauses}

    def place(clause: Clause) -> int:
        judged = {equation.target for equation in clause.equations} | used[clause.id]
        return max((rank[name] for name in judged), default=0)

    by_rank = sorted(clauses, key=place)
    homes: dict[str, list[int]] = {}
    for turn, clause in enumerate(by_rank):
        for equation in clause.equations:
            homes.setdefault(equation.target, []).append(turn)
    waits = [{home for name in used[clause.id] for home in homes.get(name, ())} - {turn} for turn, clause in enumerate(by_rank)]
    return tuple(by_rank[turn] for turn in _in_turn(waits))


def uses(clause: Clause, quantities: Mapping[str, Quantity]) -> set[str]:
    """The quantities that a clause speaks of beside those that it defines."""
    found: set[str] = set()
    for equation in clause.equations:
        found |= operands(equation.right, quantities) | operands(equation.guard, quantities)
    for requirement in clause.requirements:
        found |= operands(requirement.condition, quantities) | operands(requirement.guard, quantities)
    return found


def _in_turn(waits: Sequence[set[int]]) -> Iterator[int]:
    """Each number once, after those that it waits for, the lower first; of a circle, the lowest."""
    after: dict[int, list[int]] = {}
    for turn, earlier in enumerate(waits):
        for other in earlier:
            after.setdefault(other, []).append(turn)
    left = [len(earlier) for earlier in waits]
    ready = [turn for turn, number in enumerate(left) if number == 0]      # sorted, which is a heap
    done: set[int] = set()
    lowest = iter(range(len(waits)))
    while len(done) < len(waits):
        turn = heappop(ready) if ready else next(turn for turn in lowest if turn not in done)
        if turn in done:
            continue
        done.add(turn)
        yield turn
        for other in after.get(turn, ()):
            left[other] -= 1
            if left[other] == 0:
                heappush(ready, other)
