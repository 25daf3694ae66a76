"""What a side's values exercise of a spec: guards that are true somewhere, and branches of `if` that are taken somewhere.

Conditions are evaluated on the operands that the side traced, like everything that is judged. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from conform.engine.arithmetic import conjunction, negation
from conform.engine.check import arithmetic_of, tiles
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Truth
from specs_dsl import syntax as s
from specs_dsl.printer import show
from specs_dsl.spans import Span
from specs_dsl.spec import Equation, Requirement, Spec

BRANCHES = ("then", "else")


@dataclass(frozen=True, slots=True)
class Choice:
    """A guard (no branch), or one branch of the `if`s of a statement that ask the same."""

    clause: str
    statement: int
    condition: str
    branch: str = ""


@dataclass
class Exercised:
    """Of each choice that was reached, whether it was ever taken; `unknown` says why nobody can tell."""

    taken: dict[Choice, bool] = field(default_factory=dict)
    unknown: dict[Choice, str] = field(default_factory=dict)

    def note(self, choice: Choice, taken: bool) -> None:
        self.taken[choice] = self.taken.get(choice, False) or taken


def expression(statement: Equation | Requirement) -> s.Expr:
    return statement.right if isinstance(statement, Equation) else statement.condition


def choices(spec: Spec) -> Iterator[tuple[Choice, Span]]:
    """All that there is to exercise, in graph order, with its place."""
    for clause in spec.clauses:
        for i, statement in enumerate(clause.statements):
            if statement.guard is not None:
                yield Choice(clause.id, i, show(statement.guard)), statement.span
            seen = {show(node.condition): node.span for node in reversed([*_ifs(expression(statement), isinstance(statement, Requirement))])}
            for condition, span in reversed(seen.items()):
                yield from ((Choice(clause.id, i, condition, branch), span) for branch in BRANCHES)


def _ifs(node: s.Expr, required: bool) -> Iterator[s.If]:
    if isinstance(node, s.If):
        yield node
    for child in _looked_at(node, required):
        yield from _ifs(child, required)


def _looked_at(node: s.Expr, required: bool) -> Iterator[s.Expr]:
    """The parts of a node in which branches are looked for.

    What another side or run does is its own affair. What a requirement counts is often what must not be: nothing hides there.
    """
    match node:
        case s.At():
            return
        case s.Reduce("sum", _, s.If(condition, s.Number("1"), s.Number("0"))) if required:
            yield condition
        case _:
            yield from s.children(node)


def exercised(spec: Spec, side: Side, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Exercised:
    """All choices on all tiles of one side. `tick` is called after each tile."""
    math, _ = arithmetic_of(side, profiles)
    found = Exercised()
    for tile in tiles(side):
        operands = Operands(side, math, tile)
        with np.errstate(all="ignore"):
            for clause in spec.clauses:
                for i, statement in enumerate(clause.statements):
                    _Statement(clause.id, i, operands, found).look(statement)
        tick()
    return found


class _Statement:
    """One statement on one tile."""

    def __init__(self, clause: str, number: int, operands: Operands, found: Exercised) -> None:
        self._clause, self._number, self._operands, self._found = clause, number, operands, found

    def look(self, statement: Equation | Requirement) -> None:
        reach: Truth | None = None       # everywhere
        if statement.guard is not None:
            choice = Choice(self._clause, self._number, show(statement.guard))
            reach = self._truth(statement.guard, choice)
            if reach is None:
                return
            self._found.note(choice, _somewhere(reach))
            if not _somewhere(reach):
                return
        self._visit(expression(statement), reach, isinstance(statement, Requirement))

    def _visit(self, node: s.Expr, reach: Truth | None, required: bool) -> None:
        """Follow the branches, each where its conditions lead to it."""
        if not isinstance(node, s.If):
            for child in _looked_at(node, required):
                self._visit(child, reach, required)
            return
        self._visit(node.condition, reach, required)
        then, other = (Choice(self._clause, self._number, show(node.condition), branch) for branch in BRANCHES)
        condition = self._truth(node.condition, then, other)
        if condition is None:
            return
        for choice, truth, branch in ((then, condition, node.then), (other, negation(condition), node.other)):
            there = truth if reach is None else conjunction(self._operands.order, [reach, truth])
            self._found.note(choice, _somewhere(there))
            if _somewhere(there):
                self._visit(branch, there, required)

    def _truth(self, node: s.Expr, *of: Choice) -> Truth | None:
        """A condition; None, and why, if the side does not show it."""
        unknown = {part.text for part in s.walk(node) if isinstance(part, s.Name)} - {*self._operands.spec.quantities, *self._operands.spec.axes, "pi"}
        try:
            if unknown:                  # the running value of a fold around
                raise Unavailable(f"it asks for the running value {', '.join(sorted(unknown))}")
            return self._operands.evaluator.truth(node)
        except Unavailable as reason:
            self._found.unknown.update(dict.fromkeys(of, str(reason)))
            return None


def _somewhere(truth: Truth) -> bool:
    data = truth.data if truth.missing is None else truth.data & ~truth.missing
    return bool(np.any(data))
