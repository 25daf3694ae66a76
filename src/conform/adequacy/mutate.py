"""Every mistake on every clause, as a faulty program would make it: which of them does the clause notice on this run?

The faulty program is the clause itself with one mistake in it, evaluated on what a side traced. A clause is judged on the
side's own operands, so that a mistake shows at its own clause or nowhere: what is not noticed here is not noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.compare import Allowance, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.variants import Variant, expressions, operand_variants, value_of
from specs_dsl.spec import Clause, Equation, Spec


class Fate(Enum):
    KILLED = "the clause breaks"
    UNSEEN = "no element of this run tells it from what is required"
    WITHIN = "it differs, but by no more than a correct program may"


@dataclass(frozen=True, slots=True)
class Tried:
    """One mistake. `most`: its largest distance from what is required, in bounds."""

    clause: str
    target: str
    operator: str
    text: str
    fate: Fate
    most: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement that could not be tried on this run, and why."""

    clause: str
    target: str
    reason: str


def mutate(spec: Spec, side: Side, profiles: Mapping[str, Profile], tick: Callable[[], None] = lambda: None) -> Iterator[Tried | Skipped]:
    """All mistakes on all clauses that this side can show, in graph order."""
    for clause in spec.clauses:
        for equation in clause.equations:
            yield from _of_equation(clause, equation, side, profiles)
        tick()


def _of_equation(clause: Clause, equation: Equation, side: Side, profiles: Mapping[str, Profile]) -> Iterator[Tried | Skipped]:
    if side.spec.quantities[equation.target].kind in ("flag", "choice"):
        yield Skipped(clause.id, equation.target, "a condition")
        return
    math, profile = arithmetic_of(side, profiles)
    allowance = Allowance(profile.slack_of(clause.id), math.precision.unit)
    scopes, reason = _scopes(equation, side, math)
    if not scopes:
        yield Skipped(clause.id, equation.target, reason)
        return
    for variant in (*expressions(equation, side.spec), *operand_variants(equation, side)):
        tried = _try(clause.id, equation, variant, scopes, allowance)
        if tried is not None:
            yield tried


Scope = tuple[Operands, Value, Truth | None]


def _scopes(equation: Equation, side: Side, math) -> tuple[list[Scope], str]:
    """Of each tile where the guard is true anywhere, the operands and what the clause requires."""
    found: list[Scope] = []
    reason = "its guard is never true"
    with np.errstate(all="ignore"):
        for tile in tiles(side):
            operands = Operands(side, math, tile)
            try:
                guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                if guard is not None and guard.missing is None and guard.never:
                    continue
                right = operands.right(equation)
            except Unavailable as error:
                reason = str(error)
                continue
            if isinstance(right, Value):
                found.append((operands, right, guard))
    return found, reason


def _try(clause: str, equation: Equation, variant: Variant, scopes: Sequence[Scope], allowance: Allowance) -> Tried | None:
    """None if the mistake cannot be made here: no value comes of it."""
    most, seen, differs = 0.0, False, False
    for operands, right, guard in scopes:
        wrong = value_of(variant, operands)
        if wrong is None:
            return None
        # What the faulty program computes is taken as it is: it has rounded already.
        traced = Value(wrong.axes, wrong.data, missing=wrong.missing, whole=wrong.whole)
        with np.errstate(all="ignore"):
            found = compare_values(traced, right, guard, operands.order, allowance, ())
        judged = found.judged
        seen = seen or bool(judged.any())
        differs = differs or bool((found.residual[judged] > _reach(wrong, right, found.axes, operands, judged)).any())
        most = max(most, float(np.where(judged & ~found.tie, found.ratio, 0.0).max(initial=0.0)))
    if not seen:
        return None
    fate = Fate.KILLED if most > 1 else Fate.WITHIN if differs else Fate.UNSEEN
    return Tried(clause, equation.target, variant.operator, variant.text, fate, most)


def _reach(wrong: Value, right: Value, axes, operands: Operands, where: np.ndarray) -> np.ndarray:
    """How far the two may be apart by rounding alone: within it they are the same on this run."""
    bounds = [np.asarray(operands.order.spread(value.bound, value.axes, axes)) for value in (wrong, right)]
    return np.broadcast_to(bounds[0] + bounds[1], where.shape)[where]
