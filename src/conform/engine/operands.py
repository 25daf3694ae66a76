"""What names stand for on one side: its traced values, the spec's constants, and definitions for what it did not trace.

The only module of the engine that reads bundles. A tile is a range of the outermost loop axis, on which all traced
pixels lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from conform.engine.arithmetic import EVALUATOR, Arithmetic
from conform.engine.evaluate import Evaluator, Grid
from conform.engine.precision import DTYPES
from conform.engine.command import Command
from conform.engine.scope import NOTHING, Unavailable
from conform.engine.values import EXACT, Order, Truth, Value
from conform.errors import UsageProblem
from conform.memo import conversion
from conform.trace.bundle import Bundle
from specs_dsl.order import operands as operands_of
from specs_dsl.spec import Equation, Quantity, Requirement, Spec
from specs_dsl.syntax import Expr

if TYPE_CHECKING:
    from conform.engine.compare import Compared


Watch = Callable[[str, int, "Compared", np.ndarray], None]       # clause, statement, all its elements, residual over bound of each


def _look_away(*_: object) -> None:
    """Nobody wants to know of single elements."""


if TYPE_CHECKING:
    from conform.engine.labels import WrongLabel
    from conform.engine.verdicts import Verdict


@dataclass(frozen=True)
class Elsewhere:
    """What `@NAME` stands for: another side of the run, or this side in another run; in the arithmetic of its precision."""

    side: Side
    math: Arithmetic


@dataclass
class Side:
    """A bundle seen through a spec: which of the spec's quantities it has, in which unit and along which axes."""

    name: str
    bundle: Bundle
    spec: Spec
    order: Order
    factors: Mapping[str, float] = field(default_factory=dict)
    wrong_labels: tuple[WrongLabel, ...] = ()          # put right in `factors`
    elsewhere: dict[str, Elsewhere] = field(default_factory=dict, repr=False)
    verdicts: tuple[Verdict, ...] = field(default=(), init=False, repr=False)     # as judged already, beside nothing; not of a changed copy
    followed: list[tuple[tuple, dict[str, Value]]] = field(default_factory=list, init=False, repr=False, compare=False)     # what conform.engine.chains has found

    @property
    def command(self) -> Command:
        """What the side was told, as its manifest records it."""
        return Command(self.bundle.manifest.command)

    @property
    def tile_axis(self) -> str:
        return self.order.names[0]

    def has(self, name: str) -> bool:
        return self.bundle.has(name)

    def computed_in(self, statement: Equation | Requirement) -> str:
        """The precision that the value of an equation was computed in, or all that a requirement speaks of."""
        names = {statement.target} if isinstance(statement, Equation) else operands_of(statement.condition, self.spec.quantities)
        entries = self.bundle.manifest.quantities
        own = {entries[name].precision for name in names if name in entries}
        return (own.pop() if len(own) == 1 else None) or self.bundle.manifest.producer.dtype

    def values(self, name: str, dtype: str) -> np.ndarray:
        """An array as a computation of that precision takes it: narrowed, if the program has it in a wider one."""
        array = self.bundle.values(name)
        wider = array.dtype.kind == "f" and self.bundle.manifest.quantities[name].precision not in (None, dtype)
        return array.astype(DTYPES[dtype]) if wider else array

    def lacks(self, name: str) -> str:
        """That a value is not there, and why, where the bundle says so."""
        why = self.bundle.manifest.not_traced.get(name)
        return f"`{name}` is not in the trace" + (f": {why}" if why else "")

    def size(self, axis: str) -> int | None:
        """Length of an axis: as traced, else the number of its labels; None if nobody says."""
        entry = self.bundle.manifest.axes.get(axis)
        if entry is not None:
            return entry.size
        return len(self.spec.axes[axis].labels) or None


def open_side(name: str, bundle: Bundle, spec: Spec) -> Side:
    """Check a bundle against the spec; UsageProblem if they speak of different things."""
    side = Side(name, bundle, spec, Order(spec.axes), _factors(name, bundle, spec))
    _check_axes(side)
    return side


