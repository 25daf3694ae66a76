"""Numbers as written, products, quotients and powers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite

import numpy as np

from conform.engine.elementary import Elementary, on_ends
from conform.engine.operations import Operations, plus
from conform.engine.values import EXACT, Bound, Value, either, is_exact


class Products(Elementary, Operations):
    # --- leaves --------------------------------------------------------------------------------------------------
    def literal(self, text: str) -> Value:
        """A number as written. It is exact if the side's precision holds it, otherwise rounded once."""
        number = float(text)
        whole = number.is_integer() and abs(number) <= self.precision.whole
        return Value((), np.float64(number), self._literal_bound(text, number), whole=whole)

    def _literal_bound(self, text: str, number: float) -> float:
        if not isfinite(number) or self.precision.holds(text, number):
            return EXACT
        underflow = self.precision.tiny if abs(number) < self.precision.normal else 0.0
        return float(self.precision.roundoff * abs(number) + underflow)

    def pi(self) -> Value:
        return Value((), np.float64(np.pi), float(self.precision.roundoff * np.pi))

    # --- products ------------------------------------------------------------------------------------------------
    def product(self, a: Value, b: Value) -> Value:
        for one, other in ((a, b), (b, a)):
            if one.exact and one.data.ndim == 0 and one.data == 1 and one.missing is None:
                return other
        a, b = self._converted([a, b])
        axes, (x, y) = self._aligned([a, b])
        data, free = x * y, _power_of_two(a) or _power_of_two(b)
        own = self._unless_whole(a.whole and b.whole, np.abs(data), lambda: self._rounded(data, lambda: self._nonzero(a, axes) & self._nonzero(b, axes), free))
        return self._result(axes, data, [a, b], lambda ex, ey: _product_rule(x, ex, y, ey), own, a.whole and b.whole)

    def product_over(self, a: Value, axis: str) -> Value:
        parts = [self.pick(a, axis, i) for i in range(a.data.shape[a.axes.index(axis)])]
        result = self.literal("1") if not parts else parts[0]
        for part in parts[1:]:
            result = self.product(result, part)
        return result

    def quotient(self, a: Value, b: Value) -> Value:
        a, b = (self._as_number(value) if value.whole else value for value in (a, b))
        axes, (x, y) = self._aligned([a, b])
        data = x / y
        own = self._rounded(data, lambda: self._nonzero(a, axes), free=_power_of_two(b))
        return self._result(axes, data, [a, b], lambda ex, ey: _quotient_rule(data, ex, y, ey), own)

    def negative(self, a: Value) -> Value:
        return replace(a, data=-a.data)

    def absolute(self, a: Value) -> Value:
        return replace(a, data=np.abs(a.data))

    # --- powers --------------------------------------------------------------------------------------------------
    def power(self, a: Value, exponent: str) -> Value:
        """A literal power: a whole one by multiplication, another by exp and log or a library's power."""
        k = float(exponent)
        if k == 0:
            return self.literal("1")
        if k < 0:
            return self.quotient(self.literal("1"), self.power(a, exponent.lstrip("-")))
        if k == 1:
            return a
        data, whole = a.data * a.data if k == 2 else a.data**k, a.whole and k.is_integer()
        roundings = k - 1 if k.is_integer() else self._power_roundings(a.data, exponent)
        own = self._unless_whole(whole, np.abs(data), lambda: roundings * self._rounded(data, lambda: self._nonzero(a, a.axes)))
        return self._result(a.axes, data, [a], lambda e: _power_rule(a.data, e, k, data), own, whole)

    def _power_roundings(self, x: np.ndarray, exponent: str) -> np.ndarray:
        """Of exp(k log x), in units of roundoff: those of log, of k and of the product grow by the size of k log x."""
        ulps, k = self.precision.ulps, float(exponent)
        inner = 1 + 2 * ulps["log"] + (not self.precision.holds(exponent, k))
        return 2 * max(1.0, ulps["exp"]) + inner * np.abs(k * np.log(np.maximum(np.abs(x), 1e-300)))

    def any_power(self, a: Value, b: Value) -> Value:
        """a ^ b of pure numbers, with the bound of exp(b log |a|). A base that is exactly zero has exact powers."""
        inner = self.product(b, self.function("log", self.absolute(a)))
        axes, (x, y) = self._aligned([a, b])
        data = np.asarray(x**y)
        own = 2 * max(1.0, self.precision.ulps["exp"]) * self._rounded(data, lambda: self._nonzero(a, axes))
        zero = (x == 0) & (np.asarray(self._reach(a, axes)) == 0)
        found = self._result(axes, data, [inner], lambda e: np.where(zero, 0.0, np.abs(data) * np.expm1(e)), own)
        return replace(found, missing=either(*(self.order.spread(v.missing, v.axes, axes) for v in (a, b))))


# --- how far a result may move when its operands move by their bounds ------------------------------------------------


def _power_of_two(value: Value) -> bool:
    if not value.exact or value.data.ndim or not np.isfinite(value.data) or value.data == 0:
        return False
    return abs(float(np.frexp(value.data)[0])) == 0.5


def _product_rule(x: np.ndarray, ex: Bound, y: np.ndarray, ey: Bound) -> Bound:
    if is_exact(ex):
        return EXACT if is_exact(ey) else np.abs(x) * ey
    if is_exact(ey):
        return np.abs(y) * ex
    return plus(np.abs(x) * ey, np.abs(y) * ex, ex * ey)


def _quotient_rule(q: np.ndarray, ex: Bound, y: np.ndarray, ey: Bound) -> Bound:
    if is_exact(ey):
        return EXACT if is_exact(ex) else ex / np.abs(y)
    room = np.abs(y) - ey
    return np.where(room > 0, (ex + np.abs(q) * ey) / np.where(room > 0, room, 1.0), np.inf)


def _power_rule(x: np.ndarray, e: Bound, k: float, data: np.ndarray) -> Bound:
    """By the largest slope on the ball, which for a root may be infinite: there by the ends of the ball."""
    if is_exact(e):
        return EXACT
    return k * e * (np.abs(x) + e) ** (k - 1) if k > 1 else on_ends(_power_of(k), 0.0)(x, e, data)


def _power_of(k: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: t**k
