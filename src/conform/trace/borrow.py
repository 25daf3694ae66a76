"""A bundle that takes inputs of the run from others: a program that shows its image alone, or a log, ran with the same command
and files as its neighbour, so that its neighbours' inputs are its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from conform.trace.bundle import Bundle

SET_UP = 64                              # roundoffs that the set-up of a program may cost an input
FEW = 1e-12                              # relative: a value that is known no better was printed to a few digits
ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}


@dataclass
class Borrowing(Bundle):
    """`lenders` give the values of what they lend, by name; everything else is the bundle's own."""

    lenders: Mapping[str, Bundle] = field(default_factory=dict)

    def values(self, name: str) -> np.ndarray:
        return self.lenders[name].values(name) if name in self.lenders else super().values(name)

    def unset(self, name: str) -> np.ndarray | None:
        return self.lenders[name].unset(name) if name in self.lenders else super().unset(name)

    def half_units(self, name: str) -> np.ndarray | None:
        """Of a log's loan: some roundoffs of its largest element, for each program works its inputs out in its own way."""
        if name not in self.lenders:
            return super().half_units(name)
        lender = self.lenders[name]
        lent, values = lender.half_units(name), lender.values(name)
        if not self.is_log or values.dtype.kind != "f" or not values.size:
            return lent
        unit = max(ROUNDOFF[bundle.manifest.producer.dtype] for bundle in (self, lender))
        own = np.full(values.shape, SET_UP * unit * float(np.nanmax(np.abs(values))))
        return own if lent is None else np.maximum(own, lent)


def complete(bundles: Mapping[str, Bundle], inputs: Collection[str]) -> dict[str, Bundle]:
    """Every bundle that traced no input of the whole run gets those of its neighbours; a log, each one that it does not show.

    Of several neighbours that have an input, the first lends it; logs come last.
    """
    lenders = sorted((bundle for bundle in bundles.values() if bundle.is_log or _has_inputs(bundle, inputs)), key=lambda bundle: bundle.is_log)
    return {name: _completed(bundle, [one for one in lenders if one is not bundle], inputs) for name, bundle in bundles.items()}


def _completed(bundle: Bundle, lenders: Sequence[Bundle], inputs: Collection[str]) -> Bundle:
    if not lenders or (_has_inputs(bundle, inputs) and not bundle.is_log):
        return bundle
    return _borrow(bundle, lenders, inputs)


def _has_inputs(bundle: Bundle, inputs: Collection[str]) -> bool:
    """Whether it traced any input that is one for the whole run; where an element lies is known to every bundle."""
    return any(bundle.has(name) and not bundle.manifest.quantities[name].axes for name in inputs)


def _borrow(bundle: Bundle, lenders: Sequence[Bundle], inputs: Collection[str]) -> Bundle:
    lent: dict[str, Bundle] = {}
    for lender in lenders:
        lent |= {name: lender for name in inputs if name not in lent and _lends(lender, bundle, name)}
    manifest = bundle.manifest.model_copy(update={
        "command": bundle.manifest.command if bundle.manifest.command is not None else next((one.manifest.command for one in lenders if one.manifest.command is not None), None),
        "axes": {axis: entry for one in (*reversed(lenders), bundle) for axis, entry in one.manifest.axes.items()},
        "quantities": {**bundle.manifest.quantities, **{name: lent[name].manifest.quantities[name] for name in sorted(lent)}},
    })
    return Borrowing(bundle.folder, manifest, bundle._loaded, bundle._masks, bundle._halves, lenders=lent)


def _lends(lender: Bundle, bundle: Bundle, name: str) -> bool:
    return lender.has(name) and (not bundle.has(name) or _is_better(bundle, lender, name)) and _fits(bundle, lender, name)


def _is_better(bundle: Bundle, lender: Bundle, name: str) -> bool:
    """What a log shows to a few digits, a neighbour that traced it says in full, if it says the same."""
    own, other = (one.manifest.quantities[name] for one in (bundle, lender))
    halves = bundle.half_units(name)
    if halves is None or lender.half_units(name) is not None or own.dtype != "float64" or (own.unit, own.axes) != (other.unit, other.axes) or own.unset:
        return False
    mine, full = bundle.values(name), lender.values(name)
    return mine.shape == full.shape and bool((halves > FEW * np.abs(mine)).any()) and bool((np.abs(mine - full) <= 2 * halves).all())


def _fits(bundle: Bundle, lender: Bundle, name: str) -> bool:
    """A log may show fewer turns of a loop than its neighbour, and then has no place for what runs along it."""
    axes = lender.manifest.quantities[name].axes
    return all(axis not in bundle.manifest.axes or bundle.size(axis) == lender.size(axis) for axis in axes)
