"""What was read from a log, before anybody says what it means: columns of numbers under raw names, with their lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from conform.trace.logs.apart import Apart
from conform.trace.logs.dialect import Digits
from conform.trace.logs.digits import SAMPLE, half_units, last_place, longest
from conform.trace.logs.spool import Spool


@dataclass
class Column:
    """One raw name in lines of one look. `values` (n, width); `lines` (n); `places`: names that say where, (n) each.

    Large arrays lie in files: look at them in `pieces`.
    """

    name: str
    values: np.ndarray
    lines: np.ndarray
    places: Mapping[str, np.ndarray]
    at: Mapping[str, int]
    digits: Digits
    seen: int                            # most significant digits printed
    last: np.ndarray | None = None       # (n, width) the power of ten of each last digit, where each has its own

    def half_units(self, values: np.ndarray, longest: int) -> np.ndarray:
        """Half a unit of the last digit of values that it printed, by its format. `longest`: of the whole log, for formats that nobody declared."""
        return half_units(values, self.digits, longest if self.digits == "longest" else self.seen)


class Rows:
    """Lines of one look, as they are collected: the same names, the same number of numbers after them."""

    def __init__(self, names: tuple[str, ...], widths: tuple[int, ...], digits: Digits, at: Mapping[str, int]) -> None:
        self.names, self.widths, self.digits, self.at = names, widths, digits, at
        width = sum(widths)
        self._values, self._lines = Spool(float, width), Spool(np.uint32)
        self._last = Spool(np.int16, width) if digits == "printed" else None
        self._seen = self._sampled = 0
        self._taken: list[tuple[np.ndarray, ...]] = []               # since the last flush: values, lines, last places
        self._added: list[tuple[Sequence[bytes], int]] = []          # and single lines

    def take(self, apart: Apart, at: np.ndarray, lines: np.ndarray) -> None:
        """Lines of a block: of each the numbers at `at`, (n, width)."""
        last = (apart.places[at],) if self._last is not None else ()
        self._taken.append((apart.values[at], lines, *last))
        sample = at[: max(0, SAMPLE - self._sampled)]
        self._sampled += len(at)
        self._seen = max(self._seen, longest(apart.token(i) for i in sample.ravel().tolist()))

    def add(self, tokens: Sequence[bytes], line: int) -> None:
        """A line that was read by itself."""
        self._added.append((tokens, line))

    def flush(self) -> None:
        """What was collected is kept, in the order of the lines."""
        if self._added:
            tokens = [token for line, _ in self._added for token in line]
            shape = (len(self._added), sum(self.widths))
            last = (np.array([last_place(token) for token in tokens]).reshape(shape),) if self._last is not None else ()
            self._taken.append((np.array(list(map(float, tokens))).reshape(shape), np.array([n for _, n in self._added]), *last))
            self._seen = max(self._seen, longest(tokens))
        spools = [spool for spool in (self._values, self._lines, self._last) if spool is not None]
        if len(self._taken) > 1:
            joined = [np.concatenate(parts) for parts in zip(*self._taken, strict=True)]
            order = np.argsort(joined[1], kind="stable")
            self._taken = [tuple(part[order] for part in joined)]
        for spool, part in zip(spools, self._taken[0] if self._taken else (), strict=False):
            spool.append(part)
        self._taken, self._added = [], []

    def columns(self, coordinates: Mapping[str, str]) -> list[Column]:
        """A column for each name; those that say where a line is are the others' places."""
        lines, values = self._lines.array(), self._values.array()
        last = None if self._last is None else self._last.array()
        if not len(lines):
            return []
        ends = np.cumsum(self.widths)
        spans = {name: slice(int(end) - width, int(end)) for name, width, end in zip(self.names, self.widths, ends, strict=True)}
        places = {}
        for name, span in spans.items():
            for i, part in enumerate(_coordinates(name, span.stop - span.start, coordinates)):
                places[part] = values[:, span.start + i]
        return [
            Column(name, values[:, span], lines, places, self.at, self.digits, self._seen, None if last is None else last[:, span])
            for name, span in spans.items() if name not in coordinates and not _coordinates(name, span.stop - span.start, coordinates)
        ] or [Column("", values[:, :0], lines, places, self.at, self.digits, 0)]


def _coordinates(name: str, width: int, coordinates: Mapping[str, str]) -> tuple[str, ...]:
    """`slow` is one; `pixel=(0,1)` is two, those of the axis `pixel`."""
    if name in coordinates and width == 1:
        return (name,)
    of_axis = tuple(part for part, axis in coordinates.items() if axis == name)
    return of_axis if len(of_axis) == width and name not in coordinates else ()


@dataclass
class Log:
    """A whole log as it was read."""

    columns: list[Column]
    lines: int
    unknown: Counter[str]                # raw names that nobody asked for
    odd: list[int]                       # lines that begin like the dialect's and are none of its forms
    cut: int | None                      # the line in whose middle the log ends
    commands: tuple[str, ...] = ()       # that it says it was made by
    longest: int = 0                     # significant digits of the longest number

    def __post_init__(self) -> None:
        self.longest = max((column.seen for column in self.columns), default=0)
