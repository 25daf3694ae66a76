"""Reading the lines of a log: one of each look by the rules of its kind, all others like that one, a block at a time.

Knows no kind of log: `kinds` has those. What a line says must follow from its skeleton and from where its numbers stand in it;
a kind that cannot promise that of a line says so, and such lines are read one by one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from conform.trace.logs.apart import MARK, Apart, may_be_named, take_apart
from conform.trace.logs.dialect import Dialect, Digits
from conform.trace.logs.forms import Found
from conform.trace.logs.table import Rows

MOST_ODD = 1000                          # lines that are remembered as odd; more say nothing more
MOST_LOOKS = 1 << 14                     # skeletons that are remembered; a log of prose has as many as lines
UNKNOWN, SLOW = -1, -2
Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Part:
    """What one line says. `found` None: nothing that anybody could read; `alike`: lines of the same skeleton say the same names."""

    found: Found | None
    digits: Digits = "printed"
    at: Mapping[str, int] | None = None
    key: object = None                   # lines of one key and the same names are of one look
    alike: bool = True


@dataclass(frozen=True)
class Look:
    """Of the numbers of a line, those at `picks` go to `rows`. `unknown`: names that nobody asked for; `odd`: it says nothing."""

    rows: Rows | None
    picks: np.ndarray
    unknown: tuple[str, ...] = ()
    odd: bool = False


@dataclass(frozen=True)
class Prepared:
    """The lines of a block that are looked at, their numbers in the log, and the lines taken apart; None if there are none, or nobody wants them so."""

    text: bytes
    numbers: np.ndarray
    apart: Apart | None


class Reader(ABC):
    """The columns of one log, as they grow. A kind of log says which lines it looks at and what one of them says."""

    def __init__(self, dialect: Dialect, wanted: Wanted) -> None:
        self.dialect, self.wanted = dialect, wanted
        self.coordinates = dialect.coordinates()
        self.unknown: Counter[str] = Counter()
        self.commands: dict[str, None] = {}              # that the log says it was made by, each once
        self.odd: list[int] = []
        self.rows: dict[tuple, Rows] = {}
        self._ids: dict[bytes, int] = {}                 # of skeletons: which look, or SLOW
        self._looks: list[Look] = []

    # --- what a kind of log says ----------------------------------------------------------------------------------
    @abstractmethod
    def understand(self, line: bytes) -> Part:
        """What one line says."""

    def chosen(self, block: bytes, start: int) -> tuple[bytes, np.ndarray]:
        """The lines of a block that are looked at, and their numbers; `start` lines of the log are before it."""
        return block, np.arange(start + 1, start + 1 + block.count(b"\n"), dtype=np.uint32)

    def is_whole(self, line: bytes) -> bool:
        """Whether a last line without an end says so itself."""
        return False

    def finish(self) -> None:
        """After the last line."""

    # --- reading --------------------------------------------------------------------------------------------------
    def prepared(self, block: bytes, start: int) -> Prepared:
        """What can be done with a block before those in front of it are taken. It changes nothing: threads do it."""
        text, numbers = self.chosen(block, start)
        return Prepared(text, numbers, take_apart(text) if len(numbers) else None)

    def take(self, ready: Prepared) -> None:
        """The blocks of a log, one after the other."""
        apart, numbers = ready.apart, ready.numbers
        if apart is None:
            return
        looks = self._known(apart)
        if any(may_be_named(apart.skeletons[i]) for i in np.flatnonzero(looks == UNKNOWN).tolist()):
            apart = take_apart(ready.text, named=True)
            looks = self._known(apart)
        self._learn(apart, looks, numbers)
        for i in np.flatnonzero(np.bincount(looks[looks >= 0])).tolist():
            self._take(self._looks[i], apart, np.flatnonzero(looks == i), numbers)
        self.flush()

    def flush(self) -> None:
        for rows in self.rows.values():
            rows.flush()

    def _known(self, apart: Apart) -> np.ndarray:
        """Of each line, its look."""
        if MARK in apart.text:               # somebody wrote it himself
            return np.full(len(apart.skeletons), SLOW)
        return np.fromiter(map(self._ids.get, apart.skeletons, repeat(UNKNOWN)), np.int64, len(apart.skeletons))

    def _learn(self, apart: Apart, looks: np.ndarray, numbers: np.ndarray) -> None:
        """Lines that have no look are read here, in turn; most get one, and so do those that are like them."""
        for i in np.flatnonzero(looks < 0).tolist():
            if looks[i] == UNKNOWN:
                looks[i] = self._ids.get(apart.skeletons[i], UNKNOWN)
            if looks[i] < 0:
                looks[i] = self._read(apart, i, int(numbers[i]), looks[i] == UNKNOWN and len(self._ids) < MOST_LOOKS)

    def _read(self, apart: Apart, i: int, number: int, learn: bool) -> int:
        """One line, by the rules of its kind: its look from now on; SLOW if it has none, and then its numbers are kept here."""
        part = self.understand(apart.line(i))
        look = self._look(part, apart.tokens(i)) if learn else None
        if look is not None:
            self._looks.append(look)
        else:
            self.add(part, number)
        found = SLOW if look is None else len(self._looks) - 1
        if learn:
            self._ids[apart.skeletons[i]] = found
        return found

    def _look(self, part: Part, tokens: Sequence[bytes]) -> Look | None:
        """How lines are read that differ from this one in their numbers alone; None if one by one.

        All numbers of the line must be what it says: a name that looks like a number would be another name in another line.
        """
        found = part.found
        if not part.alike:
            return None
        if found is None or not found.names:
            return Look(None, np.zeros(0, np.int64), odd=found is None)
        if list(found.tokens) != list(tokens):
            return None
        rows, kept, unknown = self._kept(part, found)
        return Look(rows, _numbers_of(found, kept), unknown)

    def _take(self, look: Look, apart: Apart, lines: np.ndarray, numbers: np.ndarray) -> None:
        for name in look.unknown:
            self.unknown[name] += len(lines)
        if look.odd:
            self._remember_odd(numbers[lines].tolist())
        if look.rows is not None:
            at = apart.first[lines][:, None] + look.picks
            look.rows.take(apart, at, numbers[lines])

    def add(self, part: Part, number: int) -> None:
        """One line, by itself."""
        if part.found is None:
            self._remember_odd([number])
        elif part.found.names:
            rows, kept, unknown = self._kept(part, part.found)
            self.unknown.update(unknown)
            if rows is not None:
                rows.add([part.found.tokens[i] for i in _numbers_of(part.found, kept).tolist()], number)

    def _kept(self, part: Part, found: Found) -> tuple[Rows | None, list[int], tuple[str, ...]]:
        """The rows of a look, which of its names are kept in them, and the names that nobody asked for."""
        places = [name for name in found.names if name in self.coordinates or name in self.dialect.axes]
        kept = [i for i, name in enumerate(found.names) if name in places or self.wanted(name)]
        unknown = tuple(name for i, name in enumerate(found.names) if i not in kept)
        if len(kept) == len(places) and len(places) < len(found.names):
            return None, kept, unknown
        names, widths = tuple(found.names[i] for i in kept), tuple(found.widths[i] for i in kept)
        look = (part.key, names, widths)
        if look not in self.rows:
            self.rows[look] = Rows(names, widths, part.digits, part.at or {})
        return self.rows[look], kept, unknown

    def _remember_odd(self, numbers: Sequence[int]) -> None:
        self.odd += numbers[: MOST_ODD - len(self.odd)]


def _numbers_of(found: Found, kept: Sequence[int]) -> np.ndarray:
    """Which numbers of a line are those of the names that are kept."""
    ends = np.cumsum(found.widths)
    return np.array([n for i in kept for n in range(ends[i] - found.widths[i], ends[i])], np.int64)
