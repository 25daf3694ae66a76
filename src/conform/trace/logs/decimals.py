"""Decimal numbers by the thousand: what `float` makes of each, to the last bit, and the power of ten of its last digit. Knows bytes and numbers.

A number of fifteen significant digits or so and a small power of ten is a whole number times or by a power of ten, both of them
doubles without error: one operation, which rounds once, is the number that a correct reader reads (Clinger, *How to read floating point
numbers accurately*, 1990). All others are left to numpy's own reader. Whole numbers are read eight digits at a time, in one word.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

NAMED = -(2**15)                         # in the place of a power of ten: nan and inf have no digits
BEFORE = 24                              # bytes that must stand before the first token: words of its first digits begin there
_EXACT = 22                              # the largest power of ten that is a double without error
_MOST = 19                               # digits that a word holds
_TENS = 10.0 ** np.arange(_EXACT + 1)
_POWERS = 10 ** np.arange(_MOST + 1, dtype=np.uint64)
_ZEROS = np.uint64(0x0F0F0F0F0F0F0F0F)   # what is left of a digit's byte is the digit
_LAST = np.array([(1 << 64) - (1 << 8 * (8 - n)) for n in range(9)], np.uint64)         # the last n bytes of a word
_STEPS = [(np.uint64(10**n), np.uint64(8 * n), np.uint64(mask)) for n, mask in ((1, 0x00FF00FF00FF00FF), (2, 0x0000FFFF0000FFFF), (4, 0xFFFFFFFF))]


@dataclass(frozen=True)
class Decimals:
    """Of each token: whether it is one number, its value, and the power of ten of its last digit; NAMED of nan and inf."""

    good: np.ndarray
    values: np.ndarray
    places: np.ndarray


def read_decimals(text: bytes, starts: np.ndarray, ends: np.ndarray, special: np.ndarray) -> Decimals:
    """Of the tokens of a text from `starts` to `ends`, in order and apart. All their bytes are digits but those at `special`, in order:
    signs, points, letters e, and whole words nan, inf and infinity.
    """
    form = _Form(np.frombuffer(text, np.uint8), starts, ends, special)
    values, simple, last = form.decimals()
    rest = np.flatnonzero(form.good & ~simple)
    if len(rest):
        values[rest] = _by_numpy(text, starts[rest], ends[rest])
    good, places = form.good, np.clip(last, NAMED + 1, -NAMED - 1).astype(np.int16)
    if form.has_names:
        for which, size in zip(form.named(), (np.nan, np.inf), strict=True):
            values[which] = np.where(form.negative[which], -size, size)
            places[which] = NAMED
            good = good | which
    return Decimals(good, values, places)


class _Form:
    """The parts of tokens: [sign] whole [. fraction] [e [sign] exponent]; each is where it would be if it is not there."""

    def __init__(self, chars: np.ndarray, starts: np.ndarray, ends: np.ndarray, special: np.ndarray) -> None:
        self.chars, self.starts, self.ends = chars, starts, ends
        at = np.append(special, len(chars))              # one more, which is none of anybody's
        kinds = np.append(chars.take(special) | 32, 0)   # small letters; a sign or a point is what it was
        signs, points, powers = kinds == ord("-"), kinds == ord("."), kinds == ord("e")
        either = signs | (kinds == ord("+"))
        self.has_names = bool((kinds > ord("e")).any())
        now = np.searchsorted(special, starts)
        stop = np.append(now[1:], len(special))
        signed = either.take(now) & (at.take(now) == starts)
        self.negative = signed & signs.take(now)
        self.begin = starts + signed
        now += signed
        pointed = points.take(now) & (now < stop)
        point = at.take(now)
        now += pointed
        self.power = ends.copy()
        self.powered = np.flatnonzero(powers.take(now) & (now < stop))       # which of them have an exponent: few, in many logs
        now, full = self._with_exponents(now, at, either, signs)
        self.point = np.where(pointed, point, self.power)
        self.fraction = self.point + pointed
        self.good = (now == stop) & full & (self.power - self.begin > pointed)

    def _with_exponents(self, now: np.ndarray, at: np.ndarray, either: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray | bool]:
        """Behind the exponents, and whether digits stand in them."""
        those = self.powered
        self.smaller, self.exponent = np.zeros(len(those), bool), self.ends[those]
        if not len(those):
            return now, True
        here = now[those]
        power = self.power[those] = at.take(here)
        here += 1
        signed = either.take(here) & (at.take(here) == power + 1)
        self.smaller, self.exponent = signed & signs.take(here), power + 1 + signed
        now[those] = here + signed
        full = np.ones(len(now), bool)
        full[those] = self.exponent < self.ends[those]
        return now, full

    def named(self) -> tuple[np.ndarray, np.ndarray]:
        """Which are nan, and which are inf. Such letters as make up these words stand nowhere else."""
        size = self.ends - self.begin
        first, last = self.chars.take(self.begin, mode="clip") | 32, self.chars.take(self.ends - 1) | 32
        nan = (size == 3) & (first == ord("n")) & (last == ord("n"))
        return nan, (first == ord("i")) & ((size == 3) & (last == ord("f")) | (size == 8) & (last == ord("y")))

    def decimals(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The value of each, whether it is certain to the last bit, and the power of ten of its last digit."""
        words = np.ndarray((len(self.chars) - 7,), "<u8", self.chars, strides=(1,))
        decimals, whole = self.power - self.fraction, self.point - self.begin
        if not self.good.all():
            decimals[~self.good] = whole[~self.good] = 0
        mantissa = _integers(words, self.power, decimals)
        before = _integers(words, self.point, whole)
        fits = (decimals <= _MOST) & ((before == 0) | (whole + decimals <= _MOST))
        mantissa += before * _POWERS.take(np.minimum(decimals, _MOST))
        last = self._exponents(words) - decimals
        small = np.abs(last)
        scale, number = _TENS.take(np.minimum(small, _EXACT)), mantissa.astype(float)
        values = np.where(last < 0, number / scale, number * scale)
        np.negative(values, out=values, where=self.negative)
        return values, self.good & fits & (whole <= _MOST) & (mantissa <= 1 << 53) & (small <= _EXACT), last

    def _exponents(self, words: np.ndarray) -> np.ndarray:
        """0 where none is written; beyond all numbers where it is larger than `NAMED` is."""
        found = np.zeros(len(self.starts), np.int64)
        those = np.flatnonzero(self.good[self.powered])
        start, end = self.exponent[those], self.ends[self.powered[those]]
        size = np.minimum(_integers(words, end, end - start), np.uint64(-NAMED)).astype(np.int64)
        for i in np.flatnonzero(end - start > _MOST).tolist():           # zeros, perhaps
            size[i] = exponent_of(self.chars[start[i] : end[i]].tobytes())
        found[self.powered[those]] = np.where(self.smaller[those], -size, size)
        return found


