"""Mistakes that are looked for when none of the usual kinds gives what a side has: another number in the clause, brackets in another
place, a loop that lacks a turn, the wrong way through a loop, the result turned over. The likeliest first.

They name a break and are not planted by `mutate`: some fit by the values of the side alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from conform.engine.operands import Side
from conform.engine.operators import Mutant, exchanged, factors
from conform.engine.values import Value
from conform.engine.variants import Variant, of_mutant, with_changed
from specs_dsl import syntax as s
from specs_dsl.order import operands as operands_of
from specs_dsl.printer import show
from specs_dsl.spec import Equation

At = Callable[[str], Variant]            # the clause with that number in the place of one
Solve = Callable[[At, float], "tuple[float, int] | None"]


def slips(equation: Equation, side: Side, solve: Solve) -> Iterator[Variant]:
    """`solve`: from what a number is, what it would have to be, and how many of its digits that says; None where no number will do."""
    yield from numbers(equation, side, solve)
    yield from (of_mutant(Mutant(f"slip: {kind}", text, right), equation) for kind, text, right in _expressions(equation.right))
    yield from _neighbours(equation, side)
    yield from _backwards(equation, side)
    yield from _results(equation)


# --- another number --------------------------------------------------------------------------------------------------


def numbers(equation: Equation, side: Side, solve: Solve) -> Iterator[Variant]:
    """The clause with another number in the place of one: of few digits, as somebody has typed it."""
    spec = side.spec
    constants = [part for part in s.walk(equation.right) if isinstance(part, s.Name) and part.text in spec.quantities and spec.quantities[part.text].role == "const"]
    literals = [part for part in s.walk(equation.right) if isinstance(part, s.Number)]
    for part in dict.fromkeys([*literals, *constants]):
        own = float(part.text if isinstance(part, s.Number) else spec.quantities[part.text].number)
        if own == 0:
            continue

        def variant(text: str, part: s.Expr = part, own: float = own) -> Variant:
            factor = s.Binary("*", part, s.Number(repr(float(text) / own), span=part.span), span=part.span)
            node = exchanged(equation.right, part, s.Number(text, span=part.span) if isinstance(part, s.Number) else factor)
            shown = show(exchanged(equation.right, part, s.Number(text, span=part.span)))
            made = of_mutant(Mutant("slip: another number", f"with {text} in place of {show(part)}", node), equation)
            return replace(made, equation=f"{equation.target} = {shown}")

        if (found := solve(variant, own)) is not None:
            yield from (variant(text) for text in dict.fromkeys(f"{found[0]:.{digits}g}" for digits in range(1, found[1] + 1)) if float(text) != own)


# --- brackets and loops ----------------------------------------------------------------------------------------------


def _expressions(node: s.Expr) -> Iterator[tuple[str, str, s.Expr]]:
    """The kind of mistake, what it is, and the right side with it."""
    for part in dict.fromkeys(s.walk(node)):
        for kind, text, changed in (*_brackets(part), *_short_loop(part)):
            yield kind, text, exchanged(node, part, changed)


def _brackets(node: s.Expr) -> Iterator[tuple[str, str, s.Expr]]:
    """A factor that belongs to a sum and stands at one of its terms, or the reverse."""

    def binary(op: str, left: s.Expr, right: s.Expr) -> s.Expr:
        return s.Binary(op, left, right, span=node.span)

    match node:
        case s.Binary("*" | "/"):
            parts = list(factors(node))
            for i, (above, total) in enumerate(parts):
                if not (above and isinstance(total, s.Binary) and total.op in "+-"):
                    continue
                for j, (multiplied, part) in enumerate(parts):
                    if j == i:
                        continue
                    for one in ("left", "right"):
                        inner = replace(total, **{one: binary("*" if multiplied else "/", getattr(total, one), part)})
                        rest = [inner if k == i else other for k, (_, other) in enumerate(parts) if k != j]
                        signs = [up for k, (up, _) in enumerate(parts) if k != j]
                        yield "brackets", f"with {show(part)} at {show(getattr(total, one))} alone, not at the whole sum", _chained(rest, signs, node)
        case s.Binary("+" | "-", left, right):
            for one, term, other in (("left", left, right), ("right", right, left)):
                parts = list(factors(term))
                for j, (multiplied, part) in enumerate(parts if len(parts) > 1 else ()):
                    rest = _chained([p for k, (_, p) in enumerate(parts) if k != j], [up for k, (up, _) in enumerate(parts) if k != j], node)
                    total = binary(node.op, rest, other) if one == "left" else binary(node.op, other, rest)
                    yield "brackets", f"with {show(part)} at the whole sum, not at {show(rest)} alone", binary("*" if multiplied else "/", total, part)


def _chained(parts: list[s.Expr], above: list[bool], node: s.Expr) -> s.Expr:
    first = s.Number("1", span=node.span)
    if above[0]:
        first, parts, above = parts[0], parts[1:], above[1:]
    for part, up in zip(parts, above, strict=True):
        first = s.Binary("*" if up else "/", first, part, span=node.span)
    return first


def _short_loop(node: s.Expr) -> Iterator[tuple[str, str, s.Expr]]:
    """A sum that begins a turn late, or ends a turn early."""
    if isinstance(node, s.Reduce) and node.op == "sum":
        for axis in node.axes:
            index, size = (s.Call(name, (axis,), None, span=node.span) for name in ("index", "size"))
            zero, one = (s.Number(text, span=node.span) for text in "01")
            for turn, inside in (("last", s.Compare(("<",), (index, s.Binary("-", size, one, span=node.span)), span=node.span)),
                                 ("first", s.Compare((">",), (index, zero), span=node.span))):
                yield "short loop", f"without the {turn} {axis.text}", replace(node, body=s.If(inside, node.body, zero, span=node.span))


# --- other values of the side ----------------------------------------------------------------------------------------


def _neighbours(equation: Equation, side: Side) -> Iterator[Variant]:
    """What another statement of the clause requires: two values exchanged."""
    spec = side.spec
    own = spec.quantities[equation.target]
    for other in spec.by_id[equation.clause].equations:
        its = spec.quantities[other.target]
        follows = equation.target in operands_of(other.right, spec.quantities)       # then it is what was traced, whatever that is
        if other.target != equation.target and not follows and (its.kind, its.unit, its.axes) == (own.kind, own.unit, own.axes):
            yield replace(of_mutant(Mutant("slip: exchanged", "", other.right), equation), text=f"what is required of {other.target}")


def _backwards(equation: Equation, side: Side) -> Iterator[Variant]:
    for name in sorted(operands_of(equation.right, side.spec.quantities)):
        quantity = side.spec.quantities[name]
        if quantity.kind in ("number", "count") and quantity.role != "const" and side.has(name):
            for axis in side.bundle.manifest.quantities[name].axes:
                if side.spec.axes[axis].kind == "loop" and axis != side.tile_axis and (side.size(axis) or 1) > 1:
                    yield Variant(f"the clause with {name} in the reverse order of {axis}", with_changed(equation, name, lambda value, axis=axis: _turned(value, axis)), operator="slip: reverse")


def _turned(value: Value, axis: str) -> Value:
    i = value.axes.index(axis)
    whole = [part if isinstance(part, float) or part is None or np.ndim(part) <= i else np.flip(part, i) for part in (value.bound, value.missing)]
    return replace(value, data=np.flip(value.data, i), bound=whole[0], missing=whole[1])


def _results(equation: Equation) -> Iterator[Variant]:
    right, span = equation.right, equation.right.span
    for text, node in (
        ("one over what is required", s.Binary("/", s.Number("1", span=span), right, span=span)),
        ("the square of what is required", s.Binary("^", right, s.Number("2", span=span), span=span)),
        ("the root of what is required", s.Call("sqrt", (right,), None, span=span)),
    ):
        yield replace(of_mutant(Mutant("slip: result", "", node), equation), text=text)
