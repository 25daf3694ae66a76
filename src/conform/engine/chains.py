"""Loops that hand on: what a turn begins with is given, and the rules say beside that it is what the turn before it ended with.

`require angle == last_angle[step = previous otherwise start_angle]` is no definition, for a value would be defined in a circle. Turn
by turn it is one: so a mistake is followed from one turn into the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.values import Value
from specs_dsl.spec import Equation, Requirement, Spec
from specs_dsl.syntax import Compare, Name, Select, walk

MOST_TURNS = 1000                        # longer loops are followed to the end of a turn and no further

KEPT = 8                                 # answers on a side, of the last states and tiles

Change = Callable[[Value], Value]


def as_equation(statement: Equation | Requirement, spec: Spec) -> Equation | None:
    """A requirement that says what one quantity equals, as an equation for it; None for any other."""
    match statement:
        case Equation():
            return statement
        case Requirement(clause, Compare(("==",), (Name(text), right)), guard, tolerance, span) if text in spec.quantities:
            quantity = spec.quantities[text]
            if quantity.kind in ("number", "count") and quantity.role != "const" and not quantity.flags:
                return Equation(clause, text, right, guard, guard, tolerance, span)
    return None


def links(spec: Spec) -> Mapping[str, Equation]:
    """What turns begin with: the inputs of which a clause says, in every case, what they are from one turn to the next."""

    def ask() -> dict[str, Equation]:
        found = (as_equation(one, spec) for clause in spec.clauses if not clause.suspect for one in clause.requirements)
        return {
            one.target: one for one in found
            if one is not None and one.guard is None and spec.quantities[one.target].role == "input" and _hands_on(one)
        }

    return spec.once("links", ask)


def _hands_on(equation: Equation) -> bool:
    return any(isinstance(part, Select) and part.first is not None for part in walk(equation.right))


def puts_right(statement: Equation | Requirement, spec: Spec) -> str | None:
    """The quantity that a repair of a statement puts right, if it puts any."""
    equation = as_equation(statement, spec)
    return equation.target if equation is not None and (isinstance(statement, Equation) or equation.target in links(spec)) else None


def followed(side: Side, math: Arithmetic, tile: slice, worked_out: frozenset[str], changed: Mapping[str, Change]) -> Operands:
    """The scope in which the quantities `worked_out` are taken from their definitions, and links from the turn before, each then
    `changed`: turns are gone through until nothing moves any more, and a turn settles with those before it. What they begin with then
    is kept for whoever asks next: one name is always changed in the same way, on a tile of a side."""
    asked = (math.precision, tile, worked_out, frozenset(changed))
    values = next((values for known, values in side.followed if known == asked), None)
    if values is None:
        values = _gone_through(side, math, tile, worked_out, changed)
        side.followed = [*side.followed[1 - KEPT :], (asked, values)]
    return _with(side, math, tile, worked_out, changed, values)


def _gone_through(side: Side, math: Arithmetic, tile: slice, worked_out: frozenset[str], changed: Mapping[str, Change]) -> dict[str, Value]:
    """What each turn begins with, of the links that are not too long."""
    plain = Operands(side, math, tile)
    own = {name: one for name, one in links(side.spec).items() if name in worked_out and side.has(name) and _turns(one, side) <= MOST_TURNS}
    values = {name: value for name in own if isinstance(value := plain.traced(name), Value)}
    for _ in range(sum(_turns(own[name], side) for name in values)):
        scope = _with(side, math, tile, worked_out, changed, values)
        before, values = values, {name: _next(own[name], scope, changed, value) for name, value in values.items()}
        if all(np.array_equal(before[name].data, value.data, equal_nan=True) for name, value in values.items()):
            break
    return values


def _with(side: Side, math: Arithmetic, tile: slice, worked_out: frozenset[str], changed: Mapping[str, Change], values: Mapping[str, Value]) -> Operands:
    fixed = {name: lambda _, value=value: value for name, value in values.items()}
    return Operands(side, math, tile, worked_out - links(side.spec).keys(), {**changed, **fixed})


def _next(link: Equation, scope: Operands, changed: Mapping[str, Change], value: Value) -> Value:
    try:
        found = scope.right(link)
    except Unavailable:
        return value                     # as given
    return changed.get(link.target, lambda value: value)(found) if isinstance(found, Value) else value


def _turns(link: Equation, side: Side) -> int:
    """Elements along the loops that it hands on through."""
    axes: Collection[str] = {part.picks[0].axis.text for part in walk(link.right) if isinstance(part, Select) and part.first is not None}
    return sum(side.size(axis) or 1 for axis in axes) + 1
