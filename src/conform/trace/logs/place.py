"""Where each number of a log belongs: an index on every loop axis of its quantity. Knows axes; knows no units and no files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from conform.errors import UsageProblem
from conform.trace.logs.dialect import Dialect, Name
from conform.trace.logs.spool import pieces
from conform.trace.logs.table import Column, Log
from specs_dsl.spec import Quantity, Spec

LAST = -1


@dataclass
class Elements:
    """The elements of one axis that lines name by coordinates: `slow 685 fast 1039`. `known` is sorted, without doubles."""

    names: tuple[str, ...]
    known: np.ndarray                    # (n, len(names)) integers

    def index(self, places: Mapping[str, np.ndarray]) -> np.ndarray:
        """Of each line; all lines name all coordinates, and the element is known."""
        kept = self._indices.get(id(places))         # the names of one look of line share their places
        if kept is None or kept[0] is not places:
            kept = self._indices[id(places)] = places, self._ranks([places[name] for name in self.names])
        return kept[1]

    def _ranks(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        for name, column in zip(self.names, columns, strict=True):
            if not all(np.isfinite(column[piece]).all() for piece in pieces(len(column), column)):
                raise UsageProblem(f"it says `{name} {column[~np.isfinite(column)][0]}` where it should say which element a line is of")
        if len(self.known) == len(columns[0]) and self._are_known(columns):
            return np.arange(len(self.known), dtype=np.int32)
        keys, ranks = self._keys(self.known.T), np.empty(len(columns[0]), np.int32)
        for piece in pieces(len(ranks), *columns):
            ranks[piece] = np.searchsorted(keys, self._keys([column[piece] for column in columns]))
        return ranks

    def _are_known(self, columns: Sequence[np.ndarray]) -> bool:
        """Whether the lines name every element once, in order."""
        return all((column[piece] == known[piece]).all() for column, known in zip(columns, self.known.T, strict=True) for piece in pieces(len(column), column))

    def _keys(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        """One number for each element, in the order of the elements."""
        keys = np.zeros(len(columns[0]), np.int64)
        for values, column in zip(self._values, columns, strict=True):
            keys = keys * max(1, len(values)) + np.searchsorted(values, column)
        return keys

    @cached_property
    def _values(self) -> list[np.ndarray]:
        return [_distinct(column[:, None])[:, 0] for column in self.known.T]

    @cached_property
    def _indices(self) -> dict[int, tuple[Mapping[str, np.ndarray], np.ndarray]]:
        return {}


@dataclass
class Placed:
    """One column of one quantity: for each line the index on each loop axis; LAST is the last one, however many there are."""

    column: Column
    name: Name
    quantity: Quantity
    at: dict[str, np.ndarray] = field(default_factory=dict)
    rank: np.ndarray | None = None       # among the repetitions that run along `name.along`


class Places:
    """The places of all columns of a log."""

    def __init__(self, log: Log, dialect: Dialect, spec: Spec) -> None:
        self.dialect, self.spec = dialect, spec
        self.loops = tuple(axis.name for axis in spec.axes.values() if axis.kind == "loop")
        self.tile = self.loops[0] if self.loops else ""
        self.elements = {axis: Elements(names, _known(log, names)) for axis, names in dialect.axes.items() if axis in self.loops and self._are_quantities(names)}
        self._opened = self._openings(log)
        self._kept: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}        # columns of one look have the same places

    def _are_quantities(self, names: Sequence[str]) -> bool:
        return all(name in self.spec.quantities for name in names)

    def _openings(self, log: Log) -> tuple[np.ndarray, np.ndarray]:
        """The lines after which an element of the outermost axis is the one that is spoken of, and which one."""
        here = self.elements.get(self.tile)
        opening = [column for column in log.columns if here and column.name == "" and all(name in column.places for name in here.names)]
        if not opening or here is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        lines = np.concatenate([column.lines for column in opening]).astype(np.int64)
        which = np.concatenate([here.index(column.places) for column in opening])
        order = np.argsort(lines, kind="stable")
        return lines[order], which[order]

    @property
    def known(self) -> np.ndarray | None:
        """The elements of the outermost axis that the log names, or None if it names none."""
        here = self.elements.get(self.tile)
        return here.known if here is not None and len(here.known) else None

    def place(self, column: Column, name: Name, quantity: Quantity) -> Placed:
        placed = Placed(column, name, quantity)
        for axis in quantity.axes:
            if self.spec.axes[axis].kind == "loop":
                found = self._index(column, name, axis)
                if found is not None:
                    placed.at[axis] = found
        along = [axis for axis in name.along if axis in quantity.axes and axis not in placed.at]
        if along:
            placed.rank = _ranks(column.lines, [placed.at[axis] for axis in sorted(placed.at)])
        for axis in quantity.axes:
            if self.spec.axes[axis].kind == "loop" and axis not in along:
                placed.at.setdefault(axis, _same(0, len(column.lines)))
        return placed

    def _index(self, column: Column, name: Name, axis: str) -> np.ndarray | None:
        """On one axis; None where the line says nothing of it."""
        count = len(column.lines)
        names = self.dialect.axes.get(axis, ())
        if names and all(one in column.places for one in names):
            return self.elements[axis].index(column.places) if axis in self.elements else self._once("whole", column.places[names[0]], _whole)
        if axis in column.at:
            return _same(column.at[axis], count)
        if axis in name.at:
            fixed = name.at[axis]
            return _same(fixed if isinstance(fixed, int) else {"first": 0, "last": LAST}[fixed], count)
        if axis == self.tile:
            return self._once("spoken of", column.lines, self._spoken_of)
        return None

    def _once(self, what: str, array: np.ndarray, worked_out: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        where = what, array.__array_interface__["data"][0]
        if where not in self._kept:
            self._kept[where] = array, worked_out(array)
        return self._kept[where][1]

    def _spoken_of(self, lines: np.ndarray) -> np.ndarray:
        """The element that was named last before each line; before any, the first."""
        opened, which = self._opened
        if not len(opened):
            return _same(0, len(lines))
        if len(opened) == 1:
            return _same(int(which[0]), len(lines))
        return _in_pieces(lines, lambda part: which[np.maximum(np.searchsorted(opened, part, side="right") - 1, 0)])


def _in_pieces(array: np.ndarray, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    found = np.empty(len(array), np.int32)
    for piece in pieces(len(array), array):
        found[piece] = of(array[piece])
    return found


def _same(index: int, count: int) -> np.ndarray:
    """The same index for every line, in no memory."""
    return np.broadcast_to(np.int64(index), (count,))


def is_same(place: np.ndarray) -> bool:
    return len(place) > 0 and place.strides == (0,)


def _known(log: Log, names: Sequence[str]) -> np.ndarray:
    looks = {id(column.places): column.places for column in log.columns if all(name in column.places for name in names)}
    known = [_distinct(rows) for places in looks.values() for rows in _rows([places[name] for name in names])]
    return _distinct(np.concatenate(known)) if known else np.zeros((0, len(names)), np.int64)


def _rows(columns: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Those of whole numbers, in pieces."""
    for piece in pieces(len(columns[0]), *columns):
        rows = np.stack([column[piece] for column in columns], axis=1)
        rows = rows[np.isfinite(rows).all(axis=1)]
        yield rows.astype(np.int32 if (np.abs(rows) < 2**31).all() else np.int64)


