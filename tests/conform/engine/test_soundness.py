"""No correct program is ever outside the bound: random expressions, evaluated by programs of both precisions.

A program here rounds every operation to its precision, adds in any order, may fuse a product into a sum, and has the least
accurate functions that its profile grants. Exact values come from ball arithmetic at 400 bits.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product as tuples

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conform.engine.evaluate import terms
from specs_dsl import syntax as s
from specs_dsl.parser import parse_expression

SIZES = {"p": 2, "k": 4, "xyz": 3}
LABELS = ("x", "y", "z")
AXES = {"a": (), "b": ("p",), "c": ("k",), "d": ("p", "k"), "m": ("p",), "u": ("xyz",), "w": ("p", "xyz"), "g": ("p",), "T": ("i",)}
BITS = {"float32": 24, "float64": 53}
SECOND_ORDER = 1 + 1e-5                  # bounds leave out the rounding of what rounding alone adds
FIRST = -3                               # index of the first element of the table T


class Undecided(Exception):
    """A ball holds the edge of a decision, or a value is outside what this test looks at."""


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

    def __init__(self, numbers: Program | Exact, operands) -> None:
        self.n, self.operands = numbers, operands

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
            case s.Select(body, (pick,)):
                at = {"first": 0, "last": SIZES[pick.axis.text] - 1}.get(pick.at)
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
        for at in tuples(*(range(SIZES[axis.text]) for axis in axes)):
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
            case s.Compare(ops, parts):
                values = [self.number(part, place, env) for part in parts]
                return all(self.n.compare(op, x, y) for op, x, y in zip(ops, values, values[1:], strict=False))
        raise AssertionError(node)

    def call(self, name, arguments, ties, place, env):
        n = self.n
        if name in ("index", "size"):
            axis = arguments[0].text
            return n.operand(place[axis] if name == "index" else SIZES[axis])
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


# --- random expressions ----------------------------------------------------------------------------------------------

LEAVES = ("a", "b", "c", "d", "m", "2", "0.5", "0.1", "3", "0", "pi", "index(k)", "size(k)", "d[k = first]", "d[k = last]")
VECTORS = ("norm(w)", "dot(u, w)", "cross(u, w)[xyz = x]", "unit(w)[xyz = y]", "dot(cross(u, w), w + u)")
FUNCTIONS = ("sin", "cos", "tan", "asin", "acos", "atan", "exp", "log", "sqrt", "abs", "f32", "floor", "ceil")


TEMPLATES = (
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} * {1} + {2})", "({0} - {1} + {2})", "(-{0})",
    *(f"{name}({{0}})" for name in FUNCTIONS), "atan2({0}, {1})", "min({0}, {1})", "max({0}, {1})",
    *(f"({{0}})^{power}" for power in ("2", "3", "5", "-1", "-2", "0.5", "1.5", "0.1")),
    *(f"(nearest({{0}}) ties {rule})" for rule in ("down", "up", "even", "away")),
    *(f"({reduction} over k: {{0}})" for reduction in ("sum", "sum", "product", "mean", "minimum", "maximum")),
    "(if {c} then {0} else {1})", "T[nearest({0}) ties down otherwise {1}]",
    "(fold {acc} from (sum over k: {0}) over k: {acc} + {1})", "(fold {acc} from a over k: ({acc} + {0}) * {1})",
    "(fold {acc} from 0 over k: if {c} then {acc} else {acc} + {0})", "(fold {acc} from 0 over k: max({acc}, {0}) - (sum over k: {acc} / 8))",
    "rotate(w, unit(u), {0})[xyz = z]", "dot(u, w * {0})", "norm(w + {0})",
)
CONDITIONS = ("{0} < {1}", "{0} <= {1}", "{0} == {1}", "{0} != {1}", "{0} < {1} <= {2}", "g", "not g", "g and {0} > {1}", "g or {0} >= {1}", "{0} > 0 and {1} < 1")


def expression(draw, depth: int) -> str:
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(LEAVES + VECTORS))
    template = draw(st.sampled_from(TEMPLATES))
    if "{c}" in template:
        template = template.replace("{c}", filled(draw, draw(st.sampled_from(CONDITIONS)), depth - 1))
    return filled(draw, template, depth - 1)


def filled(draw, template: str, depth: int) -> str:
    """The running values of folds inside folds have names of their own."""
    return template.format(*(expression(draw, depth) if f"{{{i}}}" in template else "" for i in range(3)), acc=f"acc{depth}")


EXPRESSIONS = st.composite(lambda draw: expression(draw, draw(st.integers(1, 3))))()
NUMBERS = st.one_of(
    st.sampled_from((0.0, 1.0, -1.0, 0.5, 2.0, 1.5, -2.5)),
    st.floats(-4, 4, width=32).filter(lambda x: abs(x) > 1e-3 or x == 0), st.floats(-1000, 1000, width=32).filter(lambda x: abs(x) > 1e-3 or x == 0),
)


@st.composite
def operands(draw):
    found = {name: np.array(draw(st.lists(NUMBERS, min_size=n, max_size=n))) for name, n in (("a", 1), ("b", 2), ("c", 4), ("d", 8), ("u", 3), ("w", 6), ("T", 6))}
    shapes = {"a": (), "d": (2, 4), "w": (2, 3)}
    found = {name: array.reshape(shapes.get(name, array.shape)) for name, array in found.items()}
    found["m"] = np.array(draw(st.lists(st.integers(-9, 9), min_size=2, max_size=2)))
    found["g"] = np.array(draw(st.lists(st.booleans(), min_size=2, max_size=2)))
    return found


# --- the comparison --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluated(make, evaluate):
    def run(text: str, found, precision: str):
        names = {name: make.value(found[name], *AXES[name], whole=name == "m") for name in AXES if name not in "gT"}
        world = make.World({**names, "g": make.truth(found["g"], "p")}, {"T": make.Grid(found["T"], (FIRST,))}, SIZES)
        return evaluate(text, precision, world)

    return run


def places(value):
    """All elements. A value that does not vary along an axis is the same anywhere."""
    return [dict.fromkeys(SIZES, 0) | dict(zip(value.axes, at, strict=True)) for at in np.ndindex(value.data.shape)]


def at(array, place, value) -> float:
    return float(np.broadcast_to(array, value.data.shape)[tuple(place[axis] for axis in value.axes)])


def within(distance: float, allowed: float, text: str, place, value) -> None:
    room = allowed * SECOND_ORDER + 1e-300
    assert distance <= room, f"{text} at {place}: off by {distance}, {distance / room if room else np.inf} bounds; value {at(value.data, place, value)}"


def check_program(text: str, found, dtype: str, dice: random.Random, evaluated, profiles) -> int:
    """How many elements could be compared."""
    value, tree, count = evaluated(text, found, dtype), parse_expression(text), 0
    for place in places(value):
        data, reach = at(value.data, place, value), at(value.reach, place, value)
        if not np.isfinite(data) or not np.isfinite(reach) or abs(data) > 1e30:
            continue
        try:
            with np.errstate(all="ignore"):
                shown = float(Walk(Program(dtype, profiles[dtype].ulps, dice), found).number(tree, place, {}))
        except Undecided:
            continue
        if np.isfinite(shown):
            within(abs(shown - data), reach, text, place, value)
            count += 1
    return count


SETTINGS = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(EXPRESSIONS, operands(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_correct_program_is_never_outside_the_bound(dtype, evaluated, profiles, text, found, dice):
    assume(check_program(text, found, dtype, dice, evaluated, profiles))


@SETTINGS
@given(EXPRESSIONS, operands())
def test_the_exact_value_is_never_outside_what_the_evaluator_grants_itself(evaluated, text, found):
    ctx.prec = 400
    value, tree, count = evaluated(text, found, "ours"), parse_expression(text), 0
    for place in places(value):
        data, reach = at(value.data, place, value), at(value.reach, place, value)
        if not np.isfinite(data) or not np.isfinite(reach) or abs(data) > 1e100:
            continue
        try:
            exact = Walk(Exact(), found).number(tree, place, {})
        except (Undecided, ValueError, OverflowError):
            continue
        if exact.is_finite():
            within(abs(float((exact - arb(data)).mid())), reach, text, place, value)
            count += 1
    assume(count)
