"""The array of one quantity, from the columns that show something of it. What the log does not show is unset.

Arrays are as large as what is shown; what they are to the rules, with all places that nobody saw, is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from conform.trace.logs.digits import half_units_of
from conform.trace.logs.place import LAST, Placed, is_same
from conform.trace.logs.spool import pieces, zeros
from conform.trace.logs.table import Column
from specs_dsl.spec import Spec


@dataclass
class Filled:
    """`data` (box), a corner of the whole (shape); `who` (box): 0 where nothing is shown, else 1 + which of `columns` printed it."""

    data: np.ndarray
    who: np.ndarray
    shape: tuple[int, ...]
    raw: str
    line: int
    unit: str
    label: str = ""
    columns: Sequence[Column] = ()       # none: the numbers are known exactly
    longest: int = 0
    last: np.ndarray | None = field(default=None, repr=False)             # (box) the power of ten of each last digit, where each has its own

    @property
    def is_whole(self) -> bool:
        return self.data.shape == self.shape and bool(self.who.all())

    def values(self) -> np.ndarray:
        data = self.data.astype(np.int64) if self.data.dtype.kind == "i" else self.data
        return self._whole(data, 0)

    def unset(self) -> np.ndarray:
        return self._whole(self.who == 0, True)

    def half_units(self) -> np.ndarray:
        """Half a unit of the last digit that was printed of each."""
        halves = np.zeros(self.data.shape)
        data, who, flat = self.data.reshape(-1), self.who.reshape(-1), halves.reshape(-1)
        for piece in pieces(data.size, self.data, self.who, self.last):
            flat[piece] = self.halves_of(data[piece], who[piece], None if self.last is None else self.last.reshape(-1)[piece])
        return self._whole(halves, 0.0)

    def halves_of(self, data: np.ndarray, who: np.ndarray, last: np.ndarray | None) -> np.ndarray:
        """The same of some elements."""
        halves = np.zeros(data.shape)
        for i, column in enumerate(self.columns, 1):
            here = who == i
            if here.any():
                halves[here] = column.half_units(data[here], self.longest) if column.last is None or last is None else half_units_of(last[here])
        return halves

    def _whole(self, box: np.ndarray, beyond: object) -> np.ndarray:
        if box.shape == self.shape:
            return box
        whole = np.full(self.shape, beyond, box.dtype)
        whole[tuple(map(slice, box.shape))] = box
        return whole


class Filling:
    """Putting together one quantity. `longest`: digits of the longest number of the log; `notes` takes what a user should know."""

    def __init__(self, spec: Spec, longest: int, sizes: Mapping[str, int], together: Sequence[Placed], notes: list[str]) -> None:
        self.spec, self.longest, self.sizes, self.notes = spec, longest, sizes, notes
        first = together[0]
        self.quantity, self.unit = first.quantity, first.name.unit
        self.together = [placed for placed in together if placed.name.unit == self.unit]     # another unit: the same value again, for other readers
        self.shape = tuple(len(spec.axes[axis].labels) or sizes.get(axis, 1) for axis in self.quantity.axes)
        self.box = tuple(self._extent(axis, size) for axis, size in zip(self.quantity.axes, self.shape, strict=True))

    def _extent(self, axis: str, size: int) -> int:
        """How far along an axis anything is shown."""
        if self.spec.axes[axis].labels:
            return size
        reached = [placed.at[axis] for placed in self.together if axis in placed.at and len(placed.at[axis])]
        if any(_least(at) == LAST for at in reached):
            return size
        return min(size, 1 + max((int(at[0]) if is_same(at) else int(at.max()) for at in reached), default=size - 1))

    def filled(self) -> Filled:
        into = self._empty()
        for i, placed in enumerate(self.together, 1):
            if i == 1 or self._is_fresh(placed):
                self._fill(placed, into, i)
            else:                            # which of its own repetitions counts comes first, then which column does
                own = self._empty()
                self._fill(placed, own, i)
                for piece in pieces(own.who.size):
                    at = piece.start + np.flatnonzero(own.who.reshape(-1)[piece])
                    self._put(into, at, own.data.reshape(-1)[at], None if own.last is None else own.last.reshape(-1)[at], i)
        return self._typed(into)

    def _empty(self) -> Filled:
        first, columns = self.together[0], [placed.column for placed in self.together]
        last = zeros(self.box, np.int16) if any(column.last is not None for column in columns) else None
        line = int(first.column.lines[0])
        return Filled(zeros(self.box), zeros(self.box, np.uint8), self.shape, first.column.name, line, self.unit, first.name.label or "", columns, self.longest, last)

    def _is_fresh(self, placed: Placed) -> bool:
        """Whether a column comes to none of its places twice: they go up with the lines."""
        last = -1
        for piece in pieces(len(placed.column.lines)):
            at = self._flat(placed, piece).ravel()
            if at[0] <= last or (at[1:] <= at[:-1]).any():
                return False
            last = int(at[-1])
        return True

    def _fill(self, placed: Placed, into: Filled, number: int) -> None:
        """Where a place comes several times, the last line counts, or the first; if neither is meant, they must be equal."""
        column, keep = placed.column, placed.name.keep
        data, who = into.data.reshape(-1), into.who.reshape(-1)
        differing: list[np.ndarray] = []
        for piece in pieces(len(column.lines), column.values, column.last, into.data, into.who, into.last, backwards=keep == "first"):
            at, values = self._flat(placed, piece), placed.name.sign * column.values[piece]
            last = column.last[piece] if column.last is not None else None
            if keep == "first":              # numpy goes through a reversed view as it likes
                at, values = np.ascontiguousarray(at[::-1]), np.ascontiguousarray(values[::-1])
                last = None if last is None else np.ascontiguousarray(last[::-1])
            clash = (who[at] == number) & _differ(data[at], values)
            self._put(into, at.ravel(), values.ravel(), None if last is None else last.ravel(), number)
            if keep == "only" and (clash := clash | (who[at] == number) & _differ(data[at], values)).any():
                differing.append(at[clash])
        if differing:
            who[np.concatenate(differing)] = 0
            self.notes.append(f"{column.name}: printed {len(column.lines)} times with different values, and nothing says which is which: left out")

    def _put(self, into: Filled, at: np.ndarray, values: np.ndarray, last: np.ndarray | None, number: int) -> None:
        """Where another column has been already, the one with more digits counts."""
        data, who, lasts = into.data.reshape(-1), into.who.reshape(-1), None if into.last is None else into.last.reshape(-1)
        before = (who[at] != 0) & (who[at] != number)
        if before.any():
            theirs = into.halves_of(data[at], who[at], None if lasts is None else lasts[at])
            own = self.together[number - 1].column.half_units(values, self.longest) if last is None else half_units_of(last)
            self._note_apart(data[at], values, before & (np.abs(data[at] - values) > 1.001 * (theirs + own)), number)
            take = ~before | (own < theirs)
            at, values, last = at[take], values[take], None if last is None else last[take]
        data[at], who[at] = values, number
        if lasts is not None and last is not None:
            lasts[at] = last

    def _note_apart(self, theirs: np.ndarray, own: np.ndarray, apart: np.ndarray, number: int) -> None:
        names = [placed.column.name for placed in self.together]
        if apart.any():
            self._note(f"{names[0]} and {names[number - 1]} are both {self.quantity.name} and differ: ", f"{theirs[apart][0]:.15g} and {own[apart][0]:.15g}")

    def _flat(self, placed: Placed, piece: slice) -> np.ndarray:
        """Of each number of the lines of a piece, (lines, width), where it belongs in the flat array of what is shown."""
        over = (placed.name.over or "").split()
        width = [len(self.spec.axes[axis].labels) for axis in over]
        numbers = np.indices(width).reshape(len(width), -1) if over else np.zeros((0, 1), np.int64)
        flat = np.zeros((len(placed.column.lines[piece]), int(np.prod(width, dtype=int))), np.int64)
        for axis, size in zip(self.quantity.axes, self.box, strict=True):
            flat *= size
            if axis in over:
                flat += numbers[over.index(axis)]
            elif axis in placed.name.part:
                flat += self.spec.axes[axis].labels.index(placed.name.part[axis])
            elif axis in placed.at:
                place = placed.at[axis][:1] if is_same(placed.at[axis]) else placed.at[axis][piece]
                flat += np.where(place == LAST, size - 1, place)[:, None]
        return flat

    def _typed(self, filled: Filled) -> Filled:
        """Whole numbers are whole, and known exactly; one that is none is not taken for one."""
        if self.quantity.kind not in ("count", "flag"):
            return filled
        data, who = zeros(filled.data.shape, np.int64), filled.who.reshape(-1)
        shown, whole = filled.data.reshape(-1), data.reshape(-1)
        for piece in pieces(data.size, filled.data, filled.who, data):
            numbers, there = shown[piece], who[piece] != 0
            with np.errstate(invalid="ignore"):
                wrong = there & ~(np.isfinite(numbers) & (numbers == np.round(numbers)) & (np.abs(numbers) < 2**31 - 1))
            if wrong.any():
                self._note(f"{filled.raw}: ", f"{numbers[wrong][0]:.15g} is no whole number: left out")
                who[piece][wrong] = 0
            whole[piece] = np.where(there & ~wrong, numbers, 0)
        return replace(filled, data=data, columns=(), last=None)

    def _note(self, begin: str, said: str) -> None:
        """Once of whatever begins so."""
        if not any(note.startswith(begin) for note in self.notes):
            self.notes.append(begin + said)


def _least(at: np.ndarray) -> int:
    return int(at[0]) if is_same(at) else int(at.min())


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where they are not the same; nan is nan."""
    return (a != b) & ~(np.isnan(a) & np.isnan(b))
