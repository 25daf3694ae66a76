"""A side with some of its breaks repaired and the others kept: what it would have computed then, downstream of them all.

A break that is kept is what the side makes of the value that its clause requires: a factor, or a difference where the required
value is zero or a whole number, element by element. Repairs may so be tried one at a time, in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from conform.engine.arithmetic import Arithmetic
from conform.engine.chains import Change, followed, links
from conform.engine.operands import Operands, Side, Unavailable
from conform.engine.values import Order, Value
from specs_dsl.order import needs, operands as operands_of
from specs_dsl.spec import Spec


def downstream(spec: Spec, target: str) -> frozenset[str]:
    """Every quantity that follows from `target`, directly or through others; in a loop that hands on, also in its next turn."""
    needed_by = _needed_by(spec)
    below: set[str] = set()
    open_ends = [target]
    while open_ends:
        new = needed_by.get(open_ends.pop(), frozenset()) - below
        below |= new
        open_ends += sorted(new)
    return frozenset(below - {target})


def _needed_by(spec: Spec) -> dict[str, frozenset[str]]:
    """Of each quantity, those whose definitions speak of it, or what a turn begins with."""

    def ask() -> dict[str, frozenset[str]]:
        above = needs(spec.clauses, spec.quantities)
        above |= {name: operands_of(link.right, spec.quantities) for name, link in links(spec).items()}
        return {name: frozenset(other for other, own in above.items() if name in own) for name in above}

    return spec.once("needed by", ask)


@dataclass(frozen=True)
class Rework:
    """`broken` are the quantities that the side breaks; `repaired` those of them that take what is required."""

    side: Side
    broken: frozenset[str] = frozenset()
    repaired: frozenset[str] = frozenset()

    def operands(self, math: Arithmetic, tile: slice) -> Operands:
        """What names stand for on the reworked side."""
        if not self.repaired:
            return Operands(self.side, math, tile)
        first = frozenset().union(*(downstream(self.side.spec, name) | {name} for name in self.repaired))
        kept = (self.broken - self.repaired) & first
        return followed(self.side, math, tile, first, kept_as_they_are(self.side, math, tile, kept))


def kept_as_they_are(side: Side, math: Arithmetic, tile: slice, targets: Collection[str]) -> Mapping[str, Change]:
    """Of each quantity, what the side makes of the value that is required."""
    plain = Operands(side, math, tile)
    found = {}
    for name in targets:
        try:
            link = links(side.spec).get(name)
            required = Operands(side, math, tile, frozenset({name})).resolve(name) if link is None else plain.right(link)
        except Unavailable:
            continue
        traced = plain.traced(name)
        if isinstance(required, Value) and isinstance(traced, Value):
            found[name] = _makes(traced, required, side.order, side.spec.quantities[name].kind == "count")
    return found


def _makes(traced: Value, required: Value, order: Order, whole: bool) -> Change:
    axes = order.union([traced.axes, required.axes])
    x, y = (np.asarray(order.spread(value.data, value.axes, axes)) for value in (traced, required))
    with np.errstate(all="ignore"):
        factor = np.asarray(x / y)
        as_factor = np.isfinite(factor) & (factor != 0) & (not whole)
        factor, added = np.where(as_factor, factor, 1.0), np.where(as_factor, 0.0, x - y)

    def change(value: Value) -> Value:
        over = order.union([value.axes, axes])
        data, scale, plus = (np.asarray(order.spread(part, own, over)) for part, own in ((value.data, value.axes), (factor, axes), (added, axes)))
        bound = value.bound if isinstance(value.bound, float) else np.asarray(order.spread(value.bound, value.axes, over)) * np.abs(scale)
        wide = None if value.wide is None else np.asarray(order.spread(value.wide, value.axes, over)) * np.abs(scale)
        missing = None if value.missing is None else np.broadcast_to(np.asarray(order.spread(value.missing, value.axes, over)), np.broadcast_shapes(data.shape, scale.shape))
        return replace(value, axes=over, data=data * scale + plus, bound=bound, wide=wide, missing=missing)

    return change
