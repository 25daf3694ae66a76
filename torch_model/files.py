"""Reading the crystal's files and writing any; every failure names the file and says what to do."""
from __future__ import annotations

import itertools
import re

import numpy as np

from torch_model.errors import Refusal


Listed = tuple[np.ndarray, np.ndarray]          # reflections: (n, 3) int64 indices, (n) float64 amplitudes


def _text(path: str, what: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except OSError as error:
        raise Refusal(f"cannot read the {what} {path}: {error.strerror}; check the name and the folder") from None
    except UnicodeDecodeError:
        raise Refusal(f"the {what} {path} is not plain text; give a text file") from None


def read_matrix(path: str) -> np.ndarray:
    """Nine numbers, free format. Returns (xyz, abc): row = laboratory component, column = reciprocal vector."""
    words = _text(path, "matrix file").split()
    try:
        values = [float(word) for word in words[:9]]
    except ValueError as error:
        raise Refusal(f"the matrix file {path} does not begin with nine numbers: {error}; correct it") from None
    if len(values) < 9:
        raise Refusal(f"the matrix file {path} has {len(values)} numbers where nine are needed; complete it")
    return np.array(values).reshape(3, 3)


def read_hkl(path: str) -> Listed:
    """One reflection a line: h k l F, further columns ignored, blank lines skipped. Returns (n, 3) int64 and (n) float64.

    Of two lines with the same indices the later one counts, which is the caller's to keep. Clauses structure.1, structure.5.
    """
    lines = _text(path, "HKL file").splitlines()
    if not any(line.strip() for line in lines):
        raise Refusal(f"the HKL file {path} holds no reflections; each line must be: h k l F")
    try:
        rows = np.loadtxt(lines, usecols=(0, 1, 2, 3), comments=None, ndmin=2)
    except ValueError:
        raise Refusal(f"the HKL file {path}, line {_first_bad(lines)}: expected four numbers, h k l F; "
                      "remove headers, comments and other text") from None
    indices = rows[:, :3].astype(np.int64)
    if not (indices == rows[:, :3]).all():
        bad = int(np.argmax((indices != rows[:, :3]).any(1)))
        raise Refusal(f"the HKL file {path}: reflection {bad + 1} has an index that is not an integer; correct it")
    return indices, rows[:, 3]


def read_stream(path: str, default: float) -> tuple[np.ndarray, tuple[int, int, int], Listed]:
    """The quirk hkl_number_stream: groups of four numbers whatever the lines. The box is that of the groups of four reals; only
    groups of three integers and a real are entered, up to the first that is none."""
    words = _text(path, "HKL file").split()
    reals = list(itertools.takewhile(lambda x: x is not None, map(_real, words)))
    groups = np.array(reals[:len(reals) // 4 * 4]).reshape(-1, 4)
    if not len(groups):
        raise Refusal(f"not enough HKL indices in {path}; each line must be: h k l F")
    low, high = np.floor(groups[:, :3].min(0)).astype(np.int64), np.floor(groups[:, :3].max(0)).astype(np.int64)
    table = np.full(high - low + 1, default)
    count = 0
    for i in range(len(groups)):
        hkl = words[4 * i:4 * i + 3]
        if not all(re.fullmatch(r"[-+]?\d+", word) for word in hkl):
            break
        table[tuple(np.array(hkl, np.int64) - low)] = groups[i, 3]
        count = i + 1
    return table, tuple(map(int, low)), (groups[:count, :3].astype(np.int64), groups[:count, 3])


def _real(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _first_bad(lines: list[str]) -> int:
    for i, line in enumerate(lines, 1):
        words = line.split()
        try:
            if words and len([float(word) for word in words[:4]]) < 4:
                return i
        except ValueError:
            return i
    return len(lines)


def amplitude_table(indices: np.ndarray, amplitudes: np.ndarray, default: float) -> tuple[np.ndarray, tuple[int, int, int]]:
    """The full box from the smallest to the largest index on each axis, gaps filled with the default. Clause structure.2, .3.

    Returns (h, k, l) in electrons and the indices of its first element.
    """
    first = indices.min(0)
    shape = indices.max(0) - first + 1
    if shape.prod() > 2**31 - 1:
        raise Refusal(f"the reflections span {' x '.join(map(str, shape))} indices, more than can be tabled; check the HKL file")
    table = np.full(shape, default)
    table[tuple((indices - first).T)] = amplitudes
    return table, tuple(map(int, first))


def write_dump(path: str, table: np.ndarray, first: tuple[int, int, int]) -> None:
    """The table as a file: six integers, new line, form feed, then native doubles with one more plane on each axis, of zeros.

    Clauses structure.6 to structure.8.
    """
    last = [i + n - 1 for i, n in zip(first, table.shape)]
    box = np.zeros([n + 1 for n in table.shape])
    box[:-1, :-1, :-1] = table
    write(path, "cache", f"{' '.join(f'{a} {b}' for a, b in zip(first, last))}\n\f".encode(), box)


def read_dump(path: str, greedy: bool) -> tuple[np.ndarray, tuple[int, int, int]]:
    """What `write_dump` wrote, gaps filled as they were then. `greedy`: white space after the integers is skipped, even where
    it is the first byte of a number. Clause structure.9."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Refusal(f"cannot read the cache {path}: {error.strerror}; give -hkl FILE") from None
    found = re.match(rb"\s*" + rb"\s+".join([rb"(-?\d+)"] * 6) + (rb"\s*" if greedy else rb"\n\f"), data)
    if not found:
        raise Refusal(f"the cache {path} does not begin with six integers, a new line and a form feed; remove it and give -hkl FILE")
    bounds = np.array([int(text) for text in found.groups()]).reshape(3, 2)
    shape = bounds[:, 1] - bounds[:, 0] + 2
    values = np.frombuffer(data[found.end():found.end() + max(0, (len(data) - found.end()) // 8 * 8)])
    if (shape < 2).any() or (len(values) < shape.prod() and not greedy):
        raise Refusal(f"the cache {path} holds {len(values)} amplitudes where {shape.prod()} are needed; remove it and give -hkl FILE")
    box = np.zeros(shape)
    box.reshape(-1)[:len(values)] = values[:box.size]
    return box[:-1, :-1, :-1].copy(), tuple(map(int, bounds[:, 0]))


def write(path: str, what: str, *parts: object) -> None:
    """Bytes and arrays, one after the other. A disk too small is an error, not a short file: numpy's own `tofile` would not
    notice that the last block was refused."""
    try:
        with open(path, "wb") as file:
            for part in parts:
                file.write(part if isinstance(part, bytes) else np.ascontiguousarray(part).data)
    except OSError as error:
        raise Refusal(f"cannot write the {what} {path}: {error.strerror}; free some space or choose another folder") from None
