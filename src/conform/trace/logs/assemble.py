"""From the columns of a log to a bundle: each number in its place, with its unit and half a unit of its last digit.

What could not be placed is said in `notes`, in words that a user sees.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from conform.errors import UsageProblem
from conform.trace.bundle import Bundle
from conform.trace.logs.dialect import Name, Named
from conform.trace.logs.digits import singles
from conform.trace.logs.fill import Filled, Filling
from conform.trace.logs.place import Placed, Places, is_same
from conform.trace.logs.spool import pieces
from conform.trace.logs.table import Log
from conform.trace.manifest import AxisEntry, Manifest, Producer, QuantityEntry
from specs_dsl.spec import Spec

MOST_NAMES = 6                           # that a note lists
MOST_TURNS, SPARSE = 1 << 22, 1000       # turns that any log may speak of, and how many for each line that shows one
PRECISE, NEEDED, MOST = 10, 3, 0.8       # digits and long numbers that tell single from double precision, and how many must be single


@dataclass
class Assembled:
    """A log as a bundle, and what was odd about it."""

    bundle: Bundle
    notes: list[str] = field(default_factory=list)


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
                sizes[axis] = max(sizes[axis], self._reached(placed, axis, index))
        if self.places.known is not None:
            sizes[self.places.tile] = max(1, len(self.places.known))
        for axis, elements in self.places.elements.items():
            sizes[axis] = max(sizes[axis], len(elements.known))
        for axis, size in given.items():
            if axis != self.places.tile and sizes.get(axis, 1) > size:
                raise UsageProblem(f"it shows {sizes[axis]} turns of `{axis}`, and the other side has {size}: they are not of the same run")
        sizes.update({axis: size for axis, size in given.items() if axis != self.places.tile})
        self.placed = [placed for placed in self.placed if self._spread_ranks(placed, sizes, given)]
        return sizes if given else self._complete(sizes)

    def _reached(self, placed: Placed, axis: str, index: np.ndarray) -> int:
        """The turns of a loop of which the last one is named. A number so large that hardly any of them can be shown is a damaged line's."""
        count = int(index.max(initial=0)) + 1
        if count > max(MOST_TURNS, SPARSE * len(index)):
            line = placed.column.lines[int(index.argmax())]
            raise UsageProblem(f"line {line} is of turn {count - 1} of `{axis}`, and there are no more than {len(index)} lines of {placed.column.name}", "if that line is damaged, mend it or take it out")
        return count

    def _spread_ranks(self, placed: Placed, sizes: dict[str, int], given: Mapping[str, int]) -> bool:
        """Repetitions run along axes whose sizes may be known; if not, along the innermost. False if nobody knows where they belong."""
        if placed.rank is None:
            return True
        along = [axis for axis in placed.name.along if axis in placed.quantity.axes and axis not in placed.at]
        count = int(placed.rank.max(initial=0)) + 1
        room = int(np.prod([sizes[axis] for axis in along]))
        if count > room:
            if given:
                self.notes.append(f"{placed.column.name}: printed {count} times, and {' and '.join(along)} together have {room} turns: left out")
                return False
            inner = int(np.prod([sizes[axis] for axis in along[:-1]]))
            sizes[along[-1]] = max(sizes[along[-1]], -(-count // inner))
        place = placed.rank[:1] if is_same(placed.rank) else placed.rank
        for axis in reversed(along):
            here = place if axis == along[0] else place % sizes[axis]
            placed.at[axis] = np.broadcast_to(here, len(placed.rank)) if len(here) == 1 else here
            place = place // sizes[axis]
        placed.rank = None
        return True

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
        together: dict[str, list[Placed]] = {}
        for placed in self.placed:
            together.setdefault(placed.quantity.name, []).append(placed)
        filled = {name: Filling(self.spec, self.log.longest, self.sizes, columns, self.notes).filled() for name, columns in together.items()}
        return {name: one for name, one in filled.items() if one.who.any()}

    # --- the bundle ----------------------------------------------------------------------------------------------
    def bundle(self, path: Path, side: str, dtype: str | None) -> Assembled:
        arrays = {**self.arrays(), **self._coordinates()}
        axes = {axis: AxisEntry(size=self.sizes[axis]) for axis in self.places.loops}
        axes |= {axis.name: AxisEntry(size=len(axis.labels), labels=axis.labels) for axis in self.spec.axes.values() if axis.kind == "component"}
        entries = {name: self._entry(path, name, filled) for name, filled in arrays.items()}
        notes = [*self._of_lines(), *self._of_command(), *self.notes]
        producer = Producer(program=path.name, language="log", flags=self.named.name, dtype=dtype or self._dtype(), notes=(*notes, *self._of_names()))
        manifest = Manifest(side=side, producer=producer, command=self._command(), inputs={}, axes=axes, quantities=entries)
        shown = {name: filled.values for name, filled in arrays.items()}
        unset = {name: filled.unset for name, filled in arrays.items() if not filled.is_whole}
        bundle = Bundle(path, manifest, shown, unset, {name: filled.half_units for name, filled in arrays.items()})
        return Assembled(bundle, notes)

    def _coordinates(self) -> dict[str, Filled]:
        """The elements that lines name, as the quantities that name them."""
        found = {}
        for axis, elements in self.places.elements.items():
            if len(elements.known) == self.sizes[axis]:
                for i, name in enumerate(elements.names):
                    found[name] = Filled(elements.known[:, i], np.broadcast_to(np.uint8(1), len(elements.known)), elements.known[:, i].shape, name, 0, self.spec.quantities[name].unit)
        return found

    def _entry(self, path: Path, name: str, filled: Filled) -> QuantityEntry:
        partial = not filled.is_whole
        return QuantityEntry(
            unit=filled.unit, axes=self.spec.quantities[name].axes, dtype="int64" if filled.data.dtype.kind == "i" else "float64",
            file=f"{name}.npy", unset=f"{name}.unset.npy" if partial else None, printed=f"{name}.printed.npy", partial=partial, raw=filled.raw, label=filled.label,
            source=f"{path.name}:{filled.line}" if filled.line else path.name,
            sha256=_hash(filled.data, filled.who),
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

    def _command(self) -> tuple[str, ...] | None:
        """The words of the one command that the log says it was made by, without the program."""
        try:
            return tuple(shlex.split(self.log.commands[0])[1:]) if len(self.log.commands) == 1 else None
        except ValueError:
            return None

    def _of_command(self) -> Iterator[str]:
        if len(self.log.commands) > 1:
            yield f"it says that {len(self.log.commands)} different commands made it, so none is taken for its own: {'; '.join(self.log.commands[:2])}"
        elif self.log.commands and self._command() is None:
            yield f"the command that made it cannot be read: {self.log.commands[0]}"

    def _of_names(self) -> Iterator[str]:
        """What is not read is said: silence is no pass."""
        unknown = [name for name, why in unread(self.log, self.named, self.spec) if not why]
        if unknown:
            more = f" and {len(unknown) - MOST_NAMES} more" if len(unknown) > MOST_NAMES else ""
            yield f"{len(unknown)} names that the dialect does not know are not read: {', '.join(unknown[:MOST_NAMES])}{more} (conform binding check lists them)"


def unread(log: Log, named: Named, spec: Spec) -> Iterator[tuple[str, str]]:
    """The names of a log that are not read, the most frequent first, and why; empty if the dialect says nothing of one."""
    for raw, _ in log.unknown.most_common():
        known = name_of(named, spec, raw)
        yield raw, named.dialect.ignored.get(raw) or (f"these rules have no {known.quantity}" if known is not None else "")


def _hash(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        flat = array.reshape(-1)
        for piece in pieces(flat.size, array):
            digest.update(np.ascontiguousarray(flat[piece]).data)
    return digest.hexdigest()
