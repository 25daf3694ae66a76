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

NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|(?i:nan|inf(?:inity)?))(?![\w.])"
MARK = b"\x01"                           # in a skeleton, where a number stood
_WHOLE = re.compile(NUMBER.encode())
_NAMED = re.compile(rb"(?:nan|inf(?:inity)?)(?![\w.])", re.IGNORECASE)
_BETWEEN, _NUMERIC, _OTHER = 0, 1, 2


def _table(of: dict[bytes, int], other: int) -> bytes:
    return bytes(next((kind for text, kind in of.items() if byte in text), other) for byte in range(256))


_KINDS = _table({b" \t\r\n\v\f,;:=()[]{}\"": _BETWEEN, b"0123456789+-.eE": _NUMERIC}, _OTHER)
_IS_DIGIT = np.frombuffer(_table({b"0123456789": 1}, 0), np.uint8)
_IS_POINT = np.frombuffer(_table({b".": 1}, 0), np.uint8)
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


def take_apart(block: bytes) -> Apart:
    """Whole lines, the last one with its end."""
    text = b"\n" + block                 # so that something stands before every number
    kinds = np.frombuffer(bytearray(text.translate(_KINDS)), np.uint8)
    small = text.lower()
    if b"nan" in small or b"inf" in small:
        for match in _NAMED.finditer(text):
            kinds[match.start() : match.end()] = _NUMERIC
    starts, ends = _numbers(text, kinds)
    values = _values(text, starts, ends)
    if values is None:
        good = np.array([_WHOLE.fullmatch(text, start, end) is not None for start, end in zip(starts.tolist(), ends.tolist(), strict=True)], bool)
        starts, ends = starts[good], ends[good]
        values = _values(text, starts, ends)
        assert values is not None
    bytes_ = np.frombuffer(text, np.uint8)
    lines = np.flatnonzero(bytes_ == 10)
    return Apart(text, _skeletons(text, starts, ends), np.searchsorted(starts, lines), values, starts, ends)


def _numbers(text: bytes, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of such characters begin and end that stand alone and look like a number. Some are none: `1-2`."""
    numeric = kinds == _NUMERIC
    turns = np.flatnonzero(numeric[1:] != numeric[:-1]) + 1
    starts, ends = turns[::2], turns[1::2]
    alone = (kinds[starts - 1] != _OTHER) & (kinds[ends] != _OTHER)
    starts, ends = starts[alone], ends[alone]
    chars = np.frombuffer(text, np.uint8)
    begins, last = chars[starts], chars[ends - 1]
    digit = _IS_DIGIT[begins] | _IS_DIGIT[chars[starts + 1]] | _IS_DIGIT[chars[np.minimum(starts + 2, ends)]]
    like = ((digit & (_IS_DIGIT[last] | _IS_POINT[last])) != 0) & (begins | 32 != ord("e"))
    if not like.all():                   # nan and inf, which have no digits
        for i in np.flatnonzero(~like).tolist():
            like[i] = _WHOLE.fullmatch(text, starts[i], ends[i]) is not None
        starts, ends = starts[like], ends[like]
    return starts, ends


def _values(text: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray | None:
    """The numbers at these places; None if one of them is not exactly one number."""
    if not len(starts):
        return np.zeros(0)
    chosen = np.frombuffer(text, np.uint8)[_between(len(text), starts, ends + 1)].tobytes().translate(_BLANKS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)           # how some numpy say that they stopped midway
            values = np.fromstring(chosen, dtype=float, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    return values if len(values) == len(starts) else None                # each is one number or more: as many as there are, so each is one


def _skeletons(text: bytes, starts: np.ndarray, ends: np.ndarray) -> list[bytes]:
    marked = np.frombuffer(bytearray(text), np.uint8)
    marks = _before_blanks(text, starts)
    marked[marks] = MARK[0]
    return marked[~_between(len(text), marks + 1, ends)].tobytes().split(b"\n")[1:-1]


def _before_blanks(text: bytes, starts: np.ndarray) -> np.ndarray:
    """How many blanks stand before a number is of no account, if there are any."""
    if b"  " not in text:
        return starts
    blank = np.frombuffer(text, np.uint8) == 32
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
