"""What a mistake would be called: which variant of the statement the diagnosis finds first for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from conform.engine.compare import Compared
from conform.engine.operands import Operands
from conform.engine.values import Value, as_number
from conform.engine.variants import Variant, found_by

SIZE = 500                               # broken elements on which a mistake is asked for its name


@dataclass(frozen=True)
class Sample:
    """A mistake at some broken elements of the tile that shows it first: `scope` is its number."""

    scope: int
    places: np.ndarray
    wrong: np.ndarray
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    operands: Operands


def sampled(scope: int, found: Compared, operands: Operands) -> Sample:
    places = np.flatnonzero(found.broken)
    places = places[:: max(1, len(places) // SIZE)]
    return Sample(scope, places, found.traced.ravel()[places], found.broken.shape, found.axes, operands)


@dataclass
class Names:
    """The variants in the order in which the search takes them."""

    variants: Sequence[Variant]
    _values: dict[tuple[int, int], Value | None] = field(default_factory=dict)

    def of(self, sample: Sample | None) -> str:
        """The text of the first variant that gives the sample's values; empty if none does."""
        if sample is None:
            return ""
        return next((variant.text for i, variant in enumerate(self.variants) if self._fits(i, variant, sample)), "")

    def _fits(self, i: int, variant: Variant, sample: Sample) -> bool:
        value = self._value(i, variant, sample)
        if value is None or not set(value.axes) <= set(sample.axes):
            return False
        order = sample.operands.order
        data, bound = (np.broadcast_to(np.asarray(order.spread(part, value.axes, sample.axes)), sample.shape).ravel()[sample.places] for part in (value.data, value.bound))
        with np.errstate(all="ignore"):
            return bool((np.abs(data - sample.wrong) <= 2 * bound + 4 * np.finfo(float).eps * np.abs(data)).all())

    def _value(self, i: int, variant: Variant, sample: Sample) -> Value | None:
        if (i, sample.scope) not in self._values:
            found = found_by(variant, sample.operands)
            self._values[i, sample.scope] = None if found is None else as_number(found)
        return self._values[i, sample.scope]