def _factors(name: str, bundle: Bundle, spec: Spec) -> dict[str, float]:
    """What each traced quantity is multiplied by to be in SI base units, where that is not one."""
    found: dict[str, float] = {}
    for key, entry in bundle.manifest.quantities.items():
        quantity = spec.quantities.get(key)
        if quantity is None or quantity.kind != "number" or (entry.unit or "1") == quantity.unit:
            if quantity is not None and quantity.kind == "number" and quantity.factor != 1.0:
                found[key] = quantity.factor
            continue
        found[key] = _converted(name, key, entry.unit, quantity, spec)
    return {key: factor for key, factor in found.items() if factor != 1.0}


def _converted(side: str, key: str, unit: str, quantity: Quantity, spec: Spec) -> float:
    try:
        factor = conversion(spec.units, unit, quantity.unit)
    except ValueError as error:
        raise UsageProblem(f"side {side} traced `{key}` in the unit `{unit}`, which nobody knows: {error}") from None
    if factor is None:
        raise UsageProblem(
            f"side {side} traced `{key}` in {unit or '1'}; the spec has it in {quantity.unit}, which is another dimension",
            "correct the unit where the program describes its trace",
        )
    return factor


def _check_axes(side: Side) -> None:
    for key, entry in side.bundle.manifest.quantities.items():
        quantity = side.spec.quantities.get(key)
        if quantity is None:
            continue
        extra = [axis for axis in entry.axes if axis not in quantity.axes]
        if extra:
            raise UsageProblem(
                f"side {side.name} traced `{key}` along {', '.join(extra)}; in the spec it has the axes {', '.join(quantity.axes) or 'none'}",
                "trace it without that axis, or give it the axis in the rules",
            )
    for axis in side.spec.axes.values():
        size = side.size(axis.name)
        if axis.labels and size != len(axis.labels):
            raise UsageProblem(f"side {side.name} has {size} elements on the axis {axis.name}; the spec names {', '.join(axis.labels)}")


