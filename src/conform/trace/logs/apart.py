"""Blocks of whole lines, taken apart into numbers and what stands around them, by numpy and not line by line.

Lines that differ in nothing but their numbers have the same *skeleton*: who has read one of them has read them all. Knows bytes
and numbers; knows no dialect. Every number is what `float` makes of it, to the last bit.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|(?i:nan|inf(?:inity)?))(?![\w.])"
MARK = b"\x01"                           # in a skeleton, where a number stood
_WHOLE = re.compile(NUMBER.encode())
_NAMED = re.compile(rb"(?:nan|inf(?:inity)?)(?![\w.])", re.IGNORECASE)
_BETWEEN, _NUMERIC, _OTHER = 0, 1, 2


def _table(of: dict[bytes, int], other: int) -> bytes:
    return bytes(next((kind for text, kind in of.items() if byte in text), other) for byte in range(256))


_KINDS = _table({b" \t\r\n\v\f,;:=()[]{}\"": _BETWEEN, b"0123456789+-.eE": _NUMERIC}, _OTHER)
_IS_DIGIT = np.frombuffer(_table({b"0123456789": 1}, 0), np.uint8)
_BLANKS = bytes(32 if kind == _BETWEEN else byte for byte, kind in enumerate(_KINDS))


@dataclass(frozen=True)
class Apart:
    """`lines`: how many; `skeletons`: of each; `first` (lines + 1): its first number among `values`; `starts`, `ends`: of each number in `text`."""

    text: bytes
    skeletons: list[bytes]
    first: np.ndarray
    values: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

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
    text = b"\n" + block                 # so that something stands before every number
    kinds = np.frombuffer(bytearray(text.translate(_KINDS)), np.uint8)
    if named:
        for match in _NAMED.finditer(text):
            kinds[match.start() : match.end()] = _NUMERIC
    starts, ends, within = _numbers(text, kinds)
    values = _values(text, within, len(starts))
    if values is None:
        good = np.array([_WHOLE.fullmatch(text, start, end) is not None for start, end in zip(starts.tolist(), ends.tolist(), strict=True)], bool)
        starts, ends = starts[good], ends[good]
        within = _between(len(text), starts, ends)
        values = _values(text, within, len(starts))
        assert values is not None
    lines = np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
    return Apart(text, _skeletons(text, starts, ends, within), np.searchsorted(starts, lines), values, starts, ends)


def may_be_named(skeleton: bytes) -> bool:
    """Whether nan or inf may stand in a line of this skeleton."""
    return _NAMED.search(skeleton) is not None


def _numbers(text: bytes, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where runs of such characters begin and end that stand alone and look like a number, and which bytes are theirs. Some are none: `1-2`."""
    numeric = kinds == _NUMERIC
    turns = np.flatnonzero(numeric[1:] != numeric[:-1]) + 1
    starts, ends = turns[::2], turns[1::2]
    alone = (kinds[starts - 1] != _OTHER) & (kinds[ends] != _OTHER)
    if not alone.all():
        starts, ends = starts[alone], ends[alone]
    chars = np.frombuffer(text, np.uint8)
    begins, last = chars[starts], chars[ends - 1]
    like = (_IS_DIGIT[begins] | _IS_DIGIT[chars[starts + 1]]) & _IS_DIGIT[last] != 0         # most of them
    for i in np.flatnonzero(~like | (begins | 32 == ord("e"))).tolist():
        like[i] = _WHOLE.fullmatch(text, starts[i], ends[i]) is not None
    if not like.all():
        starts, ends = starts[like], ends[like]
    return starts, ends, numeric if 2 * len(starts) == len(turns) else _between(len(text), starts, ends)


def _values(text: bytes, within: np.ndarray, count: int) -> np.ndarray | None:
    """The numbers that these bytes are; None if one of them is not exactly one number."""
    if not count:
        return np.zeros(0)
    chosen = within.copy()
    chosen[1:] |= within[:-1]            # and whatever separates them
    numbers = np.frombuffer(text, np.uint8)[chosen].tobytes().translate(_BLANKS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)           # how some numpy say that they stopped midway
            values = np.fromstring(numbers, dtype=float, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    return values if len(values) == count else None          # each is one number or more: as many as there are, so each is one


def _skeletons(text: bytes, starts: np.ndarray, ends: np.ndarray, within: np.ndarray) -> list[bytes]:
    marked = np.frombuffer(bytearray(text), np.uint8)
    marks = _before_blanks(text, starts)
    marked[marks] = MARK[0]
    if marks is starts:
        left = ~within
        left[1:] |= ~within[:-1]         # all but the first byte of each is left out
    else:
        left = ~_between(len(text), marks + 1, ends)
    joined = marked[left].tobytes()
    one, count = joined[1 : joined.index(b"\n", 1) + 1], text.count(b"\n") - 1
    if joined[1:] == one * count:
        return [one[:-1]] * count        # as in most blocks of a table
    return joined.split(b"\n")[1:-1]


def _before_blanks(text: bytes, starts: np.ndarray) -> np.ndarray:
    """How many blanks stand before a number is of no account, if there are any."""
    blank = np.frombuffer(text, np.uint8) == 32
    if not (blank[1:] & blank[:-1]).any():
        return starts
    turns = np.flatnonzero(blank[1:] != blank[:-1]) + 1
    begins, after = turns[::2], turns[1::2]
    at = np.minimum(np.searchsorted(after, starts), len(after) - 1)
    return np.where(after[at] == starts, begins[at] + 1, starts)


def _between(size: int, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(size) whether a byte lies in one of the ranges, which are in order and apart."""
    bounds = np.zeros(2 * len(starts) + 2, np.int64)
    bounds[1:-1:2], bounds[2:-1:2], bounds[-1] = starts, ends, size
    inside = np.zeros(2 * len(starts) + 1, bool)
    inside[1::2] = True
    return np.repeat(inside, np.diff(bounds))
