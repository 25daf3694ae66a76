"""Judging: one statement of a clause on one tile of one side.

|traced - required| is compared with slack times the derived bound, plus the last rounding of the traced value itself. What
comes near its bound, and whatever breaks, is confirmed in exact arithmetic.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from conform.engine.chains import as_equation
from conform.engine.compare import Allowance, Compared, compare_truths, compare_values
from conform.engine.confirm import CLEAR, confirm, exact_sample
from conform.engine.operands import Operands, Unavailable
from conform.engine.values import Truth, Value
from conform.engine.verdicts import Partial, Reason, Sample
from specs_dsl.printer import show
from specs_dsl.spec import Equation, Requirement, Spec
from specs_dsl.syntax import Compare, Expr, Name, walk


def judge_equation(equation: Equation, number: int, operands: Operands, slack: float) -> Partial:
    """`target = right` at the elements of this tile where its guard is true."""
    empty = Partial(equation.clause, equation.target, number)
    operands.listen()
    try:
        guard = _guard(equation.guard, operands)
        if guard is not None and guard.missing is None and guard.never:
            return replace(empty, guarded_out=1)
        if not operands.side.has(equation.target):
            return replace(empty, problem=f"`{equation.target}` is not in the trace", hidden=operands.side.bundle.is_log)
        if operands.side.bundle.manifest.quantities[equation.target].told:
            return replace(empty, problem=f"`{equation.target}` was told and not shown: it says nothing about its clause", hidden=True)
        left, right = operands.traced(equation.target), operands.right(equation)
    except Unavailable as reason:
        return replace(empty, problem=str(reason))
    empty = replace(empty, spoken=frozenset(operands.spoken) - {equation.clause}, problem=min(operands.lacking, default=""))
    if isinstance(left, Truth):
        assert isinstance(right, Truth)
        return _partial(empty, compare_truths(left, right, guard, operands.order), operands, speaks=False)
    assert isinstance(right, Value)
    allowance = Allowance(slack, operands.math.precision.unit, equation.tolerance)
    compared = compare_values(left, right, guard, operands.order, allowance, _operands(equation.right, operands))
    speaks = operands.spec.quantities[equation.target].kind != "choice" and _speaks(equation.right, operands)        # a first word is no zero
    return _confirmed(_partial(empty, compared, operands, speaks, equation.tolerance is None), equation, compared, guard, operands, allowance)


def judge_requirement(requirement: Requirement, number: int, operands: Operands, slack: float) -> Partial:
    """A property of traced values. An equality is judged like an equation; other conditions as decisions."""
    empty = Partial(requirement.clause, subject(requirement, operands.spec), number)
    operands.listen()
    try:
        guard = _guard(requirement.guard, operands)
        if guard is not None and guard.missing is None and guard.never:
            return replace(empty, guarded_out=1)
        compared = _required(requirement, guard, operands, slack)
    except Unavailable as reason:
        return replace(empty, problem=str(reason))
    empty = replace(empty, spoken=frozenset(operands.spoken) - {requirement.clause}, problem=min(operands.lacking, default=""))
    match requirement.condition:
        case Compare(("==",), (a, b)):
            return _partial(empty, compared, operands, _speaks(a, operands) and _speaks(b, operands), requirement.tolerance is None)
    return _partial(empty, compared, operands, speaks=False)


def subject(statement: Equation | Requirement, spec: Spec) -> str:
    """What a statement is about: the one quantity that it gives, or the whole of its condition."""
    equation = as_equation(statement, spec)
    return equation.target if equation is not None else show(statement.condition)  # type: ignore[union-attr]


def _required(requirement: Requirement, guard: Truth | None, operands: Operands, slack: float) -> Compared:
    match requirement.condition:
        case Compare(("==",), (a, b)):
            left, right = operands.evaluator.number(a), operands.evaluator.number(b)
            allowance = Allowance(slack, operands.math.precision.unit, requirement.tolerance)
            own = replace(left, bound=slack * np.asarray(left.bound)) if not isinstance(left.bound, float) else left
            return compare_values(own, right, guard, operands.order, allowance, _operands(requirement.condition, operands))
    found = operands.evaluator.truth(requirement.condition)
    wanted = Truth(found.axes, np.full(found.data.shape, True), found.doubt)
    return compare_truths(replace(found, doubt=None), wanted, guard, operands.order)


def _guard(guard: Expr | None, operands: Operands) -> Truth | None:
    return None if guard is None else operands.evaluator.truth(guard)


def _names(node: Expr, operands: Operands) -> set[str]:
    quantities = operands.spec.quantities
    return {part.text for part in walk(node) if isinstance(part, Name) and part.text in quantities and quantities[part.text].role != "const"}


def _speaks(node: Expr, operands: Operands) -> bool:
    """Whether a right side speaks of any quantity; a constant zero is a statement, zero times zero is none."""
    return bool(_names(node, operands))


def _operands(node: Expr, operands: Operands) -> tuple[Value, ...]:
    """The numbers that a right side was evaluated from, as far as they were needed."""
    known = (operands.known(name) for name in sorted(_names(node, operands)))
    return tuple(value for value in known if isinstance(value, Value))


# --- partial verdicts ------------------------------------------------------------------------------------------------


def _softness(found: Compared) -> tuple[dict[int, int], float]:
    """Of elements whose bound reaches their value, how many have a bound of which power of two; and the largest other value."""
    if not found.soft.any():
        return {}, float(np.abs(found.required).max(initial=0.0, where=found.judged))
    powers, counts = np.unique(np.frexp(found.allowed[found.soft])[1] - 1, return_counts=True)
    scale = float(np.abs(found.required).max(initial=0.0, where=found.judged & ~found.soft))
    return {int(power): int(count) for power, count in zip(powers, counts, strict=True)}, scale


def _partial(empty: Partial, found: Compared, operands: Operands, speaks: bool, derived: bool = True) -> Partial:
    lost = Reason.HIDDEN if operands.side.bundle.is_log else Reason.UNSET
    reasons = {lost: found.lost, Reason.NAN: found.not_a_number, Reason.UNDEFINED: found.undefined, Reason.ILL: found.vacuous}
    judged = int(found.judged.sum())
    values_count = not speaks or bool(((found.traced != 0) | (found.required != 0))[found.judged].any())
    soft, scale = _softness(found) if derived else ({}, 0.0)
    result = replace(
        empty, judged=judged, soft=soft, scale=scale, ties=int(found.tie.sum()), unset=int((found.unset & found.guard).sum()), nonzero=values_count,
        not_judged={reason.name: int(mask.sum()) for reason, mask in reasons.items() if mask.any()},
        guarded_out=0 if judged else int((~found.guard).any()),
    )
    return _placed(result, found, found.broken, found.ratio, operands)


def _placed(result: Partial, found: Compared, broken: np.ndarray, ratio: np.ndarray, operands: Operands) -> Partial:
    """Where it comes closest to its bound, where it breaks, and where first in loop order."""
    operands.watch(result.clause, result.statement, found, ratio)
    tile_axis = operands.side.tile_axis
    tiled = bool(found.axes) and found.axes[0] == tile_axis
    inner = tuple(range(1, broken.ndim))
    worst = _sample(found, ratio, operands, _largest(ratio, found.judged & ~found.tie))
    result = replace(result, worst=worst, broken=int(broken.sum()), tiles_judged=int(found.judged.any(axis=inner).sum()) if tiled else 0)
    if not result.broken:
        return result
    first = _sample(found, ratio, operands, int(np.argmax(broken)))
    residual = np.nan_to_num(found.residual, nan=np.inf, posinf=np.inf)
    return replace(result, first=first, farthest=float(residual.max(initial=0.0, where=broken)), broken_at=_profile(found.axes, broken, tile_axis), tiles_broken=int(broken.any(axis=inner).sum()) if tiled else 0)


def _profile(axes: tuple[str, ...], broken: np.ndarray, tile_axis: str) -> dict[str, dict[int, int]]:
    """Of each axis but that of the tiles: how many elements break at each index."""
    found = {}
    for i, axis in enumerate(axes):
        if axis != tile_axis:
            counts = broken.sum(axis=tuple(j for j in range(broken.ndim) if j != i))
            found[axis] = {int(k): int(counts[k]) for k in np.flatnonzero(counts)}
    return found


def _largest(ratio: np.ndarray, where: np.ndarray) -> int | None:
    return int(np.argmax(np.where(where, ratio, -1.0))) if where.any() else None


def _sample(found: Compared, ratio: np.ndarray, operands: Operands, flat: int | None) -> Sample | None:
    if flat is None:
        return None
    place = np.unravel_index(flat, ratio.shape) if ratio.ndim else ()
    start = operands.tile.start or 0
    named = tuple((axis, int(i) + (start if axis == operands.side.tile_axis else 0)) for axis, i in zip(found.axes, place, strict=True))
    return Sample(named, float(found.traced[place]), float(found.required[place]), float(found.allowed[place]), float(ratio[place]))


def _confirmed(result: Partial, equation: Equation, loose: Compared, guard: Truth | None, operands: Operands, allowance: Allowance) -> Partial:
    """The same with the side's rounding alone, where any element comes near its bound."""
    if allowance.written is not None:
        return result
    strict = confirm(equation, loose, guard, operands, allowance)
    if strict is None:
        return result
    broken = (strict.broken() | loose.broken) & loose.judged & ~loose.tie
    ratio = np.where(loose.ratio > CLEAR, strict.ratio(), loose.ratio)      # element by element: tiles leave no mark
    placed = _placed(result, replace(loose, allowed=strict.compared.allowed), broken, np.where(loose.tie, 0.0, ratio), operands)
    if not placed.broken:
        return placed
    return replace(placed, first=exact_sample(placed.first, equation, operands), worst=exact_sample(placed.worst, equation, operands))
