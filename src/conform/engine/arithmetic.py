"""Arithmetic on values with running error bounds: what a correct program of one precision may show at these operands.

Every operation adds its own rounding to what its operands bring along; near a singular point a function is bounded on
the whole ball around its argument, or the bound is infinite. Follows the rules of docs/bounds.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from conform.engine.values import EXACT, Bound, Order, Truth, Value, either, is_exact, nowhere_is_none

EVALUATOR = 2.0**-53                     # right sides are evaluated in double precision, which rounds as well
DTYPES: Mapping[str, type] = {"float64": np.float64, "float32": np.float32}
Rule = Callable[..., Bound]              # bounds of the operands to the bound of the result, rounding not included


@dataclass(frozen=True)
class Precision:
    """What one side is granted: `unit` roundoff, `ulps` of each function, `tiny` the smallest positive number."""

    dtype: str
    unit: float
    tiny: float
    normal: float
    ulps: Mapping[str, float]

    @property
    def roundoff(self) -> float:
        """Of one operation: the side's own rounding and the evaluator's."""
        return self.unit + EVALUATOR


class Arithmetic:
    """Operations on `Value`. Pure; no element ever depends on another but through a reduction."""

    def __init__(self, precision: Precision, order: Order) -> None:
        self.precision, self.order = precision, order

    # --- leaves --------------------------------------------------------------------------------------------------
    def literal(self, text: str) -> Value:
        """A number as written. It is exact if the side's precision holds it, otherwise rounded once."""
        number = float(text)
        whole = number.is_integer() and abs(number) <= 1 / self.precision.unit
        return Value((), np.float64(number), self._literal_bound(text, number), whole=whole)

    def _literal_bound(self, text: str, number: float) -> float:
        held = float(DTYPES[self.precision.dtype](number))
        if not np.isfinite(number) or Fraction(text) == Fraction(number) == Fraction(held):
            return EXACT
        return float(self.precision.roundoff * abs(number))

    def pi(self) -> Value:
        return Value((), np.float64(np.pi), float(self.precision.roundoff * np.pi))

    # --- sums and products ---------------------------------------------------------------------------------------
    def total(self, terms: Sequence[tuple[int, Value]]) -> Value:
        """Signed terms added in any order: (n - 1) u sum|terms| and what the terms bring along."""
        values = [value for _, value in terms]
        axes, arrays = self._aligned(values)
        data = _signed(terms[0][0], arrays[0])
        size: Bound = np.abs(arrays[0])
        for (sign, _), array in zip(terms[1:], arrays[1:], strict=True):
            data = data + array if sign > 0 else data - array
            size = size + np.abs(array)
        whole = all(value.whole for value in values) and self._fits(data)
        own: Bound = EXACT
        if not whole and len(terms) == 2:
            own = self.precision.roundoff * np.abs(data)
        elif not whole and len(terms) > 2:
            own = (len(terms) - 1) * self.precision.roundoff * size
        return self._result(axes, data, values, lambda *errors: _plus(*errors), own, whole)

    def product(self, a: Value, b: Value) -> Value:
        for one, other in ((a, b), (b, a)):
            if one.exact and one.data.ndim == 0 and one.data == 1:
                return other
        axes, (x, y) = self._aligned([a, b])
        data = x * y
        whole = a.whole and b.whole and self._fits(data)
        own = EXACT if whole or _power_of_two(a) or _power_of_two(b) else self._rounded(data, (x != 0) & (y != 0))
        return self._result(axes, data, [a, b], lambda ex, ey: _product_rule(x, ex, y, ey), own, whole)

    def quotient(self, a: Value, b: Value) -> Value:
        axes, (x, y) = self._aligned([a, b])
        data = x / y
        own = EXACT if _power_of_two(b) else self._rounded(data, x != 0)
        return self._result(axes, data, [a, b], lambda ex, ey: _quotient_rule(data, ex, y, ey), own)

    def negative(self, a: Value) -> Value:
        return replace(a, data=-a.data)

    def power(self, a: Value, exponent: str) -> Value:
        """A literal power: a whole one by multiplication, another by exp and log."""
        k = float(exponent)
        if k == 0:
            return self.literal("1")
        if k < 0:
            return self.quotient(self.literal("1"), self.power(a, exponent.lstrip("-")))
        x, size = a.data, np.abs(a.data)
        data = x * x if k == 2 else x**k
        whole = a.whole and k.is_integer() and self._fits(data)
        roundings = k - 1 if k.is_integer() else 1 + self.precision.ulps["exp"] + 2 * np.abs(np.log(np.maximum(size, 1e-300)) * k)
        own = EXACT if whole or k == 1 else roundings * self._rounded(data, x != 0)
        return self._result(a.axes, data, [a], lambda e: EXACT if is_exact(e) else (size + e) ** k - size**k + _second_rounding(data), own, whole)

    def any_power(self, a: Value, b: Value) -> Value:
        """a ^ b of pure numbers, as exp(b log a)."""
        return self.function("exp", self.product(b, self.function("log", a)))

    # --- reductions ----------------------------------------------------------------------------------------------
    def sum_over(self, a: Value, axes: Sequence[str]) -> Value:
        """The sum along `axes`, in any order."""
        where = tuple(a.axes.index(name) for name in axes)
        left = tuple(name for name in a.axes if name not in axes)
        count = int(np.prod([a.data.shape[i] for i in where]))
        data = np.asarray(a.data.sum(axis=where))
        whole = a.whole and self._fits(data)
        own = EXACT if whole or count < 2 else (count - 1) * self.precision.roundoff * np.abs(a.data).sum(axis=where)
        bound, wide = (None if e is None else _plus(_along(np.sum, e, a.data.shape, where), own) for e in (a.bound, a.wide))
        missing = None if a.missing is None else nowhere_is_none(a.missing.any(axis=where))
        return Value(left, data, bound, wide, missing, whole)

    def accumulated(self, start: Value, a: Value, axes: Sequence[str]) -> Value:
        """`start` and all of `a` along `axes` added up, in any order: partial sums may hold `start` from the first."""
        result = self.total([(1, start), (1, self.sum_over(a, axes))])
        if start.exact and not np.any(start.data):
            return result
        count = int(np.prod([a.data.shape[a.axes.index(name)] for name in axes]))
        more = count * self.precision.roundoff * np.abs(self.order.spread(start.data, start.axes, result.axes))
        wide = None if result.wide is None else result.wide + more
        return replace(result, bound=_plus(result.bound, more), wide=wide)

    def product_over(self, a: Value, axis: str) -> Value:
        parts = [self.pick(a, axis, i) for i in range(a.data.shape[a.axes.index(axis)])]
        result = self.literal("1") if not parts else parts[0]
        for part in parts[1:]:
            result = self.product(result, part)
        return result

    def extreme_over(self, a: Value, axes: Sequence[str], largest: bool) -> Value:
        where = tuple(a.axes.index(name) for name in axes)
        left = tuple(name for name in a.axes if name not in axes)
        data = np.asarray((np.max if largest else np.min)(a.data, axis=where))
        bound, wide = (None if e is None else _along(np.max, e, a.data.shape, where) for e in (a.bound, a.wide))
        missing = None if a.missing is None else nowhere_is_none(a.missing.any(axis=where))
        return Value(left, data, bound, wide, missing, a.whole)

    def pick(self, a: Value, axis: str, index: int) -> Value:
        """The elements at one index of an axis; the axis is gone."""
        i = a.axes.index(axis)
        left = a.axes[:i] + a.axes[i + 1 :]

        def take(array: Bound | None) -> Bound | None:
            if array is None or isinstance(array, float) or np.ndim(array) == 0:
                return array
            return np.take(array, index if array.shape[i] > 1 else 0, axis=i)

        return Value(left, np.take(a.data, index, axis=i), take(a.bound), take(a.wide), take(a.missing), a.whole)

    def rename(self, a: Value, old: str, new: str) -> Value:
        names = [new if name == old else name for name in a.axes]
        axes = self.order.union([names])
        turn = [names.index(name) for name in axes]

        def move(array: Bound | None) -> Bound | None:
            return array if array is None or isinstance(array, float) or np.ndim(array) == 0 else np.transpose(array, turn)

        return Value(axes, np.transpose(a.data, turn), move(a.bound), move(a.wide), move(a.missing), a.whole)

    # --- functions of one or two numbers -------------------------------------------------------------------------
    def function(self, name: str, a: Value) -> Value:
        x = a.data
        data = FUNCTIONS[name](x)
        free = _EXACT_AT.get(name)
        own: Bound = self._ulps(name) * np.abs(data)
        if free is not None and is_exact(a.bound):
            own = np.where(x == free, 0.0, own)
        return self._result(a.axes, data, [a], lambda e: EXACT if is_exact(e) else _RULES[name](x, e, data), own)

    def _ulps(self, name: str) -> float:
        """The granted ulps of a function, relative to its result: an ulp is at most two unit roundoffs. The evaluator's
        own libraries stay within one ulp."""
        return 2 * (self.precision.ulps[name] * self.precision.unit + EVALUATOR)

    def atan2(self, a: Value, b: Value) -> Value:
        axes, (y, x) = self._aligned([a, b])
        data = np.arctan2(y, x)
        own = self._ulps("atan2") * np.abs(data)

        def rule(ey: Bound, ex: Bound) -> Bound:
            if is_exact(ey) and is_exact(ex):
                return EXACT
            room = np.hypot(x, y) - np.hypot(ex, ey)
            return np.where(room > 0, (np.abs(x) * ey + np.abs(y) * ex) / (np.hypot(x, y) * np.where(room > 0, room, 1.0)), np.pi)

        result = self._result(axes, data, [a, b], rule, own)
        cut = (x < 0) & (np.abs(y) <= (a.bound if isinstance(a.bound, float) else self.order.spread(a.bound, a.axes, axes)))
        if not is_exact(a.bound) and np.any(cut):      # either side of the cut is the same direction
            result = replace(result, wide=np.where(cut, 2 * np.pi + result.bound, result.wide if result.wide is not None else result.bound))
        return result

    def absolute(self, a: Value) -> Value:
        return replace(a, data=np.abs(a.data))

    def larger(self, a: Value, b: Value, largest: bool) -> Value:
        axes, (x, y) = self._aligned([a, b])
        data = np.maximum(x, y) if largest else np.minimum(x, y)
        return self._result(axes, data, [a, b], lambda ex, ey: EXACT if is_exact(ex) and is_exact(ey) else np.maximum(ex, ey), EXACT, a.whole and b.whole)

    def single(self, a: Value) -> Value:
        """f32: rounded to single precision. An operand that is not known well enough may round to a neighbour."""
        data = _to_single(a.data)
        if a.exact:
            return replace(a, data=data)
        bound, wide = (None if e is None else np.abs(_to_single(a.data + e) - _to_single(a.data - e)) for e in (a.bound, a.wide))
        return replace(a, data=data, bound=bound, wide=wide)

    def whole_number(self, name: str, a: Value, ties: str | None = None) -> Value:
        """nearest (with its tie rule), floor, ceil. Doubtful where the argument lies within its bound of an edge."""
        x = a.data
        data = _ROUNDED[ties or name](x)
        offset = 0.5 if name == "nearest" else 0.0
        edge = np.abs(x - offset - np.rint(x - offset))
        known = is_exact(a.bound) and a.wide is None
        reach = (a.bound if a.wide is None else a.wide) + self.precision.roundoff * np.maximum(np.abs(x), offset)
        if a.whole or (known and name != "nearest"):
            return replace(a, data=data, whole=True)
        doubt = (edge <= reach) & (edge > 0) if known else edge <= reach
        return Value(a.axes, data, EXACT, np.where(doubt, 1.0, 0.0) if doubt.any() else None, a.missing, whole=not doubt.any())

    # --- decisions -----------------------------------------------------------------------------------------------
    def compare(self, op: str, a: Value, b: Value) -> Truth:
        axes, (x, y) = self._aligned([a, b])
        data = _COMPARES[op](x, y)
        missing = either(*(self.order.spread(v.missing, v.axes, axes) for v in (a, b)))
        if a.exact and b.exact:
            return Truth(axes, np.asarray(data), None, missing)
        reach = _plus(*(self._reach(value, axes) for value in (a, b)))
        return Truth(axes, np.asarray(data), nowhere_is_none(np.asarray(np.abs(x - y) <= reach) & np.asarray(reach > 0)), missing)

    def _reach(self, value: Value, axes: Sequence[str]) -> Bound:
        return self.order.spread(value.bound if value.wide is None else value.wide, value.axes, axes)  # type: ignore[return-value]

    def choose(self, condition: Truth, a: Value, b: Value) -> Value:
        """`a` where the condition holds, else `b`; where it is in doubt, both are allowed for."""
        axes = self.order.union([condition.axes, a.axes, b.axes])
        where = self.order.spread(condition.data, condition.axes, axes)
        x, y = (self.order.spread(value.data, value.axes, axes) for value in (a, b))
        data = np.where(where, x, y)
        bound = EXACT if is_exact(a.bound) and is_exact(b.bound) else np.where(
            where, self.order.spread(a.bound, a.axes, axes), self.order.spread(b.bound, b.axes, axes))
        missing = self._chosen_missing(condition, a, b, axes, where)
        wide = self._chosen_wide(condition, a, b, axes, where, x, y)
        return Value(axes, data, bound, wide, missing, a.whole and b.whole and wide is None)

    def _chosen_missing(self, condition: Truth, a: Value, b: Value, axes, where) -> np.ndarray | None:
        own = self.order.spread(condition.missing, condition.axes, axes)
        if a.missing is None and b.missing is None:
            return own
        left, right = (False if v.missing is None else self.order.spread(v.missing, v.axes, axes) for v in (a, b))
        return nowhere_is_none(either(np.where(where, left, right), own))

    def _chosen_wide(self, condition: Truth, a: Value, b: Value, axes, where, x, y) -> Bound | None:
        if condition.doubt is None and a.wide is None and b.wide is None:
            return None
        wide = np.where(where, self._reach(a, axes), self._reach(b, axes))
        if condition.doubt is None:
            return wide
        doubt = self.order.spread(condition.doubt, condition.axes, axes)
        return np.where(doubt, np.abs(x - y) + self._reach(a, axes) + self._reach(b, axes), wide)

    # --- inside --------------------------------------------------------------------------------------------------
    def _aligned(self, values: Sequence[Value]) -> tuple[tuple[str, ...], list[np.ndarray]]:
        axes = self.order.union(value.axes for value in values)
        return axes, [self.order.spread(value.data, value.axes, axes) for value in values]

    def _result(self, axes: tuple[str, ...], data: np.ndarray, operands: Sequence[Value], rule: Rule, own: Bound, whole: bool = False) -> Value:
        """The value with what its operands bring along (`rule` of their bounds) and its own rounding."""
        bounds = [self.order.spread(value.bound, value.axes, axes) for value in operands]
        bound = _plus(rule(*bounds), own)
        wide = None
        if any(value.wide is not None for value in operands):
            wide = _plus(rule(*(self._reach(value, axes) for value in operands)), own)
        missing = either(*(self.order.spread(value.missing, value.axes, axes) for value in operands))
        return Value(axes, np.asarray(data), bound, wide, missing, whole)

    def _rounded(self, data: np.ndarray, nonzero: np.ndarray) -> Bound:
        """One rounding of a product or quotient, and what underflow takes where no operand is zero."""
        size = np.abs(data)
        small = (size < self.precision.normal) & nonzero
        bound = self.precision.roundoff * size
        return bound + np.where(small, self.precision.tiny, 0.0) if np.any(small) else bound

    def _fits(self, data: np.ndarray) -> bool:
        """Integers up to 1/u are exact in the side's precision, whatever type the program keeps them in."""
        return bool(np.size(data) == 0 or np.max(np.abs(data)) <= 1 / self.precision.unit)