def _distinct(rows: np.ndarray) -> np.ndarray:
    """In order. Not numpy.unique, which loads numpy.ma."""
    ordered = rows if _in_order(rows) else rows[np.lexsort(rows.T[::-1])]
    new = np.ones(len(ordered), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return ordered if new.all() else ordered[new]


def _in_order(rows: np.ndarray) -> bool:
    """As most programs print them."""
    before, after = rows[:-1], rows[1:]
    less, equal = np.zeros(len(before), bool), np.ones(len(before), bool)
    for i in range(rows.shape[1]):
        less |= equal & (before[:, i] < after[:, i])
        equal &= before[:, i] == after[:, i]
    return bool((less | equal).all())


def _whole(values: np.ndarray) -> np.ndarray:
    return _in_pieces(values, lambda part: np.where(np.isfinite(part) & (part >= 0) & (part < 2**31), part, 0))


def _ranks(lines: np.ndarray, places: Sequence[np.ndarray]) -> np.ndarray:
    """How many lines of the same place come before each, in the order of the log."""
    count = len(lines)
    places = [place for place in places if not is_same(place)]
    in_order = bool((lines[1:] > lines[:-1]).all())
    if not places and in_order:
        return np.arange(count, dtype=np.int32)
    if in_order and len(places) == 1 and (places[0][1:] >= places[0][:-1]).all():
        order: slice | np.ndarray = slice(None)              # as most programs print them
    else:
        order = np.lexsort([lines, *places]) if places else np.argsort(lines, kind="stable")
    changes = np.zeros(count, bool)
    changes[:1] = True
    for place in places:
        changes[1:] |= place[order][1:] != place[order][:-1]
    if changes.all():
        return _same(0, count)
    starts = np.flatnonzero(changes)
    ranks = np.empty(count, np.int32)
    ranks[order] = np.arange(count, dtype=np.int32) - np.repeat(starts.astype(np.int32), np.diff(starts, append=count))
    return ranks
