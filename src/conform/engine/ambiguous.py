"""Where the spec leaves a choice: how near is equal, how far is beyond? The size at which the verdict would flip.

A clause that decides by a comparison, and a side that decides otherwise at the elements nearest to its edge and nowhere else: the
two agree on everything but how near is near. So does a tolerance that was written by hand. Both are said, with the figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.operators import exchanged
from conform.engine.tolerances import Profile
from conform.engine.values import Truth
from conform.engine.verdicts import Sample
from specs_dsl import syntax as s
from specs_dsl.printer import show
from specs_dsl.spec import Equation

NEAR = 1e-2                              # of the larger operand: beyond that nobody would call it near


def flips_at(equation: Equation, side: Side, profiles: Mapping[str, Profile], worst: Sample | None) -> str:
    """In words, the tolerance at which the clause would hold; empty where no such choice is open."""
    if equation.tolerance is not None:
        return _written(equation, worst)
    for node in s.walk(equation.right):
        if isinstance(node, s.If) and (edge := _edge(node.condition)) is not None:
            size = _size(equation, node, edge, side, profiles)
            if size is not None:
                return (f"the clause decides by {show(edge)} and does not say how near is near: {side.name} decides otherwise where the two are less than {size:.3g} apart, "
                        f"and nowhere else; with that tolerance the clause holds")
    return ""


def _written(equation: Equation, worst: Sample | None) -> str:
    """A tolerance by hand: what it would have to be."""
    tolerance = equation.tolerance
    if worst is None or tolerance is None or not np.isfinite(worst.ratio):
        return ""
    return f"its tolerance of {tolerance.amount.text} {tolerance.kind} is written by hand; with {float(tolerance.amount.text) * worst.ratio:.3g} the clause holds"


def _edge(condition: s.Expr) -> s.Compare | None:
    return condition if isinstance(condition, s.Compare) and len(condition.ops) == 1 else None


def _size(equation: Equation, node: s.If, edge: s.Compare, side: Side, profiles: Mapping[str, Profile]) -> float | None:
    """How far from the edge the side decides otherwise; None if that is not what it does."""
    math, profile = arithmetic_of(side, profiles, equation)
    allowance = Allowance(profile.slack_of(equation.clause), math.precision.unit)
    inner, outer, scale = 0.0, np.inf, 0.0
    for tile in tiles(side, equation):
        operands = Operands(side, math, tile)
        try:
            with np.errstate(all="ignore"):
                for broken, held, apart, size in _apart(equation, node, edge, operands, allowance):
                    inner, outer, scale = max(inner, float(apart[broken].max(initial=0.0))), min(outer, float(apart[held].min(initial=np.inf))), max(scale, size)
        except (Unavailable, _Otherwise):
            return None
    return inner if 0 < inner < outer and inner <= NEAR * scale else None


class _Otherwise(Exception):
    """A broken element is not what the other branch gives."""


def _apart(equation: Equation, node: s.If, edge: s.Compare, operands: Operands, allowance: Allowance) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Broken elements; those that took the same branch and hold; how far each is from the edge; the size of what is compared."""
    guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
    left, right = operands.traced(equation.target), operands.right(equation)
    other = operands.evaluator.number(_exchanged(equation.right, node))
    if isinstance(left, Truth) or isinstance(right, Truth):
        raise _Otherwise
    base, swapped = (compare_values(left, value, guard, operands.order, allowance, ()) for value in (right, other))
    if base.axes != swapped.axes or not (swapped.residual <= swapped.allowed)[base.broken].all():
        raise _Otherwise
    a, b = (operands.evaluator.number(part) for part in edge.operands)
    taken = operands.evaluator.truth(edge)
    if not set(a.axes) | set(b.axes) <= set(base.axes):
        raise _Otherwise
    x, y, branch = (np.broadcast_to(operands.order.spread(part.data, part.axes, base.axes), base.broken.shape) for part in (a, b, taken))
    if base.broken.any():
        same = branch == branch[base.broken].flat[0]
        yield base.broken, _held(base) & same, np.abs(x - y), float(np.maximum(np.abs(x), np.abs(y)).max(initial=0.0))
    else:
        yield base.broken, np.zeros(base.broken.shape, bool), np.abs(x - y), 0.0


def _held(base: Compared) -> np.ndarray:
    return base.judged & ~base.broken


def _exchanged(node: s.Expr, at: s.If) -> s.Expr:
    """The expression with the branches of one `if` exchanged."""
    return exchanged(node, at, s.If(at.condition, at.other, at.then, span=at.span))
