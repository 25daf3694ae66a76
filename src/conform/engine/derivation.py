"""Where a clause's bound comes from: one line for each rounding, with what it is a multiple of.

The symbolic twin of `arithmetic`; u is the unit roundoff of the side's precision (and counts once more for ours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import frexp

from conform.engine.arithmetic import FUNCTIONS
from conform.engine.evaluate import terms
from specs_dsl import syntax as s
from specs_dsl.printer import show
from specs_dsl.spec import Spec


@dataclass(frozen=True, slots=True)
class Rounding:
    """`amount` says how many u of what."""

    what: str
    amount: str


def roundings(node: s.Expr, spec: Spec, ulps: Mapping[str, float]) -> Iterator[Rounding]:
    """Every rounding that the right side of a clause is granted, innermost first."""
    match node:
        case s.Binary("+" | "-"):
            parts = list(terms(node))
            for _, part in parts:
                yield from roundings(part, spec, ulps)
            if not _whole(node, spec):
                yield Rounding(f"{'sum' if len(parts) > 2 else _sum_word(node)} {show(node)}",
                               "u |result|" if len(parts) == 2 else f"{len(parts) - 1} u (sum of |terms|), in any order")
            return
        case s.Reduce(op, axes, body):
            yield from roundings(body, spec, ulps)
            over = ", ".join(axis.text for axis in axes)
            yield Rounding(f"{op} over {over}", "(n - 1) u sum |terms|, in any order" if op in ("sum", "mean") else "(n - 1) u |result|" if op == "product" else "none")
            return
        case s.Fold(accumulator, start, axes, body):
            yield from roundings(body, spec, ulps)
            yield Rounding(f"fold over {', '.join(axis.text for axis in axes)}", "u |running value| at each turn; a plain sum: (n - 1) u sum |terms|, in any order")
            return
    for child in s.children(node):
        yield from roundings(child, spec, ulps)
    yield from _own(node, spec, ulps)


def _own(node: s.Expr, spec: Spec, ulps: Mapping[str, float]) -> Iterator[Rounding]:
    match node:
        case s.Number(text):
            if not float(text).is_integer() and float(text) * 2**20 % 1:
                yield Rounding(f"number {text}", "u |number|, where the precision does not hold it exactly")
        case s.Name("pi"):
            yield Rounding("pi", "u pi")
        case s.Binary("*" | "/" as op, left, right):
            if not _whole(node, spec) and not any(_power_of_two(part) for part in (left, right)[op == "/" :]):
                yield Rounding(f"{'product' if op == '*' else 'quotient'} {show(node)}", "u |result|")
        case s.Binary("^", _, right):
            whole = isinstance(right, s.Number) and float(right.text).is_integer()
            yield Rounding(f"power {show(node)}", f"{show(right)} - 1 times u |result|" if whole else "u |exponent times log of the base| |result|, some times over")
        case s.Call(name) if name in FUNCTIONS or name == "atan2":
            yield Rounding(f"{name} {show(node)}", f"{2 * ulps[name]:.3g} u |result| ({ulps[name]:g} ulp)")
        case s.Call("dot"):
            yield Rounding(f"dot {show(node)}", "u |product| each, 2 u sum |products|, in any order")
        case s.Call("norm"):
            yield Rounding(f"norm {show(node)}", f"squares, their sum, and a square root ({ulps['sqrt']:g} ulp)")
        case s.Call("unit"):
            yield Rounding(f"unit {show(node)}", f"norm ({ulps['sqrt']:g} ulp) and a quotient")
        case s.Call("cross"):
            yield Rounding(f"cross {show(node)}", "u |product| each, u |difference|")
        case s.Call("rotate"):
            yield Rounding(f"rotate {show(node)}", f"sin and cos ({ulps['sin']:g} ulp each), three products, 2 u sum |terms|")
        case s.Call("f32"):
            yield Rounding(f"f32 {show(node)}", "none: the result is required exactly, unless its operand may round either way")
        case s.Call("nearest" | "floor" | "ceil"):
            yield Rounding(f"{node.function} {show(node)}", "a decision: exact, or a tie inside the bound of its argument")


def _sum_word(node: s.Binary) -> str:
    return "sum" if node.op == "+" else "difference"


def _power_of_two(node: s.Expr) -> bool:
    return isinstance(node, s.Number) and float(node.text) > 0 and frexp(float(node.text))[0] == 0.5


def _whole(node: s.Expr, spec: Spec) -> bool:
    """Whole numbers are added and multiplied without rounding."""
    match node:
        case s.Number(text):
            return text.isdigit()
        case s.Name(text):
            return text in spec.quantities and spec.quantities[text].kind == "count"
        case s.Call("index" | "size" | "nearest" | "floor" | "ceil"):
            return True
        case s.Binary("+" | "-" | "*", left, right):
            return _whole(left, spec) and _whole(right, spec)
    return False
