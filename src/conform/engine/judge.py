"""Judging: a statement of a clause on one tile of one side, and the verdict that its partial results make.

|traced - required| is compared with slack times the derived bound, plus the last rounding of the traced value itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, log2, nan

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.operands import Operands, Unavailable
from conform.engine.values import Truth, Value, is_exact
from conform.engine.verdicts import Outcome, Partial, Reason, Sample, Verdict
from specs_dsl.printer import show
from specs_dsl.spec import Clause, Equation, Requirement
from specs_dsl.syntax import Compare, Expr, Name, Tolerance, walk


def judge_equation(equation: Equation, number: int, operands: Operands, slack: float) -> Partial:
    """`target = right` at the elements of this tile where its guard is true."""
    empty = Partial(equation.clause, equation.target, number)
    operands.spoken = set()
    try:
        guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
        if guard is not None and guard.missing is None and guard.never:
            return _with(empty, guarded_out=1)
        if not operands.side.has(equation.target):
            return _with(empty, problem=f"`{equation.target}` is not in the trace")
        left = operands.traced(equation.target)
        right = operands.right(equation)
    except Unavailable as reason:
        return _with(empty, problem=str(reason))
    spoken = frozenset(operands.spoken) - {equation.clause}
    speaks = has_operands(equation.right, operands)
    if isinstance(left, Truth):
        return _flags(empty, left, right, guard, operands, spoken)  # type: ignore[arg-type]
    return _numbers(empty, left, right, guard, operands, slack, equation.tolerance, spoken, speaks)  # type: ignore[arg-type]


def judge_requirement(requirement: Requirement, number: int, operands: Operands, slack: float) -> Partial:
    """A property of traced values. An equality is judged like an equation; other conditions as decisions."""
    empty = Partial(requirement.clause, show(requirement.condition), number)
    operands.spoken = set()
    try:
        guard = None if requirement.guard is None else operands.evaluator.truth(requirement.guard)
        if guard is not None and guard.missing is None and guard.never:
            return _with(empty, guarded_out=1)
        match requirement.condition:
            case Compare(("==",), (a, b)):
                left, right = operands.evaluator.number(a), operands.evaluator.number(b)
                spoken = frozenset(operands.spoken) - {requirement.clause}
                return _numbers(empty, left, right, guard, operands, slack, requirement.tolerance, spoken, True)
        found = operands.evaluator.truth(requirement.condition)
    except Unavailable as reason:
        return _with(empty, problem=str(reason))
    wanted = Truth((), np.True_, found.doubt if found.doubt is None or not found.axes else None, None)
    doubtful = Truth(found.axes, np.broadcast_to(np.True_, found.data.shape), found.doubt, None)
    return _flags(empty, found, doubtful if found.axes else wanted, guard, operands, frozenset(operands.spoken) - {requirement.clause})


def has_operands(node: Expr, operands: Operands) -> bool:
    """Whether a right side speaks of any quantity; a constant zero is a statement, zero times zero is none."""
    quantities = operands.spec.quantities
    return any(isinstance(part, Name) and part.text in quantities and quantities[part.text].role != "const" for part in walk(node))


# --- one tile --------------------------------------------------------------------------------------------------------


def _numbers(empty: Partial, left: Value, right: Value, guard: Truth | None, operands: Operands, slack: float,
             tolerance: Tolerance | None, spoken: frozenset[str], speaks: bool) -> Partial:
    order, unit = operands.order, operands.math.precision.unit
    axes = order.union([left.axes, right.axes, guard.axes if guard else ()])
    x, y = (order.spread(value.data, value.axes, axes) for value in (left, right))
    with np.errstate(all="ignore"):
        residual = np.abs(x - y)
        allowed, wide = (_allowed(bound, value, left, right, axes, operands, slack, tolerance, unit) for bound, value in ((right.bound, right), (right.wide, right)))
    shape = np.broadcast_shapes(np.shape(residual), *(np.shape(order.spread(mask.data, mask.axes, axes)) for mask in (guard,) if mask))
    residual, allowed = np.broadcast_to(residual, shape), np.broadcast_to(allowed, shape)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    true, doubtful = _guarded(guard, axes, shape, operands)
    unset = _mask(left.missing, left.axes, axes, shape, operands)
    lost = _mask(right.missing, right.axes, axes, shape, operands) & true & ~unset
    considered = true & ~unset & ~lost
    bad_right = considered & ~np.isfinite(y)
    vacuous = considered & ~bad_right & ~np.isfinite(allowed)
    judged = considered & ~bad_right & ~vacuous
    outside = judged & ~(residual <= allowed)                       # this way round, because NaN is never <= anything
    tie = outside & doubtful
    if wide is not None:
        tie |= outside & (residual <= np.broadcast_to(wide, shape))
    broken = outside & ~tie
    reasons = {Reason.UNSET.name: int(lost.sum()), Reason.ILL.name: int(vacuous.sum()), **_bad(bad_right, axes, operands, empty)}
    with np.errstate(all="ignore"):
        ratio = np.where(residual == 0, 0.0, np.where(np.isnan(residual), inf, residual / allowed))
    ratio = np.where(tie, 0.0, ratio)
    result = _with(
        empty, judged=int(judged.sum()), broken=int(broken.sum()), ties=int(tie.sum()), unset=int((unset & true).sum()),
        not_judged={name: count for name, count in reasons.items() if count}, guarded_out=int((~true).any()) if not judged.any() else 0,
        worst=_sample(judged & ~tie, ratio, axes, x, y, allowed, operands), spoken=spoken,
        nonzero=not speaks or bool(((x != 0) | (y != 0))[judged].any()),
    )
    return _located(result, judged, broken, axes, (ratio, x, y, allowed), operands)


def _bad(bad: np.ndarray, axes: Sequence[str], operands: Operands, empty: Partial) -> dict[str, int]:
    return {Reason.NAN.name: int(bad.sum())}


def _allowed(bound, value: Value, left: Value, right: Value, axes, operands: Operands, slack: float, tolerance: Tolerance | None, unit: float):
    """How far the traced value may be from the required one; None for no bound at all."""
    if bound is None:
        return None
    order = operands.order
    x = np.abs(order.spread(left.data, left.axes, axes))
    x = np.where(np.isfinite(x), x, 0.0)             # what is not a number earns no allowance, and is no excuse
    if tolerance is not None:
        amount = float(tolerance.amount.text)
        size = np.abs(order.spread(right.data, right.axes, axes))
        return amount * (size if tolerance.kind == "relative" else 2 * unit * size) + slack_of_left(left, axes, operands)
    derived = 0.0 if is_exact(bound) else slack * order.spread(bound, value.axes, axes)
    last = 0.0 if left.whole and right.whole else unit * x
    return np.asarray(derived + last + slack_of_left(left, axes, operands))


def slack_of_left(left: Value, axes, operands: Operands):
    """What the left side itself is uncertain by: its unit was converted, or it was printed."""
    return 0.0 if is_exact(left.bound) else operands.order.spread(left.bound, left.axes, axes)


def _flags(empty: Partial, left: Truth, right: Truth, guard: Truth | None, operands: Operands, spoken: frozenset[str]) -> Partial:
    order = operands.order
    axes = order.union([left.axes, right.axes, guard.axes if guard else ()])
    x, y = (order.spread(value.data, value.axes, axes) for value in (left, right))
    shape = np.broadcast_shapes(np.shape(x), np.shape(y), *(np.shape(order.spread(mask.data, mask.axes, axes)) for mask in (guard,) if mask))
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    true, doubtful = _guarded(guard, axes, shape, operands)
    unset = _mask(left.missing, left.axes, axes, shape, operands)
    lost = _mask(right.missing, right.axes, axes, shape, operands) & true & ~unset
    judged = true & ~unset & ~lost
    tie = judged & (x != y) & (doubtful | _mask(right.doubt, right.axes, axes, shape, operands))
    broken = judged & (x != y) & ~tie
    ratio, allowed = np.where(broken, inf, 0.0), np.zeros(shape)
    result = _with(
        empty, judged=int(judged.sum()), broken=int(broken.sum()), ties=int(tie.sum()), unset=int((unset & true).sum()),
        not_judged={Reason.UNSET.name: int(lost.sum())} if lost.any() else {}, spoken=spoken, nonzero=True,
        worst=_sample(judged & ~tie, ratio, axes, x, y, allowed, operands), guarded_out=int((~true).any()) if not judged.any() else 0,
    )
    return _located(result, judged, broken, axes, (ratio, x, y, allowed), operands)


def _guarded(guard: Truth | None, axes, shape, operands: Operands) -> tuple[np.ndarray, np.ndarray]:
    """Where the guard is true, and where rounding may have decided that."""
    if guard is None:
        return np.ones(shape, bool), np.zeros(shape, bool)
    true = np.broadcast_to(operands.order.spread(guard.data, guard.axes, axes), shape)
    unknown = _mask(guard.missing, guard.axes, axes, shape, operands)
    return true & ~unknown, _mask(guard.doubt, guard.axes, axes, shape, operands)


def _mask(mask: np.ndarray | None, own, axes, shape, operands: Operands) -> np.ndarray:
    return np.zeros(shape, bool) if mask is None else np.broadcast_to(operands.order.spread(mask, own, axes), shape)


def _sample(where: np.ndarray, ratio: np.ndarray, axes, x, y, allowed, operands: Operands, flat: int | None = None) -> Sample | None:
    """The element with the largest ratio (the first of equals), or the one that is asked for."""
    if flat is None:
        if not where.any():
            return None
        flat = int(np.argmax(np.where(where, ratio, -1.0)))
    place = np.unravel_index(flat, where.shape) if where.ndim else ()
    start = operands.tile.start or 0
    named = tuple((axis, int(i) + (start if axis == operands.side.tile_axis else 0)) for axis, i in zip(axes, place, strict=True))
    return Sample(named, float(x[place]), float(y[place]), float(allowed[place]), float(ratio[place]))


def _located(result: Partial, judged: np.ndarray, broken: np.ndarray, axes, arrays, operands: Operands) -> Partial:
    """Where along each axis it breaks, and where first in loop order."""
    tile_axis, start = operands.side.tile_axis, operands.tile.start or 0
    tiled = bool(axes) and axes[0] == tile_axis
    inner = tuple(range(1, broken.ndim))
    result = _with(result, tiles_judged=int(judged.any(axis=inner).sum()) if tiled else 0)
    if not result.broken:
        return result
    ratio, x, y, allowed = arrays
    profile = {}
    for i, axis in enumerate(axes):
        if axis != tile_axis:
            counts = broken.sum(axis=tuple(j for j in range(broken.ndim) if j != i))
            profile[axis] = {int(k): int(counts[k]) for k in np.flatnonzero(counts)}
    first = _sample(broken, ratio, axes, x, y, allowed, operands, int(np.argmax(broken)))
    return _with(result, first=first, broken_at=profile, tiles_broken=int(broken.any(axis=inner).sum()) if tiled else 0)


def _with(partial: Partial, **changes) -> Partial:
    from dataclasses import replace

    return replace(partial, **changes)


# --- the verdict -----------------------------------------------------------------------------------------------------


def conclude(clause: Clause, side: str, parts: Sequence[Partial], math: Arithmetic) -> Verdict:
    """The verdict of a clause from its statements, each merged over all tiles."""
    breaking = [part for part in parts if part.broken]
    judged = [part for part in parts if part.judged]
    spoken = tuple(sorted(frozenset().union(*(part.spoken for part in judged)))) if judged else ()
    common = {"clause": clause.id, "side": side, "elements": sum(part.judged for part in parts), "ties": sum(part.ties for part in parts), "spoken": spoken}
    worst = max((part.worst for part in judged if part.worst), key=lambda s: s.ratio, default=None)
    figures = _figures(worst, math)
    if breaking:
        return Verdict(outcome=Outcome.BREAKS, worst=worst, broken=breaking[0], partly=_partly(parts), **figures, **common)
    reason, detail = _why_not(clause, parts)
    if reason is not None:
        return Verdict(outcome=Outcome.UNCHECKED, reason=reason, detail=detail, **common)
    outcome = Outcome.TIE if common["ties"] else Outcome.HOLDS
    return Verdict(outcome=outcome, worst=worst, partly=_partly(parts), **figures, **common)


def _figures(worst: Sample | None, math: Arithmetic) -> dict[str, float]:
    """The margin, and the worst residual in ulps of the side's precision and in agreeing bits."""
    if worst is None:
        return {"margin": nan, "ulps": nan, "bits": nan}
    residual, size = abs(worst.traced - worst.required), abs(worst.required)
    if not isfinite(residual):
        return {"margin": worst.ratio, "ulps": inf, "bits": 0.0}
    ulp = 2 * math.precision.unit * 2.0 ** np.floor(np.log2(size)) if size > 0 else math.precision.tiny
    most = -log2(math.precision.unit)
    bits = most if residual == 0 else 0.0 if size == 0 else min(most, max(0.0, -log2(residual / size)))
    return {"margin": worst.ratio, "ulps": float(residual / ulp), "bits": float(bits)}


