"""Elementary functions: the rounding that a library is granted, and what the ball around an argument does to the result.

Away from singular points that is the slope times the bound; near one, the function is followed over the whole ball.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf, pi

import numpy as np

from conform.engine.operations import Operations
from conform.engine.precision import EVALUATOR, SMALLEST
from conform.engine.values import EXACT, Bound, Value, is_exact

FUNCTIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
}
_DOMAINS = {"sqrt": (0.0, inf), "asin": (-1.0, 1.0), "acos": (-1.0, 1.0)}
_ONE_AT_ZERO = ("cos", "exp")            # exactly, in every library; other exact results are zeros


class Elementary(Operations):
    def function(self, name: str, a: Value) -> Value:
        if a.whole:
            a = self._as_number(a)
        x = _into_domain(a, *_DOMAINS[name]) if name in _DOMAINS and not a.exact else a.data
        data = FUNCTIONS[name](x)
        own = self._granted(name, data)
        if name in _ONE_AT_ZERO:
            own = np.where((x == 0) & (np.asarray(a.reach) == 0), 0.0, own)
        return self._result(a.axes, data, [a], lambda e: EXACT if is_exact(e) else _RULES[name](x, e, data), own)

    def _granted(self, name: str, data: np.ndarray) -> Bound:
        """The ulps of a function, which cannot be smaller than those of the smallest numbers; and one ulp of ours."""
        size = np.abs(data)
        own = self.precision.of_function(name) * size
        small = (size < self.precision.normal) & ((size > 0) | (name == "exp"))     # zero is what is left of a power, never one
        return own + np.where(small, self.precision.ulps[name] * self.precision.tiny + SMALLEST, 0.0) if small.any() else own

    def atan2(self, a: Value, b: Value) -> Value:
        axes, (y, x) = self._aligned([a, b])
        data = np.arctan2(y + 0.0, x + 0.0)              # numbers have one zero, whatever sign a program gives to its own
        result = self._result(axes, data, [a, b], lambda ey, ex: _angle(y, x, ey, ex), self._granted("atan2", data))
        cut = (x <= 0) & ~(np.abs(y) > self._reach(a, axes))
        if not cut.any():
            return result
        return replace(result, wide=np.where(cut, 2 * pi + result.reach, result.reach))     # either side of it is the same direction


def _into_domain(a: Value, low: float, high: float) -> np.ndarray:
    """An argument outside a function's domain, but by no more than its bound, is taken at the edge."""
    inside = np.clip(a.data, low, high)
    return np.where(np.abs(a.data - inside) <= a.reach, inside, a.data)


# --- on the ball around the argument ---------------------------------------------------------------------------------


def on_ends(function: Callable[[np.ndarray], np.ndarray], low: float = -inf, high: float = inf) -> Callable:
    """A monotone function at the ends of the ball, cut to the function's domain. The ends are rounded outward."""

    def rule(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
        outward = e + 2 * EVALUATOR * np.abs(x)
        ends = [np.abs(function(np.clip(x + sign * outward, low, high)) - data) for sign in (-1, 1)]
        return np.where(np.asarray(e) == 0, 0.0, np.maximum(*ends) + 4 * EVALUATOR * np.abs(data))

    return rule


def _wave(e: Bound, slope: np.ndarray) -> np.ndarray:
    return np.minimum(np.minimum(np.abs(slope) * e + 0.5 * e * e, e), 2.0)


def _tangent(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    """By the addition theorem; infinite if the ball holds a pole."""
    turn = np.tan(np.minimum(e, 0.5))
    room = 1 - np.abs(data) * turn
    return np.where((room > 0) & (np.asarray(e) < 0.5), (1 + data * data) * turn / np.where(room > 0, room, 1.0), inf)


def _arctangent(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    nearest = np.maximum(np.abs(x) - e, 0.0)
    return np.minimum(e / (1 + nearest * nearest), pi)


def _logarithm(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    share = np.where(np.asarray(e) == 0, 0.0, e / np.abs(x))
    return -np.log1p(-np.minimum(share, 1.0))


def _root(x: np.ndarray, e: Bound, data: np.ndarray) -> np.ndarray:
    """sqrt x - sqrt(x - e) = e / (sqrt x + sqrt(x - e)), and never more than sqrt e."""
    far = np.sqrt(e)
    return np.where(far == 0, 0.0, np.minimum(e / (data + np.sqrt(np.maximum(x - e, 0.0))), far))


def _angle(y: np.ndarray, x: np.ndarray, ey: Bound, ex: Bound) -> Bound:
    """The angle between (x, y) and a point of the box around it, by its sine; a full turn if the origin is inside."""
    if is_exact(ey) and is_exact(ex):
        return EXACT
    radius, reach = np.hypot(x, y), np.hypot(ex, ey)
    room = radius - reach
    sine = np.minimum((np.abs(x) / radius * ey + np.abs(y) / radius * ex) / room, reach / radius)      # not over radius^2, which may be too large
    turned = np.arcsin(np.clip(sine * (1 + 8 * EVALUATOR), 0.0, 1.0))       # outward: near 1 an ulp of the sine is 1e-8 of the angle
    return np.where(reach == 0, 0.0, np.where(room > 0, turned, 2 * pi))


_RULES: Mapping[str, Callable[[np.ndarray, Bound, np.ndarray], Bound]] = {
    "sin": lambda x, e, data: _wave(e, np.cos(x)),
    "cos": lambda x, e, data: _wave(e, np.sin(x)),
    "tan": _tangent,
    "asin": on_ends(np.arcsin, -1.0, 1.0),
    "acos": on_ends(np.arccos, -1.0, 1.0),
    "atan": _arctangent,
    "exp": lambda x, e, data: np.abs(data) * np.expm1(e),
    "log": _logarithm,
    "sqrt": _root,
}
