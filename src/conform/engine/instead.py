"""What does the broken side compute instead? Variants of the clause, tried on the elements that break.

A variant is reported if it fits all of them within the bound. Knows the shapes of mistakes, not the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.check import arithmetic, arithmetic_of, tiles
from conform.engine.compare import Allowance, Compared, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
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
    last_resort: bool = False            # fits too much to be believed before a plain factor


def computes_instead(equation: Equation, side: Side, profiles: Mapping[str, Profile], loops: Mapping[str, Mapping[int, int]]) -> str:
    """The first variant that fits every broken element; empty if none does."""
    math, profile = arithmetic_of(side, profiles)
    allowance = Allowance(profile.slack_of(equation.clause), math.precision.unit)
    alive, ratios = list(_variants(equation, side, profiles, loops)), []
    for tile in tiles(side):
        found = _Tile.of(equation, Operands(side, math, tile), allowance)
        if found is not None:
            alive = [variant for variant in alive if found.fits(variant)]
            ratios.append(found.ratios())
    if not ratios:
        return ""
    best = alive[0] if alive else None
    if best is not None and not best.last_resort:
        return best.text
    return _constant(np.concatenate(ratios)) or (best.text if best else "")


@dataclass(frozen=True)
class _Tile:
    """The broken elements of one tile."""

    equation: Equation
    operands: Operands
    allowance: Allowance
    compared: Compared

    @classmethod
    def of(cls, equation: Equation, operands: Operands, allowance: Allowance) -> _Tile | None:
        """None where nothing breaks."""
        try:
            with np.errstate(all="ignore"):
                guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                found = _compare(equation, operands.right(equation), guard, operands, allowance)
        except Unavailable:
            return None
        return cls(equation, operands, allowance, found) if found.broken.any() else None

    def fits(self, variant: Variant) -> bool:
        """Whether the variant gives what was traced at every broken element, with a bound that says something."""
        try:
            with np.errstate(all="ignore"):
                found = _compare(self.equation, variant.right(self.operands), None, self.operands, self.allowance)
        except (Unavailable, IndexError):
            return False
        if found.axes != self.compared.axes:
            return False
        inside = np.broadcast_to((found.residual <= found.allowed) & np.isfinite(found.allowed), self.compared.broken.shape)
        return bool(inside[self.compared.broken].all())

    def ratios(self) -> np.ndarray:
        """Traced over required."""
        with np.errstate(all="ignore"):
            return (self.compared.traced / self.compared.required)[self.compared.broken]


def _compare(equation: Equation, right: Value | Truth, guard: Truth | None, operands: Operands, allowance: Allowance) -> Compared:
    left = operands.traced(equation.target)
    if not (isinstance(left, Value) and isinstance(right, Value)):
        raise Unavailable("a condition has no variants")
    return compare_values(left, right, guard, operands.order, allowance, ())


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


def _variants(equation: Equation, side: Side, profiles: Mapping[str, Profile], loops: Mapping[str, Mapping[int, int]]) -> Iterator[Variant]:
    """The likeliest first."""
    yield from _carried(equation, side, loops)
    seen = {show(equation.right)}
    for text, node in _mutants(equation.right):
        if (shown := show(node)) not in seen:
            seen.add(shown)
            yield Variant(text, lambda operands, node=node: operands.evaluator.number(node))
    yield from _in_single(equation, side, profiles)


def _in_single(equation: Equation, side: Side, profiles: Mapping[str, Profile]) -> Iterator[Variant]:
    """The clause with the bound of single precision, where double precision is claimed."""
    if side.bundle.manifest.producer.dtype == "float64" and "float32" in profiles:
        math = arithmetic(profiles["float32"], side)
        yield Variant("the same in single precision: float32 where float64 is claimed",
                      lambda operands: Operands(operands.side, math, operands.tile).right(equation), last_resort=True)  # type: ignore[arg-type,return-value]


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