class Operands:
    """The scope of one side and one tile. `spoken` collects the clauses whose definitions stood in for a value, `lacking`
    why some elements have none.

    `required` are quantities that are taken from their definitions although the side traced them: a repair. `replaced`
    gives values outright.
    """

    def __init__(self, side: Side, arithmetic: Arithmetic, tile: slice, required: frozenset[str] = frozenset(),
                 changed: Mapping[str, Callable[[Value], Value]] | None = None) -> None:
        self.side, self.math, self.tile, self.required, self.changed = side, arithmetic, tile, required, changed or {}
        self.order, self.spec = side.order, side.spec
        self.evaluator = Evaluator(self, arithmetic)
        self.spoken: set[str] = set()
        self.lacking: set[str] = set()
        self.watch: Watch = _look_away
        self._known: dict[str, Value | Truth] = {}
        self._places: dict[str, Operands] = {}
        self._said_by: dict[str, tuple[set[str], set[str]]] = {}

    def but(self, name: str, change: Callable[[Value], Value]) -> Operands:
        """The same scope, with one value changed."""
        return Operands(self.side, self.math, self.tile, self.required, {**self.changed, name: change})

    # --- names ---------------------------------------------------------------------------------------------------
    def resolve(self, name: str) -> Value | Truth:
        if name not in self._known:
            spoken, lacking = self.spoken, self.lacking
            self.listen()
            try:
                self._known[name] = self._find(name)
            finally:
                self._said_by[name] = self.spoken, self.lacking
                self.spoken, self.lacking = spoken, lacking
        spoken, lacking = self._said_by[name]
        self.spoken |= spoken
        self.lacking |= lacking
        return self._known[name]

    def listen(self) -> None:
        """From here on `spoken` and `lacking` are those of what is asked for next."""
        self.spoken, self.lacking = set(), set()

    def lack(self, reason: str) -> None:
        self.lacking.add(reason)

    def known(self, name: str) -> Value | Truth | None:
        """What a name stood for, if anything asked for it."""
        return self._known.get(name)

    def _find(self, name: str) -> Value | Truth:
        found = self.found(name)
        return self.changed[name](found) if name in self.changed and isinstance(found, Value) else found

    def found(self, name: str) -> Value | Truth:
        """What a name stands for on this side, before it is changed."""
        quantity = self.spec.quantities[name]
        if quantity.role == "const":
            return self._constant(quantity)
        if quantity.flags:
            return self._told(quantity)
        traced = self.side.has(name) and name not in self.required
        if not traced and quantity.role == "input":
            raise Unavailable(self.side.lacks(name))
        return self._completed(name, self.traced(name)) if traced else self._defined(quantity)

    def _completed(self, name: str, found: Value | Truth) -> Value | Truth:
        """What a log shows of a value in part, and elsewhere what its definition gives."""
        if found.missing is None or not self.side.bundle.manifest.quantities[name].partial or not isinstance(found, Value):
            return found
        try:
            defined = self._defined(self.spec.quantities[name])
        except Unavailable:
            return found
        shown = Truth(found.axes, ~found.missing)
        return self.math.choose(shown, replace(found, missing=None), defined) if isinstance(defined, Value) else found

    def _told(self, quantity: Quantity) -> Value | Truth:
        """An input from the command line: as written there, and rounded once by whoever reads it; then its unit converted."""
        command = self.side.command
        if quantity.kind == "flag":
            return Truth((), np.bool_(command.word(quantity) == "on"))
        if quantity.kind == "choice":
            return Value((), np.float64(quantity.choices.index(command.needed(quantity))), whole=True)
        count = int(np.prod([len(self.labels(axis)) for axis in quantity.axes], dtype=int))
        numbers = [self.math.literal(text) for text in command.numbers(quantity, count)]
        shape = [count] if quantity.axes else []
        whole = all(number.whole for number in numbers)
        exact = all(number.exact for number in numbers)
        bound = EXACT if exact else np.array([number.bound for number in numbers]).reshape(shape)
        value = Value(quantity.axes, np.array([number.data for number in numbers]).reshape(shape), bound, whole=whole)
        if quantity.factor == 1.0:
            return value
        rounding = EXACT if quantity.factor.is_integer() else (2 * EVALUATOR + self.math.precision.unit) * abs(quantity.factor)
        return self.math.product(value, Value((), np.float64(quantity.factor), float(rounding)))

    def _constant(self, quantity: Quantity) -> Value:
        value = self.math.literal(quantity.number)
        if quantity.factor == 1.0:
            return value
        factor = Value((), np.float64(quantity.factor), float(EVALUATOR * abs(quantity.factor)))
        return self.math.product(value, factor)

    def traced(self, name: str) -> Value | Truth:
        """What the side wrote: exact, for it is what the program went on with. What it printed is known to half a unit."""
        entry, quantity = self.side.bundle.manifest.quantities[name], self.spec.quantities[name]
        raw, unset = self.side.values(name, self.math.precision.dtype), self.side.bundle.unset(name)
        axes = self.order.union([entry.axes])
        data, missing = (None if array is None else self._arranged(array, entry.axes, axes) for array in (raw, unset))
        assert data is not None
        if missing is not None and not missing.any():
            missing = None
        if quantity.kind == "flag":
            return Truth(axes, data != 0, None, missing)
        if quantity.kind == "choice":
            data = _coded(data, entry.labels or (), quantity.choices)
        halves = self.side.bundle.half_units(name)
        known = EXACT if halves is None else self._arranged(halves, entry.axes, axes)
        value = Value(axes, data.astype(np.float64), known, None, missing, whole=data.dtype.kind == "i")
        factor = self.side.factors.get(name)
        if factor is None:
            return value
        scaled = value.data * factor
        bound = (EVALUATOR + self.math.precision.unit) * np.abs(scaled) + known * abs(factor)    # the factor is rounded: here, and in the program
        return Value(axes, scaled, bound, None, missing)

    def _arranged(self, array: np.ndarray, axes: tuple[str, ...], into: tuple[str, ...]) -> np.ndarray:
        array = np.asarray(array).transpose([axes.index(axis) for axis in into]) if axes != into else array
        return np.asarray(array[self.tile] if into and into[0] == self.side.tile_axis else array)

    def _defined(self, quantity: Quantity) -> Value | Truth:
        """The value by the spec's equations: of each element the one whose guard is true there."""
        result: Value | Truth | None = None
        by_element = False
        for equation in self.spec.definitions.get(quantity.name, ()):
            guard = None if equation.guard is None else self.evaluator.truth(equation.guard)
            by_element = by_element or (guard is not None and self.side.tile_axis in guard.axes)
            if guard is not None and guard.missing is None and guard.never:
                continue
            self.spoken.add(equation.clause)
            if guard is None or (guard.missing is None and guard.always):
                return self.right(equation)
            result = self._merged(guard, self._or_nothing(equation), result)
        if result is None and by_element and quantity.kind != "flag":
            return NOTHING
        if result is None:
            raise Unavailable(f"{self.side.lacks(quantity.name)}, and no case of its definition applies")
        return result

    def right(self, equation: Equation) -> Value | Truth:
        return self.as_target(equation.right, equation.target)

    def as_target(self, node: Expr, target: str) -> Value | Truth:
        """An expression as a value of its target's kind; where that is a choice, its words stand for themselves."""
        quantity = self.spec.quantities[target]
        if quantity.kind == "flag":
            return self.evaluator.truth(node)
        words = {word: Value((), np.float64(code), whole=True) for code, word in enumerate(quantity.choices) if word not in self.spec.quantities}
        return self.evaluator.number(node, words)

    def _or_nothing(self, equation: Equation) -> Value | Truth:
        """Of a case that holds for some elements: where it cannot be evaluated, the others are judged all the same."""
        try:
            return self.right(equation)
        except Unavailable as reason:
            self.lack(str(reason))
            return NOTHING

    def _merged(self, guard: Truth, value: Value | Truth, other: Value | Truth | None) -> Value | Truth:
        if isinstance(value, Truth):
            raise Unavailable("a condition that is defined by cases for single elements cannot stand in for a trace")
        return self.math.choose(guard, value, NOTHING if other is None else other)  # type: ignore[arg-type]

    # --- elsewhere -----------------------------------------------------------------------------------------------
    def at(self, place: str) -> Evaluator:
        """The evaluator of another side or run, whole: its elements are those of this side, as far as they have an axis."""
        if place not in self._places:
            there = self.side.elsewhere.get(place)
            if there is None:
                known = ", ".join(sorted(self.side.elsewhere)) or "none"
                raise Unavailable(f"`@{place}`: there is no such side or run here (there are: {known})")
            self._places[place] = Operands(there.side, there.math, slice(0, there.side.size(there.side.tile_axis) or 0))
        return self._places[place].evaluator

    def fits(self, found: Value | Truth, place: str) -> None:
        """Unavailable if a value from elsewhere has other elements than those here."""
        for axis, size in zip(found.axes, found.data.shape, strict=True):
            if size not in (1, len(self.index(axis))):
                raise Unavailable(f"`@{place}` has {size:,} elements along {axis}, and here are {len(self.index(axis)):,}")

    # --- tables, words and axes ----------------------------------------------------------------------------------
    def given(self, name: str) -> bool:
        """Whether a name stands for something: what is no input from the command line always does."""
        quantity = self.spec.quantities[name]
        return not quantity.flags or self.side.command.has(quantity)

    def grid(self, name: str) -> Grid:
        if not self.side.has(name):
            raise Unavailable(self.side.lacks(name))
        manifest = self.side.bundle.manifest
        entry = manifest.quantities[name]
        ordered = self.order.union([entry.axes])
        table = tuple(axis for axis in ordered if self.spec.axes[axis].kind == "grid")
        loops = tuple(axis for axis in ordered if axis not in table)
        data = self._arranged(self.side.values(name, self.math.precision.dtype), entry.axes, (*loops, *table))
        return Grid(data, tuple(manifest.axes[axis].first or 0 for axis in table), loops)

    def words(self, name: str) -> tuple[str, ...]:
        return self.spec.quantities[name].choices

    def index(self, axis: str) -> np.ndarray:
        size = self.side.size(axis)
        if size is None:
            raise Unavailable(f"the trace has no axis `{axis}`")
        entry = self.side.bundle.manifest.axes.get(axis)
        full = np.arange(size) + (entry.first or 0 if entry else 0)
        return full[self.tile] if axis == self.side.tile_axis else full

    def labels(self, axis: str) -> tuple[str, ...]:
        return self.spec.axes[axis].labels

    def vector_axis(self) -> str:
        return next(axis.name for axis in self.spec.axes.values() if axis.vector)


def _coded(data: np.ndarray, labels: tuple[str, ...], choices: tuple[str, ...]) -> np.ndarray:
    """Numbers of a side's words as numbers of the spec's; a word that the spec does not know is a number of no word."""
    if labels == choices or not labels:
        return data
    codes = np.array([choices.index(word) if word in choices else -1 for word in labels])
    inside = (data >= 0) & (data < len(labels))
    return np.where(inside, codes[np.where(inside, data, 0)], -1)
