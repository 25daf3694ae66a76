"""Traced against required, element by element: two values on common axes, and which elements can be judged at all.

Knows bounds and masks. Knows nothing of clauses' ids, verdicts or tiles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conform.engine.values import Bound, Order, Truth, Value
from specs_dsl.syntax import Tolerance


@dataclass(frozen=True)
class Allowance:
    """How far a traced value may be from the required one: derived, or written by hand."""

    slack: float
    unit: float                          # unit roundoff of the side
    written: Tolerance | None = None

    def of(self, traced: np.ndarray, required: np.ndarray, bound: Bound, own: Bound, whole: bool) -> np.ndarray:
        """`own` is what the traced value itself is uncertain by: its unit was converted, or it was printed."""
        if self.written is not None:
            size = np.abs(required) if self.written.kind == "relative" else self.unit * 2.0 ** np.frexp(required)[1]   # one ulp
            return np.asarray(float(self.written.amount.text) * size + own)
        last = 0.0 if whole else self.unit * np.where(np.isfinite(traced), np.abs(traced), 0.0)    # NaN earns no allowance
        return np.asarray(self.slack * bound + last + own)


@dataclass(frozen=True)
class Compared:
    """All arrays have the same shape, over `axes`. For conditions `traced` and `required` are 0 and 1."""

    axes: tuple[str, ...]
    traced: np.ndarray
    required: np.ndarray
    allowed: np.ndarray
    wide: np.ndarray | None              # allowed, if doubtful decisions on the way may have gone the other way
    guard: np.ndarray                    # where the statement speaks
    doubtful: np.ndarray | None          # where rounding may have decided that it does, or what it requires
    unset: np.ndarray                    # the program never reached the traced value
    lost: np.ndarray                     # nor an operand, where it reached the value
    clean: np.ndarray = field(repr=False)    # operands are numbers

    @cached_property
    def residual(self) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.abs(self.traced - self.required)

    @cached_property
    def considered(self) -> np.ndarray:
        return self.guard & ~self.unset & ~self.lost

    @cached_property
    def not_a_number(self) -> np.ndarray:
        return self.considered & ~self.clean

    @cached_property
    def undefined(self) -> np.ndarray:
        return self.considered & self.clean & ~np.isfinite(self.required)

    @cached_property
    def vacuous(self) -> np.ndarray:
        return self.considered & self.clean & np.isfinite(self.required) & ~np.isfinite(self.allowed)

    @cached_property
    def soft(self) -> np.ndarray:
        """Judged, and the bound is no smaller than the value: rounding alone may change its every digit."""
        return self.judged & ~self.broken & (self.allowed > 0) & (self.allowed >= np.maximum(np.abs(self.traced), np.abs(self.required)))

    @cached_property
    def judged(self) -> np.ndarray:
        return self.considered & self.clean & np.isfinite(self.required) & np.isfinite(self.allowed)

    @cached_property
    def outside(self) -> np.ndarray:
        return self.judged & ~(self.residual <= self.allowed)          # this way round, because NaN is never <= anything

    @cached_property
    def tie(self) -> np.ndarray:
        """Outside, but a decision that lies inside its own rounding explains it."""
        found = np.zeros(self.outside.shape, bool)
        if self.doubtful is not None:
            found |= self.outside & self.doubtful
        if self.wide is not None:
            found |= self.outside & (self.residual <= self.wide)
        return found

    @cached_property
    def broken(self) -> np.ndarray:
        return self.outside & ~self.tie

    @cached_property
    def ratio(self) -> np.ndarray:
        """Residual over allowance: 0 where they agree to the last bit, infinite where nothing is allowed."""
        with np.errstate(all="ignore"):
            found = np.where(self.residual == 0, 0.0, np.where(np.isnan(self.residual), np.inf, self.residual / self.allowed))
        return np.where(self.tie, 0.0, found)


def compare_values(left: Value, right: Value, guard: Truth | None, order: Order, allowance: Allowance, clean: tuple[Value, ...]) -> Compared:
    """`clean` are the operands of the right side: where one is not a number, nothing can be said."""
    axes = order.union([left.axes, right.axes, guard.axes if guard else ()])
    x, y = (np.asarray(order.spread(value.data, value.axes, axes)) for value in (left, right))
    own = order.spread(left.bound, left.axes, axes)
    whole = left.whole and right.whole

    with np.errstate(all="ignore"):
        allowed = allowance.of(x, y, order.spread(right.bound, right.axes, axes), own, whole)  # type: ignore[arg-type]
        # What a decision may have moved is no rounding: slack does not multiply it.
        doubtful = [value for value in (left, right) if value.wide is not None]
        wide = allowed + sum(order.spread(value.wide - value.bound, value.axes, axes) for value in doubtful) if doubtful else None
        arrays = [x, y, allowed, wide]
    return _compared(axes, arrays, left, right, guard, None, order, clean)


def compare_truths(left: Truth, right: Truth, guard: Truth | None, order: Order) -> Compared:
    """Conditions agree or they do not; a doubtful requirement makes a disagreement a tie."""
    axes = order.union([left.axes, right.axes, guard.axes if guard else ()])
    x, y = (np.asarray(order.spread(value.data, value.axes, axes)).astype(float) for value in (left, right))
    return _compared(axes, [x, y, np.zeros(()), None], left, right, guard, order.spread(right.doubt, right.axes, axes), order, ())


def _compared(axes, arrays, left, right, guard: Truth | None, doubt, order: Order, clean: tuple[Value, ...]) -> Compared:
    def mask(part: np.ndarray | None, own) -> np.ndarray | None:
        return None if part is None else np.asarray(order.spread(part, own, axes))

    known = [value for value in clean if set(value.axes) <= set(axes)]
    shape = np.broadcast_shapes(*(np.shape(array) for array in arrays if array is not None), *((np.shape(mask(guard.data, guard.axes)),) if guard else ()))

    def full(array: np.ndarray | None, empty: bool = False) -> np.ndarray:
        return np.full(shape, empty) if array is None else np.broadcast_to(array, shape)

    unset, lost = full(mask(left.missing, left.axes)), full(mask(right.missing, right.axes))
    true, unsure = np.full(shape, True), doubt
    if guard is not None:
        true = full(mask(guard.data, guard.axes)) & ~full(mask(guard.missing, guard.axes))
        unsure = _either(doubt, mask(guard.doubt, guard.axes))
    numbers = full(None, True)
    for value in known:
        if not np.isfinite(value.data).all():
            numbers = numbers & full(mask(np.isfinite(value.data), value.axes))
    x, y, allowed, wide = arrays
    return Compared(axes, full(x), full(y), full(allowed), None if wide is None else full(wide), true,
                    None if unsure is None else full(unsure), unset, lost & true & ~unset, numbers)


def _either(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    return b if a is None else a if b is None else a | b

