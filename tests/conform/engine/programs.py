"""Programs that are correct, and exact values: what the evaluator is compared with, written with nothing of the engine's.

A program here rounds every operation to its precision, adds in any order, may fuse a product into a sum, and has the least
accurate functions that its profile grants. Exact values come from ball arithmetic.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product as tuples

import numpy as np
from flint import arb, fmpq

from conform.engine.evaluate import terms
from specs_dsl import syntax as s

SIZES = {"p": 2, "k": 4, "xyz": 3}
LABELS = ("x", "y", "z")
AXES = {"a": (), "b": ("p",), "c": ("k",), "d": ("p", "k"), "m": ("p",), "u": ("xyz",), "w": ("p", "xyz"), "g": ("p",), "T": ("i",)}
BITS = {"float32": 24, "float64": 53}
FIRST = -3                               # index of the first element of the table T


class Undecided(Exception):
    """A ball holds the edge of a decision, or a value is outside what is looked at."""


# --- numbers: those of a program, and exact ones ---------------------------------------------------------------------


class Program:
    """Arithmetic of one precision. Every freedom that the bound allows is taken at random."""

    def __init__(self, dtype: str, ulps, dice: random.Random) -> None:
        self.type, self.bits, self.ulps, self.dice = np.dtype(dtype).type, BITS[dtype], ulps, dice

    def literal(self, text: str):
        return self.type(float(text))

    def operand(self, x: float):
        return self.type(x)

    def pi(self):
        return self.type(np.pi)

    def total(self, parts):
        parts = list(parts)
        while len(parts) > 1:
            first = parts.pop(self.dice.randrange(len(parts)))
            second = parts.pop(self.dice.randrange(len(parts)))
            parts.append(first + second)
        return parts[0] if parts else self.type(0)

    def times(self, x, y):
        return x * y

    def over(self, x, y):
        return x / y

    def fused(self, x, y, z):
        if not all(np.isfinite([x, y, z])):
            return x * y + z
        return self.type(float(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))))

    def power(self, x, text: str):
        k = float(text)
        if k < 0:
            return self.type(1) / self.power(x, text.lstrip("-"))
        if not k.is_integer():
            return self.function("exp", self.type(k) * self.function("log", x))
        result = x
        for _ in range(int(k) - 1):
            result = result * x
        return result

    def function(self, name: str, *arguments):
        """As far from the exact result as the profile grants."""
        if name in ("sqrt", "asin", "acos"):               # a correct program guards its domain
            low, high = (0, np.inf) if name == "sqrt" else (-1, 1)
            arguments = [self.type(np.clip(x, low, high)) for x in arguments]
        if not all(np.isfinite(arguments)) or (name == "log" and arguments[0] <= 0):
            raise Undecided
        if name == "atan2" and arguments[0] == 0:           # balls have no negative zero
            return np.arctan2(*arguments)
        exact = Exact.function(name, *(arb(float(x)) for x in arguments))
        granted = self._granted(exact, self.ulps[name])
        return self.dice.choice(granted) if any(arguments) else granted[0]     # cos 0 is one, everywhere

    def _granted(self, exact: arb, ulps: float):
        nearest = self.type(float(exact.mid()))
        if nearest == 0 or not np.isfinite(nearest):
            return [nearest]
        ulp = 2.0 ** (np.floor(np.log2(abs(float(exact.mid())))) - self.bits + 1)
        beside = [np.nextafter(nearest, self.type(end)) for end in (-np.inf, np.inf)]
        return [nearest, *(x for x in beside if abs(float((arb(float(x)) - exact).mid())) <= ulps * ulp)]

    def single(self, x):
        return self.type(np.float32(x))

    def whole(self, rule: str, x):
        half = self.type(0.5)
        away = (lambda x: np.ceil(x - half) if x < 0 else np.floor(x + half))
        return {"floor": np.floor, "ceil": np.ceil, "even": np.rint, "down": lambda x: np.ceil(x - half), "up": lambda x: np.floor(x + half), "away": away}[rule](x)

    def larger(self, x, y, largest: bool):
        return max(x, y) if largest else min(x, y)

    def compare(self, op: str, x, y) -> bool:
        return bool({"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}[op])

    def integer(self, x) -> int:
        if not np.isfinite(x):
            raise Undecided
        return int(x)

    def fuses(self) -> bool:
        return self.dice.random() < 0.5


class Exact:
    """Balls at 400 bits."""

    def literal(self, text: str) -> arb:
        exact = Fraction(text)
        return arb(fmpq(exact.numerator, exact.denominator))

    def operand(self, x: float) -> arb:
        return arb(float(x))

    def pi(self) -> arb:
        return arb.pi()

    def total(self, parts) -> arb:
        return sum(parts, arb(0))

    def times(self, x, y):
        return x * y

    def over(self, x, y):
        return x / y

    def power(self, x, text: str) -> arb:
        k = float(text)
        return x ** int(k) if k.is_integer() else x ** self.literal(text)

    @staticmethod
    def function(name: str, *arguments: arb) -> arb:
        if name == "atan2":
            if arguments[0] == 0 and arguments[1] == 0:     # which balls have only one of
                raise Undecided
            return arb.atan2(*arguments)
        (x,) = arguments
        if name == "sqrt" and x < 0:
            x = arb(0)
        if name in ("asin", "acos") and abs(x) > 1:
            x = arb(1) if x > 0 else arb(-1)
        return getattr(x, name)()

    def single(self, x: arb) -> arb:
        ends = {float(np.float32(float(end))) for end in (x.lower(), x.upper())}
        return arb(self._only(ends))

    def whole(self, rule: str, x: arb) -> arb:
        half = arb(0.5)
        if rule in ("floor", "ceil"):
            return arb(self.integer(getattr(x, rule)()))
        low, high = self.integer((x - half).ceil()), self.integer((x + half).floor())
        return arb({"down": low, "up": high, "even": low if low % 2 == 0 else high, "away": low if self.compare("<", x, arb(0)) else high}[rule])

    def larger(self, x, y, largest: bool):
        return x.max(y) if largest else x.min(y)

    def compare(self, op: str, x, y) -> bool:
        holds = {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}[op]
        fails = {"<": x >= y, "<=": x > y, ">": x <= y, ">=": x < y, "==": x != y, "!=": x == y}[op]
        return self._only({bool(holds), not fails})

    def integer(self, x: arb) -> int:
        found = x.unique_fmpz()
        if found is None:
            raise Undecided
        return int(found)

    def fuses(self) -> bool:
        return False

    def _only(self, found: set):
        if len(found) != 1:
            raise Undecided
        return found.pop()


# --- one element of an expression, in either arithmetic --------------------------------------------------------------


class Walk:
    """The meaning of a tree, element by element, written a second time and with nothing of the engine's."""

    def __init__(self, numbers: Program | Exact, operands, sizes=SIZES) -> None:
        self.n, self.operands, self.sizes = numbers, operands, sizes

    def number(self, node, place, env):
        n = self.n
        match node:
            case s.Number(text):
                return n.literal(text)
            case s.Name("pi"):
                return n.pi()
            case s.Name(text):
                return env[text] if text in env else n.operand(self.element(text, place))
            case s.Negative(operand):
                return -self.number(operand, place, env)
            case s.Binary("+" | "-", left, right):
                return self.sum_of(node, left, right, place, env)
            case s.Binary("*", left, right):
                return n.times(self.number(left, place, env), self.number(right, place, env))
            case s.Binary("/", left, right):
                return n.over(self.number(left, place, env), self.number(right, place, env))
            case s.Binary("^", left, right):
                return n.power(self.number(left, place, env), right.text if isinstance(right, s.Number) else "-" + right.operand.text)
            case s.If(condition, then, other):
                return self.number(then if self.truth(condition, place, env) else other, place, env)
            case s.Reduce(op, axes, body):
                return self.reduced(op, [self.number(body, here, env) for here in self.turns(axes, place)])
            case s.Fold(name, start, axes, body):
                return self.folded(name, self.number(start, place, env), list(self.turns(axes, place)), body, env)
            case s.Select(body, (pick,), first) if first is not None:
                at = place[pick.axis.text]
                return self.number(body, {**place, pick.axis.text: at - 1}, env) if at else self.number(first, place, env)
            case s.Select(body, (pick,)):
                at = {"first": 0, "last": self.sizes[pick.axis.text] - 1}.get(pick.at)
                return self.number(body, {**place, pick.axis.text: LABELS.index(pick.at) if at is None else at}, env)
            case s.Lookup(s.Name("T"), (index,), default):
                at = n.integer(self.number(index, place, env)) - FIRST
                inside = 0 <= at < len(self.operands["T"])
                return n.operand(self.operands["T"][at]) if inside else self.number(default, place, env)
            case s.Call(name, arguments, ties):
                return self.call(name, arguments, ties, place, env)
        raise AssertionError(node)

    def element(self, name: str, place):
        return self.operands[name][tuple(place[axis] for axis in AXES[name])]

    def turns(self, axes, place):
        for at in tuples(*(range(self.sizes[axis.text]) for axis in axes)):
            yield {**place, **dict(zip((axis.text for axis in axes), at, strict=True))}

    def sum_of(self, node, left, right, place, env):
        parts = list(terms(node))
        if len(parts) == 2 and isinstance(left, s.Binary) and left.op == "*" and self.n.fuses():
            x, y, z = (self.number(part, place, env) for part in (left.left, left.right, right))
            return self.n.fused(x, y, z if node.op == "+" else -z)
        values = [(sign, self.number(part, place, env)) for sign, part in parts]
        return self.n.total([x if sign > 0 else -x for sign, x in values])

    def reduced(self, op: str, values):
        if op in ("sum", "mean"):
            total = self.n.total(values)
            return total if op == "sum" else self.n.over(total, self.n.literal(str(len(values))))
        result = values[0]
        for x in values[1:]:
            result = self.n.times(result, x) if op == "product" else self.n.larger(result, x, op == "maximum")
        return result

    def folded(self, name, start, turns, body, env):
        match body:
            case s.Binary("+", s.Name(text), term) if text == name and self.n.fuses():      # in any order
                return self.n.total([start, *(self.number(term, here, env) for here in turns)])
        running = start
        for here in turns:
            running = self.number(body, here, {**env, name: running})
        return running

    def truth(self, node, place, env) -> bool:
        match node:
            case s.Name(text):
                return bool(self.element(text, place))
            case s.Logic("not", (part,)):
                return not self.truth(part, place, env)
            case s.Logic(op, parts):
                return (all if op == "and" else any)(self.truth(part, place, env) for part in parts)
            case s.Select(body, (pick,), first):
                at = place[pick.axis.text]
                return self.truth(body, {**place, pick.axis.text: at - 1}, env) if at else self.truth(first, place, env)
            case s.Compare(ops, parts):
                values = [self.number(part, place, env) for part in parts]
                return all(self.n.compare(op, x, y) for op, x, y in zip(ops, values, values[1:], strict=False))
        raise AssertionError(node)

    def call(self, name, arguments, ties, place, env):
        n = self.n
        if name in ("index", "size"):
            axis = arguments[0].text
            return n.operand(place[axis] if name == "index" else self.sizes[axis])
        if name in ("dot", "norm", "cross", "unit", "rotate"):
            return self.vector(name, arguments, place, env)
        values = [self.number(part, place, env) for part in arguments]
        match name:
            case "abs":
                return abs(values[0])
            case "min" | "max":
                return n.larger(*values, largest=name == "max")
            case "f32":
                return n.single(*values)
            case "nearest" | "floor" | "ceil":
                return n.whole(ties or name, *values)
        return n.function(name, *values)

    def vector(self, name, arguments, place, env):
        n = self.n
        first, *rest = ([self.number(part, {**place, "xyz": i}, env) for i in range(3)] for part in arguments[:2])
        here = place.get("xyz", 0)
        if name in ("norm", "unit"):
            length = n.function("sqrt", n.total([n.times(x, x) for x in first]))
            return length if name == "norm" else n.over(first[here], length)
        dot = n.total([n.times(x, y) for x, y in zip(first, rest[0], strict=True)])
        if name == "dot":
            return dot
        if name == "cross":
            return self.crossed(first, rest[0], here)
        angle = self.number(arguments[2], place, env)
        cos, sin = n.function("cos", angle), n.function("sin", angle)
        along = n.times(n.times(rest[0][here], dot), n.total([n.literal("1"), -cos]))
        return n.total([along, n.times(first[here], cos), n.times(self.crossed(rest[0], first, here), sin)])

    def crossed(self, x, y, i: int):
        j, k = (i + 1) % 3, (i + 2) % 3
        return self.n.total([self.n.times(x[j], y[k]), -self.n.times(x[k], y[j])])
