"""Blocks of whole lines, taken apart into numbers and what stands around them, by numpy and not line by line.

Lines that differ in nothing but their numbers have the same *skeleton*: who has read one of them has read them all. Knows bytes
and numbers; knows no dialect. Every number is what `float` makes of it, to the last bit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conform.trace.logs.decimals import BEFORE, between, read_decimals

NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|(?i:nan|inf(?:inity)?))(?![\w.])"
MARK = b"\x01"                           # in a skeleton, where a number stood
_NAMED = re.compile(rb"(?:nan|inf(?:inity)?)(?![\w.])", re.IGNORECASE)
_BETWEEN, _OTHER, _POWER, _DIGIT, _SPECIAL = range(5)    # from digits on, bytes of numbers; a letter e is one after another such byte
_FRONT = bytes(BEFORE - 1) + b"\n"       # so that something stands before every number, and each line after a line's end


def _table(of: dict[bytes, int], other: int) -> bytes:
    return bytes(next((kind for text, kind in of.items() if byte in text), other) for byte in range(256))


_KINDS = _table({b" \t\r\n\v\f,;:=()[]{}\"": _BETWEEN, b"0123456789": _DIGIT, b"+-.": _SPECIAL, b"eE": _POWER}, _OTHER)


@dataclass(frozen=True)
class Apart:
    """`skeletons`: of each line; `first` (lines + 1): its first number among `values`; of each number in `text` `starts`, `ends`, and
    in `places` the power of ten of its last digit.
    """

    text: bytes
    skeletons: list[bytes]
    first: np.ndarray
    values: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    places: np.ndarray

    def line(self, i: int) -> bytes:
        return self.text[self.line_starts[i] : self.line_starts[i + 1] - 1]

    def tokens(self, line: int) -> list[bytes]:
        return [self.token(i) for i in range(self.first[line], self.first[line + 1])]

    def token(self, i: int) -> bytes:
        return self.text[self.starts[i] : self.ends[i]]

    @cached_property
    def line_starts(self) -> np.ndarray:
        return np.flatnonzero(np.frombuffer(self.text, np.uint8) == 10) + 1


def take_apart(block: bytes, named: bool = False) -> Apart:
    """Whole lines, the last one with its end. `named`: whether nan and inf, which are rare, are looked for."""
    text = _FRONT + block
    kinds = np.frombuffer(bytearray(text.translate(_KINDS)), np.uint8)
    powers = np.flatnonzero(kinds == _POWER)
    kinds[powers] = np.where(kinds.take(powers - 1) >= _DIGIT, _SPECIAL, _OTHER)
    if named:
        for match in _NAMED.finditer(text):
            kinds[match.start() : match.end()] = _SPECIAL
    starts, ends, within = _runs(kinds)
    found = read_decimals(text, starts, ends, np.flatnonzero((kinds == _SPECIAL) & within))
    values, places = found.values, found.places
    if not found.good.all():
        starts, ends, values, places = (part[found.good] for part in (starts, ends, values, places))
        within = between(len(text), starts, ends)
    lines = np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
    return Apart(text, _skeletons(text, starts, ends, within), np.searchsorted(starts, lines), values, starts, ends, places)


def may_be_named(skeleton: bytes) -> bool:
    """Whether nan or inf may stand in a line of this skeleton."""
    return _NAMED.search(skeleton) is not None


def _runs(kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where runs of bytes of numbers begin and end that stand alone, and which bytes are theirs. Some are no number: `1-2`."""
    numeric = kinds >= _DIGIT
    turns = np.flatnonzero(numeric[1:] != numeric[:-1]) + 1
    starts, ends = turns[::2].copy(), turns[1::2].copy()
    alone = (kinds.take(starts - 1) != _OTHER) & (kinds.take(ends) != _OTHER)
    if alone.all():
        return starts, ends, numeric
    starts, ends = starts[alone], ends[alone]
    return starts, ends, between(len(kinds), starts, ends)


def _skeletons(text: bytes, starts: np.ndarray, ends: np.ndarray, within: np.ndarray) -> list[bytes]:
    marked = np.frombuffer(bytearray(text), np.uint8)
    marks = _before_blanks(text, starts)
    marked[marks] = MARK[0]
    if marks is starts:
        left = ~within
        left[1:] |= ~within[:-1]         # all but the first byte of each is left out
    else:
        left = ~between(len(text), marks + 1, ends)
    left[: BEFORE] = False
    joined = marked[left].tobytes()
    one, count = joined[: joined.index(b"\n") + 1], text.count(b"\n") - 1
    if joined == one * count:
        return [one[:-1]] * count        # as in most blocks of a table
    return joined.split(b"\n")[:-1]


def _before_blanks(text: bytes, starts: np.ndarray) -> np.ndarray:
    """How many blanks stand before a number is of no account, if there are any."""
    blank = np.frombuffer(text, np.uint8) == 32
    if not (blank[1:] & blank[:-1]).any():
        return starts
    turns = np.flatnonzero(blank[1:] != blank[:-1]) + 1
    begins, after = turns[::2], turns[1::2]
    at = np.minimum(np.searchsorted(after, starts), len(after) - 1)
    return np.where(after[at] == starts, begins[at] + 1, starts)