# --- rules: how far a result may move when its operands move by their bounds -----------------------------------------


def _plus(*errors: Bound) -> Bound:
    total: Bound = EXACT
    for error in errors:
        if not is_exact(error):
            total = error if is_exact(total) else total + error
    return total


def _along(reduce: Callable, error: Bound, shape: tuple[int, ...], where: tuple[int, ...]) -> Bound:
    """A bound reduced along axes; one number for all elements counts once for each of them."""
    return EXACT if is_exact(error) else reduce(np.broadcast_to(error, shape), axis=where)


def _to_single(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(x).astype(np.float32).astype(np.float64)


def _signed(sign: int, array: np.ndarray) -> np.ndarray:
    return array if sign > 0 else -array


def _power_of_two(value: Value) -> bool:
    if not value.exact or value.data.ndim or not np.isfinite(value.data) or value.data == 0:
        return False
    return abs(float(np.frexp(value.data)[0])) == 0.5


def _second_rounding(data: np.ndarray) -> np.ndarray:
    """The difference of two powers is itself formed in double precision."""
    return 4 * EVALUATOR * np.abs(data)


def _product_rule(x: np.ndarray, ex: Bound, y: np.ndarray, ey: Bound) -> Bound:
    if is_exact(ex):
        return EXACT if is_exact(ey) else np.abs(x) * ey
    if is_exact(ey):
        return np.abs(y) * ex
    return np.abs(x) * ey + np.abs(y) * ex + ex * ey


def _quotient_rule(q: np.ndarray, ex: Bound, y: np.ndarray, ey: Bound) -> Bound:
    if is_exact(ey):
        return EXACT if is_exact(ex) else ex / np.abs(y)
    room = np.abs(y) - ey
    return np.where(room > 0, (ex + np.abs(q) * ey) / np.where(room > 0, room, 1.0), np.inf)


def _by_ends(function: Callable[[np.ndarray], np.ndarray], low: float = -np.inf, high: float = np.inf) -> Callable:
    """A monotone function on the ball around its argument, cut to the function's domain."""

    def rule(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
        ends = [np.abs(function(np.clip(x + sign * e, low, high)) - data) for sign in (-1, 1)]
        return np.maximum(*ends) + 2 * EVALUATOR * np.abs(data)

    return rule


def _wave(x: np.ndarray, e: Bound, slope: np.ndarray) -> np.ndarray:
    return np.minimum(np.minimum(np.abs(slope) * e + 0.5 * e * e, e), 2.0)


def _tangent(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    room = 1 - np.abs(data) * np.tan(np.minimum(e, 0.5))
    return np.where((room > 0) & (np.asarray(e) < 0.5), (1 + data * data) * np.tan(np.minimum(e, 0.5)) / np.where(room > 0, room, 1.0), np.inf)


def _logarithm(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    share = np.where(x != 0, e / np.abs(x), np.inf)
    return np.where(share < 1, -np.log1p(-np.minimum(share, 0.999999)), np.inf)


_RULES: Mapping[str, Callable[[np.ndarray, Bound, np.ndarray], Bound]] = {
    "sin": lambda x, e, data: _wave(x, e, np.cos(x)),
    "cos": lambda x, e, data: _wave(x, e, np.sin(x)),
    "tan": _tangent,
    "asin": _by_ends(np.arcsin, -1.0, 1.0),
    "acos": _by_ends(np.arccos, -1.0, 1.0),
    "atan": lambda x, e, data: np.minimum(e, np.pi),
    "exp": lambda x, e, data: np.abs(data) * np.expm1(e),
    "log": _logarithm,
    "sqrt": lambda x, e, data: np.where(x > 0, e / (data + np.sqrt(np.maximum(x - e, 0.0)) + (data == 0)), np.sqrt(e)),
}

FUNCTIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
}
_EXACT_AT = {"sin": 0.0, "cos": 0.0, "tan": 0.0, "asin": 0.0, "atan": 0.0, "exp": 0.0, "log": 1.0, "sqrt": 0.0}

_ROUNDED: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "floor": np.floor, "ceil": np.ceil,
    "down": lambda x: np.ceil(x - 0.5), "up": lambda x: np.floor(x + 0.5), "even": np.rint,
    "away": lambda x: np.where(x < 0, np.ceil(x - 0.5), np.floor(x + 0.5)),
}
_COMPARES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}


def conjunction(order: Order, parts: Sequence[Truth]) -> Truth:
    """All of `parts`. A part that is surely false decides, whatever is in doubt beside it."""
    axes = order.union(part.axes for part in parts)
    data, surely_false, any_doubt, missing = np.True_, np.False_, None, None
    for part in parts:
        here = order.spread(part.data, part.axes, axes)
        doubt = order.spread(part.doubt, part.axes, axes)
        data = data & here
        surely_false = surely_false | (~here if doubt is None else ~here & ~doubt)
        any_doubt = either(any_doubt, doubt)
        missing = either(missing, order.spread(part.missing, part.axes, axes))
    doubt = None if any_doubt is None else nowhere_is_none(any_doubt & ~surely_false)
    missing = None if missing is None else nowhere_is_none(missing & ~surely_false)
    return Truth(axes, np.asarray(data), doubt, missing)


def negation(a: Truth) -> Truth:
    return replace(a, data=~a.data)


def disjunction(order: Order, parts: Sequence[Truth]) -> Truth:
    return negation(conjunction(order, [negation(part) for part in parts]))
