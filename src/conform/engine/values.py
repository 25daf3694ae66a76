"""Values with named axes, a bound on what rounding may have done to them, and a mask of elements that do not exist.

Arrays are kept in the order of the spec's axes, so that broadcasting is by name. Knows no rules and no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

Bound = np.ndarray | float
EXACT = 0.0


@dataclass(frozen=True, slots=True)
class Value:
    """A number for every element of `axes`.

    `bound`: how far a correct program may be from `data`; 0.0 is "exact". `wide`: the same when a discrete decision on
    the way, which lies inside its own rounding, is allowed to have gone either way; None if there was none.
    `missing`: elements that the program never reached. `whole`: integers, in a program as well.
    """

    axes: tuple[str, ...]
    data: np.ndarray
    bound: Bound = EXACT
    wide: Bound | None = None
    missing: np.ndarray | None = None
    whole: bool = False

    @property
    def exact(self) -> bool:
        return is_exact(self.bound) and self.wide is None

    @property
    def reach(self) -> Bound:
        """How far a correct program may be, whichever way its decisions went."""
        return self.bound if self.wide is None else self.wide


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition for every element of `axes`. `doubt`: where rounding may have decided it."""

    axes: tuple[str, ...]
    data: np.ndarray
    doubt: np.ndarray | None = None
    missing: np.ndarray | None = None

    @property
    def never(self) -> bool:
        """Surely false, everywhere."""
        return self.doubt is None and self.missing is None and not self.data.any()

    @property
    def always(self) -> bool:
        return self.doubt is None and self.missing is None and bool(self.data.all())


def as_number(part: Value | Truth) -> Value:
    """A condition as 0 and 1, so that it is compared as numbers are: where rounding may have decided, either will do."""
    if isinstance(part, Value):
        return part
    return Value(part.axes, part.data.astype(np.float64), EXACT, None if part.doubt is None else part.doubt.astype(np.float64), part.missing, whole=True)


Part = TypeVar("Part", Value, Truth)
_ARRAYS = {Value: ("data", "bound", "wide", "missing"), Truth: ("data", "doubt", "missing")}


def is_exact(bound: Bound | None) -> bool:
    return isinstance(bound, float) and bound == EXACT


def mapped(part: Part, axes: tuple[str, ...], change: Callable[[np.ndarray], np.ndarray]) -> Part:
    """`part` on other axes: each of its arrays is changed alike. A plain number stands for all elements and stays."""
    arrays = {name: getattr(part, name) for name in _ARRAYS[type(part)]}
    return replace(part, axes=axes, **{name: change(array) if np.ndim(array) else array for name, array in arrays.items()})


def picked(part: Part, at: Mapping[str, int]) -> Part:
    """The elements at one index of some axes, which are gone. All at once: a fold asks it at every turn."""
    here = [at.get(axis) for axis in part.axes]
    left = tuple(axis for axis, i in zip(part.axes, here, strict=True) if i is None)
    return mapped(part, left, lambda array: array[tuple(slice(None) if i is None else i if n > 1 else 0 for i, n in zip(here, array.shape, strict=True))].copy())


class Order:
    """The order in which axes stand in every array of one spec."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._place = {name: i for i, name in enumerate(self.names)}

    def union(self, parts: Iterable[Sequence[str]]) -> tuple[str, ...]:
        found = {name for part in parts for name in part}
        return tuple(sorted(found, key=self._place.__getitem__))

    def spread(self, array: np.ndarray | float | None, axes: Sequence[str], over: Sequence[str]) -> np.ndarray | float | None:
        """`array` with an axis of length one for each of `over` that it does not have; a plain number stays one."""
        if array is None or isinstance(array, float) or len(axes) == len(over) or array.ndim == 0:
            return array
        sizes = dict(zip(axes, array.shape, strict=True))
        return array.reshape([sizes.get(name, 1) for name in over])


def either(*masks: np.ndarray | None) -> np.ndarray | None:
    """The union of masks; None is "nowhere"."""
    found = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def nowhere_is_none(mask: np.ndarray | None) -> np.ndarray | None:
    return mask if mask is not None and mask.any() else None
