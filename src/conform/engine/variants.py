"""Variants of a clause: what a program may compute in its place. Mutants of the expression, of single operands, and of
the result.

`text` completes "the side computes …"; `equation` says the same in the rules language, where it can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.operators import Context, Mutant, mutants
from conform.engine.values import Truth, Value
from specs_dsl import syntax as s
from specs_dsl.order import operands as operands_of
from specs_dsl.printer import show
from specs_dsl.spec import Equation, Spec

Right = Callable[[Operands], Value | Truth]
Change = Callable[[Value], Value]

LENGTHS = {"in ångströms instead of metres": 1e10, "in metres instead of ångströms": 1e-10, "in millimetres instead of metres": 1e3, "in metres instead of millimetres": 1e-3}
ANGLES = {"in degrees instead of radians": 180 / np.pi, "in radians instead of degrees": np.pi / 180}
LONGEST_LOOP = 4096                      # of an axis along which other indices are tried


@dataclass(frozen=True, slots=True)
class Variant:
    text: str
    right: Right
    equation: str = ""
    operator: str = ""


def found_by(variant: Variant, operands: Operands) -> Value | Truth | None:
    """What the variant gives; None where it makes no sense: a mistake need not be one that the language allows."""
    try:
        with np.errstate(all="ignore"):
            return variant.right(operands)
    except (Unavailable, LookupError, ValueError, TypeError, AssertionError):
        return None


def value_of(variant: Variant, operands: Operands) -> Value | None:
    """The same, where it is a number."""
    found = found_by(variant, operands)
    return found if isinstance(found, Value) else None


def variants(equation: Equation, side: Side, broken_at: Mapping[str, Mapping[int, int]]) -> Iterator[Variant]:
    """The likeliest first. `broken_at`: of each axis, the indices at which the clause breaks."""
    yield from constants(equation, side.spec)
    yield from carried(equation, side, broken_at)
    yield from kept(equation, side, broken_at)
    yield from towards_zero(equation)
    yield from _single(equation, side)


def mistakes(equation: Equation, side: Side) -> Iterator[Variant]:
    """What may be computed, or decided, in the place of a statement, wherever it breaks; the likeliest first."""
    still = list(constants(equation, side.spec))
    yield from still[:1]
    if side.spec.quantities[equation.target].kind == "flag":      # always false: sooner never set; always true: sooner turned round
        denied = s.Logic("not", (equation.right,), span=equation.right.span)
        yield of_mutant(Mutant("denied", "turned round: true where it should be false, and false where it should be true", denied), equation)
    yield from still[1:]
    yield from _single(equation, side)
    yield from kept(equation, side, {axis: {} for axis in side.spec.quantities[equation.target].axes if side.size(axis)}, most=1)


def _single(equation: Equation, side: Side) -> Iterator[Variant]:
    yield from expressions(equation, side.spec)
    yield from operand_variants(equation, side)
    if side.spec.quantities[equation.target].kind in ("number", "count"):
        yield from by_operand(equation, side)


# --- the expression --------------------------------------------------------------------------------------------------


def expressions(equation: Equation, spec: Spec) -> Iterator[Variant]:
    """One mistake in the right side. Of two that give the same, such as a first angle of zero exchanged for the step and steps
    counted from one, it is sooner a slip, or another option, than another quantity."""
    made = [of_mutant(mutant, equation) for mutant in mutants(equation.right, context_of(equation, spec))]
    yield from (one for one in made if one.operator != "another quantity")
    yield from elsewhere(equation, spec)
    yield from (one for one in made if one.operator == "another quantity")


def elsewhere(equation: Equation, spec: Spec) -> Iterator[Variant]:
    """What the other statements about the same quantity require, where their conditions do not hold: another option is taken."""
    others = (other for clause in spec.clauses for other in clause.equations if other.target == equation.target and other.right != equation.right)
    for other in others:
        variant = of_mutant(Mutant("another option", "", other.right), equation)
        yield replace(variant, text=f"what {other.clause} requires, where it does not apply: {show(other.right)}")


def context_of(equation: Equation, spec: Spec) -> Context:
    def counts(name: str) -> bool:
        return name in spec.quantities and spec.quantities[name].kind == "count" and not spec.quantities[name].axes

    loops = [axis.name for axis in spec.axes.values() if axis.kind == "loop"]
    return Context(lambda name: alike(name, equation.target, spec), counts, loops)


def of_mutant(mutant: Mutant, equation: Equation) -> Variant:
    node = mutant.right

    def right(operands: Operands) -> Value | Truth:
        return operands.as_target(node, equation.target)

    return Variant(f"the clause {mutant.text}", right, f"{equation.target} = {show(node).replace('--', '')}", mutant.operator)


def alike(name: str, target: str, spec: Spec) -> Sequence[str]:
    """Quantities that could be taken for `name`: same kind, unit and axes, and not what is being defined. Plain numbers are
    all alike, and are left out; directions, indices along a loop, and how many of something there are, are not."""
    own = spec.quantities.get(name)
    if own is None or own.role == "const" or own.kind not in ("number", "count"):
        return ()
    below = {target, name}
    told = own.kind == "count" and (own.axes or own.role == "value") or any(spec.axes[axis].kind == "component" for axis in own.axes)
    return [q.name for q in spec.quantities.values()
            if q.name not in below and q.role != "const" and (q.kind, q.unit, q.axes) == (own.kind, own.unit, own.axes) and (q.unit != "1" or told)
            and (q.kind != "count" or q.axes or q.role == "value")]


def constants(equation: Equation, spec: Spec) -> Iterator[Variant]:
    """What is there where nothing is computed; what is computed as a whole number."""
    target = spec.quantities[equation.target]
    if target.kind == "flag":
        for word, value in (("false", False), ("true", True)):
            yield Variant(f"{word}, whatever its operands", lambda operands, value=value: Truth((), np.bool_(value)), operator="constant")
    elif target.kind == "choice":
        for code, word in ((code, word) for code, word in enumerate(target.choices) if word != show(equation.right)):
            yield Variant(f"always {word}", lambda operands, code=code: Value((), np.float64(code), whole=True), f"{equation.target} = {word}", "constant")
    else:
        yield from _numbers(equation, whole=target.kind == "count")


def _numbers(equation: Equation, whole: bool) -> Iterator[Variant]:
    for text, number in (("zero, as though it had never been set", "0"), ("one, as though it were left out", "1")):
        if show(equation.right) != number:
            yield Variant(text, lambda operands, number=number: operands.math.literal(number), f"{equation.target} = {number}", "constant")
    for text, name, ties in () if whole else (("rounded down to a whole number", "floor", None), ("rounded to a whole number", "nearest", "even")):
        if not isinstance(equation.right, s.Call) or equation.right.function not in ("floor", "nearest", "ceil"):
            node = s.Call(name, (equation.right,), ties, span=equation.right.span)
            yield Variant(f"what is required, {text}", lambda operands, node=node: operands.evaluator.number(node), f"{equation.target} = {show(node)}", "whole number")


def towards_zero(equation: Equation) -> Iterator[Variant]:
    """Rounded as a conversion to a whole number does it in most languages."""
    right = equation.right
    if isinstance(right, s.Call) and right.function in ("floor", "ceil", "nearest"):
        up, down = (replace(right, function=name, ties=None) for name in ("ceil", "floor"))
        zero = s.Number("0", span=right.span)
        node = s.If(s.Compare(("<",), (right.arguments[0], zero), span=right.span), up, down, span=right.span)
        yield of_mutant(Mutant("towards zero", f"with rounding towards zero in place of {right.function}", node), equation)


# --- the result ------------------------------------------------------------------------------------------------------


def carried(equation: Equation, side: Side, broken_at: Mapping[str, Mapping[int, int]]) -> Iterator[Variant]:
    """The value that is required at another index of a loop, where only one index of it breaks."""
    for axis, broken in broken_at.items():
        size = side.size(axis) or 1
        if side.spec.axes[axis].kind != "loop" or len(broken) != 1 or not 2 <= size <= LONGEST_LOOP:
            continue
        (here,) = broken
        for there in sorted(set(range(size)) - {here}, key=lambda i: (i != size - 1, abs(i - here))):
            since = f"carried over from the {side.tile_axis} before" if there > here else "left from an earlier turn"
            text = f"what the clause requires at {axis} {there}, {since}; at {axis} {here} nothing new was computed"
            yield Variant(text, _at(equation, axis, there), operator="carried over")


def kept(equation: Equation, side: Side, broken_at: Mapping[str, Mapping[int, int]], most: int | None = None) -> Iterator[Variant]:
    """The value of the first turn of some loops, computed once and kept; or that of the last. `most`: so many loops at once."""
    loops = [axis for axis in broken_at if side.spec.axes[axis].kind == "loop" and (side.size(axis) or 1) > 1]
    for count in range(1, (len(loops) if most is None else min(most, len(loops))) + 1):
        for axes in combinations(loops, count):
            for index, word in ((0, "first"), (-1, "last")):
                place = " and ".join(f"the {word} {axis}" for axis in axes)
                yield Variant(f"what the clause requires at {place}, for all of them", _held_at(equation, axes, index), operator=f"{word} for each")


def _held_at(equation: Equation, axes: Sequence[str], index: int) -> Right:
    def right(operands: Operands) -> Value:
        value = operands.right(equation)
        if isinstance(value, Truth):
            raise Unavailable("a condition has no variants")
        for axis in axes:
            if axis not in value.axes:
                raise Unavailable(axis)
            value = operands.math.pick(value, axis, index if index >= 0 else value.data.shape[value.axes.index(axis)] - 1)
        return value

    return right


def _at(equation: Equation, axis: str, index: int) -> Right:
    def right(operands: Operands) -> Value:
        value = operands.right(equation)
        if isinstance(value, Truth) or axis not in value.axes:
            raise Unavailable(axis)
        return operands.math.pick(value, axis, index)

    return right


# --- single operands -------------------------------------------------------------------------------------------------


def operand_variants(equation: Equation, side: Side) -> Iterator[Variant]:
    """The clause with one of its operands in another unit, at another index, transposed, or in single precision."""
    for name in sorted(operands_of(equation.right, side.spec.quantities)):
        quantity = side.spec.quantities[name]
        in_table = any(side.spec.axes[axis].kind == "grid" for axis in quantity.axes)
        if quantity.role == "const" or quantity.kind not in ("number", "count") or in_table or not side.has(name):
            continue
        for text, change in _changes(name, side) if quantity.kind == "number" else _places(name, side):
            yield Variant(f"the clause with {name} {text}", with_changed(equation, name, change), operator=f"operand {text}")


def negated(equation: Equation, side: Side) -> Iterator[Variant]:
    """The clause with the other sign of one operand, wherever it stands: angles that are counted the other way round."""
    for name in sorted(operands_of(equation.right, side.spec.quantities)):
        if side.spec.quantities[name].kind == "number" and side.spec.quantities[name].role != "const" and side.has(name):
            yield Variant(f"the clause with {name} negated", with_changed(equation, name, lambda value: replace(value, data=-value.data)), operator="operand negated")


def by_operand(equation: Equation, side: Side) -> Iterator[Variant]:
    """What is required, with one of the operands as a factor once more or once less."""
    for name in sorted(operands_of(equation.right, side.spec.quantities)):
        if side.spec.quantities[name].kind in ("number", "count") and not any(side.spec.axes[axis].kind == "grid" for axis in side.spec.quantities[name].axes):
            for op, word in (("/", "divided"), ("*", "multiplied")):
                node = s.Binary(op, equation.right, s.Name(name, span=equation.right.span), span=equation.right.span)
                yield Variant(f"what is required, {word} by {name}", lambda operands, node=node: operands.evaluator.number(node), f"{equation.target} = {show(node)}", "factor added")


def _changes(name: str, side: Side) -> Iterator[tuple[str, Change]]:
    for text, factor in _scales(side.spec.quantities[name].unit).items():
        yield text, lambda value, factor=factor: replace(value, data=value.data * factor, bound=2.0**-52 * np.abs(value.data * factor))
    yield "in single precision", lambda value: replace(value, data=value.data.astype(np.float32).astype(np.float64))
    yield from _places(name, side)


def _places(name: str, side: Side) -> Iterator[tuple[str, Change]]:
    """Another element of the operand."""
    axes = side.bundle.manifest.quantities[name].axes
    for axis in axes:
        kind, size = side.spec.axes[axis].kind, side.size(axis) or 1
        if kind == "loop" and axis != side.tile_axis and size > 1:
            yield f"of the {axis} before", lambda value, axis=axis: _rolled(value, axis, 1)
            yield f"of the next {axis}", lambda value, axis=axis: _rolled(value, axis, -1)
            yield f"of the first {axis}", lambda value, axis=axis: _held(value, axis, 0)
            yield f"of the last {axis}", lambda value, axis=axis: _held(value, axis, -1)
    components = [axis for axis in axes if side.spec.axes[axis].kind == "component"]
    if len(components) == 2 and side.size(components[0]) == side.size(components[1]):
        yield "transposed", lambda value, pair=tuple(components): _transposed(value, *pair)
    for axis in components:
        if side.spec.quantities[name].kind == "count":
            for i, label in enumerate(side.spec.axes[axis].labels):
                yield f"with {label} one too low", lambda value, axis=axis, i=i: _stepped(value, axis, i, -1)
                yield f"with {label} one too high", lambda value, axis=axis, i=i: _stepped(value, axis, i, 1)
        if side.size(axis) == 3:
            yield f"with its components {axis} in cyclic order", lambda value, axis=axis: _rolled(value, axis, 1)
            for i, j in ((0, 1), (1, 2), (0, 2)):
                labels = side.spec.axes[axis].labels
                yield f"with {labels[i]} and {labels[j]} of {axis} exchanged", lambda value, axis=axis, pair=(i, j): _exchanged(value, axis, *pair)


def _scales(unit: str) -> Mapping[str, float]:
    """Other units that a value is taken for: of what has a length in it, or is an angle."""
    words = re.split(r"[^A-Za-z]+", unit)
    return ANGLES if unit == "rad" else LENGTHS if "m" in words else {}


def _rolled(value: Value, axis: str, by: int) -> Value:
    return replace(value, data=np.roll(value.data, by, axis=value.axes.index(axis)), missing=None)


def _stepped(value: Value, axis: str, at: int, by: int) -> Value:
    shape = [-1 if name == axis else 1 for name in value.axes]
    step = by * (np.arange(value.data.shape[value.axes.index(axis)]) == at)
    return replace(value, data=value.data + step.astype(value.data.dtype).reshape(shape))


def _exchanged(value: Value, axis: str, i: int, j: int) -> Value:
    order = list(range(3))
    order[i], order[j] = j, i
    return replace(value, data=np.take(value.data, order, axis=value.axes.index(axis)), missing=None)


def _held(value: Value, axis: str, at: int) -> Value:
    i = value.axes.index(axis)
    held = np.take(value.data, [at], axis=i)
    return replace(value, data=np.broadcast_to(held, value.data.shape), missing=None)


def _transposed(value: Value, a: str, b: str) -> Value:
    return replace(value, data=np.swapaxes(value.data, value.axes.index(a), value.axes.index(b)))


def with_changed(equation: Equation, name: str, change: Change) -> Right:
    return lambda operands: operands.but(name, change).right(equation)
