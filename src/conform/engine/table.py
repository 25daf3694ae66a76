"""Two sides beside each other, quantity by quantity in graph order: where they part first, and what merely follows.

A quantity that differs follows from its operands if its clauses hold on both sides and an operand differs. What is left
is a divergence: of an input, of a value whose clause breaks, or of one that no clause could judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from conform.engine.check import Findings, arithmetic_of
from conform.engine.operands import Operands, Side
from conform.engine.tolerances import Profile
from conform.engine.values import Value
from conform.engine.verdicts import Outcome
from conform.trace.borrow import SET_UP, Borrowing
from specs_dsl.spec import Spec
from specs_dsl.syntax import Name, walk

State = Literal["same", "rounding", "follows", "differs", "breaks", "alone"]
GOOD = (Outcome.HOLDS, Outcome.TIE)


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity: its worst element on either side, in the spec's unit brought to SI. `beyond`: how many allowances they are apart."""

    quantity: str
    state: State
    values: tuple[float | None, ...]     # of each side; None where it shows none
    place: tuple[tuple[str, int], ...] = ()
    relative: float = 0.0
    beyond: float = 0.0
    elements: int = 0
    verdicts: Mapping[str, Outcome] = field(default_factory=dict)     # of the clauses that define it, by side
    clauses: tuple[str, ...] = ()


def table(findings: Findings, profiles: Mapping[str, Profile]) -> tuple[Row, ...]:
    """All quantities that a side shows itself, in graph order; an input stands before the first clause that needs it."""
    spec, sides = findings.spec, findings.sides
    whole = {side.name: Operands(side, arithmetic_of(side, profiles)[0], slice(0, side.size(side.tile_axis) or 0)) for side in sides}
    rows: dict[str, Row] = {}
    for name in _in_order(spec):
        shown = [side for side in sides if _shows(side, name)]
        if shown and spec.quantities[name].kind in ("number", "count"):
            rows[name] = _row(name, shown, findings, whole, rows)
    return tuple(rows.values())


def first_divergence(rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if row.state in ("differs", "breaks")), None)


def _shows(side: Side, name: str) -> bool:
    """Itself: not lent by its neighbour, nor said by somebody."""
    lent = isinstance(side.bundle, Borrowing) and name in side.bundle.lenders
    return side.has(name) and not lent and not side.bundle.manifest.quantities[name].told


def _in_order(spec: Spec) -> Iterator[str]:
    seen: set[str] = set()
    for clause in spec.clauses:
        for equation in clause.equations:
            for name in (*sorted(_operands(equation.right, spec) - {equation.target}), equation.target):
                if name not in seen and (spec.quantities[name].role == "input" or name == equation.target):
                    seen.add(name)
                    yield name
    yield from (name for name in spec.quantities if name not in seen and spec.quantities[name].role != "const")


def _operands(node, spec: Spec) -> set[str]:
    return {part.text for part in walk(node) if isinstance(part, Name) and part.text in spec.quantities and spec.quantities[part.text].role != "const"}


def _row(name: str, shown: Sequence[Side], findings: Findings, whole: Mapping[str, Operands], rows: Mapping[str, Row]) -> Row:
    spec = findings.spec
    clauses = tuple(dict.fromkeys(equation.clause for equation in spec.definitions.get(name, ())))
    verdicts = {side.name: worst for side in findings.sides if (worst := _verdict(findings, clauses, side.name, name)) is not None}
    values = [whole[side.name].traced(name) for side in shown]
    numbers = [value for value in values if isinstance(value, Value)]
    broken = any(outcome is Outcome.BREAKS for outcome in verdicts.values())
    if len(numbers) < 2:
        place, at = _some(numbers[0])
        return Row(name, "breaks" if broken else "alone", tuple(at if side in shown else None for side in findings.sides), place, verdicts=verdicts, clauses=clauses)
    unit = max(whole[side.name].math.precision.unit for side in shown)
    apart = _apart(numbers[0], numbers[1], whole[shown[0].name], unit, spec.quantities[name].role == "input")
    state: State = "breaks" if broken else "same" if apart.beyond <= 1 else _why(name, spec, verdicts, len(shown), rows)
    return Row(name, state, apart.values, apart.place, apart.relative, apart.beyond, apart.elements, verdicts, clauses)


