"""A bundle that takes the run's inputs from another: a program that shows its image alone ran with the same command and
files as its neighbour, so that the neighbour's inputs are its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from conform.trace.bundle import Bundle


@dataclass
class Borrowing(Bundle):
    """`lender` gives the values of `borrowed`; everything else is the bundle's own."""

    lender: Bundle | None = None
    borrowed: frozenset[str] = frozenset()

    def values(self, name: str) -> np.ndarray:
        if self.lender is not None and name in self.borrowed:
            return self.lender.values(name)
        return super().values(name)

    def unset(self, name: str) -> np.ndarray | None:
        if self.lender is not None and name in self.borrowed:
            return self.lender.unset(name)
        return super().unset(name)

    def half_units(self, name: str) -> np.ndarray | None:
        if self.lender is not None and name in self.borrowed:
            return self.lender.half_units(name)
        return super().half_units(name)


def complete(bundles: Mapping[str, Bundle], inputs: Collection[str]) -> dict[str, Bundle]:
    """Every bundle that traced no input of the whole run gets those of the first that did."""
    lender = next((bundle for bundle in bundles.values() if _has_inputs(bundle, inputs)), None)
    return {name: bundle if lender is None or _has_inputs(bundle, inputs) else _borrow(bundle, lender, inputs) for name, bundle in bundles.items()}


def _has_inputs(bundle: Bundle, inputs: Collection[str]) -> bool:
    """Whether it traced any input that is one for the whole run; where an element lies is known to every bundle."""
    return any(bundle.has(name) and not bundle.manifest.quantities[name].axes for name in inputs)


def _borrow(bundle: Bundle, lender: Bundle, inputs: Collection[str]) -> Bundle:
    missing = frozenset(name for name in inputs if lender.has(name) and not bundle.has(name))
    manifest = bundle.manifest.model_copy(update={
        "axes": {**lender.manifest.axes, **bundle.manifest.axes},
        "quantities": {**{name: lender.manifest.quantities[name] for name in sorted(missing)}, **bundle.manifest.quantities},
    })
    return Borrowing(bundle.folder, manifest, lender=lender, borrowed=missing)
