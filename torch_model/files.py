"""Reading the crystal's files and writing the image; every failure names the file and says what to do."""
from __future__ import annotations

import numpy as np

from torch_model.errors import Refusal


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


def read_hkl(path: str) -> tuple[np.ndarray, np.ndarray]:
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


def write_float_image(path: str, image: np.ndarray) -> None:
    """Raw native single-precision numbers, row by row. Clause output.1. A disk too small is an error, not a short file:
    numpy's own `tofile` would not notice that the last block was refused."""
    try:
        with open(path, "wb") as file:
            file.write(np.ascontiguousarray(image).data)
    except OSError as error:
        raise Refusal(f"cannot write the image {path}: {error.strerror}; free some space or choose another folder") from None
