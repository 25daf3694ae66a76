"""Is the trace the computation's own? Decided before any blame, from the values of one side alone.

A value that is traced wrong and was used right breaks its own clause and every clause that uses it; with what is required in
its place all of them hold. A mistake in the computation breaks its own clause alone: what follows holds, on the value traced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from conform.engine.check import arithmetic_of, tiles
from conform.engine.compare import Allowance, compare_values
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.parity import coordinates
from conform.engine.tolerances import Profile
from conform.engine.values import Truth, Value
from conform.engine.variants import ANGLES
from specs_dsl.order import operands as operands_of
from specs_dsl.spec import Clause, Equation, Spec
from specs_dsl.syntax import walk

Change = Callable[[Value], Value]
Changes = Mapping[str, Change]
TAKEN = "trace not taken from the computation"
PLACE = "same name, other place in the chain"
UNIT = "the label's unit is wrong"
POWERS = [float(f"1e{k}") for k in (*range(-12, 0), *range(1, 13), -20, -30, 20, 30)]


@dataclass(frozen=True, slots=True)
class Lie:
    """A traced quantity that is not what the program used. `clauses` break because of it and for no other reason."""

    kind: str
    side: str
    quantity: str
    clauses: tuple[str, ...]
    text: str


def lies(spec: Spec, side: Side, breaking: Sequence[str], profiles: Mapping[str, Profile]) -> list[Lie]:
    """`breaking`: the clauses that the side breaks, in graph order. A clause is explained by one lie at most."""
    if len(breaking) < 1:
        return []
    looked = _Looked(spec, side, profiles)
    found: list[Lie] = []
    left = list(breaking)
    while left and (lie := next(_candidates(looked, left), None)) is not None:
        found.append(lie)
        left = [clause for clause in left if clause not in lie.clauses]
    return found


@dataclass
class _Looked:
    spec: Spec
    side: Side
    profiles: Mapping[str, Profile]

    def uses(self, name: str) -> list[Equation]:
        """The equations whose right side speaks of a quantity."""
        return [e for e in self.spec.once("uses", self._uses).get(name, ()) if self.side.has(e.target) and e.target != name]

    def _uses(self) -> dict[str, list[Equation]]:
        found: dict[str, list[Equation]] = defaultdict(list)
        for equation in (e for clause in self.spec.clauses for e in clause.equations):
            for name in operands_of(equation.right, self.spec.quantities):
                found[name].append(equation)
        return dict(found)

    def holds(self, equation: Equation, changes: Changes = {}, required: frozenset[str] = frozenset(), side: Side | None = None) -> bool | None:
        """Whether an equation holds everywhere on changed values, on `required` ones, or on another side; None if it says nothing."""
        math, profile = arithmetic_of(self.side, self.profiles, equation)
        allowance = Allowance(profile.slack_of(equation.clause), math.precision.unit, equation.tolerance)
        judged = False
        for tile in tiles(self.side, equation, required):
            operands = Operands(side or self.side, math, tile, required, changes)
            try:
                with np.errstate(all="ignore"):
                    guard = None if equation.guard is None else operands.evaluator.truth(equation.guard)
                    if guard is not None and guard.missing is None and guard.never:
                        continue
                    found = self._compared(equation, operands, guard, allowance)
            except (Unavailable, ValueError):
                return None
            if found is None or found.broken.any() or not np.isfinite(found.allowed[found.guard & ~found.unset]).all():
                return False if found is not None else None
            judged = judged or bool(found.judged.any())
        return True if judged else None

    def all_hold(self, equations: Sequence[Equation], **how) -> bool:
        """Whether all equations hold that say anything, and at least one does. The short ones are asked first: one that breaks decides."""
        said = False
        for equation in sorted(equations, key=lambda one: sum(1 for _ in walk(one.right))):
            answer = self.holds(equation, **how)
            if answer is False:
                return False
            said = said or answer is True
        return said

    def _compared(self, equation: Equation, operands: Operands, guard: Truth | None, allowance: Allowance):
        left, right = operands.traced(equation.target), operands.right(equation)
        return compare_values(left, right, guard, operands.order, allowance, ()) if isinstance(left, Value) and isinstance(right, Value) else None


def _candidates(looked: _Looked, breaking: Sequence[str]) -> Iterator[Lie]:
    yield from _other_elements(looked, breaking)
    for clause in (looked.spec.by_id[name] for name in breaking):
        for equation in clause.equations:
            if looked.spec.quantities[equation.target].kind == "number" and looked.side.has(equation.target):
                yield from _of_value(looked, clause, equation, breaking)
    yield from _of_inputs(looked, breaking)


# --- a value that has a clause of its own ----------------------------------------------------------------------------


def _of_value(looked: _Looked, clause: Clause, equation: Equation, breaking: Sequence[str]) -> Iterator[Lie]:
    """Its own clause breaks, one that uses it as well, and all that use it hold on what is required."""
    name, users = equation.target, looked.uses(equation.target)
    hurt = {e.clause for e in users} & set(breaking) - {clause.id}
    if not hurt or looked.holds(equation) is not False:
        return
    if not looked.all_hold(users, required=frozenset({name})):
        return
    kind, text = _kind(looked, name)
    others = tuple(c for c in breaking if c == clause.id or c in hurt)
    yield Lie(kind, looked.side.name, name, others, text)


def _kind(looked: _Looked, name: str) -> tuple[str, str]:
    """What the trace holds in the place of the value, if that can be said."""
    traced, required, operands = _whole(looked, name)
    there = np.isfinite(traced) & np.isfinite(required) & (required != 0)
    with np.errstate(all="ignore"):
        ratio = (traced / required)[there]
    if not ratio.size:
        return TAKEN, _made_up(name)
    if (unit := _unit(ratio)) is not None:
        return UNIT, f"{name} is traced as {unit:g} times what the program went on with: its label names another unit"
    for text, array in _factors(looked, name, operands, required.shape):
        with np.errstate(all="ignore"):
            if np.all(np.abs(ratio / array[there] - 1) <= (1e-9 if looked.side.bundle.manifest.producer.dtype == "float64" else 1e-5)):
                return PLACE, f"{name} is traced where it is already {text}: the program went on with the value that the clause requires"
    return TAKEN, _made_up(name)


def _made_up(name: str) -> str:
    return f"what is traced as {name} cannot have given what follows; the value that the clause requires can: the trace was not taken from the computation, or two mistakes cancel"


def _whole(looked: _Looked, name: str) -> tuple[np.ndarray, np.ndarray, Operands]:
    """Traced and required on all tiles, of those elements that there are."""
    math, _ = arithmetic_of(looked.side, looked.profiles)
    whole = slice(0, looked.side.size(looked.side.tile_axis) or 0)
    operands = Operands(looked.side, math, whole)
    traced, found = operands.traced(name), Operands(looked.side, math, whole, frozenset({name})).resolve(name)
    assert isinstance(traced, Value) and isinstance(found, Value)
    axes = looked.side.order.union([traced.axes, found.axes])
    x, y = np.broadcast_arrays(*(looked.side.order.spread(v.data, v.axes, axes) for v in (traced, found)))
    if traced.missing is not None:
        gone = np.broadcast_to(looked.side.order.spread(traced.missing, traced.axes, axes), x.shape)
        x, y = np.where(gone, 1.0, x), np.where(gone, 1.0, y)
    return x, y, operands


def _unit(ratio: np.ndarray) -> float | None:
    """A power of ten, or degrees for radians, at all elements."""
    middle = float(np.median(ratio))
    known = [*POWERS, *ANGLES.values()]
    near = next((unit for unit in known if abs(middle / unit - 1) < 1e-6), None)
    return near if near is not None and np.all(np.abs(ratio / near - 1) < 1e-6) else None


def _factors(looked: _Looked, name: str, operands: Operands, shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Other quantities of the run, and products of two, that the value may be multiplied or divided by already."""
    order, own = looked.side.order, looked.spec.quantities[name]
    axes = order.union([own.axes])
    single: list[tuple[str, np.ndarray]] = []
    for other, quantity in looked.spec.quantities.items():
        if other == name or quantity.kind not in ("number", "count") or not looked.side.has(other) or not set(quantity.axes) <= set(own.axes):
            continue
        value = operands.traced(other)
        if not isinstance(value, Value) or value.missing is not None or not np.isfinite(value.data).all() or not value.data.all():
            continue
        spread = np.asarray(order.spread(value.data, value.axes, axes))
        if len(axes) == len(shape) and not np.all(spread == 1):
            single.append((other, np.broadcast_to(spread, shape)))
    for other, array in single:
        yield f"multiplied by {other}", array
        yield f"divided by {other}", 1 / array
    for (one, a), (two, b) in combinations(single[:40], 2):
        yield f"multiplied by {one} and {two}", a * b
        yield f"divided by {one} and {two}", 1 / (a * b)
        yield f"multiplied by {one} and divided by {two}", a / b
        yield f"multiplied by {two} and divided by {one}", b / a