def _verdict(findings: Findings, clauses: Sequence[str], side: str, target: str) -> Outcome | None:
    """Of the statements that define `target`: a clause breaks for it only if it is what breaks."""
    found = [findings.of(clause, side) for clause in clauses]
    if any(v.breaks and v.broken is not None and v.broken.target == target for v in found):
        return Outcome.BREAKS
    judged = [v.outcome for v in found if v.outcome in GOOD or v.breaks]
    return Outcome.HOLDS if judged else None


def _why(name: str, spec: Spec, verdicts: Mapping[str, Outcome], sides: int, rows: Mapping[str, Row]) -> State:
    if len(verdicts) < sides:
        return "differs"
    operands = set().union(*(_operands(equation.right, spec) for equation in spec.definitions.get(name, ())))
    parted = any(rows[one].state in ("follows", "differs", "breaks", "rounding") or rows[one].relative > 0 for one in operands if one in rows)
    return "follows" if parted else "rounding"


@dataclass(frozen=True)
class _Apart:
    values: tuple[float, float]
    place: tuple[tuple[str, int], ...]
    relative: float
    beyond: float
    elements: int


def _some(value: Value) -> tuple[tuple[tuple[str, int], ...], float]:
    """The first element that is there."""
    there = np.ones(value.data.shape, bool) if value.missing is None else ~np.broadcast_to(value.missing, value.data.shape)
    flat = int(np.argmax(there))
    return _place(value.axes, value.data.shape, flat), float(value.data.ravel()[flat]) if value.data.size else float("nan")


def _place(axes: tuple[str, ...], shape: tuple[int, ...], flat: int) -> tuple[tuple[str, int], ...]:
    return tuple(zip(axes, (int(i) for i in np.unravel_index(flat, shape)), strict=True)) if shape and np.prod(shape) else ()


def _apart(a: Value, b: Value, operands: Operands, unit: float, given: bool) -> _Apart:
    """The element at which they are farthest apart, in allowances: half units of the last digits, and some roundoffs."""
    order = operands.order
    axes = order.union([a.axes, b.axes])
    x, y = (np.asarray(order.spread(value.data, value.axes, axes)) for value in (a, b))
    x, y = np.broadcast_arrays(x, y) if _fit(x, y) else (x.ravel()[:0], y.ravel()[:0])
    if not x.size:
        return _Apart((float("nan"), float("nan")), (), 0.0, 0.0, 0)
    with np.errstate(all="ignore"):
        size = _size(np.maximum(np.abs(x), np.abs(y)), axes, operands.spec)
        allowed = sum((np.asarray(order.spread(value.bound, value.axes, axes)) for value in (a, b)), np.zeros(()))
        allowed = allowed + (SET_UP * unit * np.nanmax(size, initial=0.0) if given else 4 * unit * size)
        apart = np.abs(x - y)
        none = np.zeros(x.shape, bool)
        for value in (a, b):
            if value.missing is not None:
                none = none | order.spread(value.missing, value.axes, axes)
        beyond = np.where(apart == 0, 0.0, apart / allowed)
        beyond = np.where(np.isnan(x) & np.isnan(y), 0.0, np.where(np.isnan(beyond), np.inf, beyond))
        beyond = np.where(none, -1.0, beyond)
        relative = np.where(apart == 0, 0.0, apart / size)
    flat = int(np.argmax(beyond))
    return _Apart((float(x.ravel()[flat]), float(y.ravel()[flat])), _place(axes, x.shape, flat), float(np.nan_to_num(relative.ravel()[flat], nan=np.inf)),
                  max(0.0, float(beyond.ravel()[flat])), int((~none).sum()))


def _size(size: np.ndarray, axes: tuple[str, ...], spec: Spec) -> np.ndarray:
    """Of a vector, that of its largest component: the others are only known to as much."""
    for i, axis in enumerate(axes):
        if spec.axes[axis].vector:
            size = np.broadcast_to(np.nanmax(size, axis=i, keepdims=True, initial=0.0), size.shape)
    return size


def _fit(x: np.ndarray, y: np.ndarray) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(x.shape, y.shape, strict=True))
