"""Is a mistake one at all? A statement and its variant, in runs that nobody made.

What no run tells from what is required may be the same whatever is asked for: a factor of one, arguments in another order,
a quantity that other clauses make equal to the one it stands for. Then there is nothing to notice. It is asked of worlds
whose inputs are drawn at random (other sizes, other signs, zeros, the other answer, another word, a flag that is there or
not), and in which everything else follows by the rules. Where a statement applies and its variant never differs from it
by more than the bounds of both, they are the same but for rounding. Where the conditions of a statement leave too few of such
worlds, its operands are drawn themselves, each by itself: what is the same then is so in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.operands import Operands, Side
from conform.engine.scope import Unavailable
from conform.engine.values import EXACT, Truth, Value, as_number, mapped
from conform.engine.variants import Variant, found_by
from specs_dsl.spec import Equation, Quantity

WORLDS = 400
CASES = 48                               # worlds in which a statement applies that are looked at
ENOUGH = 8                               # of them that must have given numbers
ELEMENTS = 2                             # of the tiled axis
SHARP = 1e-6                             # a bound larger than this share of the value says nothing


class World(Operands):
    """A run that nobody made: the inputs of a side, drawn; and what follows from them. `loose`: nothing follows from
    anything, every value that the side traced is drawn."""

    def __init__(self, side: Side, math: Arithmetic, draw: int, loose: bool = False) -> None:
        follows = frozenset(name for name, quantity in side.spec.quantities.items() if quantity.role == "value")
        super().__init__(side, math, slice(0, min(ELEMENTS, side.size(side.tile_axis) or 0)), frozenset() if loose else follows)
        self.draw, self.loose = draw, loose

    def given(self, name: str) -> bool:
        return not self.spec.quantities[name].flags or bool(self._dice(f"given {name}").random() < 0.5)

    def found(self, name: str) -> Value | Truth:
        quantity = self.spec.quantities[name]
        if quantity.role != "input":
            drawn = self.loose and quantity.role == "value" and self.side.has(name)
            return self._drawn(quantity, super().found(name)) if drawn else super().found(name)
        if not quantity.flags:
            return self._drawn(quantity, super().found(name))
        if quantity.kind == "flag":
            return Truth((), np.bool_(self._dice(name).random() < 0.5))
        if not self.given(name):
            raise Unavailable(f"`{name}` is not given")
        shape = [len(self.labels(axis)) for axis in quantity.axes]
        return self._drawn(quantity, Value(quantity.axes, np.full(shape, quantity.factor)))

    def _drawn(self, quantity: Quantity, found: Value | Truth) -> Value | Truth:
        dice = self._dice(quantity.name)
        if isinstance(found, Truth):
            return Truth(found.axes, np.asarray(dice.random(found.data.shape) < 0.5))
        if quantity.kind == "choice":
            return replace(found, data=np.asarray(dice.integers(0, len(quantity.choices), found.data.shape), float), bound=EXACT, wide=None, missing=None, whole=True)
        whole = found.whole or quantity.kind == "count"
        data = _whole(found.data, dice) if whole else _number(found.data, dice, self.draw % 2 == 1)
        if self._kept_single(quantity.name):
            data = data.astype(np.float32).astype(np.float64)
        return replace(found, data=data, bound=EXACT, wide=None, missing=None, whole=whole)

    def _kept_single(self, name: str) -> bool:
        """Whether the program keeps it in single precision."""
        return self.side.has(name) and self.side.bundle.manifest.quantities[name].dtype == "float32"

    def _dice(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.draw, crc32(name.encode())])


def _whole(data: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    near = np.where(np.isfinite(data), data, 0) + dice.integers(1, 5, data.shape)
    return np.asarray(np.where(dice.random(data.shape) < 0.5, near, dice.integers(-1, 4, data.shape)), float)


def _number(data: np.ndarray, dice: np.random.Generator, signs: bool) -> np.ndarray:
    size = np.where(np.isfinite(data) & (data != 0), data, 1.0) * dice.uniform(0.4, 1.9, data.shape)
    if signs:
        size = size * np.where(dice.random(data.shape) < 0.5, -1.0, 1.0)
    return np.asarray(np.where(dice.random(data.shape) < 0.1, 0.0, size))


class _Seen(Operands):
    """The values of a world as a side would have traced them: one may be changed, and the others stay."""

    def __init__(self, world: World, changed: dict | None = None) -> None:
        super().__init__(world.side, world.math, world.tile, changed=changed)
        self.world = world

    def but(self, name: str, change: Callable[[Value], Value]) -> _Seen:
        return _Seen(self.world, {**self.changed, name: change})

    def given(self, name: str) -> bool:
        return self.world.given(name)

    def found(self, name: str) -> Value | Truth:
        found = self.world.resolve(name)
        return self._along(self.side.bundle.manifest.quantities[name].axes, found) if self.side.has(name) and isinstance(found, Value) else found

    def _along(self, axes: tuple[str, ...], found: Value) -> Value:
        """Along all axes on which the side traces it: what follows from less is the same at every place of the others."""
        axes = self.order.union([found.axes, axes])
        shape = [len(self.index(axis)) for axis in axes]
        spread = mapped(found, axes, lambda array: np.broadcast_to(self.order.spread(array, found.axes, axes), shape))
        return replace(spread, data=np.broadcast_to(spread.data, shape))


@dataclass
class Worlds:
    """The worlds of one side, made when they are first asked for."""

    side: Side
    math: Arithmetic
    _made: dict[tuple[bool, int], World] = field(default_factory=dict)
    _cases: dict[tuple[str, int, bool], list[tuple[_Seen, Value, Truth | None]]] = field(default_factory=dict)

    def same(self, variant: Variant, equation: Equation, place: tuple[str, int]) -> bool | None:
        """Whether the variant is what is required wherever the statement applies; None if too few worlds gave a number."""
        for loose in (False, True):
            known = 0
            for operands, right, guard in self._cases_of(equation, place, loose):
                told = _alike(variant, right, guard, operands)
                if told is False:
                    return None if loose else False          # operands that no run has together
                known += told is True
            if known >= ENOUGH:
                return True
        return None

    def _cases_of(self, equation: Equation, place: tuple[str, int], loose: bool) -> list[tuple[_Seen, Value, Truth | None]]:
        if (*place, loose) not in self._cases:
            self._cases[*place, loose] = [case for _, case in zip(range(CASES), self._applying(equation, loose), strict=False)]
        return self._cases[*place, loose]

    def _applying(self, equation: Equation, loose: bool) -> Iterator[tuple[_Seen, Value, Truth | None]]:
        for draw in range(WORLDS):
            if (loose, draw) not in self._made:
                self._made[loose, draw] = World(self.side, self.math, draw, loose)
            operands = _Seen(self._made[loose, draw])
            try:
                with np.errstate(all="ignore"):
                    guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                    if guard is None or guard.data.any():
                        yield operands, as_number(operands.right(equation)), guard
            except (Unavailable, ValueError, IndexError, OverflowError):
                continue                 # no run of that form: nothing is said by it


def _alike(variant: Variant, right: Value, guard: Truth | None, operands: _Seen) -> bool | None:
    found = found_by(variant, operands)
    if found is None:
        return None
    wrong = as_number(found)
    axes = operands.order.union([wrong.axes, right.axes, guard.axes if guard else ()])
    parts = [(wrong.data, wrong.axes), (right.data, right.axes), (wrong.reach, wrong.axes), (right.reach, right.axes), (guard.data if guard else np.True_, guard.axes if guard else ())]
    parts += [(np.False_ if one.missing is None else one.missing, one.axes) for one in (wrong, right)]
    with np.errstate(all="ignore"):
        x, y, a, b, here, lost, gone = np.broadcast_arrays(*(np.asarray(operands.order.spread(data, own, axes)) for data, own in parts))
        here = here & ~lost & ~gone & np.isfinite(y) & (b <= SHARP * np.abs(y))
        if not here.any():
            return None
        return bool((np.abs(x - y) <= a + b)[here].all())           # this way round: what is no number differs
