"""How well a printed number is known: half a unit of its last digit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from conform.trace.logs.decimals import NAMED, exponent_of
from conform.trace.logs.dialect import Digits

ROUND_TRIP = 16                          # significant digits from which on a printed double is the double itself
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
    return float(half_units_of(np.array([last_place(token)]))[0])


def last_place(token: bytes) -> int:
    """The power of ten of the last digit of one number as printed; NAMED of nan and inf."""
    if token[-1:].isalpha():
        return NAMED
    mantissa, _, power = token.lower().partition(b"e")
    return min(max(exponent_of(power) - len(mantissa.partition(b".")[2]), NAMED + 1), -NAMED - 1)


def half_units_of(places: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.where(places == NAMED, 0.0, 0.5 * 10.0 ** np.where(places == NAMED, 0, places).astype(float))


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