def _why_not(clause: Clause, parts: Sequence[Partial]) -> tuple[Reason | None, str]:
    """Why a clause without a break is not a pass, if it is none."""
    if clause.suspect:
        return Reason.SUSPECT, Reason.SUSPECT.value
    if problem := next((part.problem for part in parts if part.problem), ""):
        return Reason.NO_PROBE, problem
    lost: dict[str, int] = {}
    for part in parts:
        for name, count in part.not_judged.items():
            lost[name] = lost.get(name, 0) + count
    for reason in (Reason.NAN, Reason.UNSET):
        if lost.get(reason.name):
            return reason, f"{reason.value}, at {lost[reason.name]:,} elements"
    active = [part for part in parts if part.judged]
    if not active:
        if lost.get(Reason.ILL.name):
            return Reason.ILL, Reason.ILL.value
        if any(part.unset for part in parts):
            return Reason.EMPTY, Reason.EMPTY.value
        if parts and all(part.guarded_out for part in parts):
            return Reason.GUARD, Reason.GUARD.value
        return Reason.EMPTY, "the selection is empty"
    if not any(part.nonzero for part in active):
        return Reason.ZERO, Reason.ZERO.value
    return None, ""


def _partly(parts: Sequence[Partial]) -> str:
    ill = sum(part.not_judged.get(Reason.ILL.name, 0) for part in parts)
    return f"{ill:,} elements where {Reason.ILL.value}" if ill else ""
