"""How well a printed number is known: half a unit of its last digit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

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


def half_units(tokens: Sequence[bytes] | None, values: np.ndarray, digits: Digits, seen: int) -> np.ndarray:
    """Half a unit of the last digit of each of `values`.

    `digits` of the format, where zeros at the end are dropped: a number of fewer is known to as many, and `seen` are the
    most that were printed. "printed": to those that stand there, for which `tokens` are needed.
    """
    if digits == "exact" or (digits == "longest" and seen >= ROUND_TRIP):
        return np.zeros(values.shape)
    if digits == "printed":
        assert tokens is not None
        return np.array([half_unit(token) for token in tokens]).reshape(values.shape)
    count = seen if digits == "longest" else max(int(digits), seen)
    size = np.abs(values)
    with np.errstate(all="ignore"):
        exponent = np.floor(np.log10(size))
        halves = 0.5 * 10.0 ** (exponent - count + 1)
    return np.where((size > 0) & np.isfinite(values), halves, 0.0)


def half_unit(token: bytes) -> float:
    """Of one number: 0.05 of `1.5`, 0.5 of `12`, 5e-9 of `1.5e-7`."""
    mantissa, _, exponent = token.lower().partition(b"e")
    if not mantissa.strip(b"+-")[:1].isdigit() and not mantissa.strip(b"+-").startswith(b"."):
        return 0.0                       # nan, inf
    return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(b".")[2]))


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
