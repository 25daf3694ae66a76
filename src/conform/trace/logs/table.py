"""What was read from a log, before anybody says what it means: columns of numbers under raw names, with their lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from conform.trace.logs.dialect import Digits
from conform.trace.logs.digits import SAMPLE, half_units, longest


@dataclass
class Column:
    """One raw name in lines of one look. `values` (n, width); `lines` (n); `places`: names that say where, (n) each."""

    name: str
    values: np.ndarray
    lines: np.ndarray
    places: Mapping[str, np.ndarray]
    at: Mapping[str, int]
    digits: Digits
    seen: int                            # most significant digits printed
    halves: np.ndarray | None = None     # where they were told number by number

    def half_units(self, longest: int, piece: slice) -> np.ndarray:
        """(n, width): half a unit of the last digit. `longest`: of the whole log, for formats that nobody declared."""
        if self.halves is not None:
            return self.halves[piece]
        return half_units(None, self.values[piece], self.digits, longest if self.digits == "longest" else self.seen)


@dataclass
class Rows:
    """Lines of one look, as they are collected: the same names, the same number of numbers after them."""

    names: tuple[str, ...]
    widths: tuple[int, ...]
    digits: Digits
    at: Mapping[str, int]
    equals: bool = False                 # `name = 1.5`: what is collected begins with the sign
    raw: list[bytes] = field(default_factory=list)               # the numbers of a line, as printed, with blanks between
    numbers: list[int] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    halves: list[np.ndarray] = field(default_factory=list)
    lines: list[np.ndarray] = field(default_factory=list)
    seen: int = 0
    sampled: int = 0

    @property
    def width(self) -> int:
        return sum(self.widths)

    def flush(self) -> list[int]:
        """What was collected becomes arrays. Returns the lines that are not what they looked like: they are not among them."""
        raw, numbers, odd = self.raw, self.numbers, []
        self.raw, self.numbers = [], []
        if not raw:
            return []
        values = self._parsed(raw)
        if values is None:
            good = [self._parsed([text]) is not None for text in raw]
            odd = [n for n, fits in zip(numbers, good, strict=True) if not fits]
            raw, numbers = ([item for item, fits in zip(items, good, strict=True) if fits] for items in (raw, numbers))
            values = self._parsed(raw)
        if values is not None and len(raw):
            self._keep(values, raw, numbers)
        return odd

    def _parsed(self, raw: Sequence[bytes]) -> np.ndarray | None:
        """(n, width), or None if a line has another number of them, or something else."""
        try:
            if self.width == 1 and not self.equals:
                return np.array(list(map(float, raw)))[:, None]
            rows = [self._tokens(text) for text in raw]
            if any(len(row) != self.width for row in rows):
                return None
            return np.array(list(map(float, chain.from_iterable(rows)))).reshape(len(rows), self.width)
        except ValueError:
            return None

    def _tokens(self, text: bytes) -> list[bytes]:
        if not self.equals:
            return text.split()
        sign, *tokens = text.split()
        return tokens if sign == b"=" else []

    def _keep(self, values: np.ndarray, raw: Sequence[bytes], numbers: Sequence[int]) -> None:
        self.values.append(values)
        self.lines.append(np.array(numbers, dtype=np.uint32))
        sample = raw if self.digits == "printed" else raw[: max(0, SAMPLE - self.sampled)]
        tokens = [token for text in sample for token in self._tokens(text)]
        self.sampled += len(raw)
        self.seen = max(self.seen, longest(tokens))
        if self.digits == "printed":
            self.halves.append(half_units(tokens, values, "printed", 0))

    def columns(self, coordinates: Mapping[str, str]) -> list[Column]:
        """A column for each name; those that say where a line is are the others' places."""
        if not self.values:
            return []
        lines, values, halves = (np.concatenate(parts) if parts else None for parts in (self.lines, self.values, self.halves))
        self.values, self.lines, self.halves = [], [], []
        assert values is not None and lines is not None
        ends = np.cumsum(self.widths)
        spans = {name: slice(int(end) - width, int(end)) for name, width, end in zip(self.names, self.widths, ends, strict=True)}
        places = {}
        for name, span in spans.items():
            for i, part in enumerate(_coordinates(name, span.stop - span.start, coordinates)):
                places[part] = values[:, span.start + i]
        return [
            Column(name, values[:, span], lines, places, self.at, self.digits, self.seen, None if halves is None else halves[:, span])
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
    longest: int = 0                     # significant digits of the longest number

    def __post_init__(self) -> None:
        self.longest = max((column.seen for column in self.columns), default=0)
