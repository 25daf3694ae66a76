"""What does the broken side compute instead? Variants of the clause, tried on the elements that break.

A variant is reported if it fits all of them within the bound. Knows the shapes of mistakes, not the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.check import arithmetic_of, tiles
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import NORMAL, SMALLEST, Profile
from conform.engine.values import Truth, Value, is_exact
from specs_dsl import syntax as s
from specs_dsl.printer import show
from specs_dsl.spec import Equation

RATIOS = {
    2.0: "twice what is required", 0.5: "half of what is required", -1.0: "what is required, with the other sign",
    4.0: "four times what is required", 1e10: "what is required, in ångströms instead of metres", 1e-10: "what is required, in units of 1e10",
    1e3: "a thousand times what is required", 1e-3: "a thousandth of what is required", 1e4: "what is required, in cm² instead of m²",
    100.0: "a hundred times what is required", 0.01: "a hundredth of what is required", 1e20: "1e20 times what is required", 1e-20: "1e-20 times what is required",
    180 / np.pi: "what is required, in degrees instead of radians", np.pi / 180: "what is required, divided by 180/pi",
}
Right = Callable[[Operands], Value]


@dataclass(frozen=True, slots=True)
class Variant:
    """`text` completes "the side computes …"."""

    text: str
    right: Right


def computes_instead(equation: Equation, side: Side, profiles: Mapping[str, Profile], loops: Mapping[str, Mapping[int, int]]) -> str:
    """The first variant that fits every broken element; empty if none does."""
    math, profile = arithmetic_of(side, profiles)
    override = profile.overrides.get(equation.clause)
    slack = override.slack if override else profile.slack
    alive = list(_variants(equation, side, loops))
    ratios: list[np.ndarray] = []
    single = True
    seen = False
    for tile in tiles(side):
        operands = Operands(side, math, tile)
        with np.errstate(all="ignore"):
            broken = _broken(equation, operands, slack)
            if broken is None:
                continue
            seen = True
            alive = [variant for variant in alive if _fits(variant.right, equation, operands, slack, broken)]
            ratios.append(_ratio(equation, operands, broken))
            single = single and _in_single(equation, side, tile, slack, broken, profiles)
    if not seen:
        return ""
    if alive:
        return alive[0].text
    if constant := _constant(np.concatenate(ratios)):
        return constant
    return "the same in single precision: float32 where float64 is claimed" if single and math.precision.dtype == "float64" else ""


# --- the broken elements ---------------------------------------------------------------------------------------------


def _compared(equation: Equation, right: Value, operands: Operands, slack: float):
    """traced, required, allowed: aligned, for a right side that may be a variant."""
    left = operands.traced(equation.target)
    assert isinstance(left, Value)
    axes = operands.order.union([left.axes, right.axes])
    x, y = (operands.order.spread(value.data, value.axes, axes) for value in (left, right))
    derived = 0.0 if is_exact(right.bound) else slack * operands.order.spread(right.bound, right.axes, axes)
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    missing = np.zeros(shape, bool)
    for value in (left, right):
        if value.missing is not None:
            missing = missing | operands.order.spread(value.missing, value.axes, axes)
    return axes, np.broadcast_to(x, shape), np.broadcast_to(y, shape), np.broadcast_to(derived + operands.math.precision.unit * np.abs(x), shape), missing


def _broken(equation: Equation, operands: Operands, slack: float) -> np.ndarray | None:
    """Where this tile breaks, over the axes of the comparison; None if nowhere."""
    try:
        guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
        right = operands.right(equation)
    except Unavailable:
        return None
    if isinstance(right, Truth) or (guard is not None and guard.never):
        return None
    axes, x, y, allowed, missing = _compared(equation, right, operands, slack)
    broken = ~(np.abs(x - y) <= allowed) & ~missing & np.isfinite(y) & np.isfinite(allowed)
    if guard is not None:
        where = operands.order.spread(guard.data, guard.axes, axes) if set(guard.axes) <= set(axes) else np.True_
        broken = broken & where
    return broken if broken.any() else None


def _fits(right: Right, equation: Equation, operands: Operands, slack: float, broken: np.ndarray) -> bool:
    try:
        value = right(operands)
    except (Unavailable, IndexError):
        return False
    _, x, y, allowed, _ = _compared(equation, value, operands, slack)
    if x.shape != broken.shape:
        try:
            x, y, allowed = (np.broadcast_to(array, broken.shape) for array in (x, y, allowed))
        except ValueError:
            return False
    return bool((np.abs(x - y) <= allowed)[broken].all()) and bool(np.isfinite(allowed[broken]).all())


def _ratio(equation: Equation, operands: Operands, broken: np.ndarray) -> np.ndarray:
    right = operands.right(equation)
    assert isinstance(right, Value)
    _, x, y, _, _ = _compared(equation, right, operands, 1.0)
    return x[broken] / y[broken]


def _in_single(equation: Equation, side: Side, tile: slice, slack: float, broken: np.ndarray, profiles: Mapping[str, Profile]) -> bool:
    """Would single precision be granted what double precision is not?"""
    if "float32" not in profiles:
        return False
    from conform.engine.arithmetic import Precision

    profile = profiles["float32"]
    math = Arithmetic(Precision("float32", profile.unit_roundoff, SMALLEST["float32"], NORMAL["float32"], profile.ulps), side.order)
    return _fits(lambda operands: operands.right(equation), equation, Operands(side, math, tile), slack, broken)  # type: ignore[arg-type,return-value]


def _constant(ratios: np.ndarray) -> str:
    """A ratio that is the same everywhere, by name if it has one."""
    ratios = ratios[np.isfinite(ratios)]
    if ratios.size == 0:
        return ""
    middle = float(np.median(ratios))
    if middle == 0 or np.abs(ratios - middle).max() > 1e-4 * min(abs(middle), abs(middle - 1)):
        return ""
    named = next((text for value, text in RATIOS.items() if abs(middle / value - 1) < 1e-6), None)
    return named or f"{middle:.12g} times what is required"


# --- variants --------------------------------------------------------------------------------------------------------


def _variants(equation: Equation, side: Side, loops: Mapping[str, Mapping[int, int]]) -> Iterator[Variant]:
    yield from _carried(equation, side, loops)
    seen = {show(equation.right)}
    for text, node in _mutants(equation.right):
        if (shown := show(node)) not in seen:
            seen.add(shown)
            yield Variant(text, lambda operands, node=node: operands.evaluator.number(node))


def _carried(equation: Equation, side: Side, loops: Mapping[str, Mapping[int, int]]) -> Iterator[Variant]:
    """The value that is required at another index of one loop, where only one index of it breaks."""
    for axis, broken in loops.items():
        size = side.size(axis) or 1
        if side.spec.axes[axis].kind != "loop" or len(broken) != 1 or size < 2 or size > 4096:
            continue
        (here,) = broken
        for there in sorted(set(range(size)) - {here}, key=lambda i: (i != size - 1, abs(i - here))):
            since = f"carried over from the {side.tile_axis} before" if there > here else "left from an earlier turn"
            yield Variant(f"what the clause requires at {axis} {there}, {since}; at {axis} {here} nothing new was computed",
                          lambda operands, there=there, axis=axis: _at_index(equation, operands, axis, there))


def _at_index(equation: Equation, operands: Operands, axis: str, index: int) -> Value:
    value = operands.right(equation)
    if isinstance(value, Truth) or axis not in value.axes:
        raise Unavailable(axis)
    return operands.math.pick(value, axis, index)


def _factors(node: s.Expr, above: bool = True) -> Iterator[tuple[bool, s.Expr]]:
    """A chain of products and quotients: each factor, and whether it stands above the line."""
    match node:
        case s.Binary("*", left, right):
            yield from _factors(left, above)
            yield from _factors(right, above)
        case s.Binary("/", left, right):
            yield from _factors(left, above)
            yield from _factors(right, not above)
        case _:
            yield above, node


def _without_ratios(node: s.Expr) -> Iterator[tuple[str, s.Expr]]:
    """A product without one factor above the line and one below it: `close_distance / airpath` left out."""
    factors = list(_factors(node))
    for i, (_, top) in ((i, f) for i, f in enumerate(factors) if f[0]):
        for j, (_, bottom) in ((j, f) for j, f in enumerate(factors) if not f[0]):
            rest = [factor for k, factor in enumerate(factors) if k not in (i, j)]
            if not rest or not rest[0][0]:
                rest.insert(0, (True, s.Number("1", span=node.span)))
            product = rest[0][1]
            for above, part in rest[1:]:
                product = s.Binary("*" if above else "/", product, part, span=node.span)
            yield f"the clause without its factor {show(top)} / {show(bottom)}", product


def _mutants(node: s.Expr) -> Iterator[tuple[str, s.Expr]]:
    """The expression with one mistake in it, for each place and each kind of mistake."""
    yield from _here(node)
    if isinstance(node, s.Binary) and node.op in "*/":
        yield from _without_ratios(node)
    for name, value in ((field, getattr(node, field)) for field in node.__dataclass_fields__):
        if isinstance(value, s.Expr):
            for text, part in _mutants(value):
                yield text, replace(node, **{name: part})
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, s.Expr) and not (name == "axes"):
                    for text, part in _mutants(item):
                        yield text, replace(node, **{name: (*value[:i], part, *value[i + 1 :])})


def _here(node: s.Expr) -> Iterator[tuple[str, s.Expr]]:
    match node:
        case s.Binary("*", left, right):
            yield f"the clause without its factor {show(right)}", left
            yield f"the clause without its factor {show(left)}", right
        case s.Binary("/", left, right):
            yield f"the clause without dividing by {show(right)}", left
            yield f"the clause multiplied by {show(right)} instead of divided by it", replace(node, op="*")
        case s.Binary("^", left, s.Number(text)):
            yield f"the clause with {show(left)} not raised to the power {text}", left
        case s.Binary("+", left, right):
            yield f"the clause with - in place of + before {show(right)}", replace(node, op="-")
            yield f"the clause without its term {show(right)}", left
            yield f"the clause without its term {show(left)}", right
        case s.Binary("-", left, right):
            yield f"the clause with + in place of - before {show(right)}", replace(node, op="+")
            yield f"the clause without its term {show(right)}", left
        case s.Negative(operand):
            yield "the clause with the other sign", operand
        case s.Call("rotate", (v, u, angle), ties):
            yield "the clause turning the wrong way: its angle has the other sign", replace(node, arguments=(v, u, s.Negative(angle, span=node.span)))
        case s.Call("index", (axis,)):
            one = s.Number("1", span=node.span)
            yield f"the clause with {show(axis)} counted from one", s.Binary("+", node, one, span=node.span)
            yield f"the clause with {show(axis)} one too low", s.Binary("-", node, one, span=node.span)
        case s.Call("cross" | "atan2", (a, b)):
            yield f"the clause with the arguments of {node.function} exchanged", replace(node, arguments=(b, a))
        case s.Call("sin" | "cos", (a,)):
            other = "cos" if node.function == "sin" else "sin"
            yield f"the clause with {other} in place of {node.function}", replace(node, function=other)
        case s.Call("unit", (a,)):
            yield f"the clause with {show(a)} not made a unit vector", a
        case s.Select(body, picks):
            for i, pick in enumerate(picks):
                other = {"last": "first", "first": "last"}.get(pick.at)
                if other and not pick.rename:
                    yield f"the clause with the {other} {pick.axis.text} in place of the {pick.at}", replace(node, picks=(*picks[:i], replace(pick, at=other), *picks[i + 1 :]))