# --- what the rules take as given ------------------------------------------------------------------------------------


def _of_inputs(looked: _Looked, breaking: Sequence[str]) -> Iterator[Lie]:
    """Two clauses at least that use an input break, and with the input in another unit all that use it hold."""
    for name, quantity in looked.spec.quantities.items():
        if quantity.role != "input" or quantity.kind != "number" or quantity.unit == "1" or not looked.side.has(name):
            continue
        users = looked.uses(name)
        hurt = {e.clause for e in users} & set(breaking)
        if len(hurt) < 2:
            continue
        for factor in (*POWERS, *ANGLES.values()):
            if looked.all_hold(users, changes={name: _times(factor)}):
                text = f"{name} is traced as {1 / factor:g} times what the program went on with: its label names another unit"
                yield Lie(UNIT, looked.side.name, name, tuple(c for c in breaking if c in hurt), text)
                break


def _times(factor: float) -> Change:
    return lambda value: replace(value, data=value.data * factor, bound=2.0**-52 * np.abs(value.data * factor))


def _other_elements(looked: _Looked, breaking: Sequence[str]) -> Iterator[Lie]:
    """The values are those of elements with other coordinates."""
    places = [name for name, axis in coordinates(looked.spec).items() if axis == looked.side.tile_axis and looked.side.has(name)]
    users = list({id(e): e for name in places for e in looked.uses(name)}.values())
    hurt = {e.clause for e in users} & set(breaking)
    if not hurt or not places:
        return
    for text, side in _moved(looked.side, places):
        if looked.all_hold(users, side=side):
            yield Lie(f"another {looked.side.tile_axis}", looked.side.name, places[0], tuple(c for c in breaking if c in hurt), f"the values are those of another {looked.side.tile_axis}: {text}")
            return


def _moved(side: Side, places: Sequence[str]) -> Iterator[tuple[str, Side]]:
    """The side as though its coordinates were others."""
    arrays = {name: np.asarray(side.bundle.values(name)) for name in places}
    if len(places) == 2:
        one, two = places
        yield f"{one} and {two} are exchanged", _with(side, {one: arrays[two], two: arrays[one]})
    for name in places:
        for by, word in ((1, "further"), (-1, "back")):
            yield f"one {word} along {name}", _with(side, {name: arrays[name] + by})


def _with(side: Side, arrays: Mapping[str, np.ndarray]) -> Side:
    return replace(side, bundle=replace(side.bundle, _loaded={**side.bundle._loaded, **arrays}))
