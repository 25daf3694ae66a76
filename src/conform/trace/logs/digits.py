"""How well a printed number is known: half a unit of its last digit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from conform.trace.logs.dialect import Digits

ROUND_TRIP = 16                          # significant digits from which on a printed double is the double itself
NAMED = -(2**15)                         # in the place of a power of ten: no digits
SAMPLE = 256                             # printf has one format for all lines of a form: so many show it


def significant(token: bytes) -> int:
    """The significant digits of a number as printed; of a zero, those after its point."""
    mantissa = token.lower().partition(b"e")[0].lstrip(b"+-")
    digits = mantissa.replace(b".", b"")
    return len(digits.lstrip(b"0")) or len(mantissa.partition(b".")[2])


def longest(tokens: Iterable[bytes]) -> int:
    """The digits of the format that printed `tokens`, where it drops zeros at the end: those of the longest."""
    return max(map(significant, tokens), default=0)


def half_units(values: np.ndarray, digits: Digits, seen: int) -> np.ndarray:
    """Half a unit of the last digit of each of `values`, which were printed by a format.

    `digits` of the format, where zeros at the end are dropped: a number of fewer is known to as many, and `seen` are the
    most that were printed. What is "printed" is known one by one: `last_places`.
    """
    if digits == "exact" or (digits == "longest" and seen >= ROUND_TRIP):
        return np.zeros(values.shape)
    count = seen if digits == "longest" else max(int(digits), seen)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        exponent = np.floor(np.log10(size))
        halves = 0.5 * 10.0 ** (exponent - count + 1)
    return np.where((size > 0) & np.isfinite(values), halves, 0.0)


def half_unit(token: bytes) -> float:
    """Of one number as printed: 0.05 of `1.5`, 0.5 of `12`, 5e-9 of `1.5e-7`."""
    return float(half_units_of(last_places(token, np.array([0]), np.array([len(token)])))[0])


def half_units_of(places: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.where(places == NAMED, 0.0, 0.5 * 10.0 ** np.where(places == NAMED, 0, places).astype(float))


def last_places(text: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The power of ten of the last digit of each of the numbers that stand from `starts` to `ends` in a text, in order; NAMED of nan and inf."""
    chars = np.frombuffer(text, np.uint8)
    powers, points = (_first(np.flatnonzero(where), starts, ends) for where in (chars | 32 == ord("e"), chars == ord(".")))
    decimals = np.where(points < ends, powers - points - 1, 0)
    named = (chars[ends - 1] | 32) >= ord("a")               # they end in a letter
    return np.where(named, NAMED, np.clip(_exponents(chars, powers, ends) - decimals, NAMED + 1, -NAMED - 1)).astype(np.int16)


def _exponents(chars: np.ndarray, powers: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """What stands after the `e` at `powers`, digit by digit of all of them at once; 0 where there is none."""
    at = np.minimum(powers + 1, len(chars) - 1)
    there = powers < ends
    negative, signed = chars[at] == ord("-"), (chars[at] == ord("-")) | (chars[at] == ord("+"))
    at, value = at + signed, np.zeros(len(powers), np.int64)
    while (left := there & (at < ends)).any():
        value[left] = np.minimum(value[left] * 10 + chars[at[left]] - ord("0"), -NAMED)
        at += 1
    return np.where(negative, -value, value)


def _first(places: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The first of `places`, which are in order, from each start on; the end if there is none before it."""
    found = np.append(places, np.iinfo(np.int64).max)[np.searchsorted(places, starts)]
    return np.minimum(found, ends)


def singles(values: np.ndarray, digits: int) -> tuple[int, int]:
    """Of the numbers that are too long for anybody to have typed: how many, and how many are those of single precision.

    `digits` were printed. One number in a million or so of double precision looks like one of single.
    """
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    with np.errstate(all="ignore"):
        scale = 10.0 ** np.floor(np.log10(size))
        long = np.abs(size / scale - np.round(size / scale, 6)) > 1e-8
        fits = np.abs(size - size.astype(np.float32).astype(float)) <= scale * 10.0 ** (1 - digits)
    return int(long.sum()), int((long & fits).sum())
