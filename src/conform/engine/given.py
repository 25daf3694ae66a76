"""What the sides were given: the inputs of the rules, compared before anything is blamed on a clause.

A program that read a fluence in another unit holds every clause: each is judged on what the side itself used. That its inputs
are not those of the other side is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conform.engine.chains import links
from conform.engine.operands import Side
from conform.engine.parity import Parity, same_elements
from conform.trace.borrow import SET_UP
from specs_dsl.spec import Quantity

ROUND = 1e-6                             # how near a ratio must be to a unit's to be taken for it


@dataclass(frozen=True, slots=True)
class Given:
    """An input that two sides have differently: where first, and both values there."""

    quantity: str
    unit: str
    sides: tuple[str, str]
    place: tuple[tuple[str, int], ...]
    values: tuple[float, float] | tuple[str, str]
    differing: int
    elements: int
    ratio: float                         # of all that differ, if it is one; else nan


def differences(sides: Sequence[Side], parity: Sequence[Parity]) -> Iterator[Given]:
    """Every input of the whole run that a later side has otherwise than the first. What each element is given, such as a
    state that was reached, may follow from a break; and what a turn of a loop hands on to the next. Where loops are not of the
    same length, what runs along one is not compared."""
    first, *rest = sides
    for other in rest:
        loops = {axis.name for axis in first.spec.axes.values() if axis.kind == "loop"} if same_elements(first, other) else set()
        handed_on = links(first.spec)
        for name, quantity in first.spec.quantities.items():
            if quantity.role == "input" and name not in handed_on and first.has(name) and other.has(name) and first.tile_axis not in quantity.axes and not loops & set(quantity.axes):
                known = next((p for p in parity if p.quantity == name and p.sides == (first.name, other.name)), None)
                if known is None or not known.agree:
                    found = _compared(quantity, first, other)
                    if found is not None:
                        yield found


def _compared(quantity: Quantity, a: Side, b: Side) -> Given | None:
    name = quantity.name
    entries = [side.bundle.manifest.quantities[name] for side in (a, b)]
    x, y = (np.asarray(side.bundle.values(name)) for side in (a, b))
    if entries[0].axes != entries[1].axes or x.shape != y.shape:
        return None
    if quantity.kind == "choice":
        words = [np.asarray(entry.labels or ("?",))[array.astype(int)] for entry, array in zip(entries, (x, y), strict=True)]
        apart = np.asarray(words[0] != words[1])
        return _given(quantity, a, b, entries[0].axes, apart, words) if apart.any() else None
    x, y = (np.asarray(array, float) * side.factors.get(name, 1.0) for side, array in ((a, x), (b, y)))
    apart = np.asarray(x != y)
    if quantity.kind == "number":
        unit = max(2.0**-24 if "float32" in {side.bundle.manifest.producer.dtype for side in (a, b)} else 2.0**-53, 2.0**-53)
        largest = np.nanmax(np.maximum(np.abs(x), np.abs(y)), initial=0.0)
        apart = np.asarray(~(np.abs(x - y) <= SET_UP * unit * largest) & ~(np.isnan(x) & np.isnan(y)))
    return _given(quantity, a, b, entries[0].axes, apart, [x, y]) if apart.any() else None


def _given(quantity: Quantity, a: Side, b: Side, axes: Sequence[str], apart: np.ndarray, values: Sequence[np.ndarray]) -> Given:
    at = np.unravel_index(int(np.argmax(apart)), apart.shape) if apart.ndim else ()
    shown = tuple(str(value[at]) if quantity.kind == "choice" else float(value[at]) for value in values)
    return Given(quantity.name, quantity.unit, (a.name, b.name), tuple(zip(axes, map(int, at), strict=True)), shown,  # type: ignore[arg-type]
                 int(apart.sum()), int(apart.size), np.nan if quantity.kind != "number" else _ratio(values[1][apart], values[0][apart]))


def _ratio(x: np.ndarray, y: np.ndarray) -> float:
    """x / y, where it is the same everywhere."""
    with np.errstate(all="ignore"):
        ratios = x / y
    middle = float(np.median(ratios))
    return middle if np.isfinite(middle) and middle and np.all(np.abs(ratios - middle) <= ROUND * abs(middle)) else float("nan")