def exponent_of(written: bytes) -> int:
    """What stands after an `e`, perhaps nothing; no larger than `NAMED` is, for nobody writes such but in zeros."""
    digits = written.lstrip(b"+-").lstrip(b"0")
    size = min(int(digits or b"0"), -NAMED) if len(digits) < _MOST else -NAMED
    return -size if written.startswith(b"-") else size


def _integers(words: np.ndarray, ends: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Whole numbers of up to nineteen digits, which end at `ends` bytes and are `counts` digits long; of more, the last twenty-four, modulo 2⁶⁴."""
    found = _eight(words, ends, np.minimum(counts, 8))
    for more in (8, 16):
        those = np.flatnonzero(counts > more)
        if len(those):
            found[those] += _POWERS[more] * _eight(words, ends[those] - more, np.minimum(counts[those] - more, 8))
    return found


def _eight(words: np.ndarray, ends: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Of up to eight digits: neighbours are joined to numbers of two digits, then of four, then of eight, all at once."""
    found = words[ends - 8]
    found &= _ZEROS
    found &= _LAST.take(counts)
    for ten, bits, mask in _STEPS:
        higher = found >> bits
        found *= ten
        found += higher
        found &= mask
    return found


_BLANKS = bytes(byte if chr(byte) in "+-.0123456789eE" else 32 for byte in range(256))


def _by_numpy(text: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Each is a number."""
    chosen = between(len(text), starts, ends + 1)            # and whatever separates them
    numbers = np.frombuffer(text, np.uint8)[chosen].tobytes().translate(_BLANKS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)           # how some numpy say that they stopped midway
        return np.fromstring(numbers, dtype=float, sep=" ")


def between(size: int, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(size) whether a byte lies in one of the ranges, which are in order and do not overlap."""
    bounds = np.zeros(2 * len(starts) + 2, np.int64)
    bounds[1:-1:2], bounds[2:-1:2], bounds[-1] = starts, ends, size
    inside = np.zeros(2 * len(starts) + 1, bool)
    inside[1::2] = True
    return np.repeat(inside, np.diff(bounds))
