"""From the columns of a log to a bundle: each number in its place, with its unit and half a unit of its last digit.

What could not be placed is said in `notes`, in words that a user sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from conform.errors import UsageProblem
from conform.trace.bundle import Bundle
from conform.trace.logs.dialect import Name, Named
from conform.trace.logs.digits import singles
from conform.trace.logs.place import LAST, Placed, Places, is_same
from conform.trace.logs.table import Log
from conform.trace.manifest import AxisEntry, Manifest, Producer, QuantityEntry
from specs_dsl.spec import Quantity, Spec

PIECE = 1 << 18                          # lines that are put in their places at a time
PRECISE, NEEDED, MOST = 10, 3, 0.8       # digits and long numbers that tell single from double precision, and how many must be single


@dataclass
class Assembled:
    """A log as a bundle, and what was odd about it."""

    bundle: Bundle
    notes: list[str] = field(default_factory=list)


@dataclass
class Filled:
    """The arrays of one quantity. What the log does not show is unset."""

    data: np.ndarray
    halves: np.ndarray
    unset: np.ndarray
    raw: str
    line: int
    unit: str
    label: str = ""


def name_of(named: Named, spec: Spec, raw: str) -> Name | None:
    """What a raw name is by the dialect; names of the rules themselves, and their components, where it says so."""
    if raw in named.dialect.names:
        return named.dialect.names[raw]
    if not named.dialect.own_names:
        return None
    quantity, _, label = raw.partition(".")
    found = spec.quantities.get(quantity)
    if found is None or found.role == "const":
        return None
    axes = [axis for axis in found.axes if spec.axes[axis].labels]
    if not label:
        return Name.model_validate({"is": quantity, "unit": found.unit, **({"over": " ".join(axes)} if axes else {})})
    part = dict(zip(axes, label.split("."), strict=False))
    if len(part) == len(axes) == len(label.split(".")) and all(value in spec.axes[axis].labels for axis, value in part.items()):
        return Name.model_validate({"is": quantity, "unit": found.unit, "part": part})
    return None


class Assembly:
    """Putting one log together. `sizes` of loop axes, where another side tells them; else they are as the log shows."""

    def __init__(self, log: Log, named: Named, spec: Spec, sizes: Mapping[str, int] | None = None) -> None:
        self.log, self.named, self.spec = log, named, spec
        self.places = Places(log, named.dialect, spec)
        self.notes: list[str] = []
        self.placed = list(self._placed())
        self.sizes = self._sizes(dict(sizes or {}))

    # --- what is what --------------------------------------------------------------------------------------------
    def _placed(self) -> Iterator[Placed]:
        for column in self.log.columns:
            name = name_of(self.named, self.spec, column.name) if column.name else None
            quantity = self.spec.quantities.get(name.quantity) if name else None
            if name is None or quantity is None or quantity.role == "const" or quantity.kind == "choice":
                continue
            width = int(np.prod([len(self.spec.axes[axis].labels) for axis in (name.over or "").split()], dtype=int))
            if column.values.shape[1] != width:
                self.notes.append(f"{column.name}: {column.values.shape[1]} numbers in line {column.lines[0]}, where {name.quantity} has {width}")
                continue
            missing = [axis for axis in quantity.axes if self.spec.axes[axis].labels and axis not in (name.over or "").split() and axis not in name.part]
            if missing:
                self.notes.append(f"{column.name}: the dialect does not say which {missing[0]} of {name.quantity} it is")
                continue
            yield self.places.place(column, name, quantity)

    # --- how long axes are ---------------------------------------------------------------------------------------
    def _sizes(self, given: dict[str, int]) -> dict[str, int]:
        sizes = {axis: 1 for axis in self.places.loops}
        for placed in self.placed:
            for axis, index in placed.at.items():
                sizes[axis] = max(sizes[axis], int(index.max(initial=0)) + 1)
        if self.places.known is not None:
            sizes[self.places.tile] = max(1, len(self.places.known))
        for axis, elements in self.places.elements.items():
            sizes[axis] = max(sizes[axis], len(elements.known))
        for axis, size in given.items():
            if axis != self.places.tile and sizes.get(axis, 1) > size:
                raise UsageProblem(f"the log shows {sizes[axis]} turns of `{axis}`, and the other side has {size}: they are not of the same run")
        sizes.update({axis: size for axis, size in given.items() if axis != self.places.tile})
        for placed in self.placed:
            self._spread_ranks(placed, sizes, given)
        return sizes if given else self._complete(sizes)

    def _spread_ranks(self, placed: Placed, sizes: dict[str, int], given: Mapping[str, int]) -> None:
        """Repetitions run along axes whose sizes may be known; if not, along the innermost."""
        if placed.rank is None:
            return
        along = [axis for axis in placed.name.along if axis in placed.quantity.axes and axis not in placed.at]
        count = int(placed.rank.max(initial=0)) + 1
        room = int(np.prod([sizes[axis] for axis in along]))
        if count > room:
            if given:
                self.notes.append(f"{placed.column.name}: printed {count} times, and {' and '.join(along)} together have {room} turns")
            inner = int(np.prod([sizes[axis] for axis in along[:-1]]))
            sizes[along[-1]] = max(sizes[along[-1]], -(-count // inner)) if not given else sizes[along[-1]]
        place = placed.rank
        for axis in reversed(along):
            placed.at[axis] = place if axis == along[0] else place % sizes[axis]
            place = place // sizes[axis]
        placed.rank = None

    def _complete(self, sizes: dict[str, int]) -> dict[str, int]:
        """Where the log does not show all turns of a loop, or does not say how many there are, one stands for those unseen."""
        for key, axes in self.named.dialect.total.items():
            known = [axis for axis in axes if axis in sizes]
            told = [float(column.values[-1, 0]) for column in self.log.columns if column.name == key and len(column.values)]
            if told and told[-1] == np.prod([sizes[axis] for axis in known]):
                continue
            shown = {axis for axis in known if self._is_shown(axis)}
            for axis in [axis for axis in known if axis not in shown] or known:
                sizes[axis] += 1
        return sizes

    def _is_shown(self, axis: str) -> bool:
        names = self.named.dialect.axes.get(axis, ())
        return bool(names) and any(all(name in column.places for name in names) for column in self.log.columns)

    # --- the arrays ----------------------------------------------------------------------------------------------
    def arrays(self) -> dict[str, Filled]:
        found: dict[str, Filled] = {}
        for placed in self.placed:
            one = self._filled(placed)
            before = found.get(placed.quantity.name)
            found[placed.quantity.name] = one if before is None else self._joined(placed.quantity.name, before, one)
        return {name: filled for name, filled in found.items() if not filled.unset.all()}

    def _shape(self, quantity: Quantity) -> tuple[int, ...]:
        return tuple(len(self.spec.axes[axis].labels) or self.sizes.get(axis, 1) for axis in quantity.axes)

    def _filled(self, placed: Placed) -> Filled:
        """Where a place comes several times, the last line counts, or the first; if neither is meant, they must be equal."""
        quantity, name, column = placed.quantity, placed.name, placed.column
        shape = self._shape(quantity)
        data, halves, unset = (np.full(int(np.prod(shape, dtype=int)), start) for start in (0.0, 0.0, True))
        starts, differing = range(0, len(column.lines), PIECE), 0
        for start in reversed(starts) if name.keep == "first" else starts:
            piece = slice(start, start + PIECE)
            at, values, half = self._flat(placed, shape, piece), name.sign * column.values[piece], column.half_units(self.log.longest, piece)
            if name.keep == "first":
                at, values, half = (np.ascontiguousarray(array[::-1]) for array in (at, values, half))      # numpy goes through a reversed view as it likes
            clash = ~unset[at] & _differ(data[at], values)
            data[at], halves[at], unset[at] = values, half, False
            if name.keep == "only" and (clash := clash | _differ(data[at], values)).any():
                differing += int(clash.sum())
                halves[at[clash]] = np.inf
        if differing:
            unset |= np.isinf(halves)
            self.notes.append(f"{column.name}: printed {len(column.lines)} times with different values, and nothing says which is which: left out")
        return self._typed(Filled(data.reshape(shape), halves.reshape(shape), unset.reshape(shape), column.name, int(column.lines[0]), name.unit, name.label or ""), quantity)

    def _flat(self, placed: Placed, shape: tuple[int, ...], piece: slice) -> np.ndarray:
        """Of each number of the lines of a piece, (lines, width), where it belongs in the flat array of its quantity."""
        over = (placed.name.over or "").split()
        width = [len(self.spec.axes[axis].labels) for axis in over]
        numbers = np.indices(width).reshape(len(width), -1) if over else np.zeros((0, 1), np.int64)
        flat = np.zeros((len(placed.column.lines[piece]), int(np.prod(width, dtype=int))), np.int64)
        for axis, size in zip(placed.quantity.axes, shape, strict=True):
            flat *= size
            if axis in over:
                flat += numbers[over.index(axis)]
            elif axis in placed.name.part:
                flat += self.spec.axes[axis].labels.index(placed.name.part[axis])
            elif axis in placed.at:
                place = placed.at[axis][:1] if is_same(placed.at[axis]) else placed.at[axis][piece]
                flat += np.where(place == LAST, size - 1, place)[:, None]
        return flat

    def _typed(self, filled: Filled, quantity: Quantity) -> Filled:
        """Whole numbers are whole, and known exactly; one that is none is not taken for one."""
        if quantity.kind not in ("count", "flag"):
            return filled
        with np.errstate(invalid="ignore"):
            wrong = ~filled.unset & ~(np.isfinite(filled.data) & (filled.data == np.round(filled.data)) & (np.abs(filled.data) < 2**31 - 1))
        if wrong.any():
            self.notes.append(f"{filled.raw}: {filled.data[wrong].flat[0]:.15g} is no whole number: left out")
            filled.unset = filled.unset | wrong
        filled.data = np.where(filled.unset, 0, filled.data).astype(np.int64)
        filled.halves = np.zeros(filled.data.shape)
        return filled

    def _joined(self, name: str, a: Filled, b: Filled) -> Filled:
        """Two raw names for one quantity: where both say something, the one with more digits."""
        if a.unit != b.unit:
            return a                     # the same value twice, for readers who like another unit
        both = ~a.unset & ~b.unset
        apart = both & (np.abs(a.data - b.data) > 1.001 * (a.halves + b.halves))
        if apart.any():
            self.notes.append(f"{a.raw} and {b.raw} are both {name} and differ: {a.data[apart].flat[0]:.15g} and {b.data[apart].flat[0]:.15g}")
        take = ~b.unset & (a.unset | (b.halves < a.halves))
        return Filled(np.where(take, b.data, a.data), np.where(take, b.halves, a.halves), a.unset & b.unset, a.raw, a.line, a.unit, a.label)

    # --- the bundle ----------------------------------------------------------------------------------------------
    def bundle(self, path: Path, side: str, dtype: str | None) -> Assembled:
        arrays = {**self.arrays(), **self._coordinates()}
        axes = {axis: AxisEntry(size=self.sizes[axis]) for axis in self.places.loops}
        axes |= {axis.name: AxisEntry(size=len(axis.labels), labels=axis.labels) for axis in self.spec.axes.values() if axis.kind == "component"}
        entries = {name: self._entry(path, name, filled) for name, filled in arrays.items()}
        producer = Producer(program=path.name, language="log", flags=self.named.name, dtype=dtype or self._dtype())
        manifest = Manifest(side=side, producer=producer, command=None, inputs={}, axes=axes, quantities=entries)
        bundle = Bundle(
            path, manifest, {name: filled.data for name, filled in arrays.items()},
            {name: filled.unset for name, filled in arrays.items() if filled.unset.any()}, {name: filled.halves for name, filled in arrays.items()},
        )
        return Assembled(bundle, [*self._of_lines(), *self.notes])

    def _coordinates(self) -> dict[str, Filled]:
        """The elements that lines name, as the quantities that name them."""
        found = {}
        for axis, elements in self.places.elements.items():
            if len(elements.known) == self.sizes[axis]:
                for i, name in enumerate(elements.names):
                    data = elements.known[:, i]
                    found[name] = Filled(data, np.zeros(data.shape), np.zeros(data.shape, bool), name, 0, self.spec.quantities[name].unit)
        return found

    def _entry(self, path: Path, name: str, filled: Filled) -> QuantityEntry:
        shown = filled.unset.any()
        return QuantityEntry(
            unit=filled.unit, axes=self.spec.quantities[name].axes, dtype="int64" if filled.data.dtype.kind == "i" else "float64",
            file=f"{name}.npy", unset=f"{name}.unset.npy" if shown else None, printed=f"{name}.printed.npy", partial=bool(shown), raw=filled.raw, label=filled.label,
            source=f"{path.name}:{filled.line}" if filled.line else path.name,
            sha256=_hash(filled.data, filled.unset),
        )

    def _dtype(self) -> str:
        """As the dialect claims, else as the digits tell."""
        if self.named.dialect.dtype is not None:
            return self.named.dialect.dtype
        columns = [placed.column for placed in self.placed if placed.column.seen >= PRECISE and placed.quantity.kind == "number"]
        counts = [singles(column.values[:1000].ravel(), column.seen) for column in columns]
        long, fits = (sum(count[i] for count in counts) for i in (0, 1))
        return "float32" if long >= NEEDED and fits > MOST * long else "float64"

    def _of_lines(self) -> Iterator[str]:
        if self.log.cut is not None:
            yield f"line {self.log.cut} ends in its middle, without a line end: left out"
        if self.log.odd:
            more = f" and {len(self.log.odd) - 5} more" if len(self.log.odd) > 5 else ""
            yield f"{len(self.log.odd)} lines begin like the dialect's and are none of its forms: {', '.join(map(str, self.log.odd[:5]))}{more}"


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where they are not the same; nan is nan."""
    return (a != b) & ~(np.isnan(a) & np.isnan(b))


def _hash(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
